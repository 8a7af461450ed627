"""The rules of change: every edit moves update times, rows and events the way Xero does.

A payment and its deletion bump the invoice; a due date edited on a partly paid document, `SentToContact` there,
and a contact's balances do not (Xero page Requests and Responses).
"""

from collections.abc import Callable
from copy import deepcopy
from datetime import date

from xero_app.simulator.books import Books
from xero_app.simulator.clock import Clock
from xero_app.simulator.config import SimulatorConfig
from xero_app.simulator.documents import Doc, Row
from xero_app.simulator.settle import amount_paid

Notify = Callable[[Books, Row, str], None]
_SILENT = {"DueDate", "SentToContact"}


class Refusal(ValueError):
    """Xero would refuse this change; the text says why."""


class Ledger:
    """Edits the books of one organisation. Called under the simulator's lock."""

    def __init__(self, *, books: Books, clock: Clock, config: SimulatorConfig, notify: Notify) -> None:
        self.books = books
        self._clock = clock
        self._config = config
        self._notify = notify

    def today(self) -> date:
        """The day of virtual time, in UTC."""
        return self._clock.now().date()

    def new_id(self) -> str:
        """A new id from the organisation's own stream of ids."""
        return self.books.chance.uuid()

    def add(self, stream: str, doc: Doc, *, xero_id: str, event: bool = True) -> Row:
        """Adds a new document with its row, stamped now. Refusal for an id that is taken."""
        if self.books.streams[stream].get(xero_id):
            msg = f"{xero_id} is in {stream} already."
            raise Refusal(msg)
        row = Row(stream=stream, xero_id=xero_id, updated_ms=self._clock.now_ms(), doc=doc)
        index_row(row, doc)
        row.visible_ms = self._visible_from(row.updated_ms)
        self.books.streams[stream].add(row)
        self.books.version += 1
        if event:
            self._notify(self.books, row, "CREATE")
        return row

    def edit(self, stream: str, xero_id: str) -> tuple[Row, Doc]:
        """The row and its document, ready to be changed; with late visibility readers keep the old state."""
        row = self.books.find(stream, xero_id)
        doc = self.books.written.pin(row)
        if self._config.visibility_lag_s:
            row.before = row.copy(doc=deepcopy(doc))
        return row, doc

    def done(self, row: Row, doc: Doc, *, bump: bool = True, event: bool = True, at_ms: int | None = None) -> None:
        """Ends an edit: the row follows its document and, unless the change is silent, the update time moves."""
        index_row(row, doc)
        self.books.version += 1
        if not bump:
            return
        self.books.streams[row.stream].restamp(row, updated_ms=self._clock.now_ms() if at_ms is None else at_ms)
        row.visible_ms = self._visible_from(row.updated_ms)
        if event:
            self._notify(self.books, row, "UPDATE")

    def touch(self, rows: list[Row], *, at_ms: int | None = None) -> None:
        """Gives all rows one and the same update time, as a bulk edit does."""
        moment = self._clock.now_ms() if at_ms is None else at_ms
        for row in rows:
            self.done(*self.edit(row.stream, row.id), at_ms=moment)

    def _visible_from(self, updated_ms: int) -> int:
        lag = self._config.visibility_lag_s
        return updated_ms + int(lag * 1000) if lag else 0


def index_row(row: Row, doc: Doc) -> None:
    """Copies from the document what lists filter and sort by."""
    row.kind = str(doc.get("PaymentType") or doc.get("Type") or "")
    row.status = str(doc.get("Status") or doc.get("ContactStatus") or "")
    row.number = str(doc.get("InvoiceNumber") or doc.get("CreditNoteNumber") or doc.get("ContactNumber") or "")
    row.dated = doc.get("Date")
    row.contact_id = str(doc.get("ContactID") or row.contact_id)


def is_silent(doc: Doc, changed: set[str]) -> bool:
    """Whether an edit of these fields leaves UpdatedDateUTC alone: only on partly paid documents."""
    is_partly_paid = doc["Status"] == "AUTHORISED" and amount_paid(doc) > 0
    return is_partly_paid and bool(changed) and changed <= _SILENT
