"""Xero's side of a reconciliation, read live by document date and kept nowhere."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from connector.steps.reading import hashed, is_ordered
from core.documents import Document, Stream
from core.errors import PermanentError
from xero_app.allocations import SOURCES, derive_allocations
from xero_app.client import Page, XeroClient
from xero_app.errors import XeroBadRecord, XeroRateLimited
from xero_app.parse import parse_document
from xero_app.streams import endpoint

LONGEST_WAIT = 90.0
"""Seconds that a long reading waits for Xero's next minute; a day's limit ends it."""


class TooManyDocuments(PermanentError):
    """Xero lists more than whoever waits should wait for."""

    code = "RECONCILE_TOO_MANY"
    next_step = "Choose fewer days, or run manage.py reconcile: it has no limit."


@dataclass(slots=True)
class Listed:
    """What Xero lists of a stream: `seen` are the hashed ids, `counted` is Xero's own count. `is_patient` waits where
    Xero's minute is used up; of more than `most` documents nothing is compared."""

    is_patient: bool = False
    most: int | None = None
    seen: set[int] = field(default_factory=set)
    counted: int = 0
    unreadable: list[XeroBadRecord] = field(default_factory=list)

    @property
    def unlisted(self) -> int:
        """Objects that were counted and not listed: they moved between pages."""
        return max(0, self.counted - len(self.seen) - len(self.unreadable))


def documents(
    client: XeroClient, stream: str, *, day_from: date, day_to: date, listed: Listed
) -> Iterator[list[Document]]:
    """Give the documents of these days, a page at a time, each once; contacts have no date, so all of them.

    Raises `TooManyDocuments` and the errors of `xero_app`."""
    if stream == Stream.ALLOCATIONS:
        yield from _allocations(client, day_from, day_to, listed)
        return
    window = {"dated_from": day_from, "dated_to": day_to} if endpoint(stream).dated else {}
    for page in _pages(client, stream, listed, **window):
        listed.counted = page.item_count or listed.counted
        yield _parsed(stream, page.items, listed)


def _pages(client: XeroClient, stream: str, listed: Listed, **window: date) -> Iterator[Page]:
    number = 1
    while True:
        page = _page(client, stream, number, listed, **window)
        if listed.most is not None and (page.item_count or 0) > listed.most:
            raise TooManyDocuments(f"Xero lists {page.item_count:,} of them, more than a page can wait for.")
        yield page
        if not page.items or number >= (page.page_count or number):
            return
        number += 1


def _page(client: XeroClient, stream: str, number: int, listed: Listed, **window: date) -> Page:
    first, last = window.get("dated_from"), window.get("dated_to")
    while True:
        try:
            return client.page(stream, page=number, dated_from=first, dated_to=last, ordered=is_ordered(stream))
        except XeroRateLimited as limited:
            seconds = limited.retry_after or LONGEST_WAIT
            if not listed.is_patient or seconds > LONGEST_WAIT:
                raise
            time.sleep(seconds)


def _parsed(stream: str, items: tuple[bytes, ...], listed: Listed) -> list[Document]:
    found = []
    for item in items:
        try:
            document = parse_document(stream, item)
        except XeroBadRecord as error:
            listed.unreadable.append(error)
            continue
        number = hashed(document.xero_id)
        if number not in listed.seen:
            listed.seen.add(number)
            found.append(document)
    return found


def _allocations(client: XeroClient, day_from: date, day_to: date, listed: Listed) -> Iterator[list[Document]]:
    """Xero lists allocations inside the credits only, whose own dates are others: all credits are read."""
    for source in SOURCES:
        for page in _pages(client, source, listed):
            derived = tuple(part for item in page.items for part in derive_allocations(source, item))
            found = [
                document
                for document in _parsed(Stream.ALLOCATIONS, derived, listed)
                if document.dated_on and day_from <= document.dated_on <= day_to and document.status != "DELETED"
            ]
            yield found
    listed.counted = 0
