"""Fetches: the only writer of fetch rows and of the pages that they have seen."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from core import audit, cursors, leases, problems
from core.audit import EventDraft
from core.errors import ConnectorError
from core.leases import Lease
from core.models import Fetch, FetchedPage, FetchTrigger, Organisation
from core.moves import move
from core.problems import ProblemDraft
from core.records import Stored
from core.states import FETCH_MOVES, FetchState

RESTARTS = frozenset({"XERO_INCOMPLETE", "XERO_PAGES_REPEAT"})
"""After these the fetch starts over at its first page; after others it goes on behind the last stored one."""

OF_GRANT = frozenset({"XERO_AUTH_EXPIRED", "XERO_APP_REFUSED", "XERO_TOKEN_EXPIRED"})
OF_ORGANISATION = cursors.BLOCKS_ORGANISATION | {
    "XERO_DOWN",
    "XERO_LIMITER_DOWN",
    "XERO_RATE_MINUTE",
    "XERO_RATE_DAY",
    "XERO_RATE_CONCURRENT",
}
"""Troubles that all streams share are one problem, not one for each stream."""


def join_or_open(
    organisation: Organisation, stream: str, *, trigger: str, needs_from: datetime, now: datetime
) -> Fetch:
    """Give a whole-stream fetch that began, or will begin, at or after `needs_from`; open one if there is none.

    One that was put back before it read anything is tried now: somebody asks again. For a blocked stream it is one
    that has failed already: Xero is not asked."""
    if code := cursors.blocked_code(organisation, stream, now=now):
        return _refused(organisation, stream, trigger=trigger, code=code, now=now)
    waiting = Fetch.objects.filter(
        Q(state=FetchState.DUE, began_at__isnull=True) | Q(began_at__gte=needs_from),
        organisation=organisation,
        stream=stream,
        moves_cursor=True,
        state__in=[FetchState.DUE, FetchState.READING, FetchState.DONE],
    )
    found = waiting.order_by("-id").first()
    if found is None:
        return open_fetch(organisation, stream, trigger=trigger, now=now)
    Fetch.objects.filter(pk=found.pk, state=FetchState.DUE, next_attempt_at__gt=now).update(next_attempt_at=now)
    return found


def _refused(organisation: Organisation, stream: str, *, trigger: str, code: str, now: datetime) -> Fetch:
    fetch = Fetch.objects.create(
        organisation=organisation,
        stream=stream,
        trigger=trigger,
        state=FetchState.FAILED,
        problem_code=code,
        created_at=now,
        next_attempt_at=now,
        finished_at=now,
    )
    audit.append([event(fetch, "fetch.failed", state=FetchState.FAILED, detail={"code": code})], now=now)
    return fetch


def open_fetch(
    organisation: Organisation,
    stream: str,
    *,
    trigger: str,
    now: datetime,
    xero_ids: Sequence[str] = (),
    **window: Any,
) -> Fetch:
    """Open a fetch, of the whole stream since the cursor, of given ids, or of a window of dates.

    A sweep reads everything, whatever the cursor says, and leaves it where it is."""
    limited = bool(xero_ids) or bool(window) or trigger == FetchTrigger.SWEEP
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
        if fetch.began_at is None:
            fetch.began_at, fetch.modified_since = now, cursors.window_start(fetch)
        fetch.deaths = fetch.deaths + 1 if fetch.state == FetchState.READING else 0  # nobody put it back
        move(
            lease.rows(),
            moves=FETCH_MOVES,
            to=FetchState.READING,
            attempts=F("attempts") + 1,
            deaths=fetch.deaths,
            began_at=fetch.began_at,
            modified_since=fetch.modified_since,
        )
        audit.append([event(fetch, "fetch.reading", state=FetchState.READING)], now=now)
    fetch.attempts += 1
    return fetch, lease


def progressed(
    fetch: Fetch, lease: Lease, *, page: int, counts: dict[str, Any], stored: Stored, read: int, now: datetime
) -> EventDraft:
    """Note a stored page on the fetch, under its fence; give the event for the caller's transaction.

    `counts` are columns to set, or to raise by an expression. Raises `core.leases.LeaseLost`, which rolls the page
    back, also when a person stopped the fetch."""
    changed = (
        lease.rows()
        .filter(state=FetchState.READING)
        .update(
            page=page,
            deaths=0,
            read=F("read") + read,
            stored=F("stored") + len(stored.new),
            stale=F("stale") + stored.stale,
            **counts,
        )
    )
    if not changed:
        raise leases.LeaseLost(f"The fetch {fetch.pk} is now worked on elsewhere, or was stopped.")
    detail = {"page": page, "read": read, "new": len(stored.new), "repeated": stored.repeated, "stale": stored.stale}
    return event(fetch, "records.stored", detail=detail)


def remember_page(fetch: Fetch, seen: bytes) -> None:
    """Keep the hashed ids of a stored page until the fetch ends. The caller holds a transaction."""
    FetchedPage.objects.create(fetch=fetch, seen=seen)


def remembered_pages(fetch: Fetch) -> Iterable[bytes]:
    """Give the hashed ids of the pages that earlier attempts stored."""
    return (bytes(seen) for seen in FetchedPage.objects.filter(fetch=fetch).values_list("seen", flat=True).iterator())


def forget_pages(fetch: Fetch) -> None:
    """Drop the hashed ids: they have served."""
    FetchedPage.objects.filter(fetch=fetch).delete()


def change_plan(fetch: Fetch, lease: Lease, *, now: datetime, **plan: Any) -> None:
    """Go on with smaller pages (`page_size`, `page`) or in `windows` of document dates. Raises `LeaseLost`."""
    with transaction.atomic():
        if not lease.rows().update(**plan):
            raise leases.LeaseLost(f"The fetch {fetch.pk} is now worked on elsewhere.")
        if "windows" in plan:
            forget_pages(fetch)
        audit.append([event(fetch, "fetch.replanned", detail=plan)], now=now)
    for name, value in plan.items():
        setattr(fetch, name, value)


def finish(
    fetch: Fetch,
    lease: Lease,
    *,
    xero_time: datetime | None,
    alarms: Sequence[ConnectorError] = (),
    now: datetime,
) -> None:
    """End a fetch and move the stream's cursor forward to Xero's time at its start.

    What it proves to work again is resolved; `alarms` are what it found odd on the way."""
    with transaction.atomic():
        if not move(lease.rows(), moves=FETCH_MOVES, to=FetchState.DONE, finished_at=now, lease_until=None):
            raise leases.LeaseLost(f"The fetch {fetch.pk} is now worked on elsewhere.")
        cursors.fetch_ended(fetch, xero_time=xero_time, now=now)
        forget_pages(fetch)
        problems.resolve(fetch.organisation.tenant_id, _subjects(fetch), now=now)
        problems.report([_problem(fetch, alarm) for alarm in alarms], now=now)
        audit.append([event(fetch, "fetch.done", state=FetchState.DONE)], now=now)


def subject(fetch: Fetch, code: str = "") -> str:
    """Name what a problem of this fetch is about: its stream, or the organisation or grant that all streams share."""
    if code in OF_GRANT:
        return f"grant:{fetch.organisation.grant_id}"
    if code in OF_ORGANISATION:
        return f"organisation:{fetch.organisation_id}"
    return f"stream:{fetch.organisation_id}/{fetch.stream}"


def _subjects(fetch: Fetch) -> list[str]:
    organisation = fetch.organisation
    return [subject(fetch), f"organisation:{organisation.pk}", f"grant:{organisation.grant_id}"]


def _problem(fetch: Fetch, error: ConnectorError) -> ProblemDraft:
    return ProblemDraft(
        tenant_id=fetch.organisation.tenant_id,
        code=error.code,
        subject=subject(fetch, error.code),
        sentence=error.sentence,
        next_step=error.next_step,
        links={"organisation_id": fetch.organisation_id},
    )


def set_back(fetch: Fetch, lease: Lease, error: ConnectorError, *, retry_at: datetime | None, now: datetime) -> None:
    """Put a fetch back until `retry_at`, or end it as failed; with a problem and an event either way.

    A refusal that stays blocks the stream, or the organisation, so that nothing asks again and again."""
    to = FetchState.DUE if retry_at else FetchState.FAILED
    changes: dict[str, Any] = {"next_attempt_at": retry_at} if retry_at else {"finished_at": now}
    if error.code in RESTARTS:
        changes |= {"page": 0, "restarts": F("restarts") + 1}
    elif retry_at and fetch.page == 0 and fetch.xero_time is None:
        changes["began_at"] = None  # nothing was read: its window is fixed anew, and others may join it
    with transaction.atomic():
        moved = move(lease.rows(), moves=FETCH_MOVES, to=to, problem_code=error.code, lease_until=None, **changes)
        if not moved:
            return
        if not retry_at:
            forget_pages(fetch)
        problems.report([_problem(fetch, error)], now=now)
        detail = {"code": error.code, "retry_at": retry_at.isoformat() if retry_at else None}
        blocked = [] if retry_at else cursors.block(fetch, error.code, now=now)
        audit.append([event(fetch, f"fetch.{to}", state=to, detail=detail), *blocked], now=now)


def cancel(rows: Any, *, now: datetime) -> list[EventDraft]:
    """End fetches that nobody wants any more; one that is being read stops at its next page. Give the events.

    The caller holds a transaction and appends them last."""
    ended = list(rows.filter(state__in=[FetchState.DUE, FetchState.READING]).select_related("organisation"))
    chosen = Fetch.objects.filter(pk__in=[fetch.pk for fetch in ended])
    move(chosen, moves=FETCH_MOVES, to=FetchState.CANCELLED, finished_at=now, lease_until=None)
    FetchedPage.objects.filter(fetch__in=chosen).delete()
    return [event(fetch, "fetch.cancelled", state=FetchState.CANCELLED) for fetch in ended]
