"""Fields from a developer (Python or the control API) as exact values: Decimal money, dates, known contacts."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from xero_app.simulator.books import Books
from xero_app.simulator.documents import Doc

_MONEY = {
    "UnitAmount", "LineAmount", "TaxAmount", "Quantity", "DiscountRate", "DiscountAmount", "CurrencyRate", "Total",
    "Amount", "Discount", "Outstanding", "Overdue",
}  # fmt: skip
_DATES = {"Date", "DueDate", "ExpectedPaymentDate", "PlannedPaymentDate"}
_FLAGS = {
    "SentToContact", "IsReconciled", "ShowOnCashBasisReports", "IsCustomer", "IsSupplier", "HasAttachments",
    "IncludeInEmails",
}  # fmt: skip
_LISTS = {"LineItems", "JournalLines", "Tracking", "Addresses", "Phones", "ContactPersons", "ContactGroups"}
_OBJECTS = {"Contact", "PaymentTerms", "Bills", "Sales", "Balances", "AccountsReceivable", "AccountsPayable"}
_MOST = Decimal(10) ** 13


def exact(fields: Mapping[str, Any]) -> Doc:
    """The fields with text turned into what it means, None kept; ValueError names the field that cannot be read."""
    return {name: None if value is None else _value(name, value) for name, value in fields.items()}


def decimal(value: Any, *, name: str = "Amount") -> Decimal:
    """Money from Decimal, int or text; a binary float is refused because it is not exact."""
    if isinstance(value, bool | float) or not isinstance(value, Decimal | int | str):
        raise _unreadable(name, value, "an exact number: text, int or Decimal")
    try:
        found = Decimal(value)
    except InvalidOperation as error:
        raise _unreadable(name, value, "a number") from error
    if not found.is_finite() or abs(found) >= _MOST:
        raise _unreadable(name, value, "a number that money can have")
    return found


def day(value: Any, *, name: str = "Date") -> date:
    """A calendar day from a date or ISO text."""
    if isinstance(value, date):
        return value.date() if isinstance(value, datetime) else value
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError as error:
        raise _unreadable(name, value, "a day like 2026-10-05") from error


def with_contact(books: Books, fields: Doc, *, usual: str) -> Doc:
    """The fields with ContactID: as given, from Contact{ContactID or Name}, else the first of the usual side."""
    fields = dict(fields)
    contact = fields.pop("Contact", None) or {}
    wanted = fields.get("ContactID") or contact.get("ContactID")
    if wanted:
        fields["ContactID"] = books.find("contacts", wanted).id
        return fields
    for row in books.streams["contacts"]:
        doc = books.doc(row)
        if (doc["Name"] == contact["Name"]) if contact.get("Name") else (doc[usual] and row.status == "ACTIVE"):
            return {**fields, "ContactID": row.id}
    msg = f"{books.name} has no contact {contact.get('Name') or 'that fits'}."
    raise LookupError(msg)


def _value(name: str, value: Any) -> Any:
    if name in _LISTS:
        return _objects(name, value)
    if name in _OBJECTS:
        return exact(_object(name, value))
    if name in _MONEY:
        return decimal(value, name=name)
    if name in _DATES:
        return day(value, name=name)
    if name in _FLAGS:
        return str(value).lower() in ("true", "1", "on", "yes")
    if isinstance(value, list | dict):
        raise _unreadable(name, value, "text")
    return str(value)


def _objects(name: str, value: Any) -> list[Doc]:
    if not isinstance(value, list):
        raise _unreadable(name, value, "a list of objects")
    return [exact(_object(name, part)) for part in value]


def _object(name: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _unreadable(name, value, "an object")
    return value


def _unreadable(name: str, value: Any, wanted: str) -> ValueError:
    return ValueError(f"{name} must be {wanted}, not {str(value)[:60]!r}.")
