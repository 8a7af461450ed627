"""Fetches: the only writer of fetch rows and stream cursors."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest

from core import audit, leases, problems
from core.audit import EventDraft
from core.errors import ConnectorError
from core.leases import Lease
from core.models import Fetch, FetchTrigger, Organisation, StreamCursor
from core.moves import move
from core.problems import ProblemDraft
from core.records import Stored
from core.states import FETCH_MOVES, FetchState

OVERLAP = timedelta(seconds=300)
"""How far a window reaches back before the cursor: rows become visible late, and Xero's clock has seconds only."""

RESTARTS = frozenset({"XERO_INCOMPLETE", "XERO_PAGES_REPEAT"})
"""After these the fetch starts over at its first page; after others it goes on behind the last stored one."""


def join_or_open(
    organisation: Organisation, stream: str, *, trigger: str, needs_from: datetime, now: datetime
) -> Fetch:
    """Give a whole-stream fetch that began, or will begin, at or after `needs_from`; open one if there is none."""
    waiting = Fetch.objects.filter(
        Q(state=FetchState.DUE, began_at__isnull=True) | Q(began_at__gte=needs_from),
        organisation=organisation,
        stream=stream,
        moves_cursor=True,
        state__in=[FetchState.DUE, FetchState.READING, FetchState.DONE],
    )
    return waiting.order_by("-id").first() or open_fetch(organisation, stream, trigger=trigger, now=now)


def open_fetch(
    organisation: Organisation,
    stream: str,
    *,
    trigger: str,
    now: datetime,
    xero_ids: Sequence[str] = (),
    **window: Any,
) -> Fetch:
    """Open a fetch, of the whole stream since the cursor, of given ids, or of a window of dates."""
    limited = bool(xero_ids) or bool(window)
    fetch = Fetch.objects.create(
        organisation=organisation,
        stream=stream,
        trigger=trigger,
        xero_ids=list(xero_ids),
        moves_cursor=not limited,
        created_at=now,
        next_attempt_at=now,
        **window,
    )
    audit.append([event(fetch, "fetch.due", detail={"trigger": trigger, "ids": len(xero_ids)})], now=now)
    return fetch


def event(fetch: Fetch, name: str, *, state: str = "", detail: dict[str, Any] | None = None) -> EventDraft:
    """Draft an audit line about a fetch."""
    return EventDraft(
        tenant_id=fetch.organisation.tenant_id,
        event=name,
        stream=fetch.stream,
        state=state,
        fetch_id=fetch.pk,
        detail=detail or {},
    )


def begin(fetch_id: int, *, now: datetime) -> tuple[Fetch, Lease] | None:
    """Claim a due fetch, count the attempt and fix its window; None when it is ended, early or worked on."""
    lease = leases.claim(Fetch, fetch_id, state__in=[FetchState.DUE, FetchState.READING], next_attempt_at__lte=now)
    if lease is None:
        return None
    with transaction.atomic():
        lease.check()
        fetch = Fetch.objects.select_related("organisation__grant", "organisation__tenant").get(pk=fetch_id)
        _fix_window(fetch, now)
        move(
            lease.rows(),
            moves=FETCH_MOVES,
            to=FetchState.READING,
            attempts=F("attempts") + 1,
            began_at=fetch.began_at,
            modified_since=fetch.modified_since,
        )
        audit.append([event(fetch, "fetch.reading", state=FetchState.READING)], now=now)
    fetch.attempts += 1
    return fetch, lease


def _fix_window(fetch: Fetch, now: datetime) -> None:
    if fetch.began_at is not None:
        return
    fetch.began_at = now
    if fetch.moves_cursor and fetch.trigger != FetchTrigger.SWEEP:
        cursor = StreamCursor.objects.filter(organisation=fetch.organisation, stream=fetch.stream).first()
        if cursor is not None and cursor.read_until is not None:
            fetch.modified_since = cursor.read_until - OVERLAP


def progressed(
    fetch: Fetch, lease: Lease, *, page: int, counts: dict[str, Any], stored: Stored, read: int, now: datetime
) -> EventDraft:
    """Note a stored page on the fetch, under its fence; give the event for the caller's transaction.

    Raises `core.leases.LeaseLost`, which rolls the page back."""
    changed = lease.rows().update(
        page=page,
        calls=F("calls") + 1,
        read=F("read") + read,
        stored=F("stored") + len(stored.new),
        stale=F("stale") + stored.stale,
        **counts,
    )
    if not changed:
        raise leases.LeaseLost(f"The fetch {fetch.pk} is now worked on elsewhere.")
    detail = {
        "page": page,
        "read": read,
        "new": len(stored.new),
        "repeated": stored.repeated,
        "stale": stored.stale,
    }
    return event(fetch, "records.stored", detail=detail)


def finish(fetch: Fetch, lease: Lease, *, xero_time: datetime | None, now: datetime) -> None:
    """End a fetch and move the stream's cursor forward to Xero's time at its start."""
    with transaction.atomic():
        if not move(lease.rows(), moves=FETCH_MOVES, to=FetchState.DONE, finished_at=now, lease_until=None):
            raise leases.LeaseLost(f"The fetch {fetch.pk} is now worked on elsewhere.")
        if fetch.moves_cursor and xero_time is not None:
            _move_cursor(fetch, xero_time, now)
        problems.resolve(fetch.organisation.tenant_id, [subject(fetch)], now=now)
        audit.append([event(fetch, "fetch.done", state=FetchState.DONE)], now=now)


def _move_cursor(fetch: Fetch, xero_time: datetime, now: datetime) -> None:
    whole = {"swept_at": now} if fetch.modified_since is None else {}
    second = xero_time.replace(microsecond=0)
    rows = StreamCursor.objects.filter(organisation=fetch.organisation, stream=fetch.stream)
    rows.filter(read_until__isnull=True).update(read_until=second)
    rows.update(read_until=Greatest("read_until", second), read_at=now, blocked_code="", **whole)


def subject(fetch: Fetch) -> str:
    """Name what a problem of this fetch is about."""
    return f"stream:{fetch.organisation_id}/{fetch.stream}"


def set_back(fetch: Fetch, lease: Lease, error: ConnectorError, *, retry_at: datetime | None, now: datetime) -> None:
    """Put a fetch back until `retry_at`, or end it as failed; with a problem and an event either way."""
    to = FetchState.DUE if retry_at else FetchState.FAILED
    changes: dict[str, Any] = {"next_attempt_at": retry_at} if retry_at else {"finished_at": now}
    if error.code in RESTARTS:
        changes["page"] = 0
    with transaction.atomic():
        moved = move(lease.rows(), moves=FETCH_MOVES, to=to, problem_code=error.code, lease_until=None, **changes)
        if not moved:
            return
        draft = ProblemDraft(
            tenant_id=fetch.organisation.tenant_id,
            code=error.code,
            subject=subject(fetch),
            sentence=error.sentence,
            next_step=error.next_step,
            links={"organisation_id": fetch.organisation_id},
        )
        problems.report([draft], now=now)
        detail = {"code": error.code, "retry_at": retry_at.isoformat() if retry_at else None}
        audit.append([event(fetch, f"fetch.{to}", state=to, detail=detail)], now=now)
