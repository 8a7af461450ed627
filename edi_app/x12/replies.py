"""Their acknowledgments: what TA1, 997 and 999 say about the interchanges, groups and sets that we sent."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from edi_app.acknowledgment import Acknowledgment, DocumentReply, Fault, GroupReply, Level, Outcome
from edi_app.x12.codes import OUTCOMES, describe_code
from edi_app.x12.envelope import InterchangeHeader, number_of
from edi_app.x12.interchange import InterchangeOpened, TechnicalAcknowledgment, TransactionSet
from edi_app.x12.reader import read_events
from edi_app.x12.stream import Limits

_KINDS = frozenset({"997", "999"})
_NOT_REJECTING = frozenset({"000"})


def read_acknowledgments(
    chunks: Iterable[bytes], *, encoding: str = "latin-1", limits: Limits | None = None
) -> Iterator[Acknowledgment]:
    """Yield every TA1, 997 and 999; other sets are passed over.

    One that is cut off, miscounted or without a known outcome has `damage` set and RECEIVED as its outcome, so
    that nobody takes it for an answer. Raises X12Unreadable where the bytes are not X12.
    """
    header = InterchangeHeader()
    for event in read_events(chunks, encoding=encoding, limits=limits):
        match event:
            case InterchangeOpened():
                header = event.header
            case TechnicalAcknowledgment():
                yield _read_ta1(event)
            case TransactionSet() if event.code in _KINDS:
                yield _read_set(event, header)


def _read_ta1(found: TechnicalAcknowledgment) -> Acknowledgment:
    row = [*found.elements, *[""] * 6]
    control, letter, code = row[1].strip(), row[4].strip(), row[5].strip()
    damage = "" if letter in ("A", "E", "R") else f"The TA1 has the outcome {letter!r}, which is not known."
    if number_of(control) is None:
        damage = f"The TA1 names the control number {control[:20]!r}."
    faults: tuple[Fault, ...] = ()
    if code and code not in _NOT_REJECTING:
        sentence = f"Interchange {control}: {describe_code(Level.INTERCHANGE, code)} ({code})."
        faults = (Fault(Level.INTERCHANGE, code, sentence, "ISA"),)
    outcome = Outcome.RECEIVED if damage else OUTCOMES[letter]
    return _acknowledgment("TA1", found.header, outcome, interchange=control, faults=faults, damage=damage)


def _read_set(found: TransactionSet, header: InterchangeHeader) -> Acknowledgment:
    reading = _Reading()
    mark, component = found.delimiters.element, found.delimiters.component
    for segment in found.segments:
        reading.take(segment.split(mark), component)
    reading.end_document()
    damage = _find_damage(found, reading)
    outcome = Outcome.RECEIVED if damage else OUTCOMES[reading.letter]
    group = GroupReply(reading.group, outcome, reading.kind, tuple(reading.faults), tuple(reading.documents))
    return _acknowledgment(found.code, header, outcome, groups=(group,), damage=damage)


def _acknowledgment(
    kind: str,
    header: InterchangeHeader,
    outcome: Outcome,
    *,
    interchange: str = "",
    faults: tuple[Fault, ...] = (),
    groups: tuple[GroupReply, ...] = (),
    damage: str = "",
) -> Acknowledgment:
    return Acknowledgment(
        kind=kind,
        reference=header.control,
        sender=(header.sender, header.sender_qualifier),
        receiver=(header.receiver, header.receiver_qualifier),
        outcome=outcome,
        interchange=interchange,
        faults=faults,
        groups=groups,
        damage=damage,
    )


def _find_damage(found: TransactionSet, reading: "_Reading") -> str:
    if found.faults:
        return f"The {found.code} is damaged: {found.faults[0].sentence}"
    if not reading.group:
        return f"The {found.code} has no AK1, so that it answers nothing."
    if not reading.letter:
        return f"The {found.code} has no AK9, so that it says no outcome."
    if reading.letter not in OUTCOMES:
        return f"The {found.code} has the outcome {reading.letter!r}, which is not known."
    return ""


@dataclass(slots=True)
class _Reading:
    """The segments of one 997 or 999, taken in their order (IK3, IK4 and IK5 say the same as AK3 to AK5)."""

    group: str = ""
    kind: str = ""
    letter: str = ""
    faults: list[Fault] = field(default_factory=list)
    documents: list[DocumentReply] = field(default_factory=list)
    _document: tuple[str, str] | None = None
    _notes: list[Fault] = field(default_factory=list)
    _outcome: Outcome = Outcome.RECEIVED
    _segment: tuple[str, int] = ("", 0)

    def take(self, elements: Sequence[str], component: str) -> None:
        """Take one segment; those that say nothing of their own are passed over."""
        row = [*elements, *[""] * 10]
        match row[0]:
            case "AK1":
                self.kind, self.group = row[1].strip(), _plain_number(row[2])
            case "AK2":
                self.end_document()
                self._document = (row[1].strip(), row[2].strip())
            case "AK3" | "IK3":
                self._take_segment(row)
            case "AK4" | "IK4":
                self._take_element(row, component)
            case "AK5" | "IK5":
                self._outcome = OUTCOMES.get(row[1].strip(), Outcome.RECEIVED)
                self._notes += _codes(Level.DOCUMENT, row[2:7], "ST")
            case "AK9":
                self.end_document()
                self.letter = row[1].strip()
                self.faults += _codes(Level.GROUP, row[5:10], "GS")

    def _take_segment(self, row: Sequence[str]) -> None:
        self._segment = (row[1].strip(), number_of(row[2].strip()) or 0)
        tag, position = self._segment
        code = row[4].strip()
        if code and code != "8":
            sentence = f"Segment {position} ({tag}): {describe_code(Level.SEGMENT, code)} ({code})."
            self._notes.append(Fault(Level.SEGMENT, code, sentence, tag, position))

    def _take_element(self, row: Sequence[str], component: str) -> None:
        tag, position = self._segment
        parts = [number_of(part.strip()) or 0 for part in row[1].split(component)] if component else []
        element, part, repetition = (*parts, 0, 0, 0)[:3]
        code = row[3].strip()
        place = f"{tag}{element:02d}" + (f"-{part}" if part else "")
        sentence = f"Segment {position}, {place}: {describe_code(Level.ELEMENT, code)} ({code})."
        self._notes.append(
            Fault(Level.ELEMENT, code, sentence, tag, position, element, part, repetition, row[4], row[2].strip())
        )

    def end_document(self) -> None:
        """Keep what was said about the open set."""
        if self._document is not None:
            kind, reference = self._document
            self.documents.append(DocumentReply(reference, self._outcome, kind, tuple(self._notes)))
        self._document, self._notes, self._outcome = None, [], Outcome.RECEIVED


def _codes(level: Level, codes: Iterable[str], tag: str) -> Iterator[Fault]:
    for code in codes:
        if code.strip():
            yield Fault(level, code.strip(), f"{describe_code(level, code.strip())} ({code.strip()}).", tag)


def _plain_number(text: str) -> str:
    number = number_of(text.strip())
    return "" if number is None else str(number)
