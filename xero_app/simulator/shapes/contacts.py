"""Contacts: whole in paged lists and single reads, without the costly fields in bare lists, a stub elsewhere."""

from datetime import date
from decimal import Decimal

from xero_app.simulator.amounts import ZERO
from xero_app.simulator.books import Books
from xero_app.simulator.documents import Doc, Row
from xero_app.simulator.settle import amount_open
from xero_app.simulator.shapes.view import View
from xero_app.simulator.wire import Stamp

_ORDER = (
    "ContactID", "ContactNumber", "AccountNumber", "ContactStatus", "Name", "FirstName", "LastName",
    "CompanyNumber",
    "EmailAddress", "BankAccountDetails", "TaxNumber", "AccountsReceivableTaxType", "AccountsPayableTaxType",
    "Addresses", "Phones", "UpdatedDateUTC", "ContactGroups", "IsSupplier", "IsCustomer",
)  # fmt: skip
_PAGED_ONLY = (
    "SalesDefaultLineAmountType", "PurchasesDefaultLineAmountType", "DefaultCurrency", "Discount", "Website",
    "PurchasesDefaultAccountCode", "SalesDefaultAccountCode", "BatchPayments", "Balances", "PaymentTerms",
    "MergedToContactID",
)  # fmt: skip
_NOT_IN_SUMMARY = ("Balances", "PaymentTerms", "Addresses", "Phones", "ContactPersons")
BALANCES_UP_TO = 5000
"""Balances are left out in organisations with more invoices than this: adding them up reads every document."""


def contact(books: Books, row: Row, view: View) -> Doc:
    """A contact as the Contacts endpoint shows it."""
    doc = {**books.doc(row), "UpdatedDateUTC": Stamp(row.updated_ms)}
    whole = view.paged or view.single or view.summary
    if whole and not view.summary:
        doc |= balances(books, row.id)
    keys = _ORDER + (_PAGED_ONLY if whole else ())
    shown = {key: doc[key] for key in keys if key in doc}
    if whole:
        shown["ContactPersons"] = doc["ContactPersons"]
    if view.summary:
        return {key: value for key, value in shown.items() if key not in _NOT_IN_SUMMARY}
    return {**shown, "HasAttachments": doc["HasAttachments"], "HasValidationErrors": False}


def contact_stub(books: Books, contact_id: str) -> Doc:
    """The contact inside an invoice or credit note of a list: id and name, the rest empty."""
    doc = books.contact(contact_id)
    return {"ContactID": doc["ContactID"], "Name": doc["Name"], **_EMPTY}


def numbered_stub(books: Books, contact_id: str) -> Doc:
    """The contact inside a payment's document: with its ContactNumber, empty when it has none."""
    doc = books.contact(contact_id)
    return {
        "ContactID": doc["ContactID"], "ContactNumber": doc.get("ContactNumber", ""), "Name": doc["Name"],
        **_EMPTY,
    }  # fmt: skip


_EMPTY: Doc = {
    "Addresses": [],
    "Phones": [],
    "ContactGroups": [],
    "ContactPersons": [],
    "HasValidationErrors": False,
}


def whole_contact(books: Books, contact_id: str) -> Doc:
    """The contact inside a single invoice: whole, but without what only the Contacts endpoint knows."""
    doc = books.contact(contact_id)
    row = books.find("contacts", doc["ContactID"])
    shown = {key: doc[key] for key in _ORDER if key in doc} | {"UpdatedDateUTC": Stamp(row.updated_ms)}
    extra = {
        "SalesTrackingCategories": [],
        "PurchasesTrackingCategories": [],
        "ContactPersons": doc["ContactPersons"],
    }
    return {**shown, **extra, "HasValidationErrors": False}


def balances(books: Books, contact_id: str) -> Doc:
    """Balances of a contact with open documents, not converted to base currency; nothing when all is settled."""
    if len(books.streams["invoices"]) > BALANCES_UP_TO:
        return {}
    if books.balances_of != (books.version, books.today):
        books.balances = _added_up(books)
        books.balances_of = (books.version, books.today)
    found = books.balances.get(contact_id)
    return {"Balances": found} if found else {}


def _added_up(books: Books) -> dict[str, Doc]:
    sums: dict[str, Doc] = {}
    today = books.today
    for row in books.streams["invoices"]:
        if row.status == "AUTHORISED":
            doc = books.doc(row)
            _add(sums, books.contact(row.contact_id)["ContactID"], doc, today=today)
    return sums


def _add(sums: dict[str, Doc], contact_id: str, doc: Doc, *, today: date) -> None:
    nothing = {"Outstanding": ZERO, "Overdue": ZERO}
    sides = sums.setdefault(contact_id, {"AccountsReceivable": dict(nothing), "AccountsPayable": dict(nothing)})
    side = sides["AccountsReceivable" if doc["Type"] == "ACCREC" else "AccountsPayable"]
    amount: Decimal = amount_open(doc)
    side["Outstanding"] += amount
    if doc.get("DueDate", today) < today:
        side["Overdue"] += amount
