"""Holds: what waits for a person is let go, left out, cancelled, or known to have arrived.

All of them take rows that the caller may see, do nothing twice, and leave an event for each row."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from connector.reasons import needed_reason
from core import audit, decisions, runs
from core.actors import actor_name
from core.audit import EventDraft
from core.errors import PermanentError
from core.models import Export, File, Integration, Run, RunTrigger
from core.states import ExportState, FileState

AT_A_TIME = 500


class ServerOnHold(PermanentError):
    """Nothing goes to the file's server at the moment."""

    code = "SERVER_HELD"
    next_step = "See the server's problem first; its files go on when it is released."


def approve_exports(exports: "QuerySet[Export]", *, actor: Any = None, reason: str = "", now: datetime) -> list[Run]:
    """Let held changes and cancellations go out, with a run of their own for each integration, due at once; the
    caller rings for the runs. What is not held any more is left alone."""
    opened: dict[Any, Run] = {}
    for held in _chunks(exports.filter(state=ExportState.HELD)):
        with transaction.atomic():
            events: list[EventDraft] = []
            for integration, group in _by_integration(held):
                run = opened.get(integration.pk) or _open_run(integration, actor, now)
                opened[integration.pk] = run
                events += decisions.approve(group, run=run, actor=actor_name(actor), why=reason.strip(), now=now)
            audit.append(events, now=now)
    return list(opened.values())


def ignore_exports(exports: "QuerySet[Export]", *, actor: Any = None, reason: str, now: datetime) -> int:
    """Leave held and failed exports out for good; give how many. Raises `Invalid` without a reason."""
    why = needed_reason(reason, what="Leaving records out")
    count = 0
    for waiting in _chunks(exports.filter(state__in=[ExportState.HELD, ExportState.FAILED])):
        with transaction.atomic():
            events = decisions.ignore(waiting, actor=actor_name(actor), why=why, now=now)
            count += len(events)
            audit.append(events, now=now)
    return count


def _open_run(integration: Integration, actor: Any, now: datetime) -> Run:
    run = runs.open_run(integration, trigger=RunTrigger.APPROVAL, requested_by=actor, fetches=False, now=now)
    assert run is not None  # noqa: S101 (only a slot gives none)
    return run


def _chunks(exports: "QuerySet[Export]") -> Iterator[list[Export]]:
    last = 0
    while True:
        rows = exports.filter(pk__gt=last).select_related("integration__tenant").order_by("pk")
        chunk = list(rows[:AT_A_TIME])
        if chunk:
            yield chunk
        if len(chunk) < AT_A_TIME:
            return
        last = chunk[-1].pk


def _by_integration(rows: Sequence[Export]) -> list[tuple[Integration, list[Export]]]:
    groups: dict[Any, list[Export]] = {}
    for row in rows:
        groups.setdefault(row.integration_id, []).append(row)
    return [(group[0].integration, group) for group in groups.values()]


def release_files(files: "QuerySet[File]", *, actor: Any = None, reason: str, now: datetime) -> list[File]:
    """Let held files go on; give those that do, the caller rings for their servers.

    Raises `Invalid` without a reason, `ServerOnHold` when one of their servers waits for a person itself."""
    why = needed_reason(reason, what="Letting files go on")
    return _decide(files, decisions.release_file, actor, why, now, needs_server=True)


def cancel_files(files: "QuerySet[File]", *, actor: Any = None, reason: str, now: datetime) -> list[File]:
    """End held and waiting files: neither they nor their exports are sent, and what they hold is kept. Give those
    that ended; one that is under way is left alone. Raises `Invalid` without a reason."""
    why = needed_reason(reason, what="Cancelling files")
    return _decide(files, decisions.cancel_file, actor, why, now)


def deliver_files_by_hand(files: "QuerySet[File]", *, actor: Any = None, reason: str, now: datetime) -> list[File]:
    """Mark held files as delivered, since the partner has them; give those that were marked.

    Raises `Invalid` without a reason: the trail says who vouched for it."""
    why = needed_reason(reason, what="Marking files as delivered")
    return _decide(files, decisions.deliver_by_hand, actor, why, now)


def _decide(
    files: "QuerySet[File]", decide: Any, actor: Any, why: str, now: datetime, *, needs_server: bool = False
) -> list[File]:
    decided = []
    with transaction.atomic():
        waiting = files.filter(state__in=[FileState.READY, FileState.RETRY_WAIT, FileState.HELD])
        events: list[EventDraft] = []
        for file in waiting.select_related("integration", "server", "partner").order_by("pk"):
            if needs_server and file.server.hold_code:
                raise ServerOnHold(f"The server {file.server.name} is on hold ({file.server.hold_code}).")
            found = decide(file, actor=actor_name(actor), why=why, now=now)
            if found:
                decided.append(file)
                events += found
        audit.append(events, now=now)
    return decided
