"""Bytes to segments, one block at a time: finds each interchange, its service characters and character set.

Memory is bounded by one block and the longest allowed segment, whatever the size of the file.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from edi_app.edifact.charset import CHARSETS, UNKNOWN, Charset
from edi_app.edifact.errors import EdifactUnreadable
from edi_app.edifact.segment import Segment, Splitter, join_released, make_splitter
from edi_app.edifact.service import DEFAULT, LEVEL_B, UNA_LENGTH, ServiceCharacters, read_una
from edi_app.edifact.source import Source, read_blocks

_PADDING = b" \t\r\n\x00\x1a"
_NOT_PADDING = re.compile(rb"[^ \t\r\n\x00\x1a]")
_LINE_BREAKS = b"\r\n"
_START = re.compile(rb"UNA[\x00-\x7f]{6}\s{0,4}UNB|UNB[+\x1d]")
_LONGEST_START = UNA_LENGTH + 4 + 3
_BEGINNINGS = ("UNA", "UNB")
_BOUNDARY = re.compile(rb"UN[ABZ]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is read at most before the file is refused, in bytes of one segment and characters of one message."""

    segment: int = 1 << 20
    message: int = 1 << 26


@dataclass(frozen=True, slots=True)
class Junk:
    """Bytes that belong to no interchange: how many (padding not counted) and how they begin."""

    size: int
    sample: bytes


