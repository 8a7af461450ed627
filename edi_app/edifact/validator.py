"""Interchanges to verdicts: checks envelope, groups and messages as they are read."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from edi_app.acknowledgment import Fault, Level
from edi_app.edifact.charset import CHARSETS
from edi_app.edifact.directory import service_segments
from edi_app.edifact.errors import EdifactUnreadable
from edi_app.edifact.message import HEADER as MESSAGE_HEADER
from edi_app.edifact.message import MessageChecker
from edi_app.edifact.place import Place, show
from edi_app.edifact.reader import Closed, Event, Group, Interchange, Message, Stray, read_events
from edi_app.edifact.rules import Rules, is_listed
from edi_app.edifact.segment import Segment
from edi_app.edifact.source import Source
from edi_app.edifact.stream import Junk, Limits
from edi_app.edifact.verdict import CheckedGroup, CheckedInterchange, CheckedMessage

_MOST_STRAYS = 20
_HEADER = Place("UNB", 0, Level.INTERCHANGE, Level.INTERCHANGE)
_TRAILER = Place("UNZ", 0, Level.INTERCHANGE, Level.INTERCHANGE)
_GROUP_HEADER = Place("UNG", 0, Level.GROUP, Level.GROUP)
_GROUP_TRAILER = Place("UNE", 0, Level.GROUP, Level.GROUP)


def check_interchanges(
    source: Source, *, rules: Rules | None = None, limits: Limits | None = None
) -> Iterator[CheckedInterchange]:
    """Check every interchange of a source and yield its verdict, without holding its messages in memory.

    Raises EdifactUnreadable where the bytes are not EDIFACT, perhaps behind interchanges that were good.
    """
    open_check = _Interchanges(rules or Rules())
    try:
        for event in read_events(source, limits=limits):
            yield from open_check.take(event)
    except EdifactUnreadable:
        yield from open_check.end()
        raise
    yield from open_check.end()


class _Interchanges:
    """The interchange that is being read, and the one before it, which waits for the junk behind it."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._check: _Check | None = None
        self._done: CheckedInterchange | None = None

    def take(self, event: Event) -> Iterator[CheckedInterchange]:
        """Take what was read next; give the interchange that nothing more can follow."""
        if isinstance(event, Interchange):
            yield from self.end()
            self._check = _Check(event, self._rules)
        elif isinstance(event, Junk):
            self._done = self._done and replace(self._done, junk=self._done.junk + event.size)
        elif self._check is None:
            return
        elif isinstance(event, Closed) and isinstance(event.what, Interchange):
            self._done, self._check = self._check.close(event.trailer), None
        else:
            self._check.take(event)

    def end(self) -> Iterator[CheckedInterchange]:
        """Give the interchange that has ended, if there is one."""
        if self._done:
            yield self._done
        self._done = None


def mark_duplicate(checked: CheckedInterchange) -> CheckedInterchange:
    """Reject an interchange that was received before (same sender, recipient and reference): 0085 = 26."""
    reference = service_segments(checked.interchange.version)["UNB"].fields[4]
    spot = _HEADER.at(4, reference)
    fault = spot.fault("26", "was received before from this sender", value=checked.interchange.reference)
    return replace(checked, faults=(fault, *checked.faults))


@dataclass(slots=True)
class _Level:
    """The messages since UNG, or all that stand in no group."""

    messages: list[CheckedMessage] = field(default_factory=list)
    references: set[str] = field(default_factory=set)
    kinds: set[tuple[str, ...]] = field(default_factory=set)


