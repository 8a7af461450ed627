"""Turns: a fetch waits while what its documents need is read for the first time, instead of reading it by ids.

Only work that is due now is waited for: a stream that was put back, or that failed, holds up nobody.
"""

from collections.abc import Mapping
from datetime import datetime

from connector.steps.join import NEEDS
from core.documents import Mirror, Stream
from core.models import Fetch, FetchTrigger, StreamCursor
from core.states import FetchState

READ_FIRST: Mapping[str, tuple[str, ...]] = {
    **NEEDS,
    Mirror.PREPAYMENTS: (Mirror.ORGANISATION, Stream.CONTACTS),
    Mirror.OVERPAYMENTS: (Mirror.ORGANISATION, Stream.CONTACTS),
}


def must_wait(fetch_id: int, *, now: datetime) -> bool:
    """Say whether a fetch should wait. One of given ids never waits; a backfill leaves room for the live poll."""
    fetch = Fetch.objects.filter(pk=fetch_id).first()
    if fetch is None or fetch.xero_ids:
        return False
    under_way = Fetch.objects.filter(
        organisation=fetch.organisation_id,
        state__in=[FetchState.DUE, FetchState.READING],
        next_attempt_at__lte=now,
        moves_cursor=True,
    ).exclude(pk=fetch_id)
    if fetch.trigger == FetchTrigger.BACKFILL:
        return under_way.exists()
    read_before = StreamCursor.objects.filter(organisation=fetch.organisation_id, read_until__isnull=False)
    first = set(READ_FIRST.get(fetch.stream, ())) - set(read_before.values_list("stream", flat=True))
    return under_way.filter(stream__in=first).exists()


def waiting_for(fetch_id: int, *, now: datetime) -> list[int]:
    """Name the due fetches of the same organisation that may have waited for this one."""
    fetch = Fetch.objects.filter(pk=fetch_id).first()
    if fetch is None or not fetch.moves_cursor:
        return []
    later = [stream for stream, first in READ_FIRST.items() if fetch.stream in first]
    due = Fetch.objects.filter(organisation=fetch.organisation_id, state=FetchState.DUE, next_attempt_at__lte=now)
    chosen = due.filter(stream__in=later) | due.filter(trigger=FetchTrigger.BACKFILL)
    return list(chosen.order_by("pk").values_list("pk", flat=True)[:20])
