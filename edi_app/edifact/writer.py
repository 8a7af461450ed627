"""Values to bytes: segments, messages and whole interchanges, always with UNA (ISO 9735-1)."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from core.errors import Finding, Invalid
from edi_app.edifact.charset import CHARSETS, Charset
from edi_app.edifact.directory import service_segments
from edi_app.edifact.elements import ElementChecker
from edi_app.edifact.place import Place, show
from edi_app.edifact.segment import Segment
from edi_app.edifact.service import WRITTEN, WRITTEN_4, ServiceCharacters

_CHECKED = frozenset(("UNB", "UNH", "UNT", "UNZ"))

WrittenSegment = Sequence[str | Sequence[str]]
"""The tag, then the data elements: text for a stand-alone element, a sequence for a composite, "" for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the envelope says. `sender` and `recipient` are identification, qualifier and internal identification
    as far as they go; `moment` is written as it is, so give it in the sender's zone."""

    sender: tuple[str, ...]
    recipient: tuple[str, ...]
    reference: str
    moment: datetime
    syntax: str = "UNOC"
    version: str = "3"
    application: str = ""
    acknowledgment_request: str = ""
    test: bool = False
    line_break: str = ""

    @property
    def service(self) -> ServiceCharacters:
        """Give the service characters that we write in this syntax version."""
        return WRITTEN_4 if self.version == "4" else WRITTEN


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenMessage:
    """One message to write: `identifier` is S009, `segments` is what stands between UNH and UNT."""

    reference: str
    identifier: tuple[str, ...]
    segments: Sequence[WrittenSegment]


def render_interchange(header: Header, messages: Iterable[WrittenMessage]) -> bytes:
    """Write a whole interchange; counts and references of the trailers come out right by themselves.

    Raises core.errors.Invalid where the envelope breaks the dictionary, or where text has characters that the
    syntax identifier does not allow (MAP_BAD_CHAR).
    """
    written = [render_message(message, header=header) for message in messages]
    return b"".join((render_header(header), *written, render_trailer(header, count=len(written))))


def render_header(header: Header) -> bytes:
    """Write UNA and UNB. Raises core.errors.Invalid."""
    pattern = "%Y%m%d" if header.version == "4" else "%y%m%d"
    segment = (
        "UNB",
        (header.syntax, header.version),
        header.sender,
        header.recipient,
        (header.moment.strftime(pattern), header.moment.strftime("%H%M")),
        header.reference,
        "",
        header.application,
        "",
        header.acknowledgment_request,
        "",
        "1" if header.test else "",
    )
    return header.service.una().encode() + header.line_break.encode() + _write([segment], header=header)


def render_message(message: WrittenMessage, *, header: Header) -> bytes:
    """Write one message from UNH to UNT. Raises core.errors.Invalid."""
    first = ("UNH", message.reference, message.identifier)
    last = ("UNT", str(len(message.segments) + 2), message.reference)
    return _write([first, *message.segments, last], header=header)


def render_trailer(header: Header, *, count: int) -> bytes:
    """Write UNZ for so many messages. Raises core.errors.Invalid."""
    return _write([("UNZ", str(count), header.reference)], header=header)


def render_segment(segment: WrittenSegment, *, service: ServiceCharacters) -> str:
    """Write one segment: data released, empty components and elements at the end left away."""
    return _make_renderer(service)(segment)


@lru_cache(maxsize=8)
def _make_renderer(service: ServiceCharacters) -> Callable[[WrittenSegment], str]:
    special = re.compile(f"[{re.escape(service.special)}]")
    find, join = special.search, service.component.join

    def release(data: str) -> str:
        return special.sub(lambda mark: service.release + mark.group(), data) if find(data) else data

    def render(segment: WrittenSegment) -> str:
        written: list[str] = []
        for element in segment:
            if isinstance(element, str):
                written.append(release(element) if element else "")
            else:
                parts = [release(part) for part in element]
                while parts and not parts[-1]:
                    parts.pop()
                written.append(join(parts))
        while not written[-1]:
            written.pop()
        return service.element.join(written) + service.terminator

    return render


def _write(segments: Sequence[WrittenSegment], *, header: Header) -> bytes:
    charset = CHARSETS.get(header.syntax)
    if charset is None:
        known = ", ".join(sorted(CHARSETS))
        raise Invalid([Finding("UNB 0001", f"{header.syntax!r} is no syntax identifier.", f"Known are {known}.")])
    render = _make_renderer(header.service)
    texts = [render(segment) for segment in segments]
    if charset.find_unwritable("".join(texts)):
        _refuse_foreign(segments, charset)
    _refuse_faults(segments, texts, header=header, charset=charset)
    return "".join([text + header.line_break for text in texts]).encode(charset.codec)


def _refuse_foreign(segments: Sequence[WrittenSegment], charset: Charset) -> None:
    """Name every value with a character that the character set cannot carry."""
    findings = []
    for number, (tag, *elements) in enumerate(segments, 1):
        for place, element in enumerate(elements, 2):
            for component, value in enumerate((element,) if isinstance(element, str) else element, 1):
                foreign = charset.find_unwritable(value)
                if foreign:
                    path = f"segment {number} ({tag}), data element {place}, component {component}"
                    reason = f"{show(value)!r} has {show(foreign)!r}, a character that {charset.identifier} lacks."
                    findings.append(Finding(path, reason, "Choose a replacement.", code="MAP_BAD_CHAR"))
    raise Invalid(findings, code="MAP_BAD_CHAR")


def _refuse_faults(
    segments: Sequence[WrittenSegment], texts: Sequence[str], *, header: Header, charset: Charset
) -> None:
    """Check the service segments that we write by the same dictionary that we read with."""
    known = service_segments(header.version)
    checker = ElementChecker(charset=charset, version=header.version, service=header.service)
    findings = []
    for segment, text in zip(segments, texts, strict=True):
        if segment[0] in _CHECKED:
            tag, *elements = segment
            parts = [[element] if isinstance(element, str) else list(element) or [""] for element in elements]
            while parts and not any(parts[-1]):
                parts.pop()
            faults = checker.check(Segment(str(tag), parts, text[:-1]), spec=known[str(tag)], place=Place(str(tag)))
            findings += [Finding(fault.tag, fault.sentence, code=fault.code) for fault in faults]
    if findings:
        raise Invalid(findings)
