"""One message: its header and trailer, then its segments against structure and dictionary."""

from collections.abc import Callable

from edi_app.acknowledgment import Fault, Level
from edi_app.edifact.directory import Field, MessageSpec, find_message, known_kinds, service_segments
from edi_app.edifact.elements import ElementChecker
from edi_app.edifact.place import Place, show
from edi_app.edifact.reader import Interchange, Message
from edi_app.edifact.rules import Rules, Unknown
from edi_app.edifact.segment import Segment
from edi_app.edifact.structure import MOST_FAULTS, check_structure
from edi_app.edifact.verdict import CheckedMessage

HEADER = Place("UNH", 0, Level.DOCUMENT, Level.DOCUMENT)
_TRAILER = Place("UNT", 0, Level.DOCUMENT, Level.DOCUMENT)
_MOST_ORDERS = 200
_LONGEST_ORDER = 2000
_IDENTIFIER = 1
"""Index of S009 among the data elements of UNH."""


Test = Callable[[str], object]
"""A quick test of a segment's text, true when it is surely right."""


def _pass(_text: str) -> object:
    return True


def _look_closely(_text: str) -> object:
    return False


class MessageChecker:
    """Checks the messages of one interchange, whose header sets the rules of notation."""

    def __init__(self, interchange: Interchange, *, rules: Rules) -> None:
        self.elements = ElementChecker(
            charset=interchange.charset, version=interchange.version, service=interchange.service
        )
        self._rules = rules
        self._service = service_segments(interchange.version)
        self._right_orders: set[tuple[object, ...]] = set()
        self._tests: dict[tuple[str, ...], dict[str, Test]] = {}

    def check(self, message: Message) -> CheckedMessage:
        """Check one message. Faults of UNH and UNT are about all of it, the others about their segment."""
        faults = self.elements.check(message.segments[0], spec=self._service["UNH"], place=HEADER)
        spec = find_message(message.identifier)
        if spec is None and self._rules.unknown is Unknown.REJECT and not faults:
            faults.append(_unsupported(message, field=self._service["UNH"].fields[_IDENTIFIER]))
        faults += self._check_trailer(message)
        if spec:
            faults += self._check_body(message.segments, spec=spec)
        kept = tuple(fault for fault in faults if fault.code not in self._rules.tolerate)
        return CheckedMessage(message.reference, message.identifier, len(message.segments), kept[:MOST_FAULTS])

    def _check_trailer(self, message: Message) -> list[Fault]:
        trailer = message.trailer
        if trailer is None:
            return [_TRAILER.fault("13", f"is missing at the end of message {show(message.reference)!r}")]
        expected = (len(message.segments), message.reference)
        return self.check_end(trailer, place=_TRAILER, expected=expected)

    def check_end(self, trailer: Segment, *, place: Place, expected: tuple[int, str]) -> list[Fault]:
        """Check UNT, UNE or UNZ: well-formed, counting right, and with the reference of its header."""
        spec = self._service[place.tag]
        faults = self.elements.check(trailer, spec=spec, place=place)
        count, reference = trailer.value(2), trailer.value(3)
        if not faults and count.lstrip("0") != str(expected[0]).lstrip("0"):
            reason = f"says {count}; counted {expected[0]}"
            faults.append(place.at(0, spec.fields[0]).fault("29", reason, value=count))
        if not faults and reference != expected[1]:
            reason = f"is {show(reference)!r}, but the header says {show(expected[1])!r}"
            faults.append(place.at(1, spec.fields[1]).fault("28", reason, value=reference))
        return faults

    def _check_body(self, segments: list[Segment], *, spec: MessageSpec) -> list[Fault]:
        faults = self._check_order(segments, spec=spec)
        tests = self._tests.setdefault(spec.identifier, {"UNT": _pass})
        for index in range(1, len(segments)):
            segment = segments[index]
            test = tests.get(segment.tag) or self._find_test(segment.tag, spec=spec, tests=tests)
            if not test(segment.text):
                found = spec.segments.get(segment.tag) or self._service[segment.tag]
                faults += self.elements.check(segment, spec=found, place=Place(segment.tag, index + 1))
            if len(faults) >= MOST_FAULTS:
                break
        return sorted(faults, key=lambda fault: (fault.segment, fault.element, fault.component))

    def _find_test(self, tag: str, *, spec: MessageSpec, tests: dict[str, Test]) -> Test:
        """Give the quick test of a segment; one that the message does not have is the structure's to report."""
        found = (spec.segments.get(tag) or self._service.get(tag)) if tag in spec.tags else None
        if found is None:
            return _pass
        test = self.elements.quick_test(found)
        if test is None:
            return _look_closely
        tests[tag] = test
        return test

    def _check_order(self, segments: list[Segment], *, spec: MessageSpec) -> list[Fault]:
        """Check the structure; an order of segments that was right before is not gone through again."""
        order = (spec.identifier, *(segment.tag for segment in segments))
        if order in self._right_orders:
            return []
        faults = check_structure(segments, spec=spec)
        if not faults and len(order) <= _LONGEST_ORDER and len(self._right_orders) < _MOST_ORDERS:
            self._right_orders.add(order)
        return faults


def _unsupported(message: Message, *, field: Field) -> Fault:
    """Name the part of S009 that we do not support: the release of a type that we know, else the type."""
    component = 3 if message.kind in known_kinds() else 1
    value = message.segments[0].value(_IDENTIFIER + 2, component)
    reason = f"is {show(value)!r}, which is not supported here: {show(':'.join(message.identifier))}"
    return HEADER.at(_IDENTIFIER, field).fault("14", reason, component=component, value=value)
