"""A segment: tag and data elements, each a list of components; and how its text is taken apart."""

import re
from collections.abc import Callable
from typing import AnyStr

from edi_app.edifact.charset import Charset
from edi_app.edifact.service import ServiceCharacters


class Segment:
    """One segment as it was read.

    `elements` leaves the tag out: `elements[0]` is the first data element, a list of its components (one for a
    stand-alone element). Syntax version 4 repeats a data element: the first occurrence is in `elements`, the
    others in `repeats` by the element's index. `nesting` holds what stood behind the tag (`LIN:1`), `text` the
    segment as sent without terminator and line breaks.
    """

    __slots__ = ("elements", "nesting", "repeats", "tag", "text")

    def __init__(
        self,
        tag: str,
        elements: list[list[str]],
        text: str,
        repeats: dict[int, list[list[str]]] | None = None,
        nesting: list[str] | None = None,
    ) -> None:
        self.tag = tag
        self.elements = elements
        self.text = text
        self.repeats = repeats
        self.nesting = nesting

    def __repr__(self) -> str:
        return f"Segment({self.text!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Segment):
            return NotImplemented
        mine = (self.tag, self.elements, self.repeats, self.nesting)
        return mine == (other.tag, other.elements, other.repeats, other.nesting)

    __hash__ = None  # type: ignore[assignment]

    def value(self, element: int, component: int = 1) -> str:
        """Give one value, empty when absent. Places as CONTRL counts them: the tag is element 1 (0098)."""
        if 2 <= element <= len(self.elements) + 1:
            parts = self.elements[element - 2]
            if 1 <= component <= len(parts):
                return parts[component - 1]
        return ""

    def parts(self, element: int) -> tuple[str, ...]:
        """Give all components of one element (tag = 1), without empty ones at the end."""
        if not 2 <= element <= len(self.elements) + 1:
            return ()
        parts = self.elements[element - 2]
        last = len(parts)
        while last and not parts[last - 1]:
            last -= 1
        return tuple(parts[:last])


Splitter = Callable[[bytes], Segment]


def make_splitter(*, service: ServiceCharacters, charset: Charset) -> Splitter:
    """Build the function that turns the bytes of one segment (without terminator) into a Segment."""
    element, component, release = service.element, service.component, service.release
    repetition = service.repetition
    split_slowly = _make_careful_splitter(service)
    codec = charset.codec

    def split(raw: bytes) -> Segment:
        try:
            text = raw.decode(codec)
        except UnicodeDecodeError:
            text = charset.decode_damaged(raw)
        if (release and release in text) or (repetition and repetition in text):
            return split_slowly(text)
        head, *rest = text.split(element)
        if len(head) != 3:
            return split_slowly(text)
        return Segment(head, [item.split(component) for item in rest], text)

    return split


def _make_careful_splitter(service: ServiceCharacters) -> Callable[[str], Segment]:
    release = service.release
    released = re.compile(re.escape(release) + "(.?)", re.DOTALL) if release else None

    def unfold(text: str) -> list[str]:
        parts = split_released(text, service.component, release)
        return [released.sub(r"\1", part) for part in parts] if released and release in text else parts

    def split(text: str) -> Segment:
        head, *rest = split_released(text.lstrip(), service.element, release)
        tag, *nesting = unfold(head.rstrip())
        elements: list[list[str]] = []
        repeats: dict[int, list[list[str]]] = {}
        for index, item in enumerate(rest):
            first, *more = split_released(item, service.repetition, release)
            elements.append(unfold(first))
            if more:
                repeats[index] = [unfold(again) for again in more]
        return Segment(tag, elements, text, repeats or None, nesting or None)

    return split


def split_released(text: str, separator: str, release: str) -> list[str]:
    """Split at the separators that no release character stands before.

    A separator counts as data when an odd number of release characters precedes it (`?+`), and separates when
    the number is even (`??+`): each pair is one released release character (ISO 9735-1).
    """
    if not separator:
        return [text]
    pieces = text.split(separator)
    if len(pieces) == 1 or not release or release not in text:
        return pieces
    return join_released(pieces, separator, release)


def join_released(pieces: list[AnyStr], separator: AnyStr, release: AnyStr) -> list[AnyStr]:
    """Join the pieces that were cut at a released separator."""
    whole: list[AnyStr] = []
    pending: list[AnyStr] = []
    for piece in pieces:
        pending.append(piece)
        if not piece.endswith(release) or (len(piece) - len(piece.rstrip(release))) % 2 == 0:
            whole.append(separator.join(pending) if len(pending) > 1 else piece)
            pending = []
    if pending:
        whole.append(separator.join(pending))
    return whole
