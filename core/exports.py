"""Exports: the only writer. Exports change in sets, under the lease of the unit that owns them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from core import bulk, problems
from core.audit import EventDraft
from core.errors import ConnectorError
from core.models import Export, ExportContent, ExportReason, Fetch, File, Integration, Record, ReplayMode
from core.moves import move
from core.problems import ProblemDraft
from core.states import EXPORT_MOVES, AckOutcome, ExportState

WAITING = (ExportState.PENDING, ExportState.HELD, ExportState.FAILED)
"""The states in which a newer version of the same object takes an export's place."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Why one export ends without a place in a file (or waits for a person)."""

    export: Export
    to: str
    sentence: str
    code: str = ""
    next_step: str = ""


def create_pending(
    records: Sequence[Record],
    integration: Integration,
    *,
    reason: str,
    fetch: Fetch | None,
    now: datetime,
) -> list[EventDraft]:
    """Make one pending export per record and let it take the place of older waiting ones.

    Doing it twice makes nothing new; the caller holds the stream (`core.records.lock_stream`), so that nobody
    makes the same ones at the same time. With the reason `baseline` the exports are marked as already there. The
    caller appends the returned events last."""
    fresh = _not_yet_exported(records, integration)
    if not fresh:
        return []
    replaced = _supersede(fresh, integration, now)
    is_baseline = reason == ExportReason.BASELINE
    state = ExportState.SKIPPED if is_baseline else ExportState.PENDING
    bulk.insert([_export(record, integration, reason, state, now) for record in fresh])
    return [
        EventDraft(
            tenant_id=integration.tenant_id,
            event=f"exports.{state}",
            integration=integration.name,
            stream=fresh[0].stream,
            state=state,
            fetch_id=fetch.pk if fetch else None,
            detail={"reason": reason, "count": len(fresh), "superseded": replaced},
        )
    ]


def _not_yet_exported(records: Sequence[Record], integration: Integration) -> list[Record]:
    known = set(Export.objects.filter(integration=integration, record__in=records).values_list("record_id", flat=True))
    return [record for record in records if record.pk not in known]


def _export(record: Record, integration: Integration, reason: str, state: str, now: datetime) -> Export:
    return Export(
        tenant_id=integration.tenant_id,
        integration=integration,
        record=record,
        stream=record.stream,
        xero_id=record.xero_id,
        number=record.number,
        state=state,
        reason=reason,
        created_at=now,
        ended_at=now if state == ExportState.SKIPPED else None,
        sentence="Marked as already there." if state == ExportState.SKIPPED else "",
    )


def _supersede(records: Sequence[Record], integration: Integration, now: datetime) -> int:
    older = Export.objects.filter(
        integration=integration, xero_id__in=[record.xero_id for record in records], state__in=WAITING
    ).exclude(replay_mode=ReplayMode.SAME_BYTES)  # the same file again needs every one of its exports
    subjects = [f"export:{pk}" for pk in older.exclude(state=ExportState.PENDING).values_list("pk", flat=True)]
    moved = move(
        older,
        moves=EXPORT_MOVES,
        to=ExportState.SUPERSEDED,
        ended_at=now,
        sentence="A newer version of the document took its place.",
    )
    if subjects:
        problems.resolve(integration.tenant_id, subjects, now=now)
    return moved


def followed(integration: Integration, xero_ids: Sequence[str]) -> set[str]:
    """Say which objects this integration has exported, or marked as already there, at least once."""
    ever = Export.objects.filter(integration=integration, xero_id__in=xero_ids).exclude(
        Q(state__in=[ExportState.SUPERSEDED, ExportState.IGNORED, ExportState.CANCELLED])
    )
    return set(ever.values_list("xero_id", flat=True))


def on_their_way(rows: Sequence[Export]) -> set[str]:
    """Name the objects, among these exports of one integration, that have an export in a file that has not ended.

    A question of its own: inside another one the database may look at every export in a file for each of these."""
    if not rows:
        return set()
    found = Export.objects.filter(
        integration=rows[0].integration_id, xero_id__in=[row.xero_id for row in rows], state=ExportState.FORMATTED
    )
    return set(found.values_list("xero_id", flat=True))


