"""Writing: what is written reads back the same, and what cannot be written is refused by name."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.errors import Invalid
from edi_app.acknowledgment import Outcome
from edi_app.edifact import Header, WrittenMessage, check_interchanges, read_messages, render_interchange
from edi_app.edifact.service import WRITTEN, WRITTEN_4, ServiceCharacters
from edi_app.edifact.writer import render_segment
from tests.edi_app.edifact.interchanges import MOMENT

LATIN = st.characters(codec="iso8859-1", exclude_categories=["Cc"])
ANY = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])
LEVEL_A = st.sampled_from("ABCXYZ0189 .,-()/=!\"%&*;<>'+:?")


def header(**more) -> Header:
    values = {"sender": ("US", "ZZ"), "recipient": ("THEM", "14"), "reference": "57", "moment": MOMENT}
    return Header(**{**values, **more})


def written(*segments, **more) -> bytes:
    identifier = ("TEST", "D", "96A", "UN")
    return render_interchange(header(**more), [WrittenMessage(reference="1", identifier=identifier, segments=segments)])


def test_an_interchange_is_written_with_una_counts_and_references():
    data = written(("BGM", "380", "INV-1"), ("FTX", "AAI", "", "", ("text", "more")), acknowledgment_request="1")
    assert data == (
        b"UNA:+.? 'UNB+UNOC:3+US:ZZ+THEM:14+261122:2105+57++++1'UNH+1+TEST:D:96A:UN'"
        b"BGM+380+INV-1'FTX+AAI+++text:more'UNT+4+1'UNZ+1+57'"
    )


def test_version_4_writes_the_century_and_names_the_repetition_separator():
    data = written(("BGM", "a*b"), version="4", test=True, line_break="\r\n")
    assert data.splitlines() == [
        b"UNA:+.?*'",
        b"UNB+UNOC:4+US:ZZ+THEM:14+20261122:2105+57++++++1'",
        b"UNH+1+TEST:D:96A:UN'",
        b"BGM+a?*b'",
        b"UNT+3+1'",
        b"UNZ+1+57'",
    ]


@pytest.mark.parametrize(
    ("segment", "expected"),
    [
        (("UNS",), "UNS'"),
        (("NAD", "BY", "", ("", ""), ""), "NAD+BY'"),
        (("NAD", "BY", ("a", "", "")), "NAD+BY+a'"),
        (("NAD", ("", "", "92")), "NAD+::92'"),
        (("FTX", ("a:", "")), "FTX+a?:'"),
        (("FTX", ("a::",)), "FTX+a?:?:'"),
        (("FTX", ("a?", "")), "FTX+a??'"),
        (("FTX", ("a?:", "", ""), ""), "FTX+a???:'"),
        (("FTX", "10 + 2 = 12?"), "FTX+10 ?+ 2 = 12??'"),
    ],
)
def test_trailing_separators_are_left_away_but_data_is_kept(segment, expected):
    assert render_segment(segment, service=WRITTEN) == expected


@given(st.text(LATIN, min_size=1), st.lists(st.text(LATIN), min_size=1, max_size=4))
def test_any_latin_text_in_any_element_reads_back(text, parts):
    assume(parts[-1])
    (message,) = read_messages(written(("FTX", text, parts, text)))
    assert message.segments[1].elements == [[text], parts, [text]]


@given(st.text(ANY, min_size=1), st.sampled_from(["UNOW", "UNOY"]), st.sampled_from("34"))
def test_any_text_reads_back_in_utf_8(text, syntax, version):
    (message,) = read_messages(written(("FTX", text), syntax=syntax, version=version))
    assert message.segments[1].elements == [[text]]


@given(st.text(LEVEL_A, min_size=1))
def test_any_text_of_level_a_is_accepted_by_our_own_check(text):
    (checked,) = check_interchanges(written(("FTX", text), syntax="UNOA"))
    assert checked.outcome is Outcome.ACCEPTED


@given(st.lists(st.lists(st.text(LATIN, min_size=1), min_size=1, max_size=3), min_size=1, max_size=5))
def test_segments_rendered_from_what_was_read_are_the_same_bytes(elements):
    data = written(("XYZ", *elements), version="4")
    (message,) = read_messages(data)
    segment = message.segments[1]
    assert render_segment((segment.tag, *segment.elements), service=WRITTEN_4) == segment.text + "'"


@pytest.mark.parametrize(
    ("syntax", "text", "foreign"),
    [
        ("UNOA", "Acme", "'c'"),
        ("UNOB", "a@b", "'@'"),
        ("UNOB", "Größe", "'ö'"),
        ("UNOC", "5 €", "'€'"),
        ("UNOD", "Ñ", "'Ñ'"),
        ("UNOC", "two\nlines", "'\ufffd'"),
        ("UNOY", "a\x00b", "'\ufffd'"),
        ("UNOY", "\ud800", "'\ufffd'"),
    ],
)
def test_characters_that_the_level_lacks_are_refused_by_place(syntax, text, foreign):
    with pytest.raises(Invalid) as caught:
        written(("FTX", "AAI", ("OK", text)), syntax=syntax)
    (finding,) = caught.value.findings
    assert caught.value.code == finding.code == "MAP_BAD_CHAR"
    assert finding.path == "segment 2 (FTX), data element 3, component 2"
    assert foreign in finding.reason


def test_upper_case_is_all_that_level_a_writes():
    data = written(("FTX", "GRÖSSE".replace("Ö", "OE")), syntax="UNOA")
    assert b"GROESSE" in data


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"sender": ("X" * 36,)}, "36 characters; at most 35"),
        ({"recipient": ()}, "recipient.* is missing"),
        ({"reference": "123456789012345"}, "15 characters; at most 14"),
        ({"reference": ""}, "reference.* is missing"),
        ({"acknowledgment_request": "yes"}, "must be a number"),
        ({"syntax": "UNOX"}, "no syntax identifier"),
    ],
)
def test_an_envelope_that_breaks_the_dictionary_is_refused(more, words):
    with pytest.raises(Invalid, match=words):
        written(("BGM", "380"), **more)


def test_una_is_read_back_as_the_same_characters():
    service = ServiceCharacters(":", "|", ",", "!", "", "~")
    assert service.una() == "UNA:|,! ~"
    assert WRITTEN_4.una() == "UNA:+.?*'"
