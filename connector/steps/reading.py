"""What is known while a fetch runs: which objects came, and what was odd about them."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from core import fetches
from core.documents import Stream
from core.errors import ConnectorError, PermanentError, TemporaryError
from core.leases import Lease
from core.models import Fetch
from xero_app.client import XeroClient

MOST_RESTARTS = 2
"""A third reading that misses objects is the last: the next poll reads the same window again."""


class FetchIncomplete(TemporaryError):
    """Fewer objects came than Xero counted: rows moved between pages."""

    code = "XERO_INCOMPLETE"
    next_step = "Nothing to do: the stream is read again by itself."


class StaysIncomplete(PermanentError):
    """Reading again and again did not bring every object that Xero counts."""

    code = "XERO_INCOMPLETE"
    next_step = "The next poll reads the same window again. If it stays, read the stream while nobody edits in Xero."


class PagesRepeat(TemporaryError):
    """A page brought nothing that the page before it had not brought."""

    code = "XERO_PAGES_REPEAT"
    next_step = "Nothing to do: the stream is read again by itself."


class PagesStillRepeat(PermanentError):
    """Xero gives the same page again and again."""

    code = "XERO_PAGES_REPEAT"
    next_step = "The next poll tries again. If it stays, contact Xero."


class WindowIgnored(TemporaryError):
    """Xero sent objects that did not change since the time that was asked for (Xero-node issue 198)."""

    code = "XERO_WINDOW_IGNORED"
    next_step = "Nothing is lost. If it stays, every poll reads everything: report it with the fetch's number."


class NothingStored(TemporaryError):
    """Objects were read, and none of them was new or could be kept."""

    code = "XERO_NOTHING_STORED"
    next_step = "Compare the newest object in Xero with the records here; report it with the fetch's number."


def hashed(xero_id: str) -> int:
    """Give eight bytes of an id's hash: a million ids are remembered in little room."""
    return int.from_bytes(hashlib.blake2b(xero_id.encode(), digest_size=8).digest(), "big")


@dataclass(slots=True)
class Reading:
    """One attempt at a fetch."""

    fetch: Fetch
    lease: Lease
    client: XeroClient
    xero_time: datetime | None = None
    seen: set[int] = field(default_factory=set)
    last_page: frozenset[int] = frozenset()
    not_found: set[str] = field(default_factory=set)
    extra_calls: int = 0
    """Calls for objects that documents mention, since the last stored page."""

    def recall(self) -> None:
        """Remember what earlier attempts at this fetch saw."""
        for page in fetches.remembered_pages(self.fetch):
            self.seen.update(int.from_bytes(page[at : at + 8], "big") for at in range(0, len(page), 8))

    def forget(self) -> None:
        """Start with nothing seen: another window of dates begins."""
        self.seen.clear()
        self.last_page = frozenset()

    def note(self, ids: Iterable[str]) -> bytes:
        """Note the ids of a page that was stored; give them as they are remembered."""
        self.last_page = frozenset(hashed(xero_id) for xero_id in ids)
        self.seen |= self.last_page
        return b"".join(number.to_bytes(8, "big") for number in self.last_page)

    def check_complete(self) -> None:
        """Compare what came with Xero's own count.

        Rows that are edited while pages are read move to the end, and one slips by at each page border; so the count
        of the last page holds. In an order by id nothing moves, but what is created meanwhile may sort before the
        page: there the first page's count holds. Raises `FetchIncomplete`, the last time `StaysIncomplete`."""
        fetch = self.fetch
        if fetch.item_count is None or len(self.seen) >= fetch.item_count:
            return
        what = fetch.stream.replace("_", " ")
        sentence = f"Xero counted {fetch.item_count} {what}, but {len(self.seen)} came."
        if fetch.restarts < MOST_RESTARTS:
            raise FetchIncomplete(sentence)
        raise StaysIncomplete(f"{sentence} That was the third reading; what came is kept, the cursor stays.")

    def refuse_repeated(self, number: int) -> None:
        """Raise `PagesRepeat`, the last time `PagesStillRepeat`."""
        sentence = f"Page {number} of {self.fetch.stream} repeated the page before it."
        raise PagesRepeat(sentence) if self.fetch.restarts < MOST_RESTARTS else PagesStillRepeat(sentence)

    def alarms(self) -> list[ConnectorError]:
        """Say what was odd about a fetch that came to its end."""
        fetch, found = self.fetch, list[ConnectorError]()
        fetch.refresh_from_db(fields=["read", "stored", "stale", "bad", "older"])
        what = fetch.stream.replace("_", " ")
        if fetch.older:
            since = f"{fetch.modified_since:%Y-%m-%d %H:%M:%S} UTC"
            found.append(WindowIgnored(f"Xero sent {fetch.older} {what} that did not change since {since}."))
        # Whole readings find what is known already; changes since the cursor should not, for a whole page.
        asked_for_changes = fetch.moves_cursor and fetch.modified_since is not None
        is_odd = asked_for_changes or fetch.bad + fetch.stale >= fetch.read
        if not fetch.stored and fetch.read >= fetch.page_size and is_odd:
            found.append(NothingStored(f"{fetch.read} {what} were read, and none of them was stored."))
        return found


def is_ordered(stream: str) -> bool:
    """Say whether pages of a stream are asked for in an order that holds still."""
    return stream == Stream.INVOICES
