"""The accounting endpoints: which stream each reads, its scope, what it accepts, how it shows objects."""

from collections.abc import Callable
from dataclasses import dataclass

from xero_app.simulator.books import Books
from xero_app.simulator.documents import Doc, Row
from xero_app.simulator.shapes.contacts import contact
from xero_app.simulator.shapes.credits import credit_note, overpayment, prepayment
from xero_app.simulator.shapes.invoices import invoice
from xero_app.simulator.shapes.payments import batch_payment, payment
from xero_app.simulator.shapes.settings import account, manual_journal, tax_rate
from xero_app.simulator.shapes.view import View

Show = Callable[[Books, Row, View], Doc]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One collection under /api.xro/2.0. `id_field` and `number_field` name its keys in Xero's words."""

    path: str
    stream: str
    scope: str
    id_field: str
    number_field: str
    show: Show
    paged: bool = True
    modified_since: bool = True
    quick_filters: tuple[str, ...] = ()
    summary: bool = False


ENDPOINTS = {
    endpoint.path: endpoint
    for endpoint in (
        Endpoint(
            path="Invoices", stream="invoices", scope="invoices", id_field="InvoiceID",
            number_field="InvoiceNumber",
            show=invoice, quick_filters=("IDs", "InvoiceNumbers", "ContactIDs", "Statuses"), summary=True,
        ),
        Endpoint(
            path="CreditNotes", stream="credit_notes", scope="invoices", id_field="CreditNoteID",
            number_field="CreditNoteNumber", show=credit_note,
        ),
        Endpoint(path="Payments", stream="payments", scope="payments", id_field="PaymentID",
        number_field="", show=payment),
        Endpoint(
            path="Prepayments", stream="prepayments", scope="payments", id_field="PrepaymentID", number_field="",
            show=prepayment,
        ),
        Endpoint(
            path="Overpayments", stream="overpayments", scope="payments", id_field="OverpaymentID",
            number_field="",
            show=overpayment,
        ),
        Endpoint(
            path="BatchPayments", stream="batch_payments", scope="payments", id_field="BatchPaymentID",
            number_field="",
            show=batch_payment, paged=False,
        ),
        Endpoint(
            path="ManualJournals", stream="manual_journals", scope="manualjournals", id_field="ManualJournalID",
            number_field="", show=manual_journal,
        ),
        Endpoint(
            path="Contacts", stream="contacts", scope="contacts", id_field="ContactID",
            number_field="ContactNumber",
            show=contact, quick_filters=("IDs",), summary=True,
        ),
        Endpoint(
            path="Accounts", stream="accounts", scope="settings", id_field="AccountID", number_field="Code",
            show=account, paged=False,
        ),
        Endpoint(
            path="TaxRates", stream="tax_rates", scope="settings", id_field="TaxType", number_field="", show=tax_rate,
            paged=False, modified_since=False,
        ),
    )
}  # fmt: skip
