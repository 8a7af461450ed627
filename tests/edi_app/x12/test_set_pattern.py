"""The quick yes over a whole set never says yes to what the validator refuses, and says it to what is usual."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.formats import ExportFacts
from edi_app.x12.delimiters import Delimiters
from edi_app.x12.dictionary import dictionary
from edi_app.x12.errors import DocumentRefused
from edi_app.x12.formatter import compile_x12
from edi_app.x12.guide import Guide, Node, find_guide
from edi_app.x12.set_pattern import sure_set
from edi_app.x12.setplan import SetPlan
from edi_app.x12.settings import read_settings
from edi_app.x12.validator import Validator, segment_faults
from tests.edi_app.x12.defects import element_defects, structure_defects
from tests.edi_app.x12.documents import envelope
from tests.edi_app.x12.interchanges import segments_of
from tests.edi_app.x12.test_dictionary import VALUES
from tests.edi_app.x12.varied import varied_invoice, varied_payment

RELEASES = ("004010", "005010")
WRITTEN = ("810", "820")
MARKS = Delimiters(line_end="\n")
END = "~\n"


def text_of(segments):
    return END.join(segments) + END


def everything_in(guide):
    """Give every element of every segment: the widest mapping that there can be."""
    return {tag: range(1, len(segment.uses) + 1) for tag, segment in guide.dictionary.segments.items()}


def test_for(code, release):
    guide = find_guide(code, release)
    return sure_set(guide, MARKS, everything_in(guide)), Validator(guide, MARKS)


TESTS = {(code, release): test_for(code, release) for code in WRITTEN for release in RELEASES}
test_for.__test__ = False


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("code", WRITTEN)
def test_a_usual_set_is_sure(code, release):
    is_sure, validator = TESTS[code, release]
    assert is_sure(text_of(segments_of(code)))
    assert validator.faults(segments_of(code)) == []


@pytest.mark.parametrize(
    "change", [str.lower, lambda text: text + " ", lambda text: text[:-1], lambda text: "~" + text]
)
def test_nothing_around_a_set_is_sure(change):
    is_sure, _ = TESTS["810", "004010"]
    assert not is_sure(change(text_of(segments_of("810"))))


@pytest.mark.parametrize(
    "defect",
    [defect for defect in (*element_defects(), *structure_defects()) if defect.name.startswith(WRITTEN)],
    ids=lambda defect: defect.name,
)
def test_no_defect_is_sure(defect):
    inside = [segment for segment in defect.segments if segment[:3] not in ("ISA", "GS*", "GE*", "IEA")]
    code = inside[0].split("*")[1] if inside[0].startswith("ST*") else defect.name[:3]
    assert not TESTS[code, "004010"][0](text_of(inside))


@given(data=st.data(), release=st.sampled_from(RELEASES), values=st.lists(VALUES, max_size=27))
@settings(max_examples=600, deadline=None)
def test_a_sure_segment_has_no_fault_and_only_the_elements_that_may_be_there(data, release, values):
    described = dictionary(release).segments
    segment = described[data.draw(st.sampled_from(sorted(described)))]
    every = range(1, len(segment.uses) + 1)
    places = data.draw(st.one_of(st.just(set(every)), st.sets(st.sampled_from(every), min_size=1)))
    alone = Guide("", "", "", release, Node(segment.tag, 1, 1), dictionary(release), frozenset({segment.tag}))
    if sure_set(alone, MARKS, {segment.tag: places})(text_of(["*".join([segment.tag, *values])])):
        assert segment_faults(segment, values, position=1, delimiters=MARKS) == []
        assert {place for place, value in enumerate(values, start=1) if value} <= places


@given(
    data=st.data(),
    code=st.sampled_from(WRITTEN),
    release=st.sampled_from(RELEASES),
    changes=st.lists(st.tuples(st.sampled_from(["drop", "double", "swap"]), st.integers(0, 30)), max_size=4),
)
@settings(max_examples=600, deadline=None)
def test_whatever_is_sure_is_in_order(data, code, release, changes):
    segments = segments_of(code)
    for change, number in changes:
        at = number % len(segments)
        if change == "drop":
            del segments[at]
        elif change == "double":
            segments.insert(at, segments[at])
        else:
            segments[at], segments[at - 1] = segments[at - 1], segments[at]
    is_sure, validator = TESTS[code, release]
    if is_sure(text_of(segments)):
        assert validator.faults(segments) == []


@pytest.mark.parametrize("make", [varied_invoice, varied_payment])
@pytest.mark.parametrize("release", RELEASES)
def test_what_is_written_needs_no_closer_look(make, release):
    document = make(7)
    base, given = ("x12-820", "payments") if make is varied_payment else ("x12-810", document.stream)
    formatter = compile_x12({"base": base}, stream=given, tables={})
    text = formatter.content(document, ExportFacts(), envelope(release)).data.decode()
    marks = read_settings({"version": release}, {}).structure()
    guide = find_guide(formatter.document, release)
    assert sure_set(guide, marks, everything_in(guide))(text)


def test_a_text_that_would_be_read_as_more_segments_than_were_written_is_refused():
    plan = SetPlan({"base": "x12-810"}, {"version": "004010"}, stream="invoices", tables={})
    written = segments_of("810")
    plan.check(plan.text(written), written, number="INV-1")
    written[14:15] = ["PID*F****Blue~\nPID*F****widget"]
    with pytest.raises(DocumentRefused, match="segment terminator"):
        plan.check(plan.text(written), written, number="INV-1")


def test_a_long_set_that_is_refused_takes_one_read():
    head, tail = segments_of("810")[:12], segments_of("810")[18:]
    lines = [f"IT1*{number}*1*EA*1**VP*W" for number in range(20_000)]
    is_sure, _ = TESTS["810", "004010"]
    assert is_sure(text_of([*head, *lines, *tail]))
    assert not is_sure(text_of([*head, *lines, "TDS*1.5"]))
