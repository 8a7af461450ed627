"""Invoices, credit notes and payments as the pipeline hands them over, and shortcuts to render them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from core.documents import Document
from core.formats import Content, Envelope, ExportFacts
from edi_app.x12.formatter import compile_x12
from edi_app.x12.reader import read_interchanges

MOMENT = datetime(2026, 11, 22, 21, 5, tzinfo=UTC)
UPDATED = datetime(2026, 11, 20, 9, 30, 7, tzinfo=UTC)
STATE_AND_CITY = {
    "Name": "Sales tax",
    "TaxType": "TAX001",
    "EffectiveRate": Decimal("8.25"),
    "TaxComponents": [
        {"Name": "State", "Rate": Decimal("6.25"), "IsCompound": False},
        {"Name": "City", "Rate": Decimal("2.00"), "IsCompound": False},
    ],
}
GST = {
    "Name": "15% GST",
    "TaxType": "OUTPUT2",
    "EffectiveRate": Decimal("15.0"),
    "TaxComponents": [{"Name": "GST", "Rate": Decimal("15.0"), "IsCompound": False}],
}
CONTACT = {
    "ContactID": "c0ffee00-0000-4b5c-8d6e-9f0a1b2c3d4e",
    "Name": "Northwind Retail Inc",
    "AccountNumber": "NW01",
    "Addresses": [
        {"AddressType": "STREET", "AddressLine1": "", "City": "", "Country": ""},
        {
            "AddressType": "POBOX",
            "AddressLine1": "12 Lake Ave",
            "AddressLine2": "Floor 2",
            "City": "Madison",
            "Region": "Wisconsin",
            "PostalCode": "53703-1234",
            "Country": "USA",
        },
    ],
}
ORGANISATION = {
    "OrganisationID": "0123abcd-0000-4b5c-8d6e-9f0a1b2c3d4e",
    "Name": "Harbor Supply",
    "LegalName": "Harbor Supply Co",
    "CountryCode": "US",
    "TaxNumber": "36-1234567",
    "Addresses": [
        {
            "AddressType": "POBOX",
            "AddressLine1": "9 Pier Rd",
            "City": "Chicago",
            "Region": "IL",
            "PostalCode": "60601",
            "Country": "United States",
        }
    ],
}


def line(amount: str, *, quantity: str = "1", price: str | None = None, tax: str = "0", **more: Any) -> dict[str, Any]:
    """One invoice line; the price is the amount over the quantity when it is not given."""
    values: dict[str, Any] = {
        "Description": "Blue widget",
        "Quantity": Decimal(quantity),
        "UnitAmount": Decimal(price) if price is not None else Decimal(amount) / Decimal(quantity),
        "LineAmount": Decimal(amount),
        "TaxAmount": Decimal(tax),
        "AccountCode": "200",
    }
    return values | more


def invoice(lines: list[dict[str, Any]] | None = None, **changes: Any) -> Document:
    """A sales invoice; totals follow from the lines unless given."""
    if lines is None:
        lines = [
            line("255.00", quantity="10.0000", price="25.5000", tax="21.04", ItemCode="WIDGET-1", TaxType="TAX001")
            | {"TaxRate": STATE_AND_CITY},
            line("300.00", quantity="3.0000", price="100.0000", Description="Fitting"),
        ]
    inclusive = changes.get("LineAmountTypes") == "Inclusive"
    amount = sum((item.get("LineAmount") or Decimal(0) for item in lines), Decimal(0))
    tax = sum((item.get("TaxAmount") or Decimal(0) for item in lines), Decimal(0))
    values: dict[str, Any] = {
        "Type": "ACCREC",
        "Status": "AUTHORISED",
        "InvoiceID": "2f1b3c4d-0000-4a5b-8c6d-7e8f90a1b2c3",
        "InvoiceNumber": "INV-0042",
        "Reference": "PO-991",
        "Date": date(2026, 11, 20),
        "DueDate": date(2026, 12, 20),
        "LineAmountTypes": "Exclusive",
        "CurrencyCode": "USD",
        "Contact": CONTACT,
        "Organisation": ORGANISATION,
        "LineItems": lines,
        "TotalTax": tax,
        "Total": amount if inclusive else amount + tax,
        "UpdatedDateUTC": UPDATED,
    }
    return _document("invoices", values | changes, "InvoiceID", "InvoiceNumber", "Total")


def credit_note(lines: list[dict[str, Any]] | None = None, **changes: Any) -> Document:
    """A sales credit note."""
    source = invoice(lines)
    values = {key: value for key, value in source.values.items() if not key.startswith("Invoice")}
    values |= {"Type": "ACCRECCREDIT", "CreditNoteID": "aaaa3c4d-0000-4a5b-8c6d-7e8f90a1b2c3"}
    values |= {"CreditNoteNumber": "CN-7"} | changes
    return _document("credit_notes", values, "CreditNoteID", "CreditNoteNumber", "Total")


def payment(**changes: Any) -> Document:
    """A payment of a bill."""
    values: dict[str, Any] = {
        "PaymentID": "9a0b1c2d-0000-4e5f-8a6b-7c8d9e0f1a2b",
        "PaymentType": "ACCPAYPAYMENT",
        "Status": "AUTHORISED",
        "Amount": Decimal("500.00"),
        "Date": date(2026, 11, 21),
        "Reference": "WIRE 5521",
        "UpdatedDateUTC": UPDATED,
        "Account": {"Code": "1010", "Type": "BANK"},
        "Contact": CONTACT,
        "Organisation": ORGANISATION,
        "Invoice": settled(),
    }
    values |= changes
    return _document("payments", values, "PaymentID", "Reference", "Amount")


def settled(**changes: Any) -> dict[str, Any]:
    """The bill that a payment settles, as it is joined."""
    return {
        "Type": "ACCPAY",
        "InvoiceID": "7777cccc-0000-4a5b-8c6d-7e8f90a1b2c3",
        "InvoiceNumber": "BILL-9",
        "Reference": "PO-77",
        "Date": date(2026, 11, 1),
        "Total": Decimal("600.00"),
        "CurrencyCode": "USD",
    } | changes


def _document(stream: str, values: dict[str, Any], key: str, number: str, total: str) -> Document:
    contact = values.get("Contact") or {}
    return Document(
        stream=stream,
        xero_id=values.get(key, ""),
        values=values,
        updated_at=UPDATED,
        number=values.get(number) or "",
        kind=values.get("Type") or values.get("PaymentType") or "",
        status=values.get("Status", ""),
        contact_id=contact.get("ContactID", ""),
        dated_on=values.get("Date"),
        currency=values.get("CurrencyCode", "USD"),
        total=values.get(total),
    )


def envelope(version: str = "004010", *, test: bool = False, **block: Any) -> Envelope:
    """An envelope with control numbers."""
    x12 = {"version": version, "sender": ["ZZ", "HARBOR"], "receiver": ["ZZ", "NORTHWIND"], **block}
    return Envelope(moment=MOMENT, profile={"x12": x12}, numbers={"ISA": 101, "GS": 7}, test=test)


def render(
    document: Document,
    definition: dict[str, Any] | None = None,
    *,
    facts: ExportFacts | None = None,
    version: str = "004010",
    **block: Any,
) -> Content:
    """Render one document under a mapping (the shipped base by itself)."""
    base = "x12-820" if document.stream == "payments" else "x12-810"
    formatter = compile_x12({"base": base, **(definition or {})}, stream=document.stream, tables={})
    return formatter.content(document, facts or ExportFacts(), envelope(version, **block))


def segments(document: Document, definition: dict[str, Any] | None = None, **options: Any) -> list[str]:
    """Render and split into segments, the usual delimiters assumed."""
    return render(document, definition, **options).data.decode().replace("~\n", "~").rstrip("~").split("~")


def tagged(tag: str, document: Document, definition: dict[str, Any] | None = None, **options: Any) -> list[str]:
    """Render and keep the segments of one tag."""
    return [item for item in segments(document, definition, **options) if item.split("*")[0] == tag]


def parsed(data: bytes, **options: Any) -> list[list[str]]:
    """Read the only set of a whole file back into elements."""
    (found,), damage = read_interchanges(data, **options)
    assert (damage, found.faults) == ("", ())
    ((one,),) = [group.sets for group in found.groups]
    return one.elements()
