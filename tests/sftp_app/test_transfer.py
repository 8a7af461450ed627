"""Cutting chunks into requests, and answers that come in any form."""

import itertools
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sftp_app.packets import Fields, Kind, RemoteFile, string
from sftp_app.transfer import blocks, receive, request_size, send
from sftp_app.wire import Dropped, Garbled, Refused, Wire


@given(st.lists(st.binary(max_size=40), max_size=20), st.integers(min_value=1, max_value=32))
def test_blocks_are_the_same_bytes_in_full_requests(chunks, size):
    cut = [bytes(block) for block in blocks(chunks, size)]
    assert b"".join(cut) == b"".join(chunks)
    assert all(len(block) == size for block in cut[:-1])
    assert all(cut)


class Line:
    """A channel whose other end is a list of bytes to receive; what is sent is kept."""

    def __init__(self, *received):
        self.received = list(received)
        self.sent = b""

    def sendall(self, data):
        self.sent += bytes(data)

    def recv(self, size):
        if not self.received:
            return b""
        first, self.received[:1] = self.received[0][:size], [self.received[0][size:]] * bool(self.received[0][size:])
        return first

    def recv_ready(self):
        return bool(self.received)


def packet(kind, body):
    return struct.pack(">IB", len(body) + 1, kind) + body


def status(number, code, text="", *, language=True):
    return packet(Kind.STATUS, struct.pack(">II", number, code) + string(text) + (string("") if language else b""))


def test_a_refusal_that_has_arrived_stops_the_upload_at_once():
    wire = Wire(Line(status(1, 4, "full")))
    with pytest.raises(Refused, match="full"):
        send(wire, string("h"), (b"abc" for _ in itertools.count()), largest=3)


def data(number, content):
    return packet(Kind.DATA, struct.pack(">I", number) + string(content))


def test_the_extension_list_is_kept():
    body = struct.pack(">I", 3) + string("fsync@openssh.com") + string("1") + string("x") + string("")
    wire = Wire(Line(packet(Kind.VERSION, body)))
    wire.start()
    assert wire.extensions == {"fsync@openssh.com": "1", "x": ""}


def test_answers_are_kept_until_asked_for_in_any_order():
    wire = Wire(Line(status(2, 4, "second") + status(1, 0)))
    first, second = wire.ask(Kind.REMOVE, string("a")), wire.ask(Kind.REMOVE, string("b"))
    wire.answer(first).expect(Kind.STATUS)
    with pytest.raises(Refused, match="second"):
        wire.answer(second).expect(Kind.STATUS)


def test_small_requests_share_a_packet_and_leave_before_an_answer_is_awaited():
    line = Line(status(1, 0), status(2, 0))
    wire = Wire(line)
    numbers = [wire.ask(Kind.REMOVE, string("a")), wire.ask(Kind.REMOVE, string("b"))]
    assert line.sent == b""
    for number in numbers:
        wire.answer(number).expect(Kind.STATUS)
    assert line.sent.count(bytes([Kind.REMOVE])) == 2


@pytest.mark.parametrize("tail", [b"", string(""), string("no reason")])
def test_a_status_without_text_or_language_is_understood(tail):
    wire = Wire(Line(packet(Kind.STATUS, struct.pack(">II", 1, 4) + tail)))
    with pytest.raises(Refused):
        wire.call(Kind.REMOVE, string("a")).expect(Kind.STATUS)


def test_an_end_in_mid_packet_is_a_dropped_connection():
    wire = Wire(Line(status(1, 0)[:-3]))
    with pytest.raises(Dropped):
        wire.call(Kind.REMOVE, string("a"))


@pytest.mark.parametrize("junk", [b"Welcome!\r\n", struct.pack(">IB", 0, 101), struct.pack(">IB", 1 << 24, 101)])
def test_what_is_no_packet_is_told_without_waiting_for_its_end(junk):
    with pytest.raises(Garbled):
        Wire(Line(junk)).call(Kind.REMOVE, string("a"))


def test_an_answer_of_the_wrong_kind_is_garbled():
    with pytest.raises(Garbled, match="where ATTRS was due"):
        Wire(Line(data(1, b"x"))).call(Kind.LSTAT, string("a")).expect(Kind.ATTRS)


@given(st.binary(max_size=60))
def test_any_attribute_block_is_read_or_cut_short(raw):
    try:
        entry = Fields(raw).entry("x")
    except struct.error:
        return
    assert isinstance(entry, RemoteFile)


def test_attributes_with_everything_are_read():
    flags = struct.pack(">I", 0x8000000F)
    numbers = struct.pack(">QIIIII", 5, 1000, 1000, 0o100644, 1, 2)
    extra = struct.pack(">I", 1) + string("acl") + string("x")
    fields = Fields(flags + numbers + extra)
    entry = fields.entry("x")
    assert (entry.size, entry.modified_at.timestamp(), entry.is_file) == (5, 2, True)
    assert not fields.remains()


class SlowLine(Line):
    """A channel whose answers come only when they are waited for."""

    def recv_ready(self):
        return False


@pytest.mark.parametrize("refused", [1, 2, 3])
def test_any_refused_write_is_raised_and_the_answers_behind_it_fall(refused):
    answers = [status(number, 4 if number == refused else 0, "full") for number in (1, 2, 3, 4)]
    wire = Wire(SlowLine(*answers))
    with pytest.raises(Refused, match="full"):
        send(wire, string("h"), [b"abc", b"def", b"ghi"], largest=3)
    wire.answer(4).expect(Kind.STATUS)
    assert wire._early == {}


def test_short_reads_are_joined_without_a_gap():
    answers = [data(1, b"a" * 10), data(2, b"?"), data(3, b"b" * 5), status(4, 1), status(5, 1), status(6, 1)]
    line = Line(*answers)
    wire = Wire(line)
    assert b"".join(receive(wire, string("h"), size=15)) == b"a" * 10 + b"b" * 5
    assert struct.pack(">QI", 10, 32768) in line.sent


def limits(number, *values):
    return packet(Kind.EXTENDED_REPLY, struct.pack(">I4Q", number, *values))


@pytest.mark.parametrize(
    ("announced", "used"), [(261120, 261120), (1 << 30, 261120), (65536, 65536), (1024, 32768), (0, 32768)]
)
def test_requests_are_as_large_as_announced(announced, used):
    wire = Wire(Line(limits(1, 1 << 20, 1 << 20, announced, 100)))
    wire.extensions = {"limits@openssh.com": "1"}
    assert request_size(wire) == used


def test_requests_are_small_when_nothing_is_announced_or_the_question_refused():
    assert request_size(Wire(Line())) == 32768
    wire = Wire(Line(status(1, 8)))
    wire.extensions = {"limits@openssh.com": "1"}
    assert request_size(wire) == 32768
