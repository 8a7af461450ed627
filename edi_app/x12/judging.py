"""From bytes to verdicts: every set of every interchange checked against its guide, one after the other."""

from collections.abc import Iterable, Iterator

from edi_app.acknowledgment import Fault, Level
from edi_app.x12.guide import find_guide
from edi_app.x12.interchange import (
    Event,
    GroupClosed,
    GroupOpened,
    InterchangeClosed,
    InterchangeOpened,
    TechnicalAcknowledgment,
    TransactionSet,
)
from edi_app.x12.reader import read_events
from edi_app.x12.stream import Limits
from edi_app.x12.validator import validate_set
from edi_app.x12.verdict import AckOptions, CheckedGroup, CheckedInterchange, CheckedSet

_NOT_SUPPORTED, _TRAILER_MISSING, _WRONG_SET = "1", "2", "6"


def check_interchanges(
    chunks: Iterable[bytes],
    *,
    options: AckOptions | None = None,
    encoding: str = "latin-1",
    limits: Limits | None = None,
) -> Iterator[CheckedInterchange]:
    """Read and check interchanges, each given when it has ended; only verdicts stay in memory.

    Raises X12Unreadable where the data is not X12, or where what follows cannot be read.
    """
    judge = _Judge(options or AckOptions())
    for event in read_events(chunks, encoding=encoding, limits=limits):
        checked = judge.take(event)
        if checked is not None:
            yield checked


class _Judge:
    """Collects the verdict on the interchange that is being read."""

    def __init__(self, options: AckOptions) -> None:
        self._options = options
        self._groups: list[CheckedGroup] = []
        self._sets: list[CheckedSet] = []
        self._functional_id = ""
        self._opened: InterchangeOpened | None = None
        self._technical = 0

    def take(self, event: Event) -> CheckedInterchange | None:
        match event:
            case TransactionSet():
                self._sets.append(self._check(event))
            case GroupOpened():
                self._functional_id, self._sets = event.header.functional_id, []
            case GroupClosed():
                self._groups.append(CheckedGroup(event.header, event.stated, event.faults, tuple(self._sets)))
            case TechnicalAcknowledgment():
                self._technical += 1
            case InterchangeOpened():
                self._opened, self._groups, self._technical = event, [], 0
            case InterchangeClosed() if self._opened is not None:
                marks = self._opened.delimiters
                return CheckedInterchange(event.header, marks, event.faults, tuple(self._groups), self._technical)
        return None

    def _check(self, found: TransactionSet) -> CheckedSet:
        faults = list(found.faults)
        guide = find_guide(found.code, found.version)
        if guide is None:
            faults += self._unknown(found)
        elif guide.functional_id != self._functional_id:
            sentence = f"A {found.code} does not belong into a group {self._functional_id or 'without GS'}."
            faults.append(Fault(Level.DOCUMENT, _WRONG_SET, sentence, "ST", 1, 1, number="143", value=found.code))
        else:
            faults += _not_said_before(validate_set(found) or [], found.faults)
        return CheckedSet(found.code, found.control, len(found.segments), found.implementation, tuple(faults))

    def _unknown(self, found: TransactionSet) -> list[Fault]:
        if not (len(found.code) == 3 and found.code.isalnum()):
            sentence = f"ST01 is {found.code[:20]!r}, which is no transaction set."
            return [Fault(Level.DOCUMENT, _WRONG_SET, sentence, "ST", 1, 1, number="143", value=found.code)]
        if self._options.unknown_sets:
            return []
        release = f" of release {found.version}" if found.version else ""
        sentence = f"Transaction set {found.code}{release} is not supported."
        return [Fault(Level.DOCUMENT, _NOT_SUPPORTED, sentence, "ST", 1, 1, number="143", value=found.code)]


def _not_said_before(found: list[Fault], envelope: tuple[Fault, ...]) -> list[Fault]:
    """Leave out what the set's envelope faults say already about ST and SE."""
    said = {item.tag for item in envelope}
    return [item for item in found if item.tag not in said or item.tag not in ("ST", "SE")]
