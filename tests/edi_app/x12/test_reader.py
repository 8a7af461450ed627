"""Interchanges as they really come: delimiters by position, several in a file, wrapped, padded, damaged."""

import pytest

from edi_app.x12.errors import X12Unreadable
from edi_app.x12.interchange import InterchangeClosed, InterchangeOpened, TransactionSet
from edi_app.x12.reader import read_events, read_interchanges
from edi_app.x12.stream import Limits
from tests.edi_app.x12.interchanges import data_of, interchange, segments_of, wrap

PLAIN = interchange("810")
DATA = data_of(PLAIN, end="~")


def the_set(data: bytes) -> TransactionSet:
    (found,), damage = read_interchanges(data)
    assert damage == ""
    ((one,),) = [group.sets for group in found.groups]
    return one


@pytest.mark.parametrize(
    "data",
    [
        DATA,
        data_of(PLAIN, end="~\n"),
        data_of(PLAIN, end="~\r\n"),
        data_of(PLAIN, end="\n"),
        data_of(PLAIN, end="\r"),
        b"\xef\xbb\xbf" + DATA,
        DATA + b"\r\n \x1a\x00\x00",
        b"\n\n  " + DATA,
        data_of(["  " * (at % 3) + text for at, text in enumerate(PLAIN)], end="~\n"),
        data_of(["\t " + text for text in PLAIN], end="~\n"),
        b"\n".join(DATA[at : at + 80] for at in range(0, len(DATA), 80)),
        b"\r\n".join(DATA[at : at + 72] for at in range(0, len(DATA), 72)),
        DATA.removesuffix(b"~"),
        DATA.replace(b"*", b"\x1d").replace(b"~", b"\x1c").replace(b">", b"\x1f"),
        DATA.replace(b"*", b"|").replace(b"~", b"'"),
        DATA.replace(b"~", b"~~"),
    ],
)
def test_the_same_set_comes_out_however_the_file_is_written(data):
    one = the_set(data)
    assert one.faults == ()
    assert [parts[0] for parts in one.elements()] == [text.split("*")[0] for text in segments_of("810")]
    assert one.elements()[1][2] == "INV-0042"


def test_a_byte_order_mark_says_that_the_text_is_utf_8():
    (pid,) = [text for text in PLAIN if text.startswith("PID*F****")][:1]
    data = b"\xef\xbb\xbf" + DATA.replace(pid.encode(), "PID*F****Café".encode())
    assert ["PID", "F", "", "", "", "Café"] in the_set(data).elements()


def test_chunks_may_end_anywhere():
    whole = [type(event) for event in read_events([DATA])]
    for size in (1, 7, 105, 106, 107, 400):
        pieces = [DATA[at : at + size] for at in range(0, len(DATA), size)]
        assert [type(event) for event in read_events(pieces)] == whole


def test_several_interchanges_in_one_file_may_have_different_delimiters():
    later = data_of(interchange("820", version="005010"), end="\n").replace(b"*", b"|")
    found, damage = read_interchanges(DATA + b"\n" + later + b"\xef\xbb\xbf" + DATA)
    assert damage == ""
    assert [item.groups[0].sets[0].code for item in found] == ["810", "820", "810"]
    assert [item.delimiters.element for item in found] == ["*", "|", "*"]
    assert found[1].delimiters.repetition == "^"


def test_isa11_separates_repetitions_only_from_release_00402_on():
    (found,), _ = read_interchanges(DATA)
    assert found.delimiters.repetition == ""
    assert found.header.repetition == "U"


def test_the_header_says_who_sends_what():
    opened = next(iter(read_events([DATA])))
    assert isinstance(opened, InterchangeOpened)
    header = opened.header
    assert (header.sender_qualifier, header.sender, header.receiver) == ("ZZ", "NORTHWIND", "HARBOR")
    assert (header.control, header.usage, header.version) == ("000000101", "P", "00401")


def test_an_isa_without_its_padding_is_still_understood_and_reported():
    data = DATA.replace(b"NORTHWIND      ", b"NORTHWIND").replace(b"          ", b"")
    (found,), _ = read_interchanges(data)
    assert found.groups[0].sets[0].code == "810"
    assert {fault.code for fault in found.faults} >= {"006"}


def test_ta1_stands_outside_of_groups():
    segments = [PLAIN[0], "TA1*000000077*261121*1200*A*000", "IEA*0*000000101"]
    (found,), _ = read_interchanges(data_of(segments))
    assert found.technical[0].elements[1] == "000000077"
    assert (found.groups, found.faults) == ([], ())


def codes(data: bytes) -> tuple[list[str], list[str], list[str]]:
    (found,), _ = read_interchanges(data)
    sets = [fault.code for group in found.groups for one in group.sets for fault in one.faults]
    return [item.code for item in found.faults], [x.code for group in found.groups for x in group.faults], sets


