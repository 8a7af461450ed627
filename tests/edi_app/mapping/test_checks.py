"""Saving a mapping finds everything that can be known: B31, B32, B39 and the rest, each with place and way out."""

from contextlib import nullcontext, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.documents import Stream
from core.errors import Invalid
from edi_app.formatter import check_definition, compile_formatter, mapping_streams
from edi_app.mapping.definition import KEYS
from edi_app.mapping.field_reading import FIELD_KEYS


def csv(*fields, **more):
    return {"format": "csv", "fields": list(fields) or [{"name": "a", "source": "Total"}], **more}


def fixed(*fields, **options):
    return {"format": "fixed", "options": options, "fields": list(fields)}


def field(**values):
    return {"name": "a", "source": "Total", **values}


def found(definition, *streams):
    return check_definition(definition, streams=streams or ["invoices"])


CASES = [
    (csv(field(source="Totl")), "fields[0].source", "MAP_UNKNOWN_FIELD", "Did you mean Total?"),
    (csv(field(source="__class__")), "fields[0].source", "MAP_UNKNOWN_FIELD", ""),
    (csv(field(source="foo(Total)")), "fields[0].source", "MAP_UNKNOWN_FUNCTION", ""),
    (csv(field(source="lookup('t', Total)")), "fields[0].source", "MAP_UNKNOWN_TABLE", ""),
    (csv(field(source="")), "fields[0].source", "MAP_BAD_OPTION", "single quotes"),
    (csv(field(source="LineItems")), "fields[0].source", "MAP_BAD_TRANSFORM", "json"),
    (csv(field(source="Line.Quantity")), "fields[0].source", "MAP_BAD_LAYOUT", "rows: line"),
    (csv(field(source="Totals.Exports")), "fields[0].source", "MAP_UNKNOWN_FIELD", ""),
    (csv(field(**{"as": "amout:2"})), "fields[0].as", "MAP_BAD_TRANSFORM", "Did you mean amount?"),
    (csv(field(**{"as": "date:%Y"})), "fields[0].as", "MAP_BAD_TRANSFORM", ""),
    (csv(field(source="Date", **{"as": "date:%Q"})), "fields[0].as", "MAP_BAD_TRANSFORM", "Known are"),
    (csv(field(**{"as": "lookup:t"})), "fields[0].as", "MAP_UNKNOWN_TABLE", ""),
    (csv(field(min=5, max=3)), "fields[0].min", "MAP_BAD_LENGTH", ""),
    (csv(field(max=0)), "fields[0].max", "MAP_BAD_LENGTH", ""),
    (csv(field(source="'too long'", max=3)), "fields[0].source", "MAP_BAD_LENGTH", ""),
    (csv(field(default="long", max=3)), "fields[0].default", "MAP_BAD_LENGTH", ""),
    (csv(field(), field(source="Date")), "fields[1].name", "MAP_DUPLICATE_COLUMN", ""),
    (csv(field(overflow="truncate")), "fields[0].overflow", "MAP_BAD_OPTION", ""),
    (csv(options={"delimiter": '"'}), "options.delimiter", "MAP_BAD_OPTION", ""),
    (csv(options={"delimiter": "||"}), "options.delimiter", "MAP_BAD_OPTION", ""),
    (csv(options={"delimiter": "a"}), "options.delimiter", "MAP_BAD_OPTION", ""),
    (csv(options={"delimiter": "\n"}), "options.delimiter", "MAP_BAD_OPTION", ""),
    (csv(options={"delimiter": "→", "encoding": "latin-1"}), "options.delimiter", "MAP_BAD_OPTION", ""),
    (csv(options={"delimiter": ",", "decimal": ",", "quoting": "none"}), "options.delimiter", "MAP_BAD_OPTION", ""),
    (csv(options={"delimeter": ";"}), "options.delimeter", "MAP_UNKNOWN_KEY", "Did you mean delimiter?"),
    (csv(options={"encoding": "utf8000"}), "options.encoding", "MAP_BAD_OPTION", ""),
    (csv(options={"encoding": "utf-16"}), "options.encoding", "MAP_BAD_OPTION", ""),
    (csv(options={"encoding": "utf-7"}), "options.encoding", "MAP_BAD_OPTION", ""),
    (csv(options={"encoding": "base64"}), "options.encoding", "MAP_BAD_OPTION", ""),
    (csv(options={"encoding": 8}), "options.encoding", "MAP_BAD_OPTION", ""),
    (csv(options={"encoding": "latin-1", "bom": True}), "options.bom", "MAP_BAD_OPTION", ""),
    (csv(options={"header": "yes"}), "options.header", "MAP_BAD_OPTION", ""),
    (csv(options={"total_tolerance": "x"}), "options.total_tolerance", "MAP_BAD_OPTION", ""),
    (csv(options={"statuses": "PAID"}), "options.statuses", "MAP_BAD_OPTION", ""),
    (csv(options={"extension": "../x"}), "options.extension", "MAP_BAD_OPTION", ""),
    ({"format": "csv", "fields": []}, "fields", "MAP_BAD_LAYOUT", ""),
    (fixed(field()), "fields[0].width", "MAP_BAD_LENGTH", ""),
    (fixed(field(width=5), field(name="b", start=3, width=4)), "fields[1].start", "MAP_BAD_LAYOUT", ""),
    (fixed(field(width=5), field(name="b", start=9, width=4)), "fields[1].start", "MAP_BAD_LAYOUT", "gaps: blank"),
    (fixed(field(width=5), record_length=4), "options.record_length", "MAP_BAD_LENGTH", ""),
    (fixed(field(width=5, max=6)), "fields[0].max", "MAP_BAD_LENGTH", ""),
    (fixed(field(width=5, overflow="cut")), "fields[0].overflow", "MAP_BAD_LENGTH", ""),
    (fixed(field(width=5, decimals=2, align="left")), "fields[0].align", "MAP_BAD_LAYOUT", ""),
    (fixed(field(width=5, pad="*")), "fields[0].pad", "MAP_BAD_OPTION", ""),
    (fixed(field(width=5, sign="overpunch")), "fields[0].sign", "MAP_BAD_OPTION", ""),
    (fixed(field(width=5, sign="floating", pad=0)), "fields[0].sign", "MAP_BAD_OPTION", ""),
    (fixed(field(width=5, source="Reference", pad="→"), encoding="ascii"), "fields[0].pad", "MAP_BAD_LAYOUT", ""),
    (fixed(field(width=5, source="Reference", pad="→"), width_unit="bytes"), "fields[0].pad", "MAP_BAD_LAYOUT", ""),
    (fixed(field(width=5), width_unit="bytes", encoding="utf-16-le"), "options.width_unit", "MAP_BAD_LAYOUT", ""),
]


