"""Rules for every text: what is written reads back, no field is ever shifted, no row ever broken."""

import csv
import io
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from edi_app.flat.formulas import guard_formula, is_formula
from edi_app.formatter import compile_formatter
from tests.edi_app.flat.documents import ENVELOPE, ExportFacts, column, csv_mapping, invoice, line

NASTY = st.text(st.sampled_from("a,;|\t\"'\r\n =+-@\u2028\u202e\u200fé株🪵\u0301\ufeff"), max_size=8)
TEXTS = NASTY | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
FIELDS = [column("Contact.Name", name="a"), column("Reference", name="b"), column("Line.Description", name="c")]
CSV = {
    (delimiter, quote, quoting): compile_formatter(
        csv_mapping(*FIELDS, rows="line", delimiter=delimiter, quote=quote, quoting=quoting), stream="invoices"
    )
    for delimiter, quote in [(",", '"'), (";", "'"), ("\t", '"'), ("|", "^")]
    for quoting in ["minimal", "all", "nonnumeric"]
}
ANY_TEXT = st.text(max_size=12)


@given(TEXTS, TEXTS, st.lists(TEXTS, min_size=1, max_size=3), st.sampled_from(sorted(CSV)))
def test_csv_reads_back_to_the_same_texts(name, reference, lines, style):
    delimiter, quote, _ = style
    document = invoice(Contact={"Name": name}, Reference=reference, lines=[line(Description=text) for text in lines])
    text = CSV[style].content(document, ExportFacts(), ENVELOPE).data.decode()
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quotechar=quote, strict=True))
    assert rows == [[name, reference, text] for text in lines]


@given(st.lists(TEXTS, min_size=1, max_size=3), st.booleans())
def test_csv_is_written_as_the_standard_library_writes_it(texts, quote_all):
    fields = [column(source, name=name) for source, name in zip(("Reference", "Url", "Status"), "abc", strict=True)]
    definition = csv_mapping(*fields[: len(texts)], quoting="all" if quote_all else "minimal")
    document = invoice(**dict(zip(("Reference", "Url", "Status"), texts, strict=False)))
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL).writerow(texts)
    made = compile_formatter(definition, stream="invoices").content(document, ExportFacts(), ENVELOPE)
    assert made.data.decode() == out.getvalue()


def fixed(unit, encoding):
    fields = [
        column("Contact.Name", name="a", width=7, overflow="cut"),
        column("Line.LineAmount", name="b", width=9, decimals=2),
        column("Line.Description", name="c", width=5, overflow="cut", align="right"),
        column("'#'", name="d", width=1),
    ]
    options = {"rows": "line", "width_unit": unit, "encoding": encoding, "on_bad_char": "replace"}
    return compile_formatter({"format": "fixed", "options": options, "fields": fields}, stream="invoices")


FIXED = {
    (unit, encoding): fixed(unit, encoding)
    for unit in ("characters", "bytes")
    for encoding in ("utf-8", "latin-1", "ascii")
}
AMOUNTS = st.decimals(min_value=-(10**5), max_value=10**5, places=2)


@given(ANY_TEXT, ANY_TEXT, AMOUNTS, st.sampled_from(sorted(FIXED)))
def test_fixed_width_row_has_every_field_at_its_place(name, text, amount, style):
    unit, encoding = style
    document = invoice(Contact={"Name": name}, lines=[line(str(amount), Description=text)])
    data = FIXED[style].content(document, ExportFacts(), ENVELOPE).data
    row = data if unit == "bytes" else data.decode(encoding)
    assert len(row) == 24
    cells = row[7:16], row[21:22], row[22:]
    number, mark, end = (cell.decode(encoding) for cell in cells) if unit == "bytes" else cells
    assert Decimal(number).scaleb(-2) == amount
    assert (mark, end) == ("#", "\r\n")


@given(ANY_TEXT)
def test_any_text_is_written_or_refused_by_name(text):
    for style in (CSV[",", '"', "minimal"], FIXED["bytes", "ascii"]):
        try:
            style.content(invoice(Contact={"Name": text}), ExportFacts(), ENVELOPE)
        except Invalid as refused:
            assert refused.code == "MAP_BAD_CHAR"
            assert "\n" not in refused.sentence


@given(TEXTS)
def test_guarded_text_is_never_a_formula(text):
    guarded = guard_formula(text)
    assert not is_formula(guarded)
    assert guarded.removeprefix("'") == text.removeprefix("'") or guarded == text
