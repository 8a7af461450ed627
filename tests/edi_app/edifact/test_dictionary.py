"""The dictionary files: complete, and right about what every message built from them may hold."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edi_app.acknowledgment import Level
from edi_app.edifact.charset import CHARSETS
from edi_app.edifact.codes import CODES, UNSPECIFIED, describe_code, written_code
from edi_app.edifact.dates import is_moment, is_period
from edi_app.edifact.directory import find_message, known_kinds, service_segments
from edi_app.edifact.elements import ElementChecker
from edi_app.edifact.patterns import find_patterns
from edi_app.edifact.place import Place
from edi_app.edifact.segment import Segment, make_splitter
from edi_app.edifact.service import WRITTEN
from edi_app.edifact.structure import check_structure

KNOWN = [
    ("INVOIC", "D", "96A", "UN"),
    ("REMADV", "D", "96A", "UN"),
    ("ORDERS", "D", "96A", "UN"),
    ("DESADV", "D", "96A", "UN"),
    ("CONTRL", "D", "3", "UN"),
    ("CONTRL", "4", "1", "UN"),
]
SYNTAX_4 = {"2", "7", *map(str, [*range(12, 19), *range(20, 27), 28, 29, 30, 32, 33, 35, 36, 37, 39, 40, 45, 46, 47])}


def nodes(row):
    for node in row.nodes:
        yield node
        if node.row:
            yield from nodes(node.row)


def find_node(row, group):
    return next(node for node in nodes(row) if node.group == group)


@pytest.mark.parametrize("identifier", KNOWN, ids=":".join)
def test_every_segment_of_a_message_is_in_the_dictionary(identifier):
    spec = find_message(identifier)
    service = service_segments("3")
    assert all(node.tag in spec.segments or node.tag in service for node in nodes(spec.row))


@pytest.mark.parametrize(
    ("kind", "group", "tag", "limit"),
    [
        ("INVOIC", 1, "RFF", 99),
        ("INVOIC", 2, "NAD", 99),
        ("INVOIC", 25, "LIN", 9999999),
        ("INVOIC", 48, "MOA", 100),
        ("INVOIC", 50, "TAX", 10),
        ("ORDERS", 25, "LIN", 200000),
        ("DESADV", 10, "CPS", 9999),
        ("DESADV", 15, "LIN", 9999),
        ("REMADV", 4, "DOC", 9999),
    ],
)
def test_segment_groups_have_the_numbers_of_the_directory(kind, group, tag, limit):
    node = find_node(find_message((kind, "D", "96A", "UN")).row, group)
    assert (node.tag, node.limit) == (tag, limit)


def test_an_association_code_does_not_make_another_message():
    assert find_message(("INVOIC", "D", "96A", "UN", "EAN008")) is find_message(("INVOIC", "D", "96A", "UN"))
    assert find_message(("INVOIC", "D", "01B", "UN")) is None
    assert find_message(("../d96a",)) is None
    assert known_kinds() == {"INVOIC", "REMADV", "ORDERS", "DESADV", "CONTRL"}


@st.composite
def orders_of_segments(draw, row):
    tags = []
    for node in row.nodes:
        least = 1 if node.mandatory else 0
        for _ in range(draw(st.integers(least, min(node.limit, 2)))):
            tags.append(node.tag)
            if node.row:
                tags += draw(orders_of_segments(node.row))
    return tags


@pytest.mark.parametrize("identifier", KNOWN, ids=":".join)
@settings(max_examples=25)
@given(data=st.data())
def test_any_order_that_the_structure_allows_is_right(identifier, data):
    spec = find_message(identifier)
    tags = data.draw(orders_of_segments(spec.row))
    segments = [Segment(tag, [], "") for tag in ["UNH", *tags, "UNT"]]
    assert check_structure(segments, spec=spec) == []


@pytest.mark.parametrize("identifier", KNOWN, ids=":".join)
@given(tags=st.lists(st.sampled_from(["BGM", "DTM", "NAD", "LIN", "UNS", "MOA", "UCM", "UCS", "FOO"]), max_size=30))
def test_any_other_order_is_told_at_places_that_exist(identifier, tags):
    segments = [Segment(tag, [], "") for tag in ["UNH", *tags, "UNT"]]
    for fault in check_structure(segments, spec=find_message(identifier)):
        assert 1 <= fault.segment < len(segments)
        assert fault.code in ("13", "15", "35", "36")


SEGMENTS = {**find_message(KNOWN[0]).segments, **service_segments("3"), **find_message(KNOWN[4]).segments}
CHECKER = ElementChecker(charset=CHARSETS["UNOC"], version="3", service=WRITTEN)
VALUES = st.one_of(
    st.just(""), st.text("AZaz09 .-é", max_size=4), st.integers(-99999, 10**9).map(str), st.just("20261120"),
    st.just("102"), st.decimals(-999, 999, places=3).map(str), st.text("A", min_size=30, max_size=40),
)  # fmt: skip
ELEMENTS = st.lists(st.lists(VALUES, min_size=1, max_size=6), max_size=10)


@settings(max_examples=400)
@given(tag=st.sampled_from(sorted(SEGMENTS)), elements=ELEMENTS)
def test_what_is_accepted_quickly_has_no_fault_when_looked_at_closely(tag, elements):
    text = "+".join([tag, *(":".join(parts) for parts in elements)])
    segment = make_splitter(service=WRITTEN, charset=CHARSETS["UNOC"])(text.encode("latin-1"))
    pattern = find_patterns(WRITTEN, CHARSETS["UNOC"]).pattern(SEGMENTS[tag])
    # A text that no pattern matches makes the checker look closely.
    unread = Segment(segment.tag, segment.elements, "")
    faults = CHECKER.check(unread, spec=SEGMENTS[tag], place=Place(tag, 2))
    if pattern.fullmatch(text):
        assert faults == []
    assert CHECKER.check(segment, spec=SEGMENTS[tag], place=Place(tag, 2)) == faults


def test_most_right_segments_are_accepted_quickly():
    patterns = find_patterns(WRITTEN, CHARSETS["UNOC"])
    for text in ["DTM+137:20261120:102", "NAD+BY+AC::92++Acme+1 St+City", "MOA+203:-12.50", "LIN+1++X:SA", "UNS+S"]:
        assert patterns.pattern(SEGMENTS[text[:3]]).fullmatch(text), text


def test_syntax_version_4_gets_only_codes_that_it_has():
    for code in CODES:
        for level in Level:
            assert written_code(code, level=level, version="4") in SYNTAX_4
    assert written_code("19", level=Level.ELEMENT, version="4") == "12"
    assert written_code("34", level=Level.SEGMENT, version="4") == UNSPECIFIED
    assert written_code("34", level=Level.SEGMENT, version="3") == "34"
    assert written_code("26", level=Level.SEGMENT, version="3") == UNSPECIFIED


def test_every_code_has_words():
    assert describe_code("13") == "missing"
    assert describe_code("5") == "trailer check failed"
    assert describe_code("") == "an error without a code"


@pytest.mark.parametrize(
    ("value", "form", "right"),
    [
        ("20240229", "102", True),
        ("20250229", "102", False),
        ("261120", "101", True),
        ("2611202359", "201", True),
        ("202611202400", "203", False),
        ("20261120235959", "204", True),
        ("2359", "401", True),
        ("2360", "401", False),
        ("202613", "610", False),
        ("2026", "602", True),
        ("2026112020261130", "718", True),
        ("20261120-20261130", "718", True),
        ("20261120", "718", False),
        ("anything", "999", True),
        ("２０２６１１２０", "102", False),  # noqa: RUF001
        ("00000101", "102", False),
    ],
)
def test_dates_are_checked_against_the_calendar(value, form, right):
    assert is_period(value, form) is right


def test_a_moment_needs_the_whole_pattern():
    assert is_moment("261122", "YYMMDD")
    assert not is_moment("2611221", "YYMMDD")


@pytest.mark.parametrize(
    ("version", "decimal", "right", "wrong"),
    [
        ("3", ".", "1.5", "1,5"),
        ("3", ",", "1,5", "1.5"),
        ("3", "", "1.5", "1x5"),
        ("3", "", "1,5", "1;5"),
        ("3", "x", "1.5", "1x5"),
        ("4", ".", "1,5", "1x5"),
    ],
)
def test_the_decimal_mark_is_what_the_interchange_names(version, decimal, right, wrong):
    service = replace(WRITTEN, decimal=decimal)
    checker = ElementChecker(charset=CHARSETS["UNOC"], version=version, service=service)
    faults = []
    for value in (right, wrong):
        segment = Segment("MOA", [["203", value]], f"MOA+203:{value}")
        faults.append(checker.check(segment, spec=SEGMENTS["MOA"], place=Place("MOA", 2)))
    assert faults[0] == []
    assert faults[1][0].code in ("19", "37")
