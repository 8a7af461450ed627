"""CSV as the mapping's options ask for it, to the byte."""

from datetime import date
from decimal import Decimal

import pytest

from core.errors import Invalid
from core.formats import ExportFacts
from tests.edi_app.flat.documents import column, content, csv_mapping, invoice, line, text_of, whole_file

NUMBER, NAME, TOTAL = (
    column("InvoiceNumber", name="no"),
    column("Contact.Name", name="name"),
    column("Total", name="total"),
)


def test_header_order_and_rows():
    definition = {"format": "csv", "fields": [TOTAL, NUMBER]}
    assert (
        whole_file(definition, [invoice(), invoice(InvoiceNumber="INV-2")])
        == b"total,no\r\n100.00,INV-1\r\n100.00,INV-2\r\n"
    )


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, '"a,""b""\n",12.50,true,\r\n'),
        ({"delimiter": ";"}, '"a,""b""\n";12.50;true;\r\n'),
        ({"delimiter": "tab", "newline": "lf"}, '"a,""b""\n"\t12.50\ttrue\t\n'),
        ({"decimal": ","}, '"a,""b""\n","12,50",true,\r\n'),
        ({"delimiter": ";", "decimal": ","}, '"a,""b""\n";12,50;true;\r\n'),
        ({"quoting": "all", "newline": "cr"}, '"a,""b""\n","12.50","true",""\r'),
        ({"quoting": "nonnumeric"}, '"a,""b""\n",12.50,"true",""\r\n'),
        ({"quote": "'"}, "'a,\"b\"\n',12.50,true,\r\n"),
        ({"line_breaks": "space"}, '"a,""b"" ",12.50,true,\r\n'),
        ({"delimiter": "|", "quote": "'", "line_breaks": "space", "quoting": "none"}, 'a,"b" |12.50|true|\r\n'),
    ],
)
def test_options_of_a_row(options, expected):
    fields = (NAME, TOTAL, column("SentToContact", name="sent"), column("Reference", name="ref"))
    document = invoice(lines=[line("12.50")], Contact={"Name": 'a,"b"\n'}, SentToContact=True)
    assert text_of(csv_mapping(*fields, **options), document) == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"encoding": "latin-1"}, "Müller\r\n".encode("latin-1")),
        ({"encoding": "utf-16-le"}, "Müller\r\n".encode("utf-16-le")),
        ({"encoding": "ascii", "on_bad_char": "replace"}, b"M?ller\r\n"),
        ({"encoding": "ascii", "on_bad_char": "transliterate"}, b"Muller\r\n"),
    ],
)
def test_encodings(options, expected):
    assert content(csv_mapping(NAME, **options), invoice(Contact={"Name": "Müller"})).data == expected


def test_byte_order_mark_stands_once_at_the_start():
    definition = csv_mapping(NUMBER, bom=True)
    assert whole_file(definition, [invoice(), invoice()]) == b"\xef\xbb\xbfINV-1\r\nINV-1\r\n"
    definition["options"]["encoding"] = "utf-16-le"
    assert whole_file(definition, []) == b"\xff\xfe"


def test_character_that_the_encoding_lacks_is_refused_by_name():
    with pytest.raises(Invalid) as caught:
        content(csv_mapping(NUMBER, NAME, encoding="latin-1"), invoice(Contact={"Name": "株 Ltd"}))
    assert caught.value.code == "MAP_BAD_CHAR"
    assert str(caught.value) == "name: name has a character the format cannot carry (株). Choose a replacement."


def test_nul_is_refused_or_replaced_and_noted():
    document = invoice(Contact={"Name": "a\0b"})
    with pytest.raises(Invalid, match=r"U\+0000"):
        content(csv_mapping(NAME), document)
    replaced = content(csv_mapping(NAME, on_bad_char="replace"), document)
    assert replaced.data == b"a?b\r\n"
    assert [note.code for note in replaced.warnings] == ["MAP_BAD_CHAR"]


def test_row_a_line_repeats_the_document_s_values():
    definition = csv_mapping(
        NUMBER,
        column("'D'", name="kind"),
        column("Line.Number", name="n"),
        column("Line.LineAmount", name="a"),
        rows="line",
    )
    document = invoice(lines=[line("1.00"), line("2.50")])
    assert text_of(definition, document) == "INV-1,D,1,1.00\r\nINV-1,D,2,2.50\r\n"
    definition["options"]["document_values"] = "first_line"
    assert text_of(definition, document) == "INV-1,D,1,1.00\r\n,D,2,2.50\r\n"
    definition["fields"][0]["repeat"] = True
    assert text_of(definition, document) == "INV-1,D,1,1.00\r\nINV-1,D,2,2.50\r\n"


def test_document_without_lines_is_one_row_not_none():
    definition = csv_mapping(NUMBER, column("Line.Description", name="d"), rows="line")
    assert text_of(definition, invoice(lines=[])) == "INV-1,\r\n"


def test_ten_thousand_lines_are_ten_thousand_rows():
    definition = csv_mapping(NUMBER, column("Line.Number", name="n"), rows="line")
    rows = content(definition, invoice(lines=[line("1.00")] * 10_000))
    assert rows.rows == 10_000
    assert rows.data.endswith(b"INV-1,10000\r\n")


def test_single_empty_cell_is_still_a_row():
    assert text_of(csv_mapping(column("Reference")), invoice()) == '""\r\n'


