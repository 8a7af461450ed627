"""Fetch: read one stream of one organisation, page by page, and store what is new.

Every page is stored and fanned out in one transaction, under the fetch's fence; the cursor moves last, to Xero's
time at the start. A window is fixed when the fetch begins and reaches back over the overlap, so that rows which
became visible late are read; repeats are no-ops. The last page must have brought as many objects as Xero counts.
"""

from django.conf import settings

from connector.steps import date_windows
from connector.steps.fan_out import fan_out_window
from connector.steps.reading import Reading, is_ordered
from connector.steps.storing import store_page
from core import cursors, failpoints, fetches
from core.clock import database_now
from core.errors import PermanentError
from core.leases import Lease
from core.models import Fetch, FetchTrigger, RunTrigger
from core.states import RunState
from xero_app.client import Page, XeroClient
from xero_app.errors import XeroQueryRefused, XeroTimeout
from xero_app.streams import IDS_PER_CALL, endpoint

SMALL_PAGE = 250
"""After Xero took too long for a page, pages of this size are asked for."""

URGENT = frozenset({FetchTrigger.WEBHOOK, FetchTrigger.REPLAY, FetchTrigger.JOIN})
"""What made these fetches may use what is kept of the day's calls."""

SWEPT_STATUSES = {"invoices": ("AUTHORISED",)}
"""Silent changes are looked for in what can still change: a due date of an invoice that is not paid yet."""


MOST_DEATHS = 5


class StreamBlocked(PermanentError):
    """Xero refused this stream, or the organisation, and nobody has connected again since."""

    holds = True
    next_step = "Reconnect Xero."


class ReaderDied(PermanentError):
    """Workers died again and again while they read the same page."""

    code = "INTERNAL"
    next_step = "Look at the workers' memory and logs, then run the integration again."


def refuse_poison(fetch: Fetch) -> None:
    """Stop after too many readers that ended without a word: what kills them must not take all workers along.

    Raises `ReaderDied`."""
    if fetch.deaths >= MOST_DEATHS:
        where = f"page {fetch.page + 1} of {fetch.stream.replace('_', ' ')}"
        raise ReaderDied(f"{MOST_DEATHS} workers in a row ended while they read {where}.")


def read_stream(fetch: Fetch, lease: Lease) -> None:
    """Read what a claimed fetch asks for, to its end. Raises the errors of `xero_app` and of `reading`."""
    _refuse_blocked(fetch)
    urgent, seconds = fetch.trigger in URGENT, settings.XERO_READ_SECONDS
    with XeroClient(fetch.organisation, urgent=urgent, read_seconds=seconds) as client:
        reading = Reading(fetch, lease, client, xero_time=fetch.xero_time)
        if fetch.xero_ids:
            _read_ids(reading)
        else:
            _read_windows(reading)
        alarms = reading.alarms()
    _fan_out_part(fetch)
    failpoints.hit("fetch.before_finish")
    fetches.finish(fetch, lease, xero_time=reading.xero_time, alarms=alarms, now=database_now())


def _fan_out_part(fetch: Fetch) -> None:
    """Make the exports of a part of a backfill before it counts as read; doing it twice makes nothing new."""
    if fetch.trigger != FetchTrigger.BACKFILL or fetch.dated_from is None:
        return
    window = {"dated_on__gte": fetch.dated_from, "dated_on__lte": fetch.dated_to}
    for run in fetch.runs.filter(trigger=RunTrigger.BACKFILL, state=RunState.FETCHING):
        fan_out_window(run, streams=[fetch.stream], now=database_now(), **window)


def _refuse_blocked(fetch: Fetch) -> None:
    code = cursors.blocked_code(fetch.organisation, fetch.stream, now=database_now())
    if code:
        what = fetch.stream.replace("_", " ")
        raise StreamBlocked(
            f"Xero did not let us read {what} of {fetch.organisation}; it was not asked again.", code=code
        )