class _Check:
    """One interchange while it is read."""

    def __init__(self, interchange: Interchange, rules: Rules) -> None:
        self._interchange = interchange
        self._rules = rules
        self._service = service_segments(interchange.version)
        self._checker = MessageChecker(interchange, rules=rules)
        self._faults: list[Fault] = self._check_header()
        self._groups: list[CheckedGroup] = []
        self._loose = _Level()
        self._open = self._loose
        self._strays = 0

    def take(self, event: Group | Message | Closed | Stray) -> None:
        """Check what comes between UNB and UNZ."""
        if isinstance(event, Message):
            self._take_message(event)
        elif isinstance(event, Group):
            self._open = _Level()
        elif isinstance(event, Stray):
            self._take_stray(event.segment)
        elif isinstance(event.what, Group):
            self._groups.append(self._close_group(event.what, event.trailer))
            self._open = self._loose

    def close(self, trailer: Segment | None) -> CheckedInterchange:
        """Check the trailer and sum up."""
        if self._groups and self._loose.messages:
            self._faults.append(_HEADER.fault("30", "opens an interchange that mixes groups and single messages"))
        if not self._groups and not self._loose.messages:
            self._faults.append(_HEADER.fault("32", "opens an interchange without any message"))
        self._faults += self._check_trailer(trailer)
        return CheckedInterchange(
            self._interchange,
            self._kept(self._faults),
            tuple(self._groups),
            tuple(self._loose.messages),
        )

    def _kept(self, faults: list[Fault]) -> tuple[Fault, ...]:
        return tuple(fault for fault in faults if fault.code not in self._rules.tolerate)

    def _check_header(self) -> list[Fault]:
        header, rules = self._interchange.header, self._rules
        fields = self._service["UNB"].fields
        faults = self._checker.elements.check(header, spec=self._service["UNB"], place=_HEADER)
        syntax, version = self._interchange.syntax, self._interchange.version

        def wrong(code: str, reason: str, index: int, component: int = 1) -> None:
            value = header.value(index + 2, component)
            spot = _HEADER.at(index, fields[index])
            faults.append(spot.fault(code, f"is {show(value)!r}, {reason}", component=component, value=value))

        if syntax and syntax not in CHARSETS:
            wrong("46", "a character set that is not supported here", 0)
        if version and version not in ("1", "2", "3", "4"):
            wrong("2", "but there are only versions 1 to 4", 0, 2)
        if not is_listed(self._interchange.sender, rules.senders):
            wrong("23", "a sender that is not known here", 1)
        if not is_listed(self._interchange.recipient, rules.recipients):
            wrong("7", "a recipient that is not us", 2)
        if self._interchange.test and not rules.accept_test:
            wrong("25", "but no tests are taken here", 10)
        return faults

    def _check_trailer(self, trailer: Segment | None) -> list[Fault]:
        count = len(self._groups) or len(self._loose.messages)
        expected = (count, self._interchange.reference)
        return self._check_end(trailer, place=_TRAILER, expected=expected)

    def _check_end(self, trailer: Segment | None, *, place: Place, expected: tuple[int, str]) -> list[Fault]:
        """Check UNZ or UNE: there, counting right, and with the reference of its header."""
        if trailer is None:
            return [place.fault("13", f"is missing for reference {show(expected[1])!r}")]
        return self._checker.check_end(trailer, place=place, expected=expected)

    def _take_message(self, message: Message) -> None:
        checked = self._checker.check(message)
        if message.reference in self._open.references:
            spot = MESSAGE_HEADER.at(0, self._service["UNH"].fields[0])
            reason = f"{show(message.reference)!r} was used by a message before"
            fault = spot.fault("26", reason, value=message.reference)
            checked = replace(checked, faults=(fault, *checked.faults))
        self._open.references.add(message.reference)
        self._open.kinds.add(message.identifier[:1])
        self._open.messages.append(checked)

    def _close_group(self, group: Group, trailer: Segment | None) -> CheckedGroup:
        opened = self._open
        faults = self._checker.elements.check(group.header, spec=self._service["UNG"], place=_GROUP_HEADER)
        if not opened.messages:
            faults.append(_GROUP_HEADER.fault("32", "opens a group without any message"))
        if len(opened.kinds) > 1:
            faults.append(_GROUP_HEADER.fault("31", "opens a group with more than one message type"))
        expected = (len(opened.messages), group.reference)
        faults += self._check_end(trailer, place=_GROUP_TRAILER, expected=expected)
        return CheckedGroup(group, self._kept(faults), tuple(opened.messages))

    def _take_stray(self, segment: Segment) -> None:
        self._strays += 1
        if self._strays <= _MOST_STRAYS:
            place = Place(show(segment.tag), 0, Level.INTERCHANGE, Level.INTERCHANGE)
            self._faults.append(place.fault("33", "stands outside of any message"))
