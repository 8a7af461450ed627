"""Every change that a developer or test can make, by name, for Python and the control API alike.

Each edit takes the organisation (index or tenant id, the first by default) and fields in Xero's own names, and
gives the changed row. ValueError and LookupError say why an edit is refused.
"""

from collections.abc import Callable
from threading import RLock
from typing import Any

from xero_app.simulator import invoicing, paying, people
from xero_app.simulator.books import STREAMS, Books
from xero_app.simulator.clock import Clock
from xero_app.simulator.config import SimulatorConfig
from xero_app.simulator.documents import Doc, Row
from xero_app.simulator.ledger import Ledger, Notify

Organisation = int | str
CREDITS = ("credit_notes", "prepayments", "overpayments")
DOCUMENTS = ("invoices", *CREDITS)


class Edits:
    """The edits over all organisations, each under the simulator's lock."""

    def __init__(
        self, *, organisations: list[Books], clock: Clock, config: SimulatorConfig, lock: RLock, notify: Notify
    ) -> None:
        self._organisations = organisations
        self._config = config
        self._lock = lock
        self._ledgers = [
            Ledger(books=books, clock=clock, config=config, notify=notify) for books in organisations
        ]  # fmt: skip

    def ledger(self, organisation: Organisation = 0) -> Ledger:
        """The ledger of an organisation by index or tenant id."""
        for number, ledger in enumerate(self._ledgers):
            if organisation in (number, str(number), ledger.books.tenant_id):
                return ledger
        msg = f"There is no organisation {organisation!r}."
        raise LookupError(msg)

    def create(self, stream: str, fields: Doc, *, organisation: Organisation = 0) -> Row:
        """A new invoice, credit note, prepayment, overpayment, manual journal or contact."""
        with self._lock:
            ledger = self.ledger(organisation)
            if stream in DOCUMENTS:
                return invoicing.create_document(ledger, stream, fields)
            makers: dict[str, Callable[[Ledger, Doc], Row]] = {
                "manual_journals": invoicing.create_journal,
                "contacts": people.create_contact,
            }
            if stream not in makers:
                msg = f"{stream} cannot be created on their own."
                raise LookupError(msg)
            return makers[stream](ledger, fields)

    def update(self, stream: str, xero_id: str, fields: Doc, *, organisation: Organisation = 0) -> Row:
        """Changes fields of an object, its status included where the step is legal."""
        with self._lock:
            ledger = self.ledger(organisation)
            if stream == "manual_journals":
                return invoicing.update_journal(ledger, xero_id, fields)
            if stream == "contacts":
                return people.update_contact(ledger, xero_id, fields)
            if stream in DOCUMENTS:
                return invoicing.update_document(ledger, stream, xero_id, fields)
            msg = f"{stream} cannot be changed by fields."
            raise LookupError(msg)

    def pay(self, stream: str, xero_id: str, fields: Doc, *, organisation: Organisation = 0) -> Row:
        """A payment on an invoice, or a refund of a credit."""
        with self._lock:
            if stream not in DOCUMENTS:
                msg = f"{stream} cannot be paid."
                raise LookupError(msg)
            event = self._config.payment_fires_invoice_event
            return paying.pay(self.ledger(organisation), stream, xero_id, fields, event=event)

    def delete_payment(self, payment_id: str, *, organisation: Organisation = 0) -> Row:
        """Reverses a payment."""
        with self._lock:
            event = self._config.payment_fires_invoice_event
            return paying.delete_payment(self.ledger(organisation), payment_id, event=event)

    def pay_batch(self, invoice_ids: list[str], fields: Doc, *, organisation: Organisation = 0) -> Row:
        """Pays several invoices with one batch payment."""
        with self._lock:
            event = self._config.payment_fires_invoice_event
            return paying.pay_batch(self.ledger(organisation), invoice_ids, fields, event=event)

    def allocate(
        self,
        credit_id: str,
        invoice_id: str,
        *,
        amount: Any = None,
        on: Any = None,
        organisation: Organisation = 0,
    ) -> Row:
        """Applies a credit note, prepayment or overpayment to an invoice."""
        with self._lock:
            ledger = self.ledger(organisation)
            for stream in CREDITS:
                if ledger.books.streams[stream].get(credit_id):
                    return paying.allocate(ledger, stream, credit_id, invoice_id, amount=amount, on=on)
            msg = f"There is no credit with the id {credit_id}."
            raise LookupError(msg)

    def archive_contact(self, contact_id: str, *, organisation: Organisation = 0) -> Row:
        """Archives a contact."""
        with self._lock:
            return people.archive_contact(self.ledger(organisation), contact_id)

    def merge_contact(self, contact_id: str, *, into: str, organisation: Organisation = 0) -> Row:
        """Merges a contact into another."""
        with self._lock:
            return people.merge_contact(self.ledger(organisation), contact_id, into=into)

    def touch(
        self, stream: str, *, ids: list[str] | None = None, count: int = 1, organisation: Organisation = 0
    ) -> list[Row]:
        """Bumps these rows, or the `count` oldest, all to the same millisecond: a bulk edit."""
        with self._lock:
            ledger = self.ledger(organisation)
            if stream not in STREAMS:
                msg = f"There is no stream {stream!r}."
                raise LookupError(msg)
            rows = ledger.books.streams[stream]
            if ids == [] or count < 1 or not len(rows):
                msg = "There is nothing to touch."
                raise LookupError(msg)
            chosen = rows.in_update_order()[:count] if ids is None else [ledger.books.find(stream, one) for one in ids]
            ledger.touch(list(chosen))
            return chosen