def last_sent(integration: Integration, xero_ids: Sequence[str]) -> dict[str, Export]:
    """Give, per object, the last export that the partner has: delivered in production and not rejected, or
    marked as already there at the start."""
    rows = (
        Export.objects.filter(integration=integration, xero_id__in=xero_ids)
        .filter(
            Q(state=ExportState.DELIVERED, file__is_test=False)
            | Q(state=ExportState.SKIPPED, reason=ExportReason.BASELINE)
        )
        .exclude(ack_outcome=AckOutcome.REJECTED)
        .select_related("record", "content")
        .order_by("id")
    )
    return {row.xero_id: row for row in rows}


def end(endings: Sequence[Ending], *, run_id: int | None = None, now: datetime) -> list[EventDraft]:
    """Move pending exports to where they end or wait; report problems; give the events, one per export."""
    events = []
    for (to, code, sentence), group in _grouped(endings).items():
        rows = Export.objects.filter(pk__in=[ending.export.pk for ending in group])
        move(
            rows,
            moves=EXPORT_MOVES,
            to=to,
            only_from=[ExportState.PENDING],
            problem_code=code,
            sentence=sentence,
            run_id=run_id,
            ended_at=None if to == ExportState.HELD else now,
        )
        events += [_ended_event(ending) for ending in group]
    problems.report([_problem(ending) for ending in endings if ending.code], now=now)
    return events


def _grouped(endings: Sequence[Ending]) -> dict[tuple[str, str, str], list[Ending]]:
    groups: dict[tuple[str, str, str], list[Ending]] = {}
    for ending in endings:
        groups.setdefault((ending.to, ending.code, ending.sentence), []).append(ending)
    return groups


def _ended_event(ending: Ending) -> EventDraft:
    export = ending.export
    return EventDraft(
        tenant_id=export.tenant_id,
        event=f"export.{ending.to}",
        integration=export.integration.name,
        stream=export.stream,
        xero_id=export.xero_id,
        number=export.number,
        state=ending.to,
        export_id=export.pk,
        detail={"sentence": ending.sentence, "code": ending.code},
    )


def _problem(ending: Ending) -> ProblemDraft:
    export = ending.export
    return ProblemDraft(
        tenant_id=export.tenant_id,
        code=ending.code,
        subject=f"export:{export.pk}",
        sentence=ending.sentence,
        next_step=ending.next_step,
        links={"export_id": export.pk, "integration_id": export.integration_id},
    )


def attach(contents: Sequence[ExportContent], file: File, **changes: Any) -> None:
    """Give exports their place and content in a file that is being built. Raises when one is not pending."""
    ids = [content.export_id for content in contents]
    bulk.insert(contents)
    moved = move(
        Export.objects.filter(pk__in=ids),
        moves=EXPORT_MOVES,
        to=ExportState.FORMATTED,
        file=file,
        mapping_version_id=file.mapping_version_id,
        run_id=file.run_id,
        **changes,
    )
    if moved != len(ids):
        raise ValueError(f"{len(ids) - moved} exports are not pending any more")


def release(file: File) -> int:
    """Take a file's exports back to pending (it will not be sent); give how many."""
    ExportContent.objects.filter(file=file).delete()
    return move(
        Export.objects.filter(file=file),
        moves=EXPORT_MOVES,
        to=ExportState.PENDING,
        file=None,
        mapping_version=None,
    )


def delivered(file_ids: Sequence[int], *, now: datetime) -> int:
    """Mark the exports of delivered files."""
    rows = Export.objects.filter(file_id__in=file_ids)
    return move(rows, moves=EXPORT_MOVES, to=ExportState.DELIVERED, ended_at=now)


def failed_with(file: File, error: ConnectorError, *, now: datetime) -> int:
    """End the exports of a file that was given up."""
    rows = Export.objects.filter(file=file)
    changes: dict[str, Any] = {"problem_code": error.code, "sentence": error.sentence, "ended_at": now}
    return move(rows, moves=EXPORT_MOVES, to=ExportState.FAILED, **changes)


def cancelled_with(file: File, *, sentence: str, now: datetime) -> int:
    """End the exports of a file that a person cancelled."""
    rows = Export.objects.filter(file=file)
    return move(rows, moves=EXPORT_MOVES, to=ExportState.CANCELLED, sentence=sentence, ended_at=now)
