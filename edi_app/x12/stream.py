"""Cuts bytes into interchanges and their segments, with bounded memory and without ever trusting the data."""

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from edi_app.x12.delimiters import Delimiters
from edi_app.x12.errors import X12Unreadable

ISA_LENGTH = 106
# Where the 16 element separators of a well-formed ISA stand.
_PLACES = (3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103)
_NOISE = "\r\n\t\x00\x1a"
# A byte order mark may also stand between interchanges that were files of their own.
_PADDING = _NOISE + " \ufeff\u00ef\u00bb\u00bf"
_ISA = re.compile(r"(?<![A-Za-z0-9])ISA[^A-Za-z0-9 \t\r\n]")
_PIECE = 65_536
# How much stays unread while no trailer is in sight, so that a trailer is never cut in two.
_TRAILER = 200
# An ISA that is not padded to its widths is still understood when it ends within this many characters.
_LONGEST_ISA = 400


@dataclass(frozen=True, slots=True)
class Limits:
    """What is refused whatever it says: characters of one segment, segments of one set."""

    segment_characters: int = 1_000_000
    set_segments: int = 1_000_000


class SegmentStream:
    """The segments of a sequence of byte chunks, one interchange after the other.

    `begin` finds the next ISA and learns its delimiters, `batches` then gives that interchange's segments in
    lists, line breaks and leading blanks removed, until its IEA or the end of the data.
    """

    def __init__(self, chunks: Iterable[bytes], *, encoding: str, limits: Limits) -> None:
        self._pieces = _pieces(chunks, encoding)
        self._limits = limits
        self._text = ""
        self._ended = False
        self.delimiters = Delimiters()
        self.is_padded = True
        """False when the ISA just begun does not have its fixed widths."""
        self.skipped = ""
        """What stood before the ISA just begun (or the end), padding and blanks aside; at most 80 characters."""

    def begin(self) -> bool:
        """Find the next interchange; False at the end of the data. Raises X12Unreadable for a damaged ISA."""
        self.skipped = ""
        while (found := _ISA.search(self._text)) is None:
            self._skip(max(len(self._text) - 3, 0) if not self._ended else len(self._text))
            if not self._fill():
                self._skip(len(self._text))
                return False
        self._skip(found.start())
        while len(self._text) < _LONGEST_ISA and self._fill():
            pass
        self._learn_delimiters()
        return True

    def batches(self) -> Iterator[list[str]]:
        """Give the segments of the interchange begun, ISA first; stops behind IEA, before another ISA, or at the
        end of the data."""
        mark = self.delimiters
        # Bounded blanks, because a terminator may itself be a line break: no run is ever scanned twice.
        border = re.compile(rf"{re.escape(mark.terminator)}\s{{0,40}}(IEA|ISA){re.escape(mark.element)}")
        while True:
            found = border.search(self._text)
            if found and found[1] == "ISA":
                yield self._cut(found.start(), keep=1)
                return
            end = self._end_of(found)
            if end is not None:
                yield self._cut(end, keep=1)
                return
            whole = self._text.rfind(mark.terminator, 0, max(len(self._text) - _TRAILER, 0))
            if found is None and whole > 0:
                yield self._cut(whole, keep=0)
            if not self._fill():
                yield self._cut(len(self._text), keep=0)
                return
            self._check_length()

    def _end_of(self, trailer: re.Match[str] | None) -> int | None:
        """Give where the trailer found ends; None when there is none or its end is yet to come."""
        if trailer is None:
            return None
        end = self._text.find(self.delimiters.terminator, trailer.end())
        return end if end >= 0 else len(self._text) if self._ended else None

    def _fill(self) -> bool:
        piece = next(self._pieces, None)
        if piece is None:
            self._ended = True
            return False
        self._text += piece
        return True

    def _skip(self, count: int) -> None:
        noise = self._text[:count].strip(_PADDING)
        self.skipped = (self.skipped + noise)[:80]
        self._text = self._text[count:]

    def _cut(self, end: int, *, keep: int) -> list[str]:
        """Take the segments before `end`; the terminator there is dropped when `keep` is 1."""
        mark = self.delimiters.terminator
        part, self._text = self._text[:end], self._text[end + keep :]
        if mark not in "\r\n" and ("\n" in part or "\r" in part):
            part = part.replace("\n", "").replace("\r", "")
        segments = part.split(mark)
        if not segments[-1]:
            segments.pop()
        if part.isprintable() and f"{mark} " not in part and f"{mark}{mark}" not in part and segments and segments[0]:
            return segments
        return [kept for item in segments if (kept := item.rstrip(_NOISE).lstrip(_NOISE + " "))]

    def _check_length(self) -> None:
        most = self._limits.segment_characters
        if len(self._text) > most and self.delimiters.terminator not in self._text[1:most]:
            raise X12Unreadable(f"A segment has more than {most} characters without an end.")

    def _learn_delimiters(self) -> None:
        text = self._text[: _LONGEST_ISA * 2]
        header = text[:ISA_LENGTH]
        if any(mark in header[: ISA_LENGTH - 1] for mark in "\r\n"):
            header = text.replace("\n", "").replace("\r", "")[:ISA_LENGTH]
        self.is_padded = len(header) >= ISA_LENGTH and all(header[at] == header[3] for at in _PLACES)
        if self.is_padded:
            element, repetition, component, terminator = header[3], header[82], header[104], header[105]
            version = header[84:89]
        else:
            element, repetition, component, terminator, version = _unpadded(text)
        if terminator == "\r":
            terminator = "\n" if "\n" in self._text[:_LONGEST_ISA] else "\r"
        used = repetition if version >= "00402" and not repetition.isalnum() else ""
        if used in (element, component, terminator, " "):
            used = ""
        self.delimiters = Delimiters(element, component, used, terminator)
        _check_distinct(self.delimiters)


def _pieces(chunks: Iterable[bytes], encoding: str) -> Iterator[str]:
    """Decode in bounded pieces. Latin-1 never fails and keeps every byte; a byte order mark means UTF-8."""
    decoder: codecs.IncrementalDecoder | None = None
    for chunk in chunks:
        for at in range(0, len(chunk), _PIECE):
            if decoder is None:
                actual = "utf-8" if chunk.startswith(codecs.BOM_UTF8) else encoding
                decoder = codecs.getincrementaldecoder(actual)(errors="replace")
            yield decoder.decode(chunk[at : at + _PIECE])


def _unpadded(text: str) -> tuple[str, str, str, str, str]:
    """Read delimiters by counting separators: some senders do not pad ISA to its fixed widths."""
    element = text[3]
    parts = text.split(element, 16)
    if len(parts) < 17 or len(parts[16]) < 2 or len("".join(parts[:16])) > _LONGEST_ISA:
        raise X12Unreadable("The ISA segment is damaged: it does not have 16 elements, so nothing can be read.")
    return element, parts[11][:1], parts[16][0], parts[16][1], parts[12]


def _check_distinct(mark: Delimiters) -> None:
    used = mark.characters
    if len(set(used)) != len(used) or any(item.isalnum() or item == " " for item in used):
        raise X12Unreadable(
            f"The ISA segment names delimiters that cannot be told apart from each other or from data: {used!r}."
        )
