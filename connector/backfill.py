"""Backfill: documents of a range of dates, read and sent beside the live cursor, month by month.

A backfill is a run. It opens one fetch at a time: a month of a stream; when that is read, its documents become
exports and the next month follows. It can be stopped, and taken up again where it stood; the cursor never moves.
"""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from core import audit, fetches, runs
from core.documents import Stream
from core.errors import Finding, Invalid, PermanentError
from core.models import Export, ExportReason, Fetch, FetchTrigger, Integration, Run, RunTrigger
from core.states import FetchState, RunState
from xero_app.streams import endpoint

Month = tuple[date, date]
OPEN = (FetchState.DUE, FetchState.READING)


class NotStopped(PermanentError):
    """Only a backfill that was stopped, or that could not read everything, can be taken up again."""

    code = "BACKFILL_NOT_STOPPED"
    next_step = "Stop it first."


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a backfill is: parts are months of streams; `reading` is what it is at."""

    state: str
    parts: int
    done: int
    failed: int
    read: int
    stored: int
    exports: int
    reading: str

    @property
    def percent(self) -> int:
        """How much is behind it, in whole percent."""
        return 100 * (self.done + self.failed) // self.parts if self.parts else 100


def months(dated_from: date, dated_to: date) -> list[Month]:
    """Cut a range of days, both included, into calendar months."""
    found: list[Month] = []
    first = dated_from
    while first <= dated_to:
        last_of_month = first.replace(day=calendar.monthrange(first.year, first.month)[1])
        found.append((first, min(last_of_month, dated_to)))
        first = last_of_month + timedelta(days=1)
    return found


def dated_streams(integration: Integration) -> list[str]:
    """Name the streams of an integration that Xero can be asked for by document date."""
    return [name for name in integration.streams if name != Stream.ALLOCATIONS and endpoint(name).dated]


def part_streams(run: Run) -> list[str]:
    """Name the streams that a run reads month by month; none unless it is a backfill."""
    return dated_streams(run.integration) if run.trigger == RunTrigger.BACKFILL else []


def windowed_streams(run: Run) -> list[str]:
    """Name the streams of a run's integration that its window can narrow down: contacts have no document date."""
    return dated_streams(run.integration) if run.dated_from or run.dated_to else list(run.integration.streams)


def start(
    integration: Integration,
    *,
    dated_from: date,
    dated_to: date,
    requested_by: Any = None,
    request_id: UUID | None = None,
    now: datetime,
) -> Run:
    """Open a backfill of documents dated in this range; the caller rings for it. Asked for twice with the same
    `request_id` it is one. Raises `Invalid` for a range that ends before it begins."""
    if dated_to < dated_from:
        reason = f"{dated_to} is before {dated_from}."
        raise Invalid([Finding("dated_to", reason, "Choose a later last day.", "BACKFILL_RANGE")])
    run = runs.open_run(
        integration,
        trigger=RunTrigger.BACKFILL,
        dated_from=dated_from,
        dated_to=dated_to,
        requested_by=requested_by,
        request_id=request_id,
        now=now,
    )
    assert run is not None  # noqa: S101 (only a slot that has a run already gives none)
    return run


def plan(run: Run) -> list[tuple[str, Month]]:
    """Name the parts of a backfill in the order in which they are read."""
    if run.dated_from is None or run.dated_to is None:
        return []
    return [(stream, month) for month in months(run.dated_from, run.dated_to) for stream in part_streams(run)]


def go_on(run: Run, *, now: datetime) -> bool:
    """Open the next part unless one is under way; False when all parts were read or given up."""
    with transaction.atomic():
        locked = Run.objects.select_for_update().get(pk=run.pk)
        if locked.state != RunState.FETCHING or run.fetches.filter(state__in=OPEN).exists():
            return True
        tried = set(_parts(run).values_list("stream", "dated_from", "dated_to"))
        for stream, (first, last) in plan(run):
            if (stream, first, last) not in tried:
                run.fetches.add(_open_part(run, stream, first, last, now))
                return True
    return False


def _open_part(run: Run, stream: str, first: date, last: date, now: datetime) -> Fetch:
    organisation, trigger = run.integration.organisation, FetchTrigger.BACKFILL
    return fetches.open_fetch(organisation, stream, trigger=trigger, now=now, dated_from=first, dated_to=last)


def _parts(run: Run) -> Any:
    return run.fetches.filter(trigger=FetchTrigger.BACKFILL)


def progress(run: Run) -> Progress:
    """Say how far a backfill is."""
    parts = _parts(run)
    states: Sequence[str] = parts.values_list("state", flat=True)
    sums = parts.aggregate(read=Sum("read"), stored=Sum("stored"))
    current = parts.filter(state__in=OPEN).first()
    made = Export.objects.filter(
        integration=run.integration_id, reason=ExportReason.BACKFILL, created_at__gte=run.created_at
    )
    return Progress(
        state=run.state,
        parts=len(plan(run)),
        done=sum(state == FetchState.DONE for state in states),
        failed=sum(state == FetchState.FAILED for state in states),
        read=sums["read"] or 0,
        stored=sums["stored"] or 0,
        exports=made.count(),
        reading=f"{current.stream} {current.dated_from:%Y-%m}" if current and current.dated_from else "",
    )


def stop(run: Run, *, actor: str, reason: str = "", now: datetime) -> bool:
    """Stop a backfill that is reading, and keep why: what was read and sent stays, nothing more is read. False when it
    is past that."""
    with transaction.atomic():
        stopped = runs.to_state(run, RunState.CANCELLED, now=now, only_from=[RunState.DUE, RunState.FETCHING])
        if stopped:
            events = fetches.cancel(_parts(run), now=now)
            why = {"reason": reason} if reason else {}
            audit.append([runs.event(run, "backfill.stopped", actor=actor, **why), *events], now=now)
    return stopped


def resume(run: Run, *, requested_by: Any = None, request_id: UUID | None = None, now: datetime) -> Run:
    """Take up a backfill that was stopped, or whose parts failed in places: a new run for the parts that were not
    read; the caller rings for it. Raises `NotStopped`."""
    if run.trigger != RunTrigger.BACKFILL or run.state not in (RunState.CANCELLED, RunState.PARTLY, RunState.FAILED):
        raise NotStopped(f"{run} is {run.state}.")
    assert run.dated_from is not None and run.dated_to is not None  # noqa: S101 (every backfill has both)
    with transaction.atomic():
        again = start(
            run.integration,
            dated_from=run.dated_from,
            dated_to=run.dated_to,
            requested_by=requested_by,
            request_id=request_id,
            now=now,
        )
        again.fetches.add(*_parts(run).filter(state=FetchState.DONE))
    return again
