"""The formatter as the pipeline uses it: canonical values, what it can say, states, and the money check."""

from datetime import date
from decimal import Decimal

import pytest

from core.errors import Invalid
from core.formats import ExportFacts
from edi_app.formatter import compile_formatter
from tests.edi_app.flat.documents import ENVELOPE, column, content, csv_mapping, invoice, line

NUMBER = column("InvoiceNumber", name="no")


def values(definition, document):
    return compile_formatter(definition, stream="invoices").values(document)


def test_values_leave_out_what_only_the_export_says():
    fields = (NUMBER, column("Export.Version", name="v"), column("Export.Key", name="k", required=True, max=1))
    assert values(csv_mapping(*fields), invoice()) == values(csv_mapping(NUMBER, *fields[1:]), invoice())
    assert b"INV-1" in values(csv_mapping(*fields), invoice())


def test_values_change_with_every_mapped_value_and_only_with_those():
    definition = csv_mapping(NUMBER, column("Line.Description", name="d"), rows="line")
    before = values(definition, invoice())
    assert values(definition, invoice(Reference="new")) == before
    assert values(definition, invoice(InvoiceNumber="INV-2")) != before
    assert values(definition, invoice(lines=[line("50.00"), line("50.00")])) != before


def test_values_of_mixed_sources_keep_the_document_s_part():
    definition = csv_mapping(column("join('-', [Export.Key, InvoiceNumber])"))
    assert values(definition, invoice()) != values(definition, invoice(InvoiceNumber="INV-2"))


def test_values_of_a_bad_document_are_refused_like_its_content():
    definition = csv_mapping(column("Reference", name="po", required=True))
    with pytest.raises(Invalid, match="po is required"):
        values(definition, invoice())


def test_values_do_not_confuse_neighbours():
    definition = csv_mapping(column("Reference", name="a"), column("Url", name="b"))
    assert values(definition, invoice(Reference="x", Url="")) != values(definition, invoice(Reference="", Url="x"))


@pytest.mark.parametrize(
    ("source", "change", "cancel"),
    [
        ("InvoiceNumber", False, False),
        ("Status", False, True),
        ("Export.Action", True, True),
        ("Export.Version", True, False),
    ],
)
def test_supports_what_a_column_can_say(source, change, cancel):
    formatter = compile_formatter(csv_mapping(column(source)), stream="invoices")
    assert [formatter.supports(action) for action in ("new", "change", "cancel")] == [True, change, cancel]


def test_flat_file_has_no_numbers_and_no_groups():
    formatter = compile_formatter(csv_mapping(NUMBER), stream="invoices")
    assert (formatter.extension, formatter.numbers, formatter.document) == ("csv", (), "")
    assert formatter.group_key(invoice()) == ""
    assert formatter.group_complete([invoice()])
    assert formatter.group_head([], [], ENVELOPE) == formatter.group_tail([], [], ENVELOPE) == b""


def test_state_that_the_format_is_not_for_is_refused_unless_it_cancels():
    definition = csv_mapping(NUMBER, statuses=["POSTED"])
    with pytest.raises(Invalid) as caught:
        content(definition, invoice(status="DRAFT"))
    assert caught.value.code == "MAP_WRONG_STATUS"
    assert "INV-1 is DRAFT; this format takes POSTED." in str(caught.value)
    assert content(definition, invoice(status="VOIDED"), facts=ExportFacts(action="cancel")).rows == 1


def money(*, types="NoTax", lines=(), **values):
    return content(
        csv_mapping(NUMBER, column("Line.LineAmount", name="a"), rows="line"),
        invoice(lines=list(lines), LineAmountTypes=types, **values),
    )


@pytest.mark.parametrize(
    ("types", "lines", "total", "tax"),
    [
        ("NoTax", [line("60.00"), line("40.00")], "100.00", "0.00"),
        ("Inclusive", [line("115.00", TaxAmount=Decimal("15.00"))], "115.00", "15.00"),
        ("Exclusive", [line("100.00", TaxAmount=Decimal("15.00"))], "115.00", "15.00"),
        ("Exclusive", [line("100.00")], "115.01", "15.01"),
        ("NoTax", [line("100.00")], "100.10", "0.00"),
        ("NoTax", [line("-5.00"), {"Description": "text"}], "-5.00", "0.00"),
    ],
)
def test_lines_that_add_up_pass(types, lines, total, tax):
    assert money(types=types, lines=lines, Total=Decimal(total), TotalTax=Decimal(tax)).rows == len(lines)


