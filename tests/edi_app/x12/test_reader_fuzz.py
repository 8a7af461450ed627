"""Whatever bytes come, the reader gives events or one declared error, and our answer is valid or refused."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from edi_app.x12.acknowledge import needs_acknowledgment, render_acknowledgment
from edi_app.x12.errors import CannotAcknowledge, X12Unreadable
from edi_app.x12.judging import check_interchanges
from edi_app.x12.replies import read_acknowledgments
from edi_app.x12.verdict import AckOptions, WhenTa1
from tests.edi_app.x12.interchanges import SETS, data_of, interchange

WHOLE = {code: data_of(interchange(code)) for code in SETS}
BITS = (
    *(b"ISA*", b"GS*IN*", b"ST*810*0001~", b"SE*2*0001~", b"GE*1*1~", b"IEA*1*000000001~", b"AK1*IN*1~", b"AK9*A~"),
    *(b"~", b"*", b">", b"^", b"\n", b"\x00", b"\xff", b"\xef\xbb\xbf", b"TA1*1~", b"IK3*"),
)
PIECES = st.sampled_from([*BITS, *WHOLE.values()])
OPTIONS = AckOptions(ta1=WhenTa1.ALWAYS, lenient=True)


def read_everything(data: bytes) -> None:
    try:
        checked = list(check_interchanges([data], options=OPTIONS))
        list(read_acknowledgments([data]))
    except X12Unreadable:
        return
    for item in checked:
        answer(item)


def answer(checked) -> None:
    if not needs_acknowledgment(checked, options=OPTIONS):
        return
    moment = datetime(2026, 11, 23, 8, 15, tzinfo=UTC)
    try:
        data = render_acknowledgment(checked, options=OPTIONS, numbers={"ISA": 1, "GS": 1}, moment=moment)
    except CannotAcknowledge:
        return
    (own,) = check_interchanges([data])
    assert own.faults == ()
    assert all(not one.faults for group in own.groups for one in group.sets)


@given(st.binary(max_size=2_000))
@settings(max_examples=150, deadline=None)
def test_any_bytes(data):
    read_everything(data)


@given(st.lists(PIECES | st.binary(max_size=30), max_size=30))
@settings(max_examples=200, deadline=None)
def test_any_mixture_of_pieces(pieces):
    read_everything(b"".join(pieces))


@given(st.sampled_from(sorted(WHOLE)), st.data())
@settings(max_examples=300, deadline=None)
def test_a_valid_interchange_with_any_stretch_replaced(code, data):
    whole = WHOLE[code]
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 40)))
    read_everything(whole[:start] + data.draw(st.binary(max_size=40) | PIECES) + whole[end:])


@given(st.sampled_from(sorted(WHOLE)), st.data())
@settings(max_examples=200, deadline=None)
def test_segments_in_any_order(code, data):
    segments = interchange(code)
    order = data.draw(st.permutations(range(1, len(segments))))
    read_everything(data_of([segments[0], *(segments[at] for at in order)]))