def test_what_is_cut_off_says_so_at_every_level():
    assert codes(data_of(PLAIN[:-1])) == (["023"], [], [])
    assert codes(data_of(PLAIN[:-2])) == (["023"], ["3"], [])
    assert codes(data_of(PLAIN[:-3])) == (["023"], ["3"], ["2"])
    assert codes(data_of(PLAIN[:1])) == (["023"], [], [])


def test_missing_trailers_in_the_middle_are_found():
    body = segments_of("810")
    assert codes(data_of(wrap(body[:-1]))) == ([], [], ["2"])
    assert codes(data_of([text for text in PLAIN if not text.startswith("GE*")])) == ([], ["3"], [])
    without_gs = [text for text in PLAIN if not text.startswith(("GS*", "GE*"))]
    assert codes(data_of(without_gs)) == (["024"], ["6", "3"], [])


def test_text_outside_of_sets_is_reported():
    stray = [*PLAIN[:2], "NTE*GEN*lost", *PLAIN[2:]]
    assert codes(data_of(stray)) == (["022"], [], [])
    assert codes(b"Dear partner, here it is:\n" + DATA)[0] == ["022"]


def test_an_interchange_that_begins_inside_another_is_read_too():
    found, _ = read_interchanges(data_of(PLAIN[:5]) + DATA)
    assert [item.groups[0].sets[0].code for item in found] == ["810", "810"]
    assert [fault.code for fault in found[0].faults] == ["023"]
    assert found[1].faults == ()


def test_the_same_control_number_twice_in_a_group_is_a_fault():
    body = segments_of("810")
    assert codes(data_of(wrap([*body, *body], count=2))) == ([], [], ["23"])


def test_two_groups_are_counted_and_may_not_share_a_number():
    group = PLAIN[1:-1]
    segments = [PLAIN[0], *group, *group, "IEA*2*000000101"]
    assert codes(data_of(segments)) == ([], ["6"], [])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"   \r\n", "empty"),
        (b"UNB+UNOC:3+US:ZZ+THEM:ZZ", r"begins with 'UNB\+UNOC"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "no ISA"),
        (b"ISA*00*          *00", "damaged"),
        (b"ISA*" + b"A*" * 60, "told apart"),
        (DATA.replace(b"*0*P*>~", b"*0*P*~~"), "told apart"),
        (DATA.replace(b"*0*P*>~", b"*0*P*>A"), "told apart"),
        (DATA.replace(b"*0*P*>~", b"*0*P* ~"), "told apart"),
    ],
)
def test_what_is_not_x12_is_refused_with_the_reason(data, said):
    with pytest.raises(X12Unreadable, match=said):
        list(read_events([data]))


def test_a_damaged_rest_does_not_take_away_what_came_before():
    found, damage = read_interchanges(DATA + b"ISA*00*broken")
    assert len(found) == 1
    assert "damaged" in damage


def test_what_is_open_when_the_rest_cannot_be_read_is_closed_as_cut_off():
    found, damage = read_interchanges(data_of(PLAIN[:-3]) + b"ISA*00*broken")
    assert [one.code for one in found[0].groups[0].sets] == ["810"]
    assert [fault.code for fault in found[0].faults] == ["023"]
    assert "damaged" in damage
    endless = DATA.partition(b"BIG*")[0] + b"BIG*" + b"9" * 300_000
    found, damage = read_interchanges(DATA + endless, limits=Limits(segment_characters=5_000))
    assert [fault.code for fault in found[0].faults] == []
    assert [fault.code for fault in found[1].faults] == ["023"]
    assert "5000 characters" in damage


def test_limits_stop_hostile_sizes():
    limits = Limits(segment_characters=5_000, set_segments=300)
    endless = DATA.partition(b"BIG*")[0] + b"BIG*" + b"9" * 300_000
    with pytest.raises(X12Unreadable, match="5000 characters"):
        list(read_events([endless], limits=limits))
    many = DATA.partition(b"BIG*")[0] + b"NTE**x~" * 50_000
    with pytest.raises(X12Unreadable, match="300 segments"):
        list(read_events([many], limits=limits))


def test_only_one_set_is_kept_at_a_time():
    def chunks():
        yield data_of(PLAIN[:2])
        for number in range(1, 3_001):
            body = segments_of("810")
            yield data_of([f"ST*810*{number:04d}", *body[1:-1], f"SE*{len(body)}*{number:04d}"])
        yield data_of(["GE*3000*101", "IEA*1*000000101"])

    events = read_events(chunks())
    sets = sum(isinstance(event, TransactionSet) and not event.faults for event in events)
    assert sets == 3_000
    closed = list(read_events(chunks()))[-1]
    assert isinstance(closed, InterchangeClosed)
    assert closed.faults == ()
