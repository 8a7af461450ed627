"""Fields from a developer (Python or the control API) as exact values: Decimal money, dates, known contacts."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from xero_app.simulator.books import Books
from xero_app.simulator.documents import Doc

_MONEY = {
    "UnitAmount", "LineAmount", "TaxAmount", "Quantity", "DiscountRate", "DiscountAmount", "CurrencyRate", "Total",
    "Amount", "Discount",
}  # fmt: skip
_DATES = {"Date", "DueDate", "ExpectedPaymentDate", "PlannedPaymentDate", "FullyPaidOnDate"}
_FLAGS = {"SentToContact", "IsReconciled", "ShowOnCashBasisReports", "IsCustomer", "IsSupplier", "HasAttachments"}


def exact(fields: Mapping[str, Any]) -> Doc:
    """The fields with text turned into what it means; ValueError names the field that cannot be read."""
    return {name: _value(name, value) for name, value in fields.items()}


def decimal(value: Any, *, name: str = "Amount") -> Decimal:
    """Money from Decimal, int or text; a binary float is refused because it is not exact."""
    if isinstance(value, bool | float) or not isinstance(value, Decimal | int | str):
        msg = f"{name} must be text, a whole number or a Decimal, not {value!r}."
        raise ValueError(msg)  # noqa: TRY004 - the control API answers 400 for every ValueError
    try:
        return Decimal(value)
    except InvalidOperation as error:
        msg = f"{name} is not a number: {value!r}."
        raise ValueError(msg) from error


def day(value: Any, *, name: str = "Date") -> date:
    """A calendar day from a date or ISO text."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError as error:
        msg = f"{name} is not a day like 2026-10-05: {value!r}."
        raise ValueError(msg) from error


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
    if isinstance(value, list):
        return [exact(part) if isinstance(part, dict) else part for part in value]
    if isinstance(value, dict):
        return exact(value)
    if name in _MONEY:
        return decimal(value, name=name)
    if name in _DATES:
        return day(value, name=name)
    if name in _FLAGS and isinstance(value, str):
        return value.lower() in ("true", "1", "on", "yes")
    return value
