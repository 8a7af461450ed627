"""Documents from Xero's bytes."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xero_app.errors import XeroBadRecord
from xero_app.parse import NEVER, parse_document

UPDATED = r'"UpdatedDateUTC":"\/Date(1792530847613+0000)\/"'
INVOICE = (
    '{"Type":"ACCREC","InvoiceID":"2f1b3c4d-0000-4a5b-8c6d-7e8f90a1b2c3","InvoiceNumber":"INV-7",'
    '"Status":"AUTHORISED","CurrencyCode":"USD","Contact":{"ContactID":"51e2f3a4"},'
    r'"DateString":"2026-10-05T00:00:00","Date":"\/Date(1791158400000+0000)\/","Total":1019.720,'
    f'"LineItems":[{{"Quantity":12.0000,"UnitAmount":48.5}}],{UPDATED}}}'
)


def invoice(**changes):
    """An invoice with some fields replaced; raw JSON text for each, None leaves the field out."""
    fields = {name: json.dumps(value) for name, value in json.loads(INVOICE).items()}
    fields |= changes
    inside = ",".join(f'"{name}":{text}' for name, text in fields.items() if text is not None)
    return f"{{{inside}}}".encode()


def test_an_invoice_becomes_a_document():
    document = parse_document("invoices", INVOICE.encode())

    assert (document.number, document.kind, document.status) == ("INV-7", "ACCREC", "AUTHORISED")
    assert (document.contact_id, document.currency) == ("51e2f3a4", "USD")
    assert document.dated_on == date(2026, 10, 5)
    assert document.updated_at == datetime(2026, 10, 20, 21, 14, 7, 613000, tzinfo=UTC)


def test_numbers_keep_the_scale_that_xero_wrote():
    document = parse_document("invoices", INVOICE.encode())

    assert str(document.total) == "1019.720"
    assert str(document.values["LineItems"][0]["Quantity"]) == "12.0000"
    assert str(document.values["LineItems"][0]["UnitAmount"]) == "48.5"


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**14), max_value=10**14, places=6))
def test_no_amount_changes_on_its_way(amount):
    assert parse_document("invoices", invoice(Total=f"{amount:f}")).total == amount


@pytest.mark.parametrize("text", ["1019", '"1019.00"', "1.019e3"])
def test_whole_numbers_and_amounts_in_quotes_are_amounts_too(text):
    assert parse_document("invoices", invoice(Total=text)).total == Decimal(1019)


def test_missing_null_and_unknown_fields_do_no_harm():
    payload = invoice(InvoiceNumber="null", DueDate="null", Contact=None, Brandnew='{"x":[1]}', LineItems="null")

    document = parse_document("invoices", payload)

    assert document.number == document.contact_id == ""
    assert {"InvoiceNumber", "DueDate", "Contact", "Brandnew", "LineItems"}.isdisjoint(document.values)


def test_the_written_out_date_wins_over_the_counted_one():
    payload = invoice(DateString='"2026-10-04T00:00:00"', DueDateString='"2026-11-04 00:00:00"')

    values = parse_document("invoices", payload).values

    assert (values["Date"], values["DueDate"]) == (date(2026, 10, 4), date(2026, 11, 4))


def test_no_date_is_absent():
    assert "FullyPaidOnDate" not in parse_document("invoices", invoice(FullyPaidOnDate=r'"\/Date(0+0000)\/"')).values


def test_line_breaks_and_all_other_text_stay_as_they_are():
    text = 'Hinge 12"\r\n& zinc*~:>\tKōwhai 💡\u2028'
    assert parse_document("invoices", invoice(Reference=json.dumps(text))).values["Reference"] == text


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"Total": "true"}, "Total"),
        ({"Total": '"NaN"'}, "Total"),
        ({"Total": '"Infinity"'}, "Total"),
        ({"Total": "1e400"}, "Total"),
        ({"Total": "1e-400"}, "Total"),
        ({"Total": '"much"'}, "Total"),
        ({"LineItems": '[{},{"TaxAmount":[]}]'}, "LineItems[1].TaxAmount"),
        ({"LineItems": '[{"Quantity":"NaN"}]'}, "LineItems[0].Quantity"),
        ({"Payments": '[{"Date":"soon"}]'}, "Payments[0].Date"),
        ({"DateString": '"x"'}, "DateString"),
        ({"InvoiceNumber": "7"}, "InvoiceNumber"),
        ({"UpdatedDateUTC": None}, "UpdatedDateUTC"),
        ({"InvoiceID": None}, "InvoiceID"),
        ({"Contact": "[]"}, "Contact"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_place(changes, place):
    with pytest.raises(XeroBadRecord) as caught:
        parse_document("invoices", invoice(**changes))
    assert caught.value.place == place
    assert place in caught.value.sentence
    assert caught.value.code == "XERO_BAD_ANSWER"
    assert not caught.value.holds


@pytest.mark.parametrize(
    "payload",
    [
        b"", b"[]", b"null", b"{", b"<html>", b'{"Reference":"\xff"}', b'{"Reference":"\\ud800"}',
        b'{"Extra":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)  # fmt: skip
def test_what_is_no_object_at_all_is_refused(payload):
    with pytest.raises(XeroBadRecord):
        parse_document("invoices", payload)


@pytest.mark.parametrize(
    "changes",
    [{"CurrencyCode": '"DOLLAR"'}, {"Status": '"\\u0000"'}, {"InvoiceID": '"' + "7" * 37 + '"'}],
)
def test_facts_that_no_column_can_hold_are_refused(changes):
    with pytest.raises(XeroBadRecord):
        parse_document("invoices", invoice(**changes))


def test_the_broken_object_is_named():
    with pytest.raises(XeroBadRecord) as caught:
        parse_document("invoices", invoice(Total="true"))
    assert caught.value.xero_id == "2f1b3c4d-0000-4a5b-8c6d-7e8f90a1b2c3"
    assert "2f1b3c4d" in caught.value.sentence


def test_a_payment_speaks_for_what_it_settles():
    payload = (
        r'{"PaymentID":"9a","Date":"\/Date(1792454400000+0000)\/","Amount":500.00,"PaymentType":"ACCPAYPAYMENT",'
        '"Reference":"WIRE 5521","BatchPayment":{"TotalAmount":"750.00","IsReconciled":"false"},'
        f'"Invoice":{{"InvoiceID":"2f","CurrencyCode":"NZD","Contact":{{"ContactID":"51"}}}},{UPDATED}}}'
    )

    document = parse_document("payments", payload.encode())

    assert (document.number, document.kind, document.contact_id) == ("WIRE 5521", "ACCPAYPAYMENT", "51")
    assert (document.currency, document.total) == ("NZD", Decimal("500.00"))
    assert document.values["BatchPayment"] == {"TotalAmount": Decimal("750.00"), "IsReconciled": False}


def test_the_total_of_a_manual_journal_is_its_debits():
    lines = '[{"LineAmount":1250.00},{"LineAmount":-1000.00},{"LineAmount":-250.00},{"Description":"note"}]'
    payload = f'{{"ManualJournalID":"0b","Status":"POSTED","JournalLines":{lines},{UPDATED}}}'

    assert parse_document("manual_journals", payload.encode()).total == Decimal("1250.00")


def test_a_tax_rate_is_named_by_its_type_and_has_no_update_time():
    document = parse_document("tax_rates", b'{"Name":"GST","TaxType":"OUTPUT2","EffectiveRate":15.0000}')

    assert (document.xero_id, document.updated_at) == ("OUTPUT2", NEVER)
    assert document.values["EffectiveRate"] == Decimal("15.0000")


def test_customers_are_found_by_their_account_number():
    payload = f'{{"ContactID":"51","ContactNumber":"C1","AccountNumber":"ACME01","ContactStatus":"ACTIVE",{UPDATED}}}'

    document = parse_document("contacts", payload.encode())

    assert (document.number, document.contact_id, document.status) == ("ACME01", "51", "ACTIVE")
