"""Fixed width: every field at its place whatever it holds; numbers whole, with their sign where it belongs."""

from decimal import Decimal

import pytest

from core.errors import Invalid
from tests.edi_app.flat.documents import column, content, invoice, line, text_of, whole_file


def fixed(*fields, **options):
    return {"format": "fixed", "options": {"newline": "lf", **options}, "fields": list(fields)}


def amount(**settings):
    return column("Line.LineAmount", name="amount", **settings)


def one_amount(value, **settings):
    return text_of(fixed(amount(**settings), rows="line"), invoice(lines=[line(value)]))[:-1]


def test_fields_stand_at_their_places_with_blanks_between():
    fields = (
        column("Contact.Name", name="name", start=12, width=6),
        column("InvoiceNumber", name="no", start=1, width=8),
    )
    assert text_of(fixed(*fields, gaps="blank", record_length=20), invoice()) == "INV-1      Acme     \n"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, "Acme  "),
        ({"align": "right"}, "  Acme"),
        ({"pad": "."}, "Acme.."),
        ({"align": "right", "pad": 0}, "00Acme"),
        ({"as": "upper"}, "ACME  "),
        ({"width": 3, "overflow": "cut"}, "Acm"),
        ({"max": 2, "overflow": "cut"}, "Ac    "),
    ],
)
def test_text_is_padded(settings, expected):
    assert text_of(fixed(column("Contact.Name", **{"width": 6, **settings})), invoice())[:-1] == expected


@pytest.mark.parametrize(
    ("value", "settings", "expected"),
    [
        ("12.34", {"decimals": 2}, "00001234"),
        ("-12.34", {"decimals": 2}, "-0001234"),
        ("12.345", {"decimals": 2}, "00001235"),
        ("12", {"decimals": 0}, "00000012"),
        ("12.34", {"decimals": 2, "pad": " "}, "    1234"),
        ("-12.34", {"decimals": 2, "pad": " "}, "   -1234"),
        ("12.34", {}, "   12.34"),
        ("-12.34", {}, "  -12.34"),
        ("-12.34", {"align": "left"}, "-12.34  "),
        ("-12.34", {"pad": 0}, "-0012.34"),
        ("12.34", {"as": "amount:1"}, "    12.3"),
        ("12.34", {"decimals": 2, "sign": "leading_plus"}, "+0001234"),
        ("-12.34", {"decimals": 2, "sign": "leading_plus"}, "-0001234"),
        ("12.34", {"decimals": 2, "sign": "trailing"}, "0001234 "),
        ("-12.34", {"decimals": 2, "sign": "trailing"}, "0001234-"),
        ("12.34", {"decimals": 2, "sign": "trailing_plus"}, "0001234+"),
        ("12.34", {"decimals": 2, "sign": "overpunch"}, "0000123D"),
        ("-12.34", {"decimals": 2, "sign": "overpunch"}, "0000123M"),
        ("0.00", {"decimals": 2, "sign": "overpunch"}, "0000000{"),
        ("-0.01", {"decimals": 2, "sign": "overpunch"}, "0000000J"),
        ("-0.00", {"decimals": 2}, "00000000"),
        ("12.34", {"decimals": 2, "sign": "none"}, "00001234"),
        ("999999.99", {"decimals": 2}, "99999999"),
    ],
)
def test_number_is_padded_and_signed(value, settings, expected):
    assert one_amount(value, width=8, **settings) == expected


def test_decimal_comma():
    assert text_of(fixed(amount(width=8), rows="line", decimal=","), invoice(lines=[line("-1.50")])) == "   -1,50\n"


@pytest.mark.parametrize(
    ("value", "settings", "code"),
    [
        ("1000000.00", {"decimals": 2}, "MAP_TOO_LONG"),
        ("-100000.00", {"decimals": 2, "sign": "trailing"}, "MAP_TOO_LONG"),
        ("-1.00", {"decimals": 2, "sign": "none"}, "MAP_BAD_VALUE"),
    ],
)
def test_number_that_does_not_fit_is_refused_never_cut(value, settings, code):
    with pytest.raises(Invalid) as caught:
        one_amount(value, width=8, **settings)
    assert caught.value.code == code


