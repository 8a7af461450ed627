"""The dictionary and the guides are data: complete in themselves, and the quick check agrees with the slow one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edi_app.x12.delimiters import Delimiters
from edi_app.x12.dictionary import Composite, dictionary, release_for
from edi_app.x12.guide import find_guide, known_sets, walk
from edi_app.x12.patterns import sure_test
from edi_app.x12.structure import place_segments
from edi_app.x12.validator import segment_faults
from tests.edi_app.x12.interchanges import SETS, segments_of

RELEASES = ("004010", "005010")
MARKS = Delimiters()


@pytest.mark.parametrize(
    ("version", "release"),
    [
        ("004010", "004010"),
        ("004010VICS", "004010"),
        ("00401", "004010"),
        ("003040", "004010"),
        ("004060", "004010"),
        ("005010X231A1", "005010"),
        ("00501", "005010"),
        ("006020", "005010"),
        ("", "004010"),
    ],
)
def test_every_version_is_read_with_the_nearest_dictionary(version, release):
    assert release_for(version) == release


@pytest.mark.parametrize("release", RELEASES)
def test_conditions_name_elements_that_are_there(release):
    for segment in dictionary(release).segments.values():
        for condition in segment.conditions:
            assert max(condition.positions) <= len(segment.uses), segment.tag
            assert condition.kind in "PRECL"


@pytest.mark.parametrize("release", RELEASES)
def test_guides_name_segments_that_are_there(release):
    assert known_sets() == set(SETS)
    for code in known_sets():
        guide = find_guide(code, release)
        assert guide is not None
        unknown = {node.tag for node in walk(guide.root)} - set(guide.dictionary.segments)
        assert unknown <= guide.dictionary.undescribed
        assert all(node.least <= node.most for node in walk(guide.root))


def test_lengths_that_changed_between_the_releases():
    early, later = (dictionary(release).segments for release in RELEASES)
    assert [segments["REF"].uses[1].item.longest for segments in (early, later)] == [30, 50]
    assert [segments["PER"].uses[3].item.longest for segments in (early, later)] == [80, 256]
    assert [segments["IT1"].uses[1].item.longest for segments in (early, later)] == [10, 15]
    assert [len(segments["N4"].uses) for segments in (early, later)] == [6, 7]


VALUES = st.one_of(
    st.just(""),
    st.sampled_from(["20261120", "20261131", "1430", "2561", "100", "-5.25", "+1", "1e5", " x", "x ", "US", "EA", "C"]),
    st.text("ABC*0123456789 .-\x07é>", max_size=25).map(lambda text: text.replace("*", "")),
)


@given(
    release=st.sampled_from(RELEASES),
    tag=st.sampled_from(sorted(dictionary("004010").segments)),
    values=st.lists(VALUES, max_size=27),
)
@settings(max_examples=600, deadline=None)
def test_what_the_quick_check_accepts_has_no_fault(release, tag, values):
    segment = dictionary(release).segments[tag]
    if sure_test(segment, MARKS)("*".join([tag, *values])):
        assert segment_faults(segment, values, position=1, delimiters=MARKS) == []


@pytest.mark.parametrize("code", sorted(SETS))
def test_the_quick_check_accepts_what_is_usual(code):
    guide = find_guide(code, "005010")
    assert guide is not None
    for text in segments_of(code):
        segment = guide.dictionary.segments[text.split("*")[0]]
        if not any(isinstance(use.item, Composite) and use.mandatory for use in segment.uses):
            assert sure_test(segment, MARKS)(text), text


@given(st.lists(st.sampled_from(["BIG", "N1", "N3", "IT1", "PID", "TXI", "SAC", "TDS", "CTT", "XX"]), max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_order_of_segments_is_placed_or_reported(tags):
    guide = find_guide("810", "004010")
    assert guide is not None
    sequence = ("ST", *tags, "SE")
    placed = place_segments(guide, sequence)
    assert len(placed.paths) == len(sequence)
    for position, path in enumerate(placed.paths, start=1):
        reported = any(fault.segment == position for fault in placed.faults)
        assert path or reported
