"""File bytes: what the files of a round hold, read from the database together as far as memory allows."""

from collections.abc import Iterable, Iterator, Sequence

from core import outbox
from core.models import File

TOGETHER = 4 << 20
"""Bytes that are read with one question; a larger file is read in parts, by itself."""

BYTES_A_RECORD = 200
"""What each record costs in memory beside its bytes."""


def bytes_of(files: Sequence[File], *, room: int = TOGETHER) -> Iterator[tuple[File, Iterable[bytes]]]:
    """Give the files in order, each with its bytes as they lie on the server; at most `room` bytes are in memory.

    The iterators may raise `core.outbox.ContentPurged`."""
    for together in _together(files, room):
        if len(together) == 1:
            yield together[0], outbox.packed(together[0])
        else:
            whole = outbox.read_together(together)
            yield from ((file, whole[file.pk]) for file in together)


def _together(files: Sequence[File], room: int) -> Iterator[list[File]]:
    together: list[File] = []
    left = room
    for file in files:
        weight = (file.plain_size or file.size or 0) + file.record_count * BYTES_A_RECORD
        if together and weight > left:
            yield together
            together, left = [], room
        together.append(file)
        left -= weight
    if together:
        yield together