@pytest.mark.parametrize(
    ("types", "lines", "total", "words"),
    [
        ("NoTax", [line("60.00")], "100.00", "Lines add up to 60.00, INV-1 says 100.00."),
        ("Exclusive", [line("100.00")], "100.11", "Lines add up to 100.00, INV-1 says 100.11."),
        ("NoTax", [], "100.00", "Lines add up to 0, INV-1 says 100.00."),
    ],
)
def test_lines_that_do_not_add_up_fail_with_both_figures(types, lines, total, words):
    with pytest.raises(Invalid) as caught:
        money(types=types, lines=lines, Total=Decimal(total), TotalTax=Decimal(0))
    assert caught.value.code == "EDI_TOTAL_MISMATCH"
    assert words in str(caught.value)


def test_tolerance_is_the_mapping_s_and_voided_documents_are_left_out():
    definition = csv_mapping(NUMBER, total_tolerance="0")
    off = {"lines": [line("100.00")], "Total": Decimal("100.01")}
    with pytest.raises(Invalid, match="Lines add up"):
        content(definition, invoice(**off))
    assert content(definition, invoice(status="VOIDED", **off)).rows == 1


def journal(types, *lines, status="POSTED"):
    values = {
        "ManualJournalID": "0b15",
        "Narration": "x",
        "Date": date(2026, 10, 31),
        "LineAmountTypes": types,
        "Organisation": {"BaseCurrency": "USD"},
    }
    return invoice(
        stream="manual_journals", status=status, JournalLines=list(lines), InvoiceNumber="", Total=None, **values
    )


RENT, ACCRUED = line("100.00", TaxAmount=Decimal("15.00"), AccountCode="62"), line("-115.00", AccountCode="23")


def journal_rows(document):
    formatter = compile_formatter({"base": "csv-manual_journals"}, stream="manual_journals")
    rows = formatter.content(document, ExportFacts(key="K"), ENVELOPE).data.decode().splitlines()
    return [row.split(",") for row in rows]


def test_journal_has_tax_as_its_own_line_and_balances():
    rows = journal_rows(journal("Exclusive", RENT, ACCRUED))
    assert [(row[1], row[4], row[6], row[7], row[9]) for row in rows] == [
        ("1", "62", "100.00", "", "N"),
        ("2", "", "15.00", "", "Y"),
        ("3", "23", "", "115.00", "N"),
    ]


def test_inclusive_journal_splits_tax_out_of_its_amount():
    rows = journal_rows(journal("Inclusive", line("115.00", TaxAmount=Decimal("15.00")), ACCRUED))
    assert [(row[6], row[7]) for row in rows] == [("100.00", ""), ("15.00", ""), ("", "115.00")]


def test_journal_that_does_not_balance_fails_with_both_sides():
    with pytest.raises(Invalid, match=r"Debits add up to 100.00, credits to 115.00\."):
        journal_rows(journal("NoTax", RENT, ACCRUED))
    with pytest.raises(Invalid, match="takes POSTED"):
        journal_rows(journal("NoTax", RENT, ACCRUED, status="DRAFT"))


def test_mapping_that_is_wrong_does_not_compile():
    with pytest.raises(Invalid) as caught:
        compile_formatter(csv_mapping(column("Totl"), column("Dat", name="y")), stream="invoices")
    assert [finding.path for finding in caught.value.findings] == ["fields[0].source", "fields[1].source"]


def test_field_of_another_stream_is_empty_here():
    definition = csv_mapping(column("InvoiceNumber || CreditNoteNumber"))
    assert (
        content(definition, invoice(InvoiceNumber="", CreditNoteNumber="CN-1"), stream="credit_notes").data
        == b"CN-1\r\n"
    )
