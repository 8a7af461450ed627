"""Our CONTRL: the verdict on an interchange as a syntax and service report (ISO 9735-4, CONTRL D.3 and 4.1)."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from core.errors import Invalid
from edi_app.acknowledgment import Fault, Level
from edi_app.edifact.charset import CHARSETS
from edi_app.edifact.codes import written_code
from edi_app.edifact.errors import CannotAcknowledge
from edi_app.edifact.verdict import ACKNOWLEDGMENT_KIND, CheckedGroup, CheckedInterchange, CheckedMessage
from edi_app.edifact.writer import Header, WrittenMessage, WrittenSegment, render_interchange

_REJECTED, _ACKNOWLEDGED, _RECEIVED = "4", "7", "8"
_MOST_SEGMENTS = 999
_MOST_ELEMENTS = 99
_NOT_SYNTAX = frozenset(("7", "14", "17", "23", "26"))
"""Codes of values that are well-formed but unwelcome: they may be copied."""
_FALLBACK = ("UNOC", "3")


class Answer(StrEnum):
    """What a partner gets: only that we received it, or the verdict."""

    RECEIPT = "receipt"
    VERDICT = "verdict"


class AnswerPolicy(StrEnum):
    """When a partner gets an answer: when UNB 0031 asks for it, always, or never."""

    REQUESTED = "requested"
    ALWAYS = "always"
    NEVER = "never"


def choose_answer(checked: CheckedInterchange, *, policy: AnswerPolicy = AnswerPolicy.REQUESTED) -> Answer | None:
    """Decide what an interchange is answered with; None for nothing.

    An interchange of only CONTRL is never answered (ISO 9735-4). 0031 = 1 asks for the verdict, 2 (a private
    use) for a receipt.
    """
    request = checked.interchange.acknowledgment_request
    if policy is AnswerPolicy.NEVER or checked.only_acknowledgments:
        return None
    if policy is AnswerPolicy.ALWAYS or request == "1":
        return Answer.VERDICT
    return Answer.RECEIPT if request == "2" else None


def render_acknowledgment(
    checked: CheckedInterchange,
    *,
    reference: str,
    moment: datetime,
    answer: Answer = Answer.VERDICT,
    list_accepted: bool = False,
    line_break: str = "",
) -> bytes:
    """Write the CONTRL interchange that answers one interchange.

    `reference` is our own control reference (0020), `moment` the time in our zone. With `list_accepted`, good
    messages are named too. Raises CannotAcknowledge where what CONTRL must copy is missing or not valid, and for
    an interchange of only CONTRL.
    """
    if checked.only_acknowledgments:
        raise CannotAcknowledge("An acknowledgment is not acknowledged.")
    interchange = checked.interchange
    known = interchange.syntax in CHARSETS and interchange.version in ("1", "2", "3", "4")
    syntax, version = (interchange.syntax, interchange.version) if known else _FALLBACK
    header = Header(
        sender=interchange.recipient,
        recipient=interchange.sender,
        reference=reference,
        moment=moment,
        syntax=syntax,
        version=version,
        test=interchange.test,
        line_break=line_break,
    )
    report = _Report(version, list_accepted=list_accepted)
    segments = [report.interchange(checked, answer), *report.below(checked, answer)]
    identifier = (ACKNOWLEDGMENT_KIND, "4", "1", "UN") if version == "4" else (ACKNOWLEDGMENT_KIND, "D", "3", "UN")
    message = WrittenMessage(reference="1", identifier=identifier, segments=segments)
    try:
        return render_interchange(header, [message])
    except Invalid as error:
        raise CannotAcknowledge(f"No valid CONTRL can be written: {error.sentence}") from error


class _Report:
    """Writes the segments of one CONTRL; each reporting segment carries one code."""

    def __init__(self, version: str, *, list_accepted: bool) -> None:
        self._version = version
        self._list_accepted = list_accepted

    def interchange(self, checked: CheckedInterchange, answer: Answer) -> WrittenSegment:
        """Write UCI: 4 only for a fault of the envelope itself, else 7, or 8 for a receipt."""
        interchange = checked.interchange
        _refuse_bad_copies(checked.faults, tag="UNB", elements=(3, 4, 6))
        good = _RECEIVED if answer is Answer.RECEIPT else _ACKNOWLEDGED
        copies = (interchange.reference, interchange.sender, interchange.recipient)
        return ("UCI", *copies, *self._verdict(checked.faults, good=good))

    def below(self, checked: CheckedInterchange, answer: Answer) -> Iterator[WrittenSegment]:
        """Write what is rejected (or listed) below an interchange that is acknowledged itself."""
        if checked.faults or answer is Answer.RECEIPT:
            return
        for group in checked.groups:
            yield from self._group(group)
        yield from self._messages(checked.messages)

    def _group(self, group: CheckedGroup) -> Iterator[WrittenSegment]:
        below = [] if group.faults else list(self._messages(group.messages))
        if not (below or group.faults or self._list_accepted):
            return
        _refuse_bad_copies(group.faults, tag="UNG", elements=(3, 4, 6))
        header = group.group.header
        copies = (group.group.reference, header.parts(3), header.parts(4))
        yield ("UCF", *copies, *self._verdict(group.faults, good=_ACKNOWLEDGED))
        yield from below

    def _messages(self, messages: Sequence[CheckedMessage]) -> Iterator[WrittenSegment]:
        for message in messages:
            if message.kind == ACKNOWLEDGMENT_KIND or not (message.faults or self._list_accepted):
                continue
            _refuse_bad_copies(message.faults, tag="UNH", elements=(2, 3))
            own = [fault for fault in message.faults if fault.level is Level.DOCUMENT]
            action = self._verdict(own, good=_REJECTED if message.faults else _ACKNOWLEDGED)
            yield ("UCM", message.reference, message.identifier, *action)
            yield from self._segments([fault for fault in message.faults if fault.level is not Level.DOCUMENT])

    def _verdict(self, faults: Sequence[Fault], *, good: str) -> tuple[str | Sequence[str], ...]:
        """Write 0083 and, for the first fault, 0085, the service segment and the place in it."""
        if not faults:
            return (good,)
        fault = faults[0]
        code = written_code(fault.code, level=fault.level, version=self._version)
        if not (fault.tag.startswith("UN") and len(fault.tag) == 3 and fault.tag.isalpha()):
            return (_REJECTED, code)
        return (_REJECTED, code, fault.tag, *([self._position(fault)] if fault.element else []))

    def _segments(self, faults: Sequence[Fault]) -> Iterator[WrittenSegment]:
        """Write UCS and UCD: a segment's own fault in UCS, else UCS without code and UCD per element."""
        written = 0
        for position, group in groupby(faults, key=lambda fault: fault.segment):
            found = list(group)
            codes = [self._code(fault) for fault in found if fault.level is Level.SEGMENT]
            below = [fault for fault in found if fault.level is Level.ELEMENT]
            for code in dict.fromkeys(codes) or [""]:
                if written >= _MOST_SEGMENTS:
                    return
                written += 1
                yield ("UCS", str(position), code)
            for fault in below[:_MOST_ELEMENTS]:
                yield ("UCD", self._code(fault), self._position(fault))

    def _code(self, fault: Fault) -> str:
        return written_code(fault.code, level=fault.level, version=self._version)

    def _position(self, fault: Fault) -> tuple[str, ...]:
        """Write S011; syntax version 4 has room for the repetition where no component is named."""
        component = str(fault.component or "")
        if self._version == "4" and fault.repetition and not component:
            return (str(fault.element), "", str(fault.repetition))
        return (str(fault.element), component)


def _refuse_bad_copies(faults: Sequence[Fault], *, tag: str, elements: tuple[int, ...]) -> None:
    for fault in faults:
        if fault.tag == tag and fault.element in elements and fault.code not in _NOT_SYNTAX:
            raise CannotAcknowledge(f"CONTRL would have to copy what is wrong: {fault.sentence}")
