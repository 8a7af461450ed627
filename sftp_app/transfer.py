"""Bytes to and from an open handle, with many requests under way and every answer looked at."""

from collections import deque
from collections.abc import Generator, Iterable, Iterator

from sftp_app.packets import Kind, Status, uint32, uint64
from sftp_app.wire import Refused, Wire

# what servers take that do not say more (draft-ietf-secsh-filexfer-02 §3 asks for 34000-byte packets)
PLAIN_REQUEST = 32 * 1024
LARGEST_REQUEST = 255 * 1024
_IN_FLIGHT = 4 << 20
_READS_AHEAD = 32


def request_size(wire: Wire) -> int:
    """Give the largest WRITE the server takes, in bytes: as announced (limits@openssh.com) or 32 KiB."""
    if "limits@openssh.com" not in wire.extensions:
        return PLAIN_REQUEST
    try:
        fields = wire.answer(wire.extend("limits@openssh.com")).expect(Kind.EXTENDED_REPLY)
    except Refused:
        return PLAIN_REQUEST
    fields.uint64()
    fields.uint64()
    announced = fields.uint64()
    return max(min(announced, LARGEST_REQUEST), PLAIN_REQUEST) if announced else PLAIN_REQUEST


def send(wire: Wire, handle: bytes, chunks: Iterable[bytes], *, largest: int) -> int:
    """Write the chunks from the start of an open file; give the number of bytes the server acknowledged.

    Requests overlap up to 4 MiB. Raises Refused with the first refusal.
    """
    pending: deque[int] = deque()
    sent = 0
    try:
        for data in blocks(chunks, largest):
            pending.append(wire.ask(Kind.WRITE, handle, uint64(sent), uint32(len(data)), data))
            sent += len(data)
            while pending and (len(pending) * largest > _IN_FLIGHT or wire.has_news()):
                wire.answer(pending.popleft()).expect(Kind.STATUS)
        while pending:
            wire.answer(pending.popleft()).expect(Kind.STATUS)
    finally:
        wire.forget(pending)
    return sent


def blocks(chunks: Iterable[bytes], size: int) -> Iterator[memoryview]:
    """Cut and join chunks into blocks of `size` bytes; the last one may be shorter, none is empty."""
    rest = bytearray()
    for chunk in chunks:
        view = memoryview(chunk)
        if rest:
            missing = size - len(rest)
            rest += view[:missing]
            view = view[missing:]
            if len(rest) == size:
                yield memoryview(bytes(rest))
                rest.clear()
        while len(view) >= size:
            yield view[:size]
            view = view[size:]
        rest += view
    if rest:
        yield memoryview(bytes(rest))


def receive(wire: Wire, handle: bytes, *, size: int | None) -> Generator[bytes, None, None]:
    """Read an open file from its start to its end, with requests that overlap. Raises Refused.

    `size` is what the server announced, in bytes; the end is where the server says it is.
    """
    ahead = _READS_AHEAD if size is None else min(_READS_AHEAD, size // PLAIN_REQUEST + 2)
    pending: deque[int] = deque()
    asked = received = 0
    try:
        while True:
            while len(pending) < ahead:
                pending.append(wire.ask(Kind.READ, handle, uint64(asked), uint32(PLAIN_REQUEST)))
                asked += PLAIN_REQUEST
            data = wire.answer(pending.popleft()).expect(Kind.DATA).string()
            received += len(data)
            yield data
            if len(data) < PLAIN_REQUEST:
                # a short answer: what was asked behind it no longer joins up
                wire.forget(pending)
                pending.clear()
                asked = received
    except Refused as refused:
        if refused.status != Status.EOF:
            raise
    finally:
        wire.forget(pending)
