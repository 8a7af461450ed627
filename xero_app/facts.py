"""What is shown, searched and counted of an object: number, kind, status, contact, date, currency, total."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from core.document_fields import ID_FIELD
from core.documents import Mirror, Stream
from xero_app.values import Unreadable

Values = Mapping[str, Any]

SETTLED = ("Invoice", "CreditNote", "Prepayment", "Overpayment")
"""What a payment or an allocation can stand beside; exactly one is present."""

_IDS: Mapping[str, str] = {
    **ID_FIELD,
    Mirror.PREPAYMENTS: "PrepaymentID",
    Mirror.OVERPAYMENTS: "OverpaymentID",
    Mirror.ACCOUNTS: "AccountID",
    Mirror.TAX_RATES: "TaxType",
    Mirror.ORGANISATION: "OrganisationID",
}
# The columns' widths; longer values are not Xero's.
_WIDTHS = {"xero_id": 36, "kind": 30, "status": 20, "contact_id": 36, "currency": 3}


def id_field(stream: str) -> str:
    """Name the field that identifies an object of a stream or mirror."""
    return _IDS[stream]


def facts(stream: str, values: Values) -> dict[str, Any]:
    """Give the facts as `Document` takes them. Raises `Unreadable` for a missing id or one that cannot be kept."""
    found = {"xero_id": values.get(_IDS[stream], ""), **_FACTS[stream](values)}
    for name, width in _WIDTHS.items():
        text = found.setdefault(name, "")
        if len(text) > width or "\0" in text:
            raise Unreadable("", f"the {name.replace('_', ' ')} {text[:60]!r} is not Xero's")
    if not found["xero_id"]:
        raise Unreadable(_IDS[stream], "the object has no id")
    found["number"] = found.get("number", "").replace("\0", "")
    return found


def _trade(number: str) -> Callable[[Values], dict[str, Any]]:
    def trade_facts(values: Values) -> dict[str, Any]:
        return {
            "number": values.get(number, ""),
            "kind": values.get("Type", ""),
            "status": values.get("Status", ""),
            "contact_id": _contact_id(values),
            "dated_on": values.get("Date"),
            "currency": values.get("CurrencyCode", ""),
            "total": values.get("Total"),
        }

    return trade_facts


def _contact_id(values: Values) -> str:
    contact_id: str = values.get("Contact", {}).get("ContactID", "")
    return contact_id


def _payment(values: Values) -> dict[str, Any]:
    settled: Values = next((values[name] for name in SETTLED if name in values), {})
    return {
        "number": values.get("Reference", ""),
        "kind": values.get("PaymentType", ""),
        "status": values.get("Status", ""),
        "contact_id": _contact_id(settled),
        "dated_on": values.get("Date"),
        "currency": settled.get("CurrencyCode", ""),
        "total": values.get("Amount"),
    }


def _allocation(values: Values) -> dict[str, Any]:
    credit: Values = next((values[name] for name in SETTLED[1:] if name in values), {})
    return {
        "number": credit.get("CreditNoteNumber", ""),
        "kind": credit.get("Type", ""),
        "status": "DELETED" if values.get("IsDeleted") else "AUTHORISED",
        "contact_id": _contact_id(values),
        "dated_on": values.get("Date"),
        "currency": values.get("CurrencyCode", ""),
        "total": values.get("Amount"),
    }


def _manual_journal(values: Values) -> dict[str, Any]:
    amounts = [line.get("LineAmount", Decimal(0)) for line in values.get("JournalLines", [])]
    return {
        "status": values.get("Status", ""),
        "dated_on": values.get("Date"),
        "total": sum((amount for amount in amounts if amount > 0), Decimal(0)),
    }


def _contact(values: Values) -> dict[str, Any]:
    return {
        "number": values.get("AccountNumber", "") or values.get("ContactNumber", ""),
        "status": values.get("ContactStatus", ""),
        "contact_id": values.get("ContactID", ""),
    }


def _account(values: Values) -> dict[str, Any]:
    return {
        "number": values.get("Code", ""),
        "kind": values.get("Type", ""),
        "status": values.get("Status", ""),
        "currency": values.get("CurrencyCode", ""),
    }


def _tax_rate(values: Values) -> dict[str, Any]:
    return {"number": values.get("Name", ""), "status": values.get("Status", "")}


def _organisation(values: Values) -> dict[str, Any]:
    return {"number": values.get("ShortCode", ""), "currency": values.get("BaseCurrency", "")}


_FACTS: Mapping[str, Callable[[Values], dict[str, Any]]] = {
    Stream.INVOICES: _trade("InvoiceNumber"),
    Stream.CREDIT_NOTES: _trade("CreditNoteNumber"),
    Mirror.PREPAYMENTS: _trade("InvoiceNumber"),
    Mirror.OVERPAYMENTS: _trade("InvoiceNumber"),
    Stream.PAYMENTS: _payment,
    Stream.ALLOCATIONS: _allocation,
    Stream.MANUAL_JOURNALS: _manual_journal,
    Stream.CONTACTS: _contact,
    Mirror.ACCOUNTS: _account,
    Mirror.TAX_RATES: _tax_rate,
    Mirror.ORGANISATION: _organisation,
}
