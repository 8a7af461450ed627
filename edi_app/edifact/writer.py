"""Values to bytes: segments, messages and whole interchanges, always with UNA (ISO 9735-1)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.errors import Finding, Invalid
from edi_app.edifact.charset import CHARSETS, Charset
from edi_app.edifact.directory import service_segments
from edi_app.edifact.elements import ElementChecker
from edi_app.edifact.place import Place, show
from edi_app.edifact.segment import Segment
from edi_app.edifact.service import WRITTEN, WRITTEN_4, ServiceCharacters

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
    tag, *elements = segment
    releasing = {ord(mark): service.release + mark for mark in service.special}
    written = [str(tag)]
    for element in elements:
        parts = (element,) if isinstance(element, str) else element
        text = service.component.join(part.translate(releasing) for part in parts)
        written.append(_drop_trailing(text, separator=service.component, release=service.release))
    while len(written) > 1 and not written[-1]:
        written.pop()
    return service.element.join(written) + service.terminator


def _drop_trailing(text: str, *, separator: str, release: str) -> str:
    shorter = text.rstrip(separator)
    # The last of them is data where it was released.
    releases = len(shorter) - len(shorter.rstrip(release))
    return shorter + separator if len(shorter) < len(text) and releases % 2 else shorter


def _write(segments: Sequence[WrittenSegment], *, header: Header) -> bytes:
    charset = CHARSETS.get(header.syntax)
    if charset is None:
        known = ", ".join(sorted(CHARSETS))
        raise Invalid([Finding("UNB 0001", f"{header.syntax!r} is no syntax identifier.", f"Known are {known}.")])
    _refuse_foreign(segments, charset)
    _refuse_faults(segments, header=header, charset=charset)
    service = header.service
    text = "".join(render_segment(segment, service=service) + header.line_break for segment in segments)
    return text.encode(charset.codec)


def _refuse_foreign(segments: Sequence[WrittenSegment], charset: Charset) -> None:
    """Name every value that the character set cannot carry, also where the codec lacks the character."""
    findings = []
    for number, (tag, *elements) in enumerate(segments, 1):
        for place, element in enumerate(elements, 2):
            for component, value in enumerate((element,) if isinstance(element, str) else element, 1):
                foreign = charset.find_unwritable(value)
                if foreign:
                    path = f"segment {number} ({tag}), data element {place}, component {component}"
                    reason = f"{show(value)!r} has {show(foreign)!r}, a character that {charset.identifier} lacks."
                    findings.append(Finding(path, reason, "Choose a replacement.", code="MAP_BAD_CHAR"))
    if findings:
        raise Invalid(findings, code="MAP_BAD_CHAR")


def _refuse_faults(segments: Sequence[WrittenSegment], *, header: Header, charset: Charset) -> None:
    """Check the service segments that we write by the same dictionary that we read with."""
    known = service_segments(header.version)
    checker = ElementChecker(charset=charset, version=header.version, service=header.service)
    findings = []
    for tag, *elements in segments:
        if tag in ("UNB", "UNH", "UNT", "UNZ"):
            parts = [[element] if isinstance(element, str) else list(element) or [""] for element in elements]
            while parts and not any(parts[-1]):
                parts.pop()
            faults = checker.check(Segment(str(tag), parts, ""), spec=known[str(tag)], place=Place(str(tag)))
            findings += [Finding(fault.tag, fault.sentence, code=fault.code) for fault in faults]
    if findings:
        raise Invalid(findings)
