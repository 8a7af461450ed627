"""Replays: child exports that send an object again. A parent that the partner has stays as it is; one that failed
gives its place to the child."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, Max, Q, QuerySet

from core import bulk, problems
from core.actors import account_of, actor_name
from core.audit import EventDraft
from core.exports import WAITING
from core.models import Export, ExportReason, MappingVersion, Record, ReplayItem, ReplayMode, Run
from core.moves import move
from core.states import EXPORT_MOVES, ExportState

Numbers = dict[tuple[Any, int], int]


def create_replays(
    parents: Sequence[Export],
    *,
    mode: str,
    why: str,
    requested_by: Any = None,
    request_id: UUID | None = None,
    run: Run | None = None,
    version: MappingVersion | None = None,
    newest: Mapping[int, Record] | None = None,
    now: datetime,
) -> list[EventDraft]:
    """Make one pending child per export; a request that was made already makes nothing new.

    `version` is the mapping version that was asked for; the same values in a new envelope keep the parent's.
    `newest` gives, by parent, the record version that takes the place of the parent's own.
    The caller holds a transaction and appends the returned events last."""
    parents = _not_made_yet(parents, request_id)
    _give_place(parents, mode, now)
    records = {parent.pk: (parent.record_id, parent.number) for parent in parents}
    records |= {pk: (record.pk, record.number) for pk, record in (newest or {}).items()}
    numbers = _highest_numbers(parents, [record_id for record_id, _ in records.values()])
    children = [
        Export(
            tenant_id=parent.tenant_id,
            integration=parent.integration,
            record_id=records[parent.pk][0],
            stream=parent.stream,
            xero_id=parent.xero_id,
            number=records[parent.pk][1],
            reason=ExportReason.REPLAY,
            run=run,
            replay_of=parent,
            replay_number=_next_number(numbers, parent, records[parent.pk][0]),
            replay_mode=mode,
            replay_reason=why,
            replay_version=parent.mapping_version if mode == ReplayMode.NEW_ENVELOPE else version,
            requested_by=account_of(requested_by),
            request_id=request_id,
            created_at=now,
        )
        for parent in parents
    ]
    bulk.insert(children)
    return [_replay_event(child, actor_name(requested_by)) for child in children]


def _not_made_yet(parents: Sequence[Export], request_id: UUID | None) -> Sequence[Export]:
    if request_id is None:
        return parents
    made = Export.objects.filter(replay_of__in=[parent.pk for parent in parents], request_id=request_id)
    skip = set(made.values_list("replay_of_id", flat=True))
    return [parent for parent in parents if parent.pk not in skip]


def _give_place(parents: Sequence[Export], mode: str, now: datetime) -> None:
    """End what failed: its child takes its place. What was read again takes the place of all that waits."""
    chosen = Q(pk__in=[parent.pk for parent in parents], state=ExportState.FAILED)
    if mode == ReplayMode.READ_AGAIN:
        for integration_id in {parent.integration_id for parent in parents}:
            objects = [parent.xero_id for parent in parents if parent.integration_id == integration_id]
            chosen |= Q(integration_id=integration_id, xero_id__in=objects, state__in=WAITING)
    ending = dict(Export.objects.filter(chosen).values_list("pk", "tenant_id"))
    rows = Export.objects.filter(pk__in=ending)
    move(rows, moves=EXPORT_MOVES, to=ExportState.SUPERSEDED, ended_at=now, sentence="A replay took its place.")
    for tenant_id in set(ending.values()):
        problems.resolve(tenant_id, [f"export:{pk}" for pk, owner in ending.items() if owner == tenant_id], now=now)


def _highest_numbers(parents: Sequence[Export], records: Sequence[int]) -> Numbers:
    rows = Export.objects.filter(
        integration__in={parent.integration_id for parent in parents}, record__in=list(records)
    )
    highest = rows.order_by().values_list("integration_id", "record_id").annotate(highest=Max("replay_number"))
    return {(integration_id, record_id): number for integration_id, record_id, number in highest}


def _next_number(numbers: Numbers, parent: Export, record_id: int) -> int:
    key = (parent.integration_id, record_id)
    numbers[key] = numbers.get(key, 0) + 1
    return numbers[key]


def _replay_event(child: Export, actor: str) -> EventDraft:
    return EventDraft(
        tenant_id=child.tenant_id,
        event="export.replay",
        actor=actor,
        integration=child.integration.name,
        stream=child.stream,
        xero_id=child.xero_id,
        number=child.number,
        state=child.state,
        run_id=child.run_id,
        export_id=child.pk,
        detail={"of": child.replay_of_id, "mode": child.replay_mode, "why": child.replay_reason},
    )


def add_items(run: Run, exports: "QuerySet[Export]") -> int:
    """Note what a replay run has to send again, whatever its number, in one statement; give how many exports."""
    picked, parameters = exports.order_by().values(chosen=F("pk")).query.sql_with_params()
    table = ReplayItem._meta.db_table
    statement = f"INSERT INTO {table} (run_id, export_id) SELECT DISTINCT %s, picked.chosen FROM ({picked}) AS picked"  # noqa: S608  # nosec B608
    with connection.cursor() as cursor:
        cursor.execute(statement, [run.pk, *parameters])
        return int(cursor.rowcount)


def forget_items(run: Run) -> int:
    """Take back what a replay run has not made children of; give how many that were."""
    count, _ = ReplayItem.objects.filter(run=run).delete()
    return count


def end_children(run: Run, *, to: str, sentence: str, code: str = "", now: datetime) -> int:
    """End a replay run's children that are still pending; give how many there were."""
    rows = Export.objects.filter(run=run, replay_of__isnull=False)
    only_from = [ExportState.PENDING]
    moves: dict[str, Any] = {"moves": EXPORT_MOVES, "to": to, "only_from": only_from}
    return move(rows, **moves, ended_at=now, sentence=sentence, problem_code=code)