def _read_ids(reading: Reading) -> None:
    fetch = reading.fetch
    batches = [fetch.xero_ids[start : start + IDS_PER_CALL] for start in range(0, len(fetch.xero_ids), IDS_PER_CALL)]
    for number, batch in enumerate(batches[fetch.page :], start=fetch.page + 1):
        reading.lease.renew()
        page = reading.client.page(fetch.stream, page=1, page_size=IDS_PER_CALL, xero_ids=batch)
        store_page(reading, page, number)


def _read_windows(reading: Reading) -> None:
    """Read the whole question, or one window of dates after the other where Xero refused the whole."""
    fetch = reading.fetch
    reading.recall()
    while True:
        try:
            _read_pages(reading)
        except XeroQueryRefused:
            if not _split_window(reading):
                raise
            continue
        if len(fetch.windows) < 2:
            return
        _go_to(reading, fetch.windows[1:])


def _read_pages(reading: Reading) -> None:
    fetch = reading.fetch
    if _died_at_the_end(reading):
        return
    number = fetch.page + 1
    while True:
        reading.lease.renew()
        try:
            page = _page(reading, number)
        except XeroTimeout:
            if fetch.page_size <= SMALL_PAGE:
                raise
            number = _with_smaller_pages(reading, number)
            continue
        if reading.xero_time is None:
            reading.xero_time = page.server_time
        before = reading.last_page
        store_page(reading, page, number)
        if _is_last(reading, page, number):
            reading.check_complete()
            return
        if reading.last_page <= before:
            reading.refuse_repeated(number)
        number += 1


def _died_at_the_end(reading: Reading) -> bool:
    """Say whether an earlier worker stored the last page and came no further."""
    fetch = reading.fetch
    if not fetch.page or fetch.page != fetch.page_count:
        return False
    if fetch.page > 1:  # what a single page held is not remembered, and nothing slips by it
        reading.check_complete()
    return True


def _page(reading: Reading, number: int) -> Page:
    fetch = reading.fetch
    dated_from, dated_to = _window(fetch)
    return reading.client.page(
        fetch.stream,
        page=number,
        page_size=fetch.page_size,
        modified_since=fetch.modified_since,
        dated_from=dated_from,
        dated_to=dated_to,
        ordered=is_ordered(fetch.stream),
        statuses=SWEPT_STATUSES.get(fetch.stream, ()) if fetch.trigger == FetchTrigger.SWEEP else (),
    )


def _is_last(reading: Reading, page: Page, number: int) -> bool:
    if page.page_count is None:
        return len(page.items) < reading.fetch.page_size
    return number >= page.page_count or not page.items


def _with_smaller_pages(reading: Reading, number: int) -> int:
    """Go on behind what is stored with smaller pages; give the next one's number."""
    fetch = reading.fetch
    stored = (number - 1) * fetch.page_size // SMALL_PAGE
    plan = {"page_size": SMALL_PAGE, "page": stored, "page_count": None}
    fetches.change_plan(fetch, reading.lease, now=database_now(), **plan)
    return stored + 1


def _window(fetch: Fetch) -> date_windows.Window:
    if fetch.windows:
        return date_windows.from_plain(fetch.windows[:1])[0]
    return fetch.dated_from, fetch.dated_to


def _split_window(reading: Reading) -> bool:
    """Cut the window that Xero refused into smaller ones; False when it cannot be cut."""
    fetch, window = reading.fetch, _window(reading.fetch)
    if not endpoint(fetch.stream).dated:
        return False
    is_whole = window == (None, None)
    parts = date_windows.first_windows(this_year=database_now().year) if is_whole else date_windows.halved(window)
    if parts:
        _go_to(reading, date_windows.as_plain(parts) + fetch.windows[1:])
    return bool(parts)


def _go_to(reading: Reading, windows: list[list[str | None]]) -> None:
    fetches.change_plan(reading.fetch, reading.lease, windows=windows, page=0, page_count=None, now=database_now())
    reading.forget()