class SegmentStream:
    """Iterate over the segments of all interchanges in a source, and over the junk between them.

    While an interchange is read, `service` and `charset` are its own. Raises EdifactUnreadable.
    """

    def __init__(self, source: Source, *, limits: Limits | None = None) -> None:
        self.service: ServiceCharacters = DEFAULT
        self.charset: Charset = UNKNOWN
        self._limit = (limits or Limits()).segment
        self._blocks = read_blocks(source)
        self._data = b""
        self._pos = 0
        self._end = 0
        self._terminator = b"'"
        self._dropped = _LINE_BREAKS

    def __iter__(self) -> Iterator[Segment | Junk]:
        self._find_first()
        while self._pos < len(self._data):
            self._open_interchange()
            yield from self._segments()
            junk = self._skip_junk()
            if junk is not None:
                yield junk

    def _more(self) -> bool:
        block = next(self._blocks, b"")
        self._data, self._pos = self._data[self._pos :] + block, 0
        return bool(block)

    def _skip_padding(self) -> None:
        """Stand at the first byte that is not padding, with enough bytes behind it to know a beginning."""
        while True:
            hit = _NOT_PADDING.search(self._data, self._pos)
            self._pos = hit.start() if hit else len(self._data)
            if len(self._data) - self._pos >= _LONGEST_START or not self._more():
                return

    def _find_first(self) -> None:
        self._more()
        self._data = self._data.removeprefix(b"\xef\xbb\xbf")
        head = self._data[:4]
        if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"U\x00" in head or b"\x00U" in head:
            raise EdifactUnreadable("The file is written in UTF-16; EDIFACT needs single bytes or UTF-8.")
        self._skip_padding()
        if self._pos == len(self._data):
            raise EdifactUnreadable("The file is empty.")
        if not _START.match(self._data, self._pos):
            found = self._data[self._pos : self._pos + _LONGEST_START].decode("ascii", "replace")
            raise EdifactUnreadable(f"The file begins with {found!r}; an interchange begins with UNB, or UNA and UNB.")

    def _open_interchange(self) -> None:
        """Read UNA where there is one, else take the defaults, and stand at the first byte of UNB."""
        if self._data.startswith(b"UNA", self._pos):
            una = self._data[self._pos : self._pos + UNA_LENGTH].decode("ascii")
            self._pos += UNA_LENGTH
            self.service = read_una(una)
            self._skip_padding()
        else:
            self.service = LEVEL_B if self._data[self._pos + 3 : self._pos + 4] == b"\x1d" else DEFAULT
        self._terminator = self.service.terminator.encode()
        self._dropped = bytes(mark for mark in _LINE_BREAKS if chr(mark) not in self.service.special)

    def _segments(self) -> Iterator[Segment]:
        """Yield segments up to UNZ, to the next interchange where UNZ is missing, or to the end of the data."""
        split: Splitter | None = None
        while (block := self._next_block()) is not None:
            start, pieces = block
            for index, piece in enumerate(pieces):
                header = split is None
                split = split or self._read_header(piece)
                segment = split(piece)
                if segment.tag.startswith(_BEGINNINGS) and not header:
                    self._pos = self._after(start, pieces[:index])
                    return
                yield segment
                if segment.tag == "UNZ":
                    if index + 1 < len(pieces):
                        self._pos = self._after(start, pieces[: index + 1])
                    return

    def _next_block(self) -> tuple[int, list[bytes]] | None:
        """Cut the next block into segments: where it starts, and its pieces; None at the end of the data.

        No block reaches beyond the interchange that it begins in, since the next one may use other service
        characters.
        """
        searched = self._pos
        while (pieces := self._cut(searched)) is None:
            size = len(self._data) - self._pos
            if size > self._limit:
                raise EdifactUnreadable(f"A segment has more than {self._limit} bytes.")
            if not self._more():
                return self._last_piece()
            searched = size
        start, self._pos = self._pos, self._end
        return start, pieces

    def _cut(self, searched: int) -> list[bytes] | None:
        """Give the whole segments at hand, or None where not even one has come to its end."""
        cut = self._find_cut(searched)
        if cut < 0:
            return None
        block = self._without_line_breaks(self._data[self._pos : cut + 1])
        pieces = block.split(self._terminator)
        release = self.service.release.encode()
        if release and release in block:
            pieces = join_released(pieces, self._terminator, release)
        # Behind the last terminator stands nothing, or the beginning of a segment when that one was released.
        begun = pieces.pop()
        self._end = self._after(self._pos, pieces) if begun else cut + 1
        return pieces or None

    def _find_cut(self, searched: int) -> int:
        """Find the terminator to cut behind: the last one, or the last before what may be another interchange."""
        boundary = _BOUNDARY.search(self._data, self._pos + 1)
        if boundary is not None:
            if boundary.group() != b"UNZ":
                before = self._data.rfind(self._terminator, self._pos, boundary.start())
                if before >= 0 and not self._is_released(before):
                    return before
            behind = self._data.find(self._terminator, boundary.start())
            while behind >= 0 and self._is_released(behind):
                behind = self._data.find(self._terminator, behind + 1)
            if behind >= 0:
                return behind
        return self._data.rfind(self._terminator, searched)

    def _is_released(self, position: int) -> bool:
        """Say whether an odd number of release characters stands before, line breaks not counted."""
        release = self.service.release.encode()
        start = position
        while release and start > self._pos and self._data[start - 1] in release + self._dropped:
            start -= 1
        return bool(release) and self._data.count(release, start, position) % 2 == 1

    def _without_line_breaks(self, block: bytes) -> bytes:
        return block.translate(None, self._dropped) if b"\n" in block or b"\r" in block else block

    def _last_piece(self) -> tuple[int, list[bytes]] | None:
        """Give what the file ends with when its last segment has no terminator."""
        start, self._pos = self._pos, len(self._data)
        left = self._without_line_breaks(self._data[start:]).strip(_PADDING)
        return (start, [left]) if left else None

    def _after(self, start: int, pieces: list[bytes]) -> int:
        """Find the place behind these pieces, by counting terminators since line breaks were dropped."""
        count = len(pieces) + sum(piece.count(self._terminator) for piece in pieces)
        position = start
        for _ in range(count):
            position = self._data.find(self._terminator, position) + 1
        return position

    def _read_header(self, piece: bytes) -> Splitter:
        """Learn character set and syntax version from UNB, which is plain ASCII up to there."""
        plain = make_splitter(service=self.service.for_version(""), charset=UNKNOWN)(piece)
        self.charset = CHARSETS.get(plain.value(2, 1), UNKNOWN)
        self.service = self.service.for_version(plain.value(2, 2))
        return make_splitter(service=self.service, charset=self.charset)

    def _skip_junk(self) -> Junk | None:
        """Go on to the next UNA or UNB."""
        size, sample = 0, b""
        while True:
            hit = _START.search(self._data, self._pos)
            end = hit.start() if hit else max(len(self._data) - _LONGEST_START, self._pos)
            passed = self._data[self._pos : end].strip(_PADDING)
            size, sample, self._pos = size + len(passed), sample or passed[:20], end
            if hit:
                break
            if not self._more():
                passed = self._data[self._pos :].strip(_PADDING)
                size, sample, self._pos = size + len(passed), sample or passed[:20], len(self._data)
                break
        return Junk(size, sample) if size else None
