"""SFTP requests that overlap, over one SSH channel, with no answer ever lost.

paramiko's own client forgets the answers of pipelined writes, so a full disk looks like success. Here every
request has a number, every answer is kept until it is asked for, and small requests share SSH packets.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from paramiko import Channel

from sftp_app.packets import Fields, Kind, Status, string

_PACKET = 32 * 1024
_LARGEST_ANSWER = 1 << 20


class Dropped(Exception):
    """The server ended the channel."""


class Garbled(Exception):
    """What came back is no SFTP."""


class Refused(Exception):
    """The server answered with a status other than OK."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"status {status}: {text}")
        self.status = status
        self.text = text


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; `expect` gives its fields or raises Refused."""

    kind: int
    fields: Fields

    def expect(self, kind: Kind) -> Fields:
        """Give the fields of an answer of this kind; `Kind.STATUS` expects OK."""
        if self.kind == Kind.STATUS:
            status = self.fields.uint32()
            if kind == Kind.STATUS and status == Status.OK:
                return self.fields
            raise Refused(status, self.fields.text() if self.fields.remains() else "")
        if self.kind != kind:
            raise Garbled(f"packet {self.kind} where {kind.name} was due")
        return self.fields


class Wire:
    """The requests and answers of one SFTP channel. Used by one thread at a time."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._outgoing = bytearray()
        self._incoming = bytearray()
        self._early: dict[int, Answer] = {}
        self._forgotten: set[int] = set()
        self._number = 0
        self.extensions: dict[str, str] = {}

    def start(self) -> None:
        """Agree on the version and keep the server's list of extensions (draft §4)."""
        self._channel.sendall(struct.pack(">IBI", 5, Kind.INIT, 3))
        kind, body = self._read_packet()
        if kind != Kind.VERSION:
            raise Garbled(f"packet {kind} where VERSION was due")
        fields = Fields(body)
        fields.uint32()
        while fields.remains():
            name = fields.text()
            self.extensions[name] = fields.text()

    def ask(self, kind: Kind, *fields: bytes | memoryview) -> int:
        """Queue a request and give its number; it leaves with the next full packet, flush or answer."""
        self._number += 1
        length = sum(map(len, fields))
        self._outgoing += struct.pack(">IBI", 5 + length, kind, self._number)
        for field in fields:
            if len(field) < _PACKET:
                self._outgoing += field
            else:
                self.flush()
                # a memoryview saves two copies of each large write
                self._channel.sendall(cast(bytes, field))
        if len(self._outgoing) >= _PACKET:
            self.flush()
        return self._number

    def extend(self, name: str, *fields: bytes) -> int:
        """Queue an extended request."""
        return self.ask(Kind.EXTENDED, string(name), *fields)

    def flush(self) -> None:
        """Send what is queued."""
        if self._outgoing:
            outgoing, self._outgoing = self._outgoing, bytearray()
            self._channel.sendall(outgoing)

    def answer(self, number: int) -> Answer:
        """Wait for the answer to one request; answers to others are kept."""
        while number not in self._early:
            self.flush()
            kind, body = self._read_packet()
            fields = Fields(body)
            arrived = fields.uint32()
            if arrived in self._forgotten:
                self._forgotten.remove(arrived)
            else:
                self._early[arrived] = Answer(kind, fields)
        return self._early.pop(number)

    def forget(self, numbers: Iterable[int]) -> None:
        """Let the answers to these requests fall when they come; nobody will ask for them."""
        for number in numbers:
            if self._early.pop(number, None) is None:
                self._forgotten.add(number)

    def call(self, kind: Kind, *fields: bytes) -> Answer:
        """Send one request and wait for its answer."""
        return self.answer(self.ask(kind, *fields))

    def has_news(self) -> bool:
        """Say whether answers have arrived that nobody has read."""
        return bool(self._incoming) or self._channel.recv_ready()

    def _read_packet(self) -> tuple[int, bytes]:
        length, kind = struct.unpack(">IB", self._take(5))
        if not 1 <= length <= _LARGEST_ANSWER:
            raise Garbled("a packet of impossible length")
        return kind, self._take(length - 1)

    def _take(self, count: int) -> bytes:
        while len(self._incoming) < count:
            received = self._channel.recv(64 * 1024)
            if not received:
                raise Dropped
            self._incoming += received
        taken = bytes(self._incoming[:count])
        del self._incoming[:count]
        return taken


def handle_of(answer: Answer) -> bytes:
    """Give the handle that an OPEN or OPENDIR answer carries, ready to be sent back."""
    return string(answer.expect(Kind.HANDLE).string())