def test_export_and_file_can_be_mapped():
    fields = [column(f"Export.{name}", name=name) for name in ("Action", "Version", "Sequence", "Key", "Position")]
    fields += [column("File.Partner", name="p"), column("Document.Total", name="t")]
    facts = ExportFacts(action="change", version=2, sequence=41, key="K7QW", position=3)
    assert text_of(csv_mapping(*fields), invoice(), facts=facts) == "change,2,41,K7QW,3,acme,100.00\r\n"


def test_required_empty_names_source_and_document():
    with pytest.raises(Invalid) as caught:
        content(csv_mapping(column("Reference", name="po", required=True)), invoice(Reference="  "))
    assert caught.value.code == "MAP_REQUIRED_EMPTY"
    assert str(caught.value) == "po: po is required, but Reference is empty in INV-1."


def test_every_bad_field_of_every_line_is_named_at_once():
    fields = (column("Reference", name="po", required=True), column("Line.Description", name="d", max=3))
    with pytest.raises(Invalid) as caught:
        content(csv_mapping(*fields, rows="line"), invoice(lines=[line(), line(Description="ok")]))
    assert [finding.path for finding in caught.value.findings] == ["line 1 po", "line 1 d", "line 2 po"]
    assert caught.value.findings[1].reason == '"Line.Description" has 5 characters; d allows 3.'


def test_declared_cut_is_noted():
    found = content(csv_mapping(column("Line.Description", name="d", max=3, overflow="cut"), rows="line"), invoice())
    assert found.data == b"Hin\r\n"
    assert str(found.warnings[0]) == 'd: "Line.Description" has 5 characters; d allows 3. It was cut.'


@pytest.mark.parametrize(
    ("settings", "value", "expected"),
    [
        ({"default": "n/a"}, None, "n/a"),
        ({"default": "n/a"}, "", "n/a"),
        ({"default": 0, "as": "number"}, None, "0"),
        ({"min": 3}, "abc", "abc"),
        ({"as": "lookup:t", "on_miss": "keep"}, "zz", "zz"),
        ({"as": "lookup:t", "on_miss": "default", "default": "?"}, "zz", "?"),
        ({"as": "lookup:t"}, "a", "A"),
    ],
)
def test_defaults_lengths_and_lookups(settings, value, expected):
    document = invoice(**({} if value is None else {"Reference": value}))
    definition = csv_mapping(column("Reference", **settings)) | {"tables": {"t": {"a": "A"}}}
    assert text_of(definition, document).rstrip("\r\n") == expected


@pytest.mark.parametrize(
    ("settings", "code"),
    [({"as": "lookup:t"}, "MAP_LOOKUP_MISS"), ({"min": 5}, "MAP_TOO_SHORT"), ({"as": "amount:2"}, "MAP_BAD_VALUE")],
)
def test_value_that_does_not_fit_has_its_code(settings, code):
    definition = csv_mapping(column("Reference", **settings)) | {"tables": {"t": {"a": "A"}}}
    with pytest.raises(Invalid) as caught:
        content(definition, invoice(Reference="zz"))
    assert caught.value.code == code


def test_tables_of_the_installation_are_seen():
    definition = csv_mapping(column("lookup('units', 'EA')"))
    assert text_of(definition, invoice(), tables={"units": {"EA": "PCE"}}) == "PCE\r\n"


@pytest.mark.parametrize(
    ("guard", "expected"), [("off", "=cmd|x,-2.50,-2+3\r\n"), ("prefix", "'=cmd|x,-2.50,'-2+3\r\n")]
)
def test_formula_guard_spares_numbers(guard, expected):
    fields = (NAME, column("Line.LineAmount", name="a"), column("Line.Description", name="d"))
    document = invoice(lines=[line("-2.50", Description="-2+3")], Contact={"Name": "=cmd|x"})
    assert text_of(csv_mapping(*fields, formula_guard=guard, rows="line"), document) == expected


def test_formula_guard_can_reject():
    with pytest.raises(Invalid) as caught:
        content(csv_mapping(NAME, formula_guard="reject"), invoice(Contact={"Name": " @SUM(1)"}))
    assert caught.value.code == "MAP_FORMULA"


def test_without_quotes_a_delimiter_in_a_value_is_refused():
    with pytest.raises(Invalid) as caught:
        content(csv_mapping(NUMBER, NAME, quoting="none"), invoice(Contact={"Name": "a,b"}))
    assert [finding.path for finding in caught.value.findings] == ["name"]


def test_column_name_that_cannot_be_written_is_refused_in_words():
    definition = {"format": "csv", "options": {"quoting": "none"}, "fields": [column("Total", name="a,b")]}
    with pytest.raises(Invalid, match="the row of column names"):
        whole_file(definition, [])


@pytest.mark.parametrize("day", [date(1, 1, 1), date(9999, 12, 31)])
def test_odd_dates_are_written_whole(day):
    assert (
        text_of(csv_mapping(column("Date", **{"as": "date:%Y-%m-%d"})), invoice(Date=day)) == f"{day.isoformat()}\r\n"
    )


@pytest.mark.parametrize("amount", ["0.00", "-0.00", "0.1", "-12.345", "1000000000000", "1E+3", "0.0000"])
def test_amount_is_the_document_s_to_the_cent(amount):
    document = invoice(lines=[], Total=Decimal(amount))
    written = text_of(csv_mapping(column("Total", **{"as": "amount:2"})), document).rstrip()
    assert Decimal(written) == Decimal(amount).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")
    assert written[-3] == "."
    assert written != "-0.00"
