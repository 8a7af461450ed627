"""The tree of fields: every stream has its joins, kinds are right where money and dates depend on them."""

import pytest

from core.document_fields import FIELDS, ID_FIELD, LINES_FIELD, MIRRORS, Kind
from core.documents import Mirror, Stream


def test_every_stream_and_mirror_has_fields():
    assert set(FIELDS) == set(Stream)
    assert set(MIRRORS) == set(Mirror)


@pytest.mark.parametrize("stream", Stream)
def test_every_stream_names_its_own_id_and_can_say_what_is_exported(stream):
    assert FIELDS[stream][ID_FIELD[stream]].kind is Kind.TEXT
    assert set(FIELDS[stream]["Export"].fields) >= {"Action", "Version", "Sequence", "Key"}
    assert FIELDS[stream]["Organisation"].fields["BaseCurrency"].kind is Kind.TEXT


@pytest.mark.parametrize("stream", LINES_FIELD)
def test_line_has_the_fields_of_the_stream_s_own_lines(stream):
    lines = FIELDS[stream][LINES_FIELD[stream]]
    assert lines.kind is Kind.LIST
    assert set(lines.fields) < set(FIELDS[stream]["Line"].fields)


@pytest.mark.parametrize("name", ["Invoice", "CreditNote", "Prepayment", "Overpayment"])
def test_payments_join_the_whole_document_that_they_settle(name):
    joined = FIELDS[Stream.PAYMENTS][name].fields
    assert joined["Total"].kind is Kind.NUMBER
    assert joined["Date"].kind is Kind.DATE
    assert joined["Contact"].fields["AccountNumber"].kind is Kind.TEXT


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("Total", Kind.NUMBER),
        ("CurrencyRate", Kind.NUMBER),
        ("DueDate", Kind.DATE),
        ("UpdatedDateUTC", Kind.MOMENT),
        ("SentToContact", Kind.FLAG),
        ("LineItems", Kind.LIST),
        ("Contact", Kind.OBJECT),
    ],
)
def test_kinds_of_an_invoice(path, kind):
    assert FIELDS[Stream.INVOICES][path].kind is kind
