"""The simulator put together: books, sign-in, limits, faults and webhooks behind one object.

It follows Xero's specification and documentation. What a real organisation does where nothing is written
(bodies of 429 and 5xx, updates within one second, details of token errors) is an approximation.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import RLock
from typing import Any

from xero_app.simulator.application import Application
from xero_app.simulator.books import Books, open_books
from xero_app.simulator.chance import Chance
from xero_app.simulator.clock import Clock, start_of
from xero_app.simulator.config import FIXED, SimulatorConfig
from xero_app.simulator.control import Control
from xero_app.simulator.counters import Counters
from xero_app.simulator.documents import Doc, Row
from xero_app.simulator.edits import Edits, Organisation
from xero_app.simulator.endpoints import ENDPOINTS
from xero_app.simulator.faults import Fault, FaultQueue
from xero_app.simulator.holdings import holdings
from xero_app.simulator.limits import Limits
from xero_app.simulator.scopes import DEFAULT_SCOPES
from xero_app.simulator.seed.filling import fill_books
from xero_app.simulator.server import serving
from xero_app.simulator.shapes.view import SINGLE
from xero_app.simulator.tokens import TokenDesk
from xero_app.simulator.wire import json_bytes, plain

_SHOWN = {endpoint.stream: endpoint for endpoint in ENDPOINTS.values()}


class Simulator:
    """A Xero of one's own. Edits take fields in Xero's names; money as Decimal, int or text, never float."""

    def __init__(self, config: SimulatorConfig | None = None) -> None:
        self.config = replace(config or SimulatorConfig())
        self.lock = RLock()
        until = self.config.seeded_until
        self.clock = Clock(
            starts_at=start_of(seeded_until=until, frozen=self.config.clock_frozen),
            frozen=self.config.clock_frozen,
        )  # noqa: E501
        self.organisations = [self._seeded(number) for number in range(len(self.config.organisations))]
        ids = Chance(f"{self.config.seed}/sign-in")
        self.desk = TokenDesk(config=self.config, clock=self.clock, chance=ids, user_id=ids.uuid())
        self._connect_custom_connections()
        self.limits = Limits(config=self.config, clock=self.clock)
        self.faults = FaultQueue()
        self.counters = Counters(limits=self.limits, desk=self.desk)
        self.edits = Edits(
            organisations=self.organisations,
            clock=self.clock,
            config=self.config,
            lock=self.lock,
            notify=self._notify,
        )
        self.application = Application(
            config=self.config, clock=self.clock, lock=self.lock, organisations=self.organisations, desk=self.desk,
            limits=self.limits, faults=self.faults, counters=self.counters, touch_first=self._touch_first,
        )  # fmt: skip
        self.application.control = Control(self).answer

    @contextmanager
    def serve(self, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
        """Serves login, identity and API on one base address until the block ends; OSError when the port is taken."""
        with serving(host=host, port=port, answer=self.application.answer) as base_url:
            yield base_url

    # what it holds and saw

    @property
    def store(self) -> Books:
        """The first organisation's books."""
        return self.organisations[0]

    @property
    def tenant_id(self) -> str:
        """The first organisation's tenant id."""
        return self.store.tenant_id

    @property
    def stats(self) -> dict[str, Any]:
        """Calls, peak concurrency, refreshes, 429s: see `Counters.figures`."""
        return self.counters.figures()

    @property
    def violations(self) -> list[dict[str, str]]:
        """Calls that a read-only client must never make; empty when all is well."""
        return self.counters.violations

    def holdings(self, *, organisation: Organisation = 0, streams: list[str] | None = None) -> dict[str, Any]:
        """What an organisation holds, amounts as exact text."""
        with self.lock:
            return holdings(self.edits.ledger(organisation).books, streams=streams)

    def get(self, stream: str, xero_id: str, *, organisation: Organisation = 0) -> Doc:
        """One object as a single read shows it, with Decimal money and aware datetimes. LookupError when unknown."""
        with self.lock:
            return self.shown(self.edits.ledger(organisation).books.find(stream, xero_id), organisation)

    # changes: each gives the object as a single read would show it

    def create_invoice(self, *, organisation: Organisation = 0, **fields: Any) -> Doc:
        """A new invoice (ACCREC unless Type says ACCPAY), AUTHORISED unless Status says otherwise."""
        return self.shown(self.edits.create("invoices", fields, organisation=organisation), organisation)

    def update_invoice(self, invoice_id: str, *, organisation: Organisation = 0, **fields: Any) -> Doc:
        """Changes fields of an invoice."""
        return self.shown(
            self.edits.update("invoices", invoice_id, fields, organisation=organisation), organisation
        )

    def approve_invoice(self, invoice_id: str, *, organisation: Organisation = 0) -> Doc:
        """DRAFT or SUBMITTED becomes AUTHORISED."""
        return self.update_invoice(invoice_id, organisation=organisation, Status="AUTHORISED")

    def void_invoice(self, invoice_id: str, *, organisation: Organisation = 0) -> Doc:
        """AUTHORISED without payments becomes VOIDED."""
        return self.update_invoice(invoice_id, organisation=organisation, Status="VOIDED")

    def delete_invoice(self, invoice_id: str, *, organisation: Organisation = 0) -> Doc:
        """DRAFT or SUBMITTED becomes DELETED; the record stays."""
        return self.update_invoice(invoice_id, organisation=organisation, Status="DELETED")

    def pay_invoice(
        self,
        invoice_id: str,
        *,
        amount: Any = None,
        date: Any = None,
        organisation: Organisation = 0,
        **fields: Any,
    ) -> Doc:
        """Pays an invoice (all that is open by default); gives the payment."""
        given = {**fields, "Amount": amount, "Date": date}
        return self.shown(self.edits.pay("invoices", invoice_id, given, organisation=organisation), organisation)

    def refund_credit_note(
        self, credit_note_id: str, *, amount: Any = None, organisation: Organisation = 0
    ) -> Doc:
        """Pays a credit note back; gives the payment."""
        row = self.edits.pay("credit_notes", credit_note_id, {"Amount": amount}, organisation=organisation)
        return self.shown(row, organisation)

    def delete_payment(self, payment_id: str, *, organisation: Organisation = 0) -> Doc:
        """Reverses a payment; gives the payment, now DELETED."""
        return self.shown(self.edits.delete_payment(payment_id, organisation=organisation), organisation)

    def create_batch_payment(
        self, invoice_ids: list[str], *, organisation: Organisation = 0, **fields: Any
    ) -> Doc:
        """Pays several invoices at once; gives the batch payment."""
        return self.shown(self.edits.pay_batch(invoice_ids, fields, organisation=organisation), organisation)

    def create_credit_note(self, *, organisation: Organisation = 0, **fields: Any) -> Doc:
        """A new credit note (ACCRECCREDIT by default)."""
        return self.shown(self.edits.create("credit_notes", fields, organisation=organisation), organisation)

    def update_credit_note(self, credit_note_id: str, *, organisation: Organisation = 0, **fields: Any) -> Doc:
        """Changes fields of a credit note, its status included."""
        row = self.edits.update("credit_notes", credit_note_id, fields, organisation=organisation)
        return self.shown(row, organisation)

    def create_prepayment(self, *, organisation: Organisation = 0, **fields: Any) -> Doc:
        """A new prepayment (RECEIVE-PREPAYMENT by default)."""
        return self.shown(self.edits.create("prepayments", fields, organisation=organisation), organisation)

    def create_overpayment(self, *, organisation: Organisation = 0, **fields: Any) -> Doc:
        """A new overpayment (RECEIVE-OVERPAYMENT by default)."""
        return self.shown(self.edits.create("overpayments", fields, organisation=organisation), organisation)

    def allocate_credit(
        self,
        credit_id: str,
        invoice_id: str,
        *,
        amount: Any = None,
        date: Any = None,
        organisation: Organisation = 0,
    ) -> Doc:
        """Applies a credit note, prepayment or overpayment to an invoice; gives the credit."""
        row = self.edits.allocate(credit_id, invoice_id, amount=amount, on=date, organisation=organisation)
        return self.shown(row, organisation)

    def create_manual_journal(self, *, organisation: Organisation = 0, **fields: Any) -> Doc:
        """A new manual journal, POSTED by default; its lines must balance."""
        return self.shown(self.edits.create("manual_journals", fields, organisation=organisation), organisation)

    def update_manual_journal(self, journal_id: str, *, organisation: Organisation = 0, **fields: Any) -> Doc:
        """Changes fields of a journal, its Status (VOIDED, DELETED) included."""
        row = self.edits.update("manual_journals", journal_id, fields, organisation=organisation)
        return self.shown(row, organisation)

    def create_contact(self, *, organisation: Organisation = 0, **fields: Any) -> Doc:
        """A new contact."""
        return self.shown(self.edits.create("contacts", fields, organisation=organisation), organisation)

    def update_contact(self, contact_id: str, *, organisation: Organisation = 0, **fields: Any) -> Doc:
        """Changes fields of a contact."""
        return self.shown(
            self.edits.update("contacts", contact_id, fields, organisation=organisation), organisation
        )

    def archive_contact(self, contact_id: str, *, organisation: Organisation = 0) -> Doc:
        """Archives a contact."""
        return self.shown(self.edits.archive_contact(contact_id, organisation=organisation), organisation)

    def merge_contact(self, contact_id: str, *, into: str, organisation: Organisation = 0) -> Doc:
        """Merges a contact into another one."""
        return self.shown(self.edits.merge_contact(contact_id, into=into, organisation=organisation), organisation)

    def touch(
        self, stream: str, *, ids: list[str] | None = None, count: int = 1, organisation: Organisation = 0
    ) -> list[str]:
        """Bumps rows to one and the same update time; gives their ids."""
        return [row.id for row in self.edits.touch(stream, ids=ids, count=count, organisation=organisation)]

    # the world around

    def advance(self, *, seconds: float) -> None:
        """Moves virtual time ahead."""
        self.clock.advance(seconds=seconds)

    def add_fault(self, **fault: Any) -> None:
        """Queues a fault: see `faults.Fault` for its fields."""
        self.faults.add(Fault(**fault))

    def configure(self, **knobs: Any) -> None:
        """Changes knobs while running; ValueError for one that is unknown or fixed at the start."""
        for name, value in knobs.items():
            if name in FIXED or not hasattr(self.config, name):
                msg = f"{name} is not a setting that can be changed while the simulator runs."
                raise ValueError(msg)
            setattr(self.config, name, tuple(value) if isinstance(value, list) else value)

    def grant(self, *, client_id: str = "", scopes: str = DEFAULT_SCOPES) -> dict[str, Any]:
        """Tokens of a fresh consent without the browser's round trip, all organisations connected."""
        with self.lock:
            app = client_id or next(app.client_id for app in self.config.apps if app.organisation is None)
            consent = self.desk.new_grant(client_id=app, scopes=frozenset(scopes.split()))
            for books in self.organisations:
                self.desk.connect(consent, tenant_id=books.tenant_id, tenant_name=books.name)
            return self.desk.issue(consent)

    def disconnect(self, *, organisation: Organisation = 0) -> None:
        """The user disconnects every app from an organisation in Xero: API calls get 403, refreshing still works."""
        with self.lock:
            tenant_id = self.edits.ledger(organisation).books.tenant_id
            self.desk.connections = [one for one in self.desk.connections if one.tenant_id != tenant_id]

    def use_up_limit(self, *, limit: str, client_id: str = "", organisation: Organisation = 0) -> None:
        """Counts a limit's window (`minute`, `day` or the app's) as used up for an app and organisation."""
        app = self.desk.app(client_id or self.config.apps[0].client_id)
        if app is None:
            msg = f"There is no app {client_id}."
            raise LookupError(msg)
        self.limits.use_up(app=app, tenant_id=self.edits.ledger(organisation).books.tenant_id, label=limit)

    def shown(self, row: Row, organisation: Organisation = 0) -> Doc:
        """A row's object for Python callers."""
        found: Doc = plain(self._single(row, organisation))
        return found

    def shown_json(self, row: Row, organisation: Organisation = 0) -> bytes:
        """A row's object as the text of a single read."""
        return json_bytes(self._single(row, organisation), compact=True)

    def _single(self, row: Row, organisation: Organisation) -> Doc:
        with self.lock:
            return _SHOWN[row.stream].show(self.edits.ledger(organisation).books, row, SINGLE)

    def _seeded(self, number: int) -> Books:
        organisation = self.config.organisations[number]
        key = f"{self.config.seed}/{number}"
        books = open_books(config=organisation, chance=Chance(key), until=self.config.seeded_until)
        fill_books(books=books, config=self.config, organisation=organisation, key=key)
        return books

    def _connect_custom_connections(self) -> None:
        for app in self.config.apps:
            if app.organisation is not None:
                books = self.organisations[app.organisation]
                consent = self.desk.new_grant(client_id=app.client_id, scopes=frozenset())
                consent.user_id = ""
                self.desk.connect(consent, tenant_id=books.tenant_id, tenant_name=books.name)

    def _touch_first(self, books: Books, path: str) -> None:
        """The `touch` fault: the row that a next page would begin after moves to the end of the order."""
        stream = next((one.stream for one in ENDPOINTS.values() if f"/{one.path}" in path), "")
        if stream:
            self.edits.touch(stream, organisation=books.tenant_id)

    def _notify(self, books: Books, row: Row, kind: str) -> None:
        """A change that may fire a webhook."""