@pytest.mark.parametrize(("definition", "path", "code", "hint"), CASES)
def test_mistake_is_found_once_with_its_place(definition, path, code, hint):
    findings = found(definition)
    assert [(finding.path, finding.code) for finding in findings] == [(path, code)]
    assert hint in findings[0].hint


def test_all_mistakes_are_found_at_once():
    definition = csv(field(source="Totl"), field(name="b", min=9, max=1), options={"x": 1})
    assert [finding.path for finding in found(definition)] == ["options.x", "fields[0].source", "fields[1].min"]


def test_lines_need_a_stream_that_has_them():
    definition = csv(options={"rows": "line"})
    assert found(definition, "contacts")[0].path == "options.rows"
    assert found(definition, "invoices", "contacts") == []


def test_record_types_check_what_the_file_knows():
    one = [{"name": "n", "source": "InvoiceNumber"}]
    trailer = [{"name": "s", "source": "Totals.Sums.m"}, {"name": "t", "source": "Total"}]
    definition = {"format": "csv", "options": {"header": True}, "records": {"document": one, "trailer": trailer}}
    assert [(finding.path, finding.code) for finding in found(definition)] == [
        ("options.header", "MAP_BAD_OPTION"),
        ("records.trailer[1].source", "MAP_UNKNOWN_FIELD"),
        ("records.trailer[0].source", "MAP_UNKNOWN_FIELD"),
    ]


def test_field_of_one_stream_is_enough_when_there_are_several():
    definition = csv(field(source="InvoiceNumber || CreditNoteNumber"))
    assert found(definition, "invoices", "credit_notes") == []
    assert [finding.path for finding in found(definition, "invoices")] == ["fields[0].source"]


def test_x12_mappings_are_checked_by_the_same_door():
    assert found({"base": "x12-810"}) == []
    assert found({"base": "x12-811"})[0].code == "MAP_UNKNOWN_BASE"


@pytest.mark.parametrize(
    ("definition", "streams"),
    [
        ({"base": "x12-820"}, ("payments",)),
        ({"base": "csv-manual_journals"}, ("manual_journals",)),
        ({"base": "csv-archive"}, tuple(Stream)),
        ({"format": "csv"}, tuple(Stream)),
    ],
)
def test_mapping_says_which_streams_it_can_hold(definition, streams):
    assert set(mapping_streams(definition)) == set(streams)


WORDS = st.sampled_from(
    [
        "Total",
        "Line.Quantity",
        "Contact",
        "'x'",
        "date:%Y",
        "amount:2",
        "csv",
        "fixed",
        "csv-invoices",
        "line",
        "total",
        "",
    ]
) | st.text(max_size=6)
SCALARS = st.none() | st.booleans() | st.integers(-3, 12) | WORDS | st.floats(allow_nan=False)
FIELDS = st.dictionaries(st.sampled_from([*FIELD_KEYS["csv"], *FIELD_KEYS["fixed"]]), SCALARS, max_size=6)
RECORDS = st.dictionaries(st.sampled_from(["header", "line", "document", "trailer", "x"]), st.lists(FIELDS, max_size=3))
PARTS = (
    SCALARS | st.lists(SCALARS | FIELDS, max_size=4) | FIELDS | RECORDS | st.dictionaries(WORDS, SCALARS, max_size=3)
)


@given(st.dictionaries(st.sampled_from(KEYS), PARTS, max_size=6) | PARTS)
def test_any_definition_is_compiled_or_refused_in_words(definition):
    findings = check_definition(definition, streams=["invoices"])
    assert all(finding.path and finding.reason and finding.code for finding in findings)
    with suppress(Invalid) if findings else nullcontext():
        compile_formatter(definition, stream="invoices")
