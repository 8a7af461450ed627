"""From a fault that a partner reports back to the segment, the data element and the value as we sent them."""

from collections.abc import Iterator
from dataclasses import dataclass

from edi_app.acknowledgment import Acknowledgment, Fault, Level
from edi_app.edifact.codes import describe_code
from edi_app.edifact.directory import Field, SegmentSpec, find_message, service_segments
from edi_app.edifact.place import show
from edi_app.edifact.reader import Closed, Event, Group, Interchange, Message, read_events
from edi_app.edifact.segment import Segment
from edi_app.edifact.source import Source

_MISSING = "13"


@dataclass(frozen=True, slots=True)
class Explanation:
    """One reported fault, found again in what was sent.

    `text` is the segment as sent, empty where there is none at that position. `path` names the place by its
    numbers in the dictionary (`DTM/C507/2380`), `value` is what stood there.
    """

    fault: Fault
    document: str
    text: str
    path: str
    value: str
    sentence: str


def explain(acknowledgment: Acknowledgment, *, sent: Source) -> list[Explanation]:
    """Explain every fault of a CONTRL by the file that it answers, in the order of that file.

    Faults of messages that the file does not have are left out. Raises EdifactUnreadable.
    """
    return list(_explain(acknowledgment, read_events(sent)))


def _explain(acknowledgment: Acknowledgment, events: Iterator[Event]) -> Iterator[Explanation]:
    inside = False
    for event in events:
        if isinstance(event, Interchange):
            inside = event.reference == acknowledgment.interchange
            version = event.version
        if not inside:
            continue
        if isinstance(event, Message):
            yield from _explain_message(acknowledgment, event)
        elif isinstance(event, Interchange):
            yield from _explain_service(acknowledgment.faults, event.header, version=version, document="")
        elif isinstance(event, Group):
            faults = _group_faults(acknowledgment, event.reference)
            yield from _explain_service(faults, event.header, version=version, document="")
        elif isinstance(event, Closed) and event.trailer:
            whole = isinstance(event.what, Interchange)
            faults = acknowledgment.faults if whole else _group_faults(acknowledgment, event.what.reference)
            yield from _explain_service(faults, event.trailer, version=version, document="")


def _group_faults(acknowledgment: Acknowledgment, reference: str) -> tuple[Fault, ...]:
    return tuple(fault for group in acknowledgment.groups if group.reference == reference for fault in group.faults)


def _explain_service(
    faults: tuple[Fault, ...], segment: Segment, *, version: str, document: str
) -> Iterator[Explanation]:
    """Explain what is said about one service segment."""
    spec = service_segments(version).get(segment.tag)
    for fault in faults:
        if fault.tag == segment.tag:
            yield _explain_at(fault, segment, spec=spec, document=document)


def _explain_message(acknowledgment: Acknowledgment, message: Message) -> Iterator[Explanation]:
    group = message.group.reference if message.group else ""
    reply = acknowledgment.find_document(reference=message.reference, group=group)
    if reply is None:
        return
    found = find_message(message.identifier)
    service = service_segments(message.interchange.version)
    known = {**service, **(found.segments if found else {})}
    for fault in reply.faults:
        if fault.level is Level.DOCUMENT:
            end = message.segments[0] if fault.tag != "UNT" else message.segments[-1]
            yield _explain_at(fault, end, spec=known.get(end.tag), document=message.reference)
        elif 1 <= fault.segment <= len(message.segments):
            segment = message.segments[fault.segment - 1]
            yield _explain_at(fault, segment, spec=known.get(segment.tag), document=message.reference)
        else:
            sentence = f"{fault.sentence} Message {message.reference} has only {len(message.segments)} segments."
            yield Explanation(fault, message.reference, "", "", "", sentence)


def _explain_at(fault: Fault, segment: Segment, *, spec: SegmentSpec | None, document: str) -> Explanation:
    field = _find_field(spec, fault.element)
    value = segment.value(fault.element, fault.component) or ":".join(segment.parts(fault.element))
    path, name = _path(segment.tag, fault, field)
    problem = f"{describe_code(fault.code)} ({fault.code})"
    where = f"segment {fault.segment}" if fault.segment else segment.tag
    where = f"{where} ({show(segment.text)})"
    if fault.level is Level.SEGMENT and fault.code == _MISSING:
        sentence = f"behind {where} a mandatory segment is missing ({fault.code})."
    elif fault.element:
        sentence = f"{where}, {name} {show(value)!r}: {problem}."
    else:
        sentence = f"{where}: {problem}."
    owner = f"message {document}" if document else "the envelope"
    return Explanation(fault, document, segment.text, path, value, f"In {owner}, {sentence}")


def _find_field(spec: SegmentSpec | None, element: int) -> Field | None:
    if spec is None or not 2 <= element <= len(spec.fields) + 1:
        return None
    return spec.fields[element - 2]


def _path(tag: str, fault: Fault, field: Field | None) -> tuple[str, str]:
    """Give the place by numbers and in words, as far as the dictionary knows it."""
    if field is None:
        return (f"{tag}/{fault.element}", f"data element {fault.element}") if fault.element else (tag, tag)
    if field.composite and 1 <= fault.component <= len(field.parts):
        element = field.parts[fault.component - 1].element
        return f"{tag}/{field.number}/{element.number}", f"{element.name} ({element.number})"
    return f"{tag}/{field.number}", f"{field.name} ({field.number})"
