"""The check of an expression against Xero's fields: what does not exist is refused with the nearest name."""

import pytest

from core.document_fields import FIELDS, Kind
from edi_app.mapping import check_where
from edi_app.mapping.expressions import check_expression

INVOICES, CREDITS, PAYMENTS = FIELDS["invoices"], FIELDS["credit_notes"], FIELDS["payments"]


def findings(text, *shapes, tables=None):
    found, _ = check_expression(text, shapes=shapes or [INVOICES], tables=tables or {}, path="fields[0].source")
    return found


@pytest.mark.parametrize(
    ("text", "reason", "hint"),
    [
        ("Totl", "There is no Xero field Totl.", "Did you mean Total?"),
        ("invoicenumber", "There is no Xero field invoicenumber.", "Did you mean InvoiceNumber?"),
        ("Contact.Nam", "There is no Xero field Contact.Nam.", "Did you mean Contact.Name?"),
        ("Line.Quantty", "There is no Xero field Line.Quantty.", "Did you mean Line.Quantity?"),
        ("Contact.Addresses[?AdressType=='x'].City", "Contact.Addresses[].AdressType", "AddressType?"),
        ("sum(LineItems[].LineAmout)", "LineItems[].LineAmout", "LineItems[].LineAmount?"),
        ("max_by(Payments, &Dat).Amount", "Payments[].Dat", "Payments[].Date?"),
        ("sort_by(LineItems, &ItemCode)[0].Descr", "LineItems[].Descr", "LineItems[].Description?"),
        ("Contact.{n: Nme}", "Contact.Nme", "Contact.Name?"),
        ("Contact | Nme", "Contact.Nme", "Contact.Name?"),
        ("LineItems.Description", "LineItems is a list.", "LineItems[0].Description"),
        ("Total.Amount", "Total is a plain value", ""),
        ("__class__", "There is no Xero field __class__.", ""),
        ("Total.__class__.__init__", "Total is a plain value", ""),
        ("Contact.__globals__", "There is no Xero field Contact.__globals__.", ""),
        ("{0.__init__}", "is not a JMESPath expression", ""),
        ("foo(Total)", "There is no function foo().", "floor"),
        ("lokup('t', Total)", "There is no function lokup().", "Did you mean lookup?"),
        ("sum(Total, Total)", "sum() takes 1 values, not 2.", ""),
        ("lookup('unts', Total)", "There is no lookup table unts.", "Did you mean units?"),
        ("date(Date, '%Q')", "%Q in the date format '%Q' is unknown.", "%Y"),
        ("amount(Total, `99`)", "amount() takes 0 to 10 decimals", ""),
        ("`abc`", "text stands in single quotes", ""),
        ("", "The expression is empty.", ""),
    ],
)
def test_mistake_is_found_with_its_way_out(text, reason, hint):
    found = findings(text, tables={"units": {}})
    assert len(found) == 1
    assert found[0].path == "fields[0].source"
    assert reason in found[0].reason
    assert hint in found[0].hint
    assert found[0].code.startswith("MAP_")


@pytest.mark.parametrize(
    "text",
    [
        "Contact.Addresses[?AddressType=='POBOX'] | [0].City",
        "Invoice.Contact.PaymentTerms.Sales.Day || CreditNote.Contact.Name",
        "LineItems[*].Tracking[0].Option",
        "LineItems[].TaxRate.TaxComponents[].Rate",
        "Contact.* | [0]",
        "keys(@)",
        "map(&LineAmount, LineItems)",
    ],
)
def test_what_xero_has_is_accepted(text):
    shapes = [PAYMENTS] if text.startswith("Invoice.") else [INVOICES]
    assert findings(text, *shapes) == []


def test_field_of_any_one_stream_is_enough():
    assert findings("InvoiceNumber || CreditNoteNumber", INVOICES, CREDITS) == []
    assert findings("CreditNoteNumber", INVOICES, CREDITS) == []
    assert [found.reason for found in findings("Line.Foo || Bar", CREDITS, PAYMENTS)] == [
        "There is no Xero field Line.Foo.",
        "There is no Xero field Bar.",
    ]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Total", {Kind.NUMBER}),
        ("Contact.Addresses", {Kind.LIST}),
        ("Contact", {Kind.OBJECT}),
        ("Date || DueDate", {Kind.DATE}),
        ("Date || Total", set()),
        ("'x'", {Kind.TEXT}),
        ("`1`", {Kind.NUMBER}),
        ("Total > `0`", {Kind.FLAG}),
        ("LineItems[].Description", {Kind.LIST}),
        ("[Contact, Contact][0].Name", {Kind.TEXT}),
        ("join(',', LineItems[].Description)", {Kind.TEXT}),
        ("max_by(Payments, &Date).Amount", {Kind.NUMBER}),
    ],
)
def test_kind_of_the_result_is_known(text, kinds):
    assert check_expression(text, shapes=[INVOICES], path="x")[1] == kinds


def test_where_is_checked_over_all_streams_of_an_integration():
    assert check_where("Total > `0`", streams=["invoices", "credit_notes"]) == []
    assert check_where("Line.Quantity > `0`", streams=["invoices"])[0].reason == "There is no Xero field Line."
    assert check_where("'yes'", streams=["invoices"])[0].reason == "A constant is no condition."
