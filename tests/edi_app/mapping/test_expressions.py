"""What expressions give over a document: exact, empty where a record lacks the value, JMESPath elsewhere."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from core.documents import Document
from core.errors import Invalid
from edi_app.mapping import compile_where
from edi_app.mapping.expressions import compile_expression
from edi_app.mapping.findings import LookupMissed, ValueRefused

VALUES = {
    "InvoiceNumber": "INV-1",
    "Total": Decimal("10.50"),
    "Date": date(2026, 10, 5),
    "UpdatedDateUTC": datetime(2026, 10, 20, 21, 14, 7, 613000, tzinfo=UTC),
    "SentToContact": True,
    "Contact": {
        "Name": "Acme",
        "Addresses": [{"AddressType": "POBOX", "City": "X"}, {"AddressType": "STREET", "City": "Y"}],
    },
    "LineItems": [
        {"LineAmount": Decimal("0.10"), "ItemCode": "B"},
        {"LineAmount": Decimal("0.20"), "ItemCode": "A"},
        {"Description": "only text"},
    ],
    "Payments": [{"Date": date(2026, 1, 9)}, {"Date": date(2026, 11, 2)}],
}


def evaluate(text, tables=None):
    return compile_expression(text, tables=tables or {}).evaluate(VALUES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Total", Decimal("10.50")),
        ("Contact.Name", "Acme"),
        ("Contact.Nothing.Below", None),
        ("'a constant'", "a constant"),
        ("`1.10`", Decimal("1.10")),
        ("Contact.Addresses[?AddressType=='STREET'] | [0].City", "Y"),
        ("LineItems[-1].Description", "only text"),
        ("LineItems[7].Description", None),
        ("LineItems[:2].ItemCode", ["B", "A"]),
        ("sum(LineItems[].LineAmount)", Decimal("0.30")),
        ("avg(LineItems[].LineAmount)", Decimal("0.15")),
        ("max([LineItems[2].LineAmount, `0`])", Decimal(0)),
        ("abs(LineItems[2].LineAmount)", None),
        ("max(Payments[].Date)", date(2026, 11, 2)),
        ("max_by(Payments, &Date).Date", date(2026, 11, 2)),
        ("sort_by(LineItems[?ItemCode], &ItemCode)[0].ItemCode", "A"),
        ("to_number('12.50')", Decimal("12.50")),
        ("to_number('12,50')", None),
        ("to_string(Nothing)", None),
        ("to_string(SentToContact)", "true"),
        ("join('/', [InvoiceNumber, Date, Total, Nothing])", "INV-1/2026-10-05/10.50"),
        ("length(LineItems)", Decimal(3)),
        ("floor(`-1.5`)", Decimal(-2)),
        ("date(Date, '%d.%m.%y')", "05.10.26"),
        ("amount(`2.345`, `2`)", Decimal("2.35")),
        ("Reference || InvoiceNumber", "INV-1"),
        ("Contact.{n: Name, c: Addresses[0].City}", {"n": "Acme", "c": "X"}),
        ("Contact.Addresses[].City[] | length(@)", Decimal(2)),
        ("type(Total)", "number"),
        ("keys(Contact)", ["Name", "Addresses"]),
        ("values(Contact)[0]", "Acme"),
        ("contains(InvoiceNumber, 'NV')", True),
        ("contains(InvoiceNumber, `5`)", False),
        ("starts_with(InvoiceNumber, 'INV')", True),
        ("merge(Contact, {Name: 'B'}).Name", "B"),
        ("map(&LineAmount, LineItems)", [Decimal("0.10"), Decimal("0.20"), None]),
        ("not_null(Nothing, InvoiceNumber)", "INV-1"),
        ("Contact.*", ["Acme", VALUES["Contact"]["Addresses"]]),
    ],
)
def test_expression_gives(text, expected):
    assert evaluate(text) == expected


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("Total > `10.49`", True),
        ("Total == `10.5`", True),
        ("Total < `10.500000000000000000000000000001`", True),
        ("Total == '10.5'", False),
        ("Total > 'a'", None),
        ("SentToContact == `true`", True),
        ("SentToContact == `1`", False),
        ("Date >= '2026-10-05'", True),
        ("Date == '2026-10-05'", True),
        ("'2026-10-06' > Date", True),
        ("Date > 'soon'", None),
        ("UpdatedDateUTC > '2026-10-20'", True),
        ("UpdatedDateUTC < '2026-10-20T21:14:08'", True),
        ("Date < UpdatedDateUTC", True),
        ("Date != `null`", True),
        ("Nothing == `null`", True),
        ("!`0`", False),
        ("Total && Nothing", None),
    ],
)
def test_comparison_is_exact(text, holds):
    assert evaluate(text) is holds


def test_lookup_gives_the_entry_and_names_a_miss():
    tables = {"units": {"EA": "PCE", "10.50": "ten"}}
    assert evaluate("lookup('units', 'EA')", tables) == "PCE"
    assert evaluate("lookup('units', Total)", tables) == "ten"
    assert evaluate("lookup('units', Nothing)", tables) is None
    with pytest.raises(LookupMissed, match='Table units has no entry for "XX"'):
        evaluate("lookup('units', 'XX')", tables)


@pytest.mark.parametrize(
    "text",
    ["sum(Contact.Addresses)", "abs('x')", "sort_by(LineItems, &ItemCode)", "date(Contact, '%Y')", "amount('x', `2`)"],
)
def test_value_of_the_wrong_kind_is_refused_in_words(text):
    with pytest.raises(ValueRefused) as caught:
        evaluate(text)
    assert caught.value.code == "MAP_BAD_VALUE"


def test_join_does_not_grow_without_bound():
    text = "join(InvoiceNumber, LineItems[].Description)"
    wide = {"InvoiceNumber": "x" * 4000, "LineItems": [{"Description": "y"}] * 1000}
    with pytest.raises(ValueRefused, match="million"):
        compile_expression(text).evaluate(wide)


def document(**values):
    return Document(
        stream="invoices", xero_id="1", number="INV-1", values=values, updated_at=datetime(2026, 1, 1, tzinfo=UTC)
    )


def test_where_is_true_by_the_rules_of_jmespath():
    where = compile_where("Total > `0` && Contact.AccountNumber")
    assert where(document(Total=Decimal("0.01"), Contact={"AccountNumber": "A"}))
    assert not where(document(Total=Decimal("0.01"), Contact={"AccountNumber": ""}))
    assert not where(document())


def test_where_names_the_document_that_it_cannot_judge():
    with pytest.raises(Invalid, match=r"where\.expr for INV-1: sum\(\)"):
        compile_where("sum(LineItems) > `0`")(document(LineItems=[{}]))


def test_where_that_is_no_expression_is_invalid():
    with pytest.raises(Invalid, match=r"where\.expr"):
        compile_where("Total >")
