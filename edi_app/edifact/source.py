"""What EDIFACT is read from: bytes, an open binary file, or chunks of any size, given on in even blocks."""

from collections.abc import Iterable, Iterator
from typing import BinaryIO

Source = bytes | BinaryIO | Iterable[bytes]

BLOCK = 1 << 17
"""Bytes of a block; a source is never held in memory as a whole."""


def read_blocks(source: Source) -> Iterator[bytes]:
    """Yield the bytes of a source in blocks of BLOCK bytes, the last one shorter."""
    if isinstance(source, bytes):
        for start in range(0, len(source), BLOCK):
            yield source[start : start + BLOCK]
        return
    pending = bytearray()
    for chunk in _read_chunks(source):
        pending += chunk
        while len(pending) >= BLOCK:
            yield bytes(pending[:BLOCK])
            del pending[:BLOCK]
    if pending:
        yield bytes(pending)


def _read_chunks(source: BinaryIO | Iterable[bytes]) -> Iterator[bytes]:
    if isinstance(source, Iterable) and not hasattr(source, "read"):
        yield from source
    else:
        while chunk := source.read(BLOCK):
            yield chunk
