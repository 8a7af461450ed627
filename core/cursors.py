"""Cursors: how far each stream was read, and why one is not read at all. The only writer of both.

A stream that the connection may not read is blocked and stops alone; an organisation that no longer allows the app
is blocked whole. Connecting again clears that; once a day it is tried anyway, since rights change in Xero unseen.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Greatest

from core import audit, problems
from core.audit import EventDraft
from core.errors import Finding, Invalid
from core.models import Fetch, FetchTrigger, Organisation, StreamCursor

OVERLAP = timedelta(seconds=300)
"""How far a window reaches back before the cursor: rows become visible late, and Xero's clock has seconds only."""

BLOCK_LASTS = timedelta(days=1)
"""After so long a blocked stream is tried once more."""

BLOCKS_STREAM = frozenset({"XERO_SCOPE", "XERO_PERMISSION"})
BLOCKS_ORGANISATION = frozenset({"XERO_DISCONNECTED", "XERO_ORGANISATION_TAKEN"})


def window_start(fetch: Fetch) -> datetime | None:
    """Give the moment from which on a fetch of a whole stream asks for changes; None asks for everything."""
    if not fetch.moves_cursor:
        return fetch.modified_since
    cursor: StreamCursor | None = _rows(fetch.organisation, fetch.stream).first()
    if cursor is None or cursor.read_until is None:
        return None
    return cursor.read_until - OVERLAP


def _rows(organisation: Organisation, stream: str) -> Any:
    return StreamCursor.objects.filter(organisation=organisation, stream=stream)


def fetch_ended(fetch: Fetch, *, xero_time: datetime | None, now: datetime) -> None:
    """Note that a fetch came to its end: the cursor moves forward to Xero's time at its start, where it was not
    set by a person meanwhile. The caller holds a transaction."""
    rows = _rows(fetch.organisation, fetch.stream)
    for blocked in (rows, Organisation.objects.filter(pk=fetch.organisation_id)):
        blocked.exclude(blocked_code="").update(blocked_code="", blocked_at=None)
    is_whole = fetch.moves_cursor and fetch.modified_since is None
    if is_whole or fetch.trigger == FetchTrigger.SWEEP:
        rows.update(swept_at=now)
    if fetch.moves_cursor and xero_time is not None:
        second = xero_time.replace(microsecond=0)
        unedited = rows.filter(Q(edited_at__isnull=True) | Q(edited_at__lt=fetch.began_at))
        unedited.filter(read_until__isnull=True).update(read_until=second)
        unedited.update(read_until=Greatest("read_until", second))
        rows.update(read_at=now)


def set_cursor(
    organisation: Organisation,
    stream: str,
    *,
    read_until: datetime | None,
    actor: str,
    reason: str = "",
    now: datetime,
) -> None:
    """Let a person set a stream's cursor, and keep why; None makes the next fetch read everything. What is read again
    and did not change is not sent again. Raises `Invalid` for a moment that has not come yet."""
    if read_until is not None and read_until > now:
        wrong = "The cursor would pass by what Xero changes until then."
        raise Invalid([Finding("read_until", wrong, "Choose a moment in the past.", "CURSOR_IN_FUTURE")])
    with transaction.atomic():
        StreamCursor.objects.bulk_create(
            [StreamCursor(organisation=organisation, stream=stream)], ignore_conflicts=True
        )
        before = _rows(organisation, stream).select_for_update().get().read_until
        _rows(organisation, stream).update(read_until=read_until, edited_at=now)
        detail = {"from": before and before.isoformat(), "to": read_until and read_until.isoformat()}
        detail |= {"reason": reason} if reason else {}
        audit.append([_event(organisation, "cursor.set", stream, actor, detail)], now=now)


def _event(
    organisation: Organisation, name: str, stream: str, actor: str = "", detail: dict[str, Any] | None = None
) -> EventDraft:
    detail = {"organisation": organisation.name, **(detail or {})}
    return EventDraft(tenant_id=organisation.tenant_id, event=name, actor=actor, stream=stream, detail=detail)


def blocked_code(organisation: Organisation, stream: str, *, now: datetime) -> str:
    """Say why a stream is not read now; empty when it is, or when it is time to try again."""
    rows: tuple[Any, ...] = (
        Organisation.objects.filter(pk=organisation.pk),
        _rows(organisation, stream),
    )
    for row in rows:
        code: str | None = row.filter(blocked_at__gt=now - BLOCK_LASTS).values_list("blocked_code", flat=True).first()
        if code:
            return code
    return ""


def not_blocked(*, now: datetime) -> Q:
    """The condition for organisations that Xero lets us read, or that it is time to try again."""
    return Q(blocked_code="") | Q(blocked_at__isnull=True) | Q(blocked_at__lte=now - BLOCK_LASTS)


def block(fetch: Fetch, code: str, *, now: datetime) -> list[EventDraft]:
    """Stop a stream, or all of an organisation, after a refusal that another try does not change; give the events."""
    changes = {"blocked_code": code, "blocked_at": now}
    if code in BLOCKS_ORGANISATION:
        Organisation.objects.filter(pk=fetch.organisation_id).update(**changes)
        return [_event(fetch.organisation, "organisation.blocked", "", detail={"code": code})]
    if code in BLOCKS_STREAM:
        return block_stream(fetch.organisation, fetch.stream, code, now=now)
    return []


def block_stream(organisation: Organisation, stream: str, code: str, *, now: datetime) -> list[EventDraft]:
    """Stop one stream; give the event."""
    StreamCursor.objects.bulk_create([StreamCursor(organisation=organisation, stream=stream)], ignore_conflicts=True)
    _rows(organisation, stream).update(blocked_code=code, blocked_at=now)
    return [_event(organisation, "stream.blocked", stream, detail={"code": code})]


def unblock(
    organisations: Sequence[Organisation], *, streams: Sequence[str] = (), actor: str = "", now: datetime
) -> None:
    """Read again what was blocked: after a new consent everything, after a test the streams that it could read.

    Nothing happens, and nothing is noted, where nothing was blocked."""
    events = []
    for organisation in organisations:
        with transaction.atomic():
            was = Organisation.objects.filter(pk=organisation.pk).exclude(blocked_code="")
            cursors = StreamCursor.objects.filter(organisation=organisation).exclude(blocked_code="")
            cursors = cursors.filter(stream__in=streams) if streams else cursors
            names = sorted(cursors.values_list("stream", flat=True))
            changed = was.update(blocked_code="", blocked_at=None) + cursors.update(blocked_code="", blocked_at=None)
            if not changed:
                continue
            subjects = [f"stream:{organisation.pk}/{name}" for name in names] + [f"organisation:{organisation.pk}"]
            problems.resolve(organisation.tenant_id, subjects, now=now)
            events = [_event(organisation, "stream.unblocked", name, actor) for name in names or [""]]
            audit.append(events, now=now)
