"""From a fault that a partner reports back to the segment as sent, the mapping row and the Xero field behind it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edi_app.acknowledgment import Acknowledgment, Fault, GroupReply, Level
from edi_app.mapping.findings import shortened
from edi_app.x12.codes import describe_code
from edi_app.x12.computed import xero_words
from edi_app.x12.delimiters import Delimiters
from edi_app.x12.envelope import number_of
from edi_app.x12.faults import place_of
from edi_app.x12.interchange import GroupOpened, InterchangeOpened, TransactionSet
from edi_app.x12.reader import read_events
from edi_app.x12.tracing import RowFinder

_MISSING_SEGMENT = "3"


@dataclass(frozen=True, slots=True)
class Explanation:
    """One reported fault, found again in what was sent.

    `text` is the segment as sent, `path` the mapping row (`BIG02`, `N1[BT]/N104`; empty where no row made it),
    `source` its source, `xero` where that comes from in Xero's words, `value` what stood there.
    """

    fault: Fault
    document: str
    text: str
    path: str
    source: str
    xero: str
    value: str
    sentence: str


def explain(
    acknowledgment: Acknowledgment, *, sent: Iterable[bytes], definition: Mapping[str, Any]
) -> list[Explanation]:
    """Explain every fault of a 997 or 999 by the file that it answers and the mapping that made the file.

    Faults of sets that the file does not have are left out. Raises X12Unreadable.
    """
    return list(_explain(acknowledgment, sent, definition))


def _explain(
    acknowledgment: Acknowledgment, sent: Iterable[bytes], definition: Mapping[str, Any]
) -> Iterator[Explanation]:
    reply: GroupReply | None = None
    is_meant = True
    for event in read_events(sent):
        match event:
            case InterchangeOpened():
                named = number_of(acknowledgment.interchange)
                is_meant = named is None or named == number_of(event.header.control)
            case GroupOpened():
                reply = _reply(acknowledgment, event.header.control) if is_meant else None
            case TransactionSet() if reply is not None:
                document = next((item for item in reply.documents if item.reference == event.control), None)
                for fault in document.faults if document else ():
                    yield explain_fault(fault, event.segments, marks=event.delimiters, definition=definition)


def _reply(acknowledgment: Acknowledgment, control: str) -> GroupReply | None:
    number = number_of(control)
    return next((item for item in acknowledgment.groups if number_of(item.reference) == number), None)


def explain_fault(
    fault: Fault, segments: Sequence[str], *, marks: Delimiters, definition: Mapping[str, Any]
) -> Explanation:
    """Explain one fault by the set that was sent (raw segments, ST first) and its mapping."""
    elements = [segment.split(marks.element) for segment in segments]
    document = elements[0][2] if len(elements[0]) > 2 else ""
    if not 1 <= fault.segment <= len(segments):
        what = describe_code(fault.level, fault.code)
        return Explanation(fault, document, "", "", "", "", "", f"{_begun(what)} ({fault.code}).")
    text, found = segments[fault.segment - 1], elements[fault.segment - 1]
    value = found[fault.element] if 0 < fault.element < len(found) else ""
    path, source = RowFinder(segments, marks=marks, definition=definition).find(fault.segment, fault.element)
    xero = "" if source.startswith("'") else xero_words(source)
    return Explanation(fault, document, text, path, source, xero, value, _sentence(fault, text, path, xero, value))


def _sentence(fault: Fault, text: str, path: str, xero: str, value: str) -> str:
    """Say it as people do: `BIG02 (InvoiceNumber 'INV-1'): the value is too long (5).`"""
    problem = f"{describe_code(fault.level, fault.code)} ({fault.code})"
    shown = shortened(text)
    if fault.level is Level.SEGMENT and fault.code == _MISSING_SEGMENT:
        return f"Before segment {fault.segment} ({shown}), {fault.tag or 'one'}: {problem}."
    if not fault.element:
        return f"Segment {fault.segment} ({shown}): {problem}."
    came = f"{xero} " if xero else ""
    return f"{path or place_of(fault)} ({came}{shortened(value)!r}, segment {fault.segment}): {problem}."


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]
