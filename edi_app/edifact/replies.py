"""Their CONTRL: what a partner says about the interchanges, groups and messages that we sent."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from edi_app.acknowledgment import Acknowledgment, DocumentReply, Fault, GroupReply, Level, Outcome
from edi_app.edifact.codes import describe_code
from edi_app.edifact.reader import Message, read_messages
from edi_app.edifact.segment import Segment
from edi_app.edifact.source import Source
from edi_app.edifact.stream import Limits
from edi_app.edifact.verdict import ACKNOWLEDGMENT_KIND

ACTIONS = {
    "1": Outcome.ACCEPTED,
    "2": Outcome.ACCEPTED,
    "3": Outcome.PARTIALLY_ACCEPTED,
    "4": Outcome.REJECTED,
    "5": Outcome.ACCEPTED,
    "6": Outcome.REJECTED,
    "7": Outcome.ACCEPTED,
    "8": Outcome.RECEIVED,
}
"""Action 0083. 4, 7 and 8 are today's; the others are of directories 94A to 00."""


def read_acknowledgments(source: Source, *, limits: Limits | None = None) -> Iterator[Acknowledgment]:
    """Yield every CONTRL of a source; other messages are passed over.

    One that is cut off, miscounted or without a known action has `damage` set and RECEIVED as its outcome, so
    that nobody takes it for an answer. Raises EdifactUnreadable where the bytes are not EDIFACT.
    """
    for message in read_messages(source, limits=limits):
        if message.kind == ACKNOWLEDGMENT_KIND:
            yield _read(message)


def _read(message: Message) -> Acknowledgment:
    reading = _Reading()
    for segment in message.segments:
        reading.take(segment)
    reading.end_document()
    header = message.interchange
    response = reading.response or Segment("UCI", [], "")
    damage = _find_damage(message, response)
    return Acknowledgment(
        kind=ACKNOWLEDGMENT_KIND,
        reference=header.reference,
        sender=_pair(header.sender),
        receiver=_pair(header.recipient),
        outcome=Outcome.RECEIVED if damage else reading.sum_up(response),
        interchange=response.value(2),
        faults=tuple(_own_faults(response, level=Level.INTERCHANGE, first=6)),
        groups=tuple(group.reply() for group in reading.groups),
        documents=tuple(reading.loose),
        damage=damage,
    )


def _pair(party: tuple[str, ...]) -> tuple[str, str]:
    identification, qualifier = (*party, "", "")[:2]
    return identification, qualifier


def _find_damage(message: Message, response: Segment) -> str:
    trailer = message.trailer
    if trailer is None:
        return "The CONTRL is cut off: it has no UNT."
    if trailer.value(2).lstrip("0") != str(len(message.segments)):
        return f"The CONTRL says that it has {trailer.value(2)!r} segments, but it has {len(message.segments)}."
    if not response.elements:
        return "The CONTRL has no UCI, so that it answers nothing."
    if response.value(5) not in ACTIONS:
        return f"The CONTRL has the action {response.value(5)!r}, which is not known."
    return ""


@dataclass(slots=True)
class _Group:
    segment: Segment
    documents: list[DocumentReply] = field(default_factory=list)

    def reply(self) -> GroupReply:
        """Sum up the group: as acknowledged, but only in part where documents in it are rejected."""
        faults = tuple(_own_faults(self.segment, level=Level.GROUP, first=6))
        outcome = _outcome(self.segment.value(5), faults)
        if outcome is not Outcome.REJECTED and any(_is_bad(document.outcome) for document in self.documents):
            outcome = Outcome.PARTIALLY_ACCEPTED
        return GroupReply(self.segment.value(2), outcome, "", faults, tuple(self.documents))


class _Reading:
    """The segments of one CONTRL, taken in their order."""

    def __init__(self) -> None:
        self.response: Segment | None = None
        self.groups: list[_Group] = []
        self.loose: list[DocumentReply] = []
        self._document: Segment | None = None
        self._faults: list[Fault] = []
        self._position = 0

    def take(self, segment: Segment) -> None:
        """Take one segment; those that CONTRL does not have are passed over."""
        match segment.tag:
            case "UCI" if self.response is None:
                self.response = segment
            case "UCF":
                self.end_document()
                self.groups.append(_Group(segment))
            case "UCM":
                self.end_document()
                self._document = segment
                self._faults = list(_own_faults(segment, level=Level.DOCUMENT, first=5))
            case "UCS":
                self._position = _number(segment.value(2))
                code = segment.value(3)
                if code:
                    self._faults.append(_segment_fault(code, self._position))
            case "UCD":
                self._faults.append(_element_fault(segment, self._position))

    def end_document(self) -> None:
        """Keep what was said about the open message."""
        if self._document is not None:
            faults = tuple(self._faults)
            outcome = _outcome(self._document.value(4), faults)
            kind = self._document.value(3)
            reply = DocumentReply(self._document.value(2), outcome, kind, faults)
            (self.groups[-1].documents if self.groups else self.loose).append(reply)
        self._document, self._faults = None, []

    def sum_up(self, response: Segment) -> Outcome:
        """Say how the interchange as a whole ended."""
        outcome = ACTIONS[response.value(5)]
        below = [document.outcome for document in self.loose] + [group.reply().outcome for group in self.groups]
        if outcome is Outcome.ACCEPTED and any(_is_bad(found) for found in below):
            return Outcome.PARTIALLY_ACCEPTED
        if outcome is Outcome.ACCEPTED and (response.value(6) or Outcome.ACCEPTED_WITH_ERRORS in below):
            return Outcome.ACCEPTED_WITH_ERRORS
        return outcome


def _is_bad(outcome: Outcome) -> bool:
    return outcome in (Outcome.REJECTED, Outcome.PARTIALLY_ACCEPTED)


def _outcome(action: str, faults: Sequence[Fault]) -> Outcome:
    outcome = ACTIONS.get(action, Outcome.RECEIVED)
    return Outcome.ACCEPTED_WITH_ERRORS if outcome is Outcome.ACCEPTED and faults else outcome


def _own_faults(segment: Segment, *, level: Level, first: int) -> Iterator[Fault]:
    """Read 0085, the service segment and S011 behind the action of UCI, UCF and UCM."""
    code, tag = segment.value(first), segment.value(first + 1)
    if code:
        element, component = _number(segment.value(first + 2)), _number(segment.value(first + 2, 2))
        where = f"{tag or level.value}{_words(element, component)}"
        sentence = f"{where}: {describe_code(code)} ({code})."
        yield Fault(level, code, sentence, tag=tag, element=element, component=component)


def _segment_fault(code: str, position: int) -> Fault:
    if code == "13":
        sentence = f"After segment {position}: a mandatory segment is missing ({code})."
    else:
        sentence = f"Segment {position}: {describe_code(code)} ({code})."
    return Fault(Level.SEGMENT, code, sentence, segment=position)


def _element_fault(segment: Segment, position: int) -> Fault:
    code = segment.value(2)
    element, component, repetition = (_number(segment.value(3, part)) for part in (1, 2, 3))
    where = f"Segment {position}{_words(element, component)}"
    sentence = f"{where}: {describe_code(code)} ({code})."
    return Fault(
        Level.ELEMENT,
        code,
        sentence,
        segment=position,
        element=element,
        component=component,
        repetition=repetition,
    )


def _words(element: int, component: int) -> str:
    words = f", data element {element}" if element else ""
    return f"{words}, component {component}" if component else words


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0