def test_missing_number_is_blanks_or_its_default():
    document = invoice(lines=[{"Description": "only text"}], Total=Decimal(0))
    assert text_of(fixed(amount(width=6, decimals=2), rows="line"), document) == "      \n"
    assert text_of(fixed(amount(width=6, decimals=2, default=0), rows="line"), document) == "000000\n"
    assert text_of(fixed(amount(width=6, decimals=2, default=1), rows="line"), document) == "000100\n"


def test_number_that_came_as_text_gets_its_implied_decimals():
    assert text_of(fixed(column("Reference", width=6, decimals=2)), invoice(Reference="12.5")) == "001250\n"


def test_text_that_is_too_long_is_refused_with_both_lengths():
    with pytest.raises(Invalid) as caught:
        content(fixed(column("Contact.Name", name="name", width=3)), invoice())
    assert str(caught.value.findings[0].reason) == '"Contact.Name" has 4 characters; name allows 3.'


@pytest.mark.parametrize(
    ("encoding", "unit", "name", "expected"),
    [
        ("utf-8", "characters", "Müller", "Müller  ".encode()),
        ("utf-8", "bytes", "Müller", "Müller ".encode()),
        ("latin-1", "bytes", "Müller", "Müller  ".encode("latin-1")),
        ("utf-8", "bytes", "株株株", "株株  ".encode()),
        ("utf-8", "characters", "🪵🪵", "🪵🪵      ".encode()),
        ("cp037", "bytes", "Acme", "Acme    ".encode("cp037")),
    ],
)
def test_width_counts_characters_or_bytes(encoding, unit, name, expected):
    definition = fixed(column("Contact.Name", width=8, overflow="cut"), encoding=encoding, width_unit=unit)
    row = content(definition, invoice(Contact={"Name": name})).data
    assert row[: -len("\n".encode(encoding))] == expected


def test_line_breaks_become_blanks_and_are_noted():
    made = content(fixed(column("Contact.Name", name="n", width=8)), invoice(Contact={"Name": "a\r\nb\tc\u2028d"}))
    assert made.data == b"a b c d \n"
    assert [(note.path, note.code) for note in made.warnings] == [("n", "MAP_BAD_CHAR")]


def test_line_breaks_can_be_refused():
    with pytest.raises(Invalid) as caught:
        content(fixed(column("Contact.Name", width=8), line_breaks="reject"), invoice(Contact={"Name": "a\nb"}))
    assert caught.value.code == "MAP_BAD_CHAR"


def test_header_detail_and_trailer_with_counts_and_totals():
    definition = {
        "format": "fixed",
        "options": {"newline": "lf"},
        "records": {
            "header": [column("'H'", width=1), column("File.Moment", name="on", width=8, **{"as": "date:%Y%m%d"})],
            "document": [column("'D'", width=1), column("InvoiceNumber", name="no", width=6)],
            "line": [column("'L'", width=1), amount(width=9, decimals=2, sign="trailing")],
            "document_end": [column("'E'", width=1)],
            "trailer": [
                column("'T'", width=1),
                column("Totals.Exports", name="n", width=4, pad=0),
                column("Totals.Rows", name="r", width=4, pad=0),
                column("Totals.Sums.amount", name="s", width=10, decimals=2, sign="trailing"),
            ],
        },
    }
    documents = [invoice(lines=[line("1.00"), line("-2.50")]), invoice(InvoiceNumber="INV-2")]
    made = whole_file(definition, documents).decode().split("\n")
    assert made[:5] == ["H20261122", "DINV-1 ", "L00000100 ", "L00000250-", "E"]
    assert made[5:] == ["DINV-2 ", "L00010000 ", "E", "T00020007000009850 ", ""]
    assert whole_file(definition, []).decode().split("\n")[1] == "T00000000000000000 "
