"""The `X12` names: what is worked out from Xero's fields for mappings, of which kind, and from which fields.

Parties: `Contact` is the customer or supplier, `Organisation` is us; which of them is the buyer follows from the
document's type.
"""

from collections.abc import Mapping
from types import MappingProxyType

from core.documents import Stream
from core.field_shapes import Shape, merged, shape
from edi_app.mapping.scope import document_shape

_ID = shape(text="Short Long")
_PARTY = shape(
    text="Name MoreName LastName Id IdQualifier City State PostalCode Country RegionQualifier Region TaxNumber"
    " TaxNumberQualifier",
    lists={"Streets": shape(text="First Second")},
)
_TEXT = shape(text="Text")
_TAX = shape(text="Code Exempt Type Name", number="Amount Percent Base")
_CHARGE = shape(text="Kind Code Text", number="Amount")
_ITEM = shape(
    text="Number Unit CodeQualifier Code",
    number="Quantity Price Net",
    lists={"Texts": _TEXT, "Taxes": _TAX, "Charges": _CHARGE},
)
_INVOICE = shape(
    text="Number OrderNumber Type Purpose",
    number="Total TotalTax LineCount",
    lists={"Notes": _TEXT, "Lines": _ITEM, "Taxes": _TAX, "Charges": _CHARGE},
    objects={
        "Id": _ID,
        "BillTo": _PARTY,
        "Seller": _PARTY,
        "Terms": shape(text="Type Basis", number="Days", date="DueDate"),
    },
)
_PAYMENT = shape(
    text="Currency Trace Method Format",
    number="Amount",
    date="Date",
    objects={
        "Id": _ID,
        "Payer": _PARTY,
        "Payee": _PARTY,
        "Contact": _PARTY,
        "Entity": shape(text="Code IdQualifier Id NameCode NameType Name", number="Number"),
        "Item": shape(text="Kind Number Action Reference", number="Amount Total", date="Date"),
    },
)
COMPUTED: Mapping[str, Shape] = MappingProxyType(
    {Stream.INVOICES: _INVOICE, Stream.CREDIT_NOTES: _INVOICE, Stream.PAYMENTS: _PAYMENT}
)
"""What `X12` holds, by stream."""


def x12_shape(stream: str) -> Shape:
    """Give everything that rows of an X12 mapping may name outside of repeated segments."""
    fields = merged(document_shape(stream), shape(objects={"X12": COMPUTED[stream]}))
    # `Line` exists only where a segment is repeated for the lines.
    return MappingProxyType({name: item for name, item in fields.items() if name != "Line"})


_PARTY_WORDS = {
    "Name": "Name",
    "MoreName": "Name",
    "LastName": "Name",
    "Id": "AccountNumber or ContactNumber",
    "City": "Addresses City",
    "State": "Addresses Region",
    "Region": "Addresses Region",
    "PostalCode": "Addresses PostalCode",
    "Country": "Addresses Country",
    "TaxNumber": "TaxNumber",
}
_ROLES = ("X12.BillTo", "X12.Seller", "X12.Payer", "X12.Payee", "X12.Contact")
_WORDS: Mapping[str, str] = {
    "X12.Number": "InvoiceNumber",
    "X12.OrderNumber": "Reference",
    "X12.Type": "Type",
    "X12.Purpose": "Export.Action",
    "X12.Total": "Total",
    "X12.LineCount": "LineItems",
    "X12.Id.Short": "InvoiceID or PaymentID",
    "X12.Id.Long": "InvoiceID or PaymentID",
    "X12.Terms.DueDate": "DueDate",
    "X12.Terms.Days": "DueDate and Date",
    "X12.Amount": "Amount",
    "X12.Date": "Date",
    "X12.Currency": "Invoice.CurrencyCode",
    "X12.Trace": "Reference or PaymentID",
    "X12.Method": "Account",
    "X12.Format": "Account",
    "X12.Entity.Id": "Contact AccountNumber or ContactNumber",
    "X12.Entity.Name": "Contact Name",
    "X12.Item.Number": "Invoice.InvoiceNumber",
    "X12.Item.Amount": "Amount",
    "X12.Item.Total": "Invoice.Total",
    "X12.Item.Reference": "Invoice.Reference",
    "X12.Item.Date": "Invoice.Date",
    "Item.Quantity": "LineItems Quantity",
    "Item.Price": "LineItems UnitAmount",
    "Item.Code": "LineItems ItemCode",
    "Item.Unit": "LineItems ItemCode",
    "Text.Text": "LineItems Description",
    "Note.Text": "LineItems Description",
    "Street.First": "Addresses AddressLine1",
    "Street.Second": "Addresses AddressLine2",
    "Tax.Code": "LineItems TaxType",
    "Tax.Amount": "LineItems TaxAmount",
    "Tax.Percent": "LineItems TaxRate",
    "Charge.Amount": "LineItems DiscountRate, rounding or charge lines",
}


def xero_words(source: str) -> str:
    """Say in Xero's words where a source comes from; a source in Xero's own names stays as it is."""
    if source in _WORDS:
        return _WORDS[source]
    role = next((role for role in _ROLES if source.startswith(f"{role}.")), "")
    word = _PARTY_WORDS.get(source[len(role) + 1 :], "") if role else ""
    return f"Contact or Organisation {word}" if word else source
