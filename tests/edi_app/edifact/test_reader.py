"""Reading: service characters, releases, line breaks, several interchanges, damage, and limits."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_app.acknowledgment import Outcome
from edi_app.edifact import EdifactUnreadable, Limits, check_interchanges, read_messages
from edi_app.edifact.reader import Closed, Group, Interchange, Stray, read_events
from edi_app.edifact.segment import Segment
from edi_app.edifact.stream import Junk
from tests.edi_app.edifact.interchanges import INVOIC, ORDERS, wrap


def read_one(data: bytes) -> list[Segment]:
    (message,) = read_messages(data)
    return message.segments


def message(*segments: str) -> list[str]:
    return ["UNH+1+TEST:D:96A:UN", *segments, f"UNT+{len(segments) + 2}+1"]


def test_a_message_is_read_into_elements_and_components():
    (invoice,) = read_messages(wrap(INVOIC))
    assert (invoice.reference, invoice.kind, len(invoice.segments)) == ("1", "INVOIC", 26)
    nad = invoice.segments[5]
    assert nad.tag == "NAD"
    assert nad.elements[1] == ["AC001", "", "92"]
    assert (nad.value(2), nad.value(3, 3), nad.value(3, 2), nad.value(99)) == ("BY", "92", "", "")
    assert nad.text == INVOIC[5]


def test_the_header_is_known_to_each_message():
    (invoice,) = read_messages(wrap(INVOIC))
    header = invoice.interchange
    assert (header.syntax, header.version, header.reference) == ("UNOC", "3", "REF55")
    assert (header.sender, header.recipient) == (("THEM", "ZZ"), ("US", "ZZ"))
    assert (header.acknowledgment_request, header.test) == ("1", False)


def test_una_may_name_other_service_characters():
    data = (
        b"UNA=*.\\ ~UNB*UNOA=3*A=1*B=1*060515=1434*7~UNH*1*TEST=D=97B=UN~FTX*AAI***a+b:c'd\\*e\\~f\\\\~UNT*3*1~UNZ*1*7~"
    )
    assert read_one(data)[1].elements[3] == ["a+b:c'd*e~f\\"]


def test_without_una_the_defaults_hold():
    assert read_one(wrap(message("FTX+AAI+++a?+b"), una=""))[1].elements[3] == ["a+b"]


def test_level_b_without_una_may_use_information_separators():
    text = "UNB+UNOB:1+A+B+060515:1434+7'UNH+1+TEST:D:97B:UN'FTX+AAI+++why?'UNT+3+1'UNZ+1+7'"
    data = text.translate(str.maketrans("+:'", "\x1d\x1f\x1c")).encode()
    assert read_one(data)[1].elements == [["AAI"], [""], [""], ["why?"]]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("a??", ["a?"]),
        ("a???'b", ["a?'b"]),
        ("a????", ["a??"]),
        ("?+?:?'??", ["+:'?"]),
        ("a?:b:c", ["a:b", "c"]),
        ("a??:b", ["a?", "b"]),
        ("?x", ["x"]),
        ("UNZ?'UNB?'", ["UNZ'UNB'"]),
        ("10 ?+ 2 = 12??", ["10 + 2 = 12?"]),
    ],
)
def test_the_release_character_makes_the_next_one_data(written, expected):
    segments = read_one(wrap(message(f"FTX+AAI+++{written}")))
    assert segments[1].elements[3] == expected
    assert segments[2].tag == "UNT"


def test_syntax_version_4_repeats_data_elements():
    unb = "UNB+UNOC:4+A+B+20260515:1434+7"
    segments = read_one(wrap(message("XYZ+a*b:c*d?*e+f"), unb=unb, unz="UNZ+1+7", una=""))
    assert segments[1].elements == [["a"], ["f"]]
    assert segments[1].repeats == {0: [["b", "c"], ["d*e"]]}


def test_up_to_version_3_an_asterisk_is_data():
    assert read_one(wrap(message("XYZ+a*b"), una="UNA:+.?*'"))[1].elements == [["a*b"]]


def test_an_explicit_nesting_indicator_is_kept_apart():
    segment = read_one(wrap(message("LIN:1:2+1")))[1]
    assert (segment.tag, segment.nesting, segment.elements) == ("LIN", ["1", "2"], [["1"]])


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\n  ", "\r"])
def test_line_breaks_between_segments_are_not_data(line_break):
    data = wrap(INVOIC).replace(b"'", b"'" + line_break.encode())
    assert [segment.tag for segment in read_one(data)] == [text[:3] for text in INVOIC]


@given(st.integers(min_value=1, max_value=100))
def test_lines_wrapped_at_any_width_read_the_same(width):
    data = wrap(INVOIC, ORDERS)
    head, body = data[:20], data[20:]
    wrapped = head + b"\r\n".join(body[at : at + width] for at in range(0, len(body), width))
    assert [one.segments for one in read_messages(wrapped)] == [one.segments for one in read_messages(data)]


def test_a_line_break_may_be_the_terminator():
    data = b"UNA:+.? \nUNB+UNOA:3+A+B+060515:1434+7\nUNH+1+TEST:D:97B:UN\r\nUNT+2+1\nUNZ+1+7\n"
    assert [segment.tag for segment in read_one(data)] == ["UNH", "UNT"]


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\r\n", b"  \n\n", b"\xef\xbb\xbf\n"])
def test_a_mark_or_blanks_in_front_do_no_harm(before):
    assert len(read_one(before + wrap(INVOIC))) == 26


def test_several_interchanges_each_have_their_own_characters():
    other = wrap(message("FTX+x"), una="UNA:+,! ~").replace(b"'", b"~")
    data = wrap(INVOIC) + b"\r\n" + other + wrap(message("FTX+a?+b"), una="")
    first, second, third = read_messages(data)
    assert (len(first.segments), first.interchange.service.terminator) == (26, "'")
    assert second.interchange.service.terminator == "~"
    assert third.segments[1].elements == [["a+b"]]


def test_padding_behind_the_end_is_no_junk():
    events = list(read_events(wrap(INVOIC) + b"\r\n\x1a\x00\x00  \n"))
    assert not [event for event in events if isinstance(event, Junk)]


def test_junk_behind_the_end_is_counted_and_shown():
    events = list(read_events(wrap(INVOIC) + b"\nEND OF FILE 42"))
    assert events[-1] == Junk(14, b"END OF FILE 42")


def test_junk_between_interchanges_is_passed_over():
    data = wrap(INVOIC) + b"-" * 300_000 + wrap(ORDERS)
    assert [one.kind for one in read_messages(data)] == ["INVOIC", "ORDERS"]
    assert [event.size for event in read_events(data) if isinstance(event, Junk)] == [300_000]


def test_an_interchange_without_unz_ends_where_the_next_begins():
    events = list(read_events(wrap(INVOIC, unz="UNS+S") + wrap(ORDERS)))
    closed = [event.trailer for event in events if isinstance(event, Closed)]
    assert closed[0] is None
    assert closed[1].tag == "UNZ"
    assert [one.kind for one in read_messages(wrap(INVOIC, unz="FTX") + wrap(ORDERS))] == ["INVOIC", "ORDERS"]


def test_a_file_cut_off_gives_what_was_there():
    data = wrap(INVOIC)[:300]
    (invoice,) = read_messages(data)
    assert invoice.trailer is None
    assert invoice.segments[2].text == INVOIC[2]


def test_messages_in_groups_know_their_group():
    unb, unz = "UNB+UNOC:3+A+B+261122:2100+7'UNG+ORDERS+A+B+261122:2100+G1+UN+D:96A", "UNE+2+G1'UNZ+1+7"
    events = list(read_events(wrap(ORDERS, ORDERS, unb=unb, unz=unz)))
    kinds = [type(event).__name__ for event in events]
    assert kinds == ["Interchange", "Group", "Message", "Message", "Closed", "Closed"]
    assert events[2].group is events[1]
    assert events[1].reference == "G1"


def test_segments_outside_of_messages_are_told_apart():
    events = list(read_events(wrap(["FTX+lost"], ORDERS, ["UNT+1+9"])))
    assert [event.segment.tag for event in events if isinstance(event, Stray)] == ["FTX", "UNT"]
    assert [type(event) for event in events if isinstance(event, Interchange | Group)] == [Interchange]


@given(st.lists(st.integers(min_value=1, max_value=400), min_size=1, max_size=20))
def test_chunks_of_any_size_read_the_same(sizes):
    data = wrap(INVOIC, ORDERS) + wrap(ORDERS)
    chunks, at = [], 0
    for size in sizes:
        chunks.append(data[at : at + size])
        at += size
    expected = [one.segments for one in read_messages(data)]
    assert [one.segments for one in read_messages([*chunks, data[at:]])] == expected
    assert [one.segments for one in read_messages(io.BytesIO(data))] == expected


def test_a_large_file_is_read_message_by_message():
    def chunks():
        yield wrap(INVOIC)[:-12]
        for number in range(2, 3_001):
            yield "".join(segment + "'" for segment in INVOIC).replace("UNH+1+", f"UNH+{number}+").encode()
        yield b"UNZ+3000+REF55'"

    assert sum(1 for _ in read_messages(chunks())) == 3_000


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \r\n\x1a", "empty"),
        (b"ISA*00*          *00*", "begins with 'ISA"),
        (b"UNA:+.? 'UNH+1+INVOIC:D:96A:UN'", "begins with"),
        (b"UNB*UNOA*1*", "begins with"),
        ("UNB+UNOA:1".encode("utf-16"), "UTF-16"),
        ("UNB+UNOA:1+A+B".encode("utf-16-le"), "UTF-16"),
        (b"UNAX+.? 'UNB+UNOA:1", "letters"),
        (b"UNA++.? 'UNB+UNOA:1", "twice"),
        (b"UNA:+.?' UNB+UNOA:1", "blanks"),
        (b"\xff" * 100, "begins with"),
        (b"UNB+" + b"x" * 3_000_000, "more than"),
    ],
)
def test_what_is_not_edifact_is_refused_in_words(data, words):
    with pytest.raises(EdifactUnreadable, match=words):
        list(read_messages(data))


def test_a_message_beyond_the_limit_is_refused():
    with pytest.raises(EdifactUnreadable, match="A message has more than 200"):
        list(read_messages(wrap(INVOIC), limits=Limits(message=200)))


def test_an_interchange_in_front_of_bytes_that_cannot_be_read_is_judged():
    found = []
    with pytest.raises(EdifactUnreadable, match="UNA names"):
        found.extend(check_interchanges(wrap(ORDERS) + b"UNA::.? 'UNB+UNOC:3+A+B+261122:2100+1'"))
    assert [checked.outcome for checked in found] == [Outcome.ACCEPTED]


def test_what_is_open_when_the_rest_cannot_be_read_is_closed_as_cut_off():
    cut = wrap(ORDERS).partition(b"UNZ")[0]
    found = []
    with pytest.raises(EdifactUnreadable):
        found.extend(check_interchanges(cut + b"UNA::.? 'UNB+UNOC:3+A+B+261122:2100+1'"))
    assert [(len(checked.messages), checked.faults[0].code) for checked in found] == [(1, "13")]
