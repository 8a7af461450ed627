"""Our answer to a partner's interchange: TA1 for the interchange, a 997 or 999 for each functional group.

X12.5 (TA1), X12.20 (997), 005010X231A1 (999, which has IK3 to IK5 where the 997 has AK3 to AK5).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from edi_app.acknowledgment import Fault, Level, Outcome
from edi_app.x12.codes import LETTERS
from edi_app.x12.delimiters import Delimiters, default_delimiters
from edi_app.x12.dictionary import LATER, release_for
from edi_app.x12.envelope import number_of
from edi_app.x12.errors import CannotAcknowledge, X12Unreadable
from edi_app.x12.header import gs_segment, isa_segment, join_segments
from edi_app.x12.judging import check_interchanges
from edi_app.x12.verdict import (
    ACKNOWLEDGMENTS,
    DUPLICATE,
    AckOptions,
    CheckedGroup,
    CheckedInterchange,
    CheckedSet,
    Lists,
    WhenTa1,
)

FUNCTIONAL, IMPLEMENTATION = "997", "999"
_GUIDE_OF_999 = "005010X231A1"
_MOST_CODES = 5
_MOST_NOTES = 99
_ELEMENT_FAULTS, _SEGMENT_FAULTS, _BAD_CHARACTER = "8", "5", "6"
_COPY = 99
# Codes that came only with later releases, as a 004010 answer says them.
_EARLIER = {"12": "3", "13": "3"}


def needs_ta1(checked: CheckedInterchange, options: AckOptions) -> bool:
    """Say whether an interchange is answered with a TA1. What only acknowledges never is, and a duplicate only when
    it asks for it."""
    if checked.only_acknowledgments or options.ta1 is WhenTa1.NEVER:
        return False
    if options.ta1 is WhenTa1.ALWAYS or checked.header.wants_acknowledgment:
        return True
    return options.ta1 is WhenTa1.FAULTS and any(fault.code != DUPLICATE for fault in checked.faults)


def answered_groups(checked: CheckedInterchange, options: AckOptions) -> list[CheckedGroup]:
    """Give the groups that get a 997 or 999: none of a rejected interchange, never one of acknowledgments."""
    if not options.functional or checked.outcome(options) is Outcome.REJECTED:
        return []
    return [group for group in checked.groups if group.header.functional_id != ACKNOWLEDGMENTS]


def answer_set(checked: CheckedInterchange, options: AckOptions) -> str:
    """Name the set that answers the groups: 999 where it is wanted and all of them are of its release, else 997."""
    releases = {release_for(group.header.version) for group in answered_groups(checked, options)}
    return IMPLEMENTATION if options.writes == IMPLEMENTATION and releases == {LATER} else FUNCTIONAL


def needs_acknowledgment(checked: CheckedInterchange, *, options: AckOptions) -> bool:
    """Say whether there is anything to answer."""
    return needs_ta1(checked, options) or bool(answered_groups(checked, options))


def render_acknowledgment(
    checked: CheckedInterchange,
    *,
    options: AckOptions,
    numbers: Mapping[str, int],
    moment: datetime,
    line_end: str = "lf",
) -> bytes:
    """Write the interchange that answers one interchange: TA1 in front, then one 997 or 999 a group in a group `FA`.

    `numbers` are our own control numbers (`ISA`, `GS`), `moment` the time in our zone. Sender and receiver are
    swapped, test stays test, and nothing is asked for (ISA14 `0`). Raises CannotAcknowledge when there is
    nothing to say or when what must be copied is itself not valid.
    """
    if not needs_acknowledgment(checked, options=options):
        raise CannotAcknowledge("This interchange is not acknowledged.")
    groups = answered_groups(checked, options)
    answer = _Answer(checked, options, line_end)
    body = [answer.ta1()] if needs_ta1(checked, options) else []
    if groups:
        body += answer.group(groups, numbers["GS"], moment)
    control = numbers["ISA"]
    header = answer.header(control, moment)
    trailer = answer.marks.element.join(("IEA", "1" if groups else "0", f"{control:09d}"))
    data = join_segments([header, *body, trailer], answer.marks).encode("ascii", errors="replace")
    _refuse_invalid(data)
    return data


def _refuse_invalid(data: bytes) -> None:
    """Whatever had to be copied from what is wrong itself: an answer that is not valid does not leave."""
    try:
        (own,) = check_interchanges([data])
    except (X12Unreadable, ValueError):
        raise CannotAcknowledge("What must be copied from the interchange makes no valid answer.") from None
    faults = [*own.faults, *(fault for group in own.groups for fault in group.faults)]
    faults += [fault for group in own.groups for item in group.sets for fault in item.faults]
    if faults:
        raise CannotAcknowledge(f"No valid answer can be written: {faults[0].sentence}")


class _Answer:
    """Writes the segments of one answer, in the release family of what it answers."""

    def __init__(self, checked: CheckedInterchange, options: AckOptions, line_end: str) -> None:
        self._checked = checked
        self._options = options
        groups = answered_groups(checked, options) or checked.groups
        versions = [group.header.version for group in groups] or [f"{checked.header.version[1:]}0"]
        # What is of different releases is answered in the earlier one, which both sides can read.
        self._release = min(map(release_for, versions))
        self.marks: Delimiters = default_delimiters(version=self._release, line_end=line_end)
        self._code = answer_set(checked, options)
        self._guide = _GUIDE_OF_999 if self._code == IMPLEMENTATION else ""
        self._notes = "IK" if self._guide else "AK"

    def header(self, control: int, moment: datetime) -> str:
        """Write ISA."""
        theirs = self._checked.header
        sides = (
            (theirs.receiver_qualifier, theirs.receiver),
            (theirs.sender_qualifier, theirs.sender),
        )
        if any(len(qualifier) != 2 or not 1 <= len(identity) <= 15 for qualifier, identity in sides):
            raise CannotAcknowledge("The ids of the interchange cannot be copied into an answer.")
        return isa_segment(
            self.marks,
            sender=sides[0],
            receiver=sides[1],
            moment=moment,
            version=self._release,
            control=control,
            wants_answer=False,
            usage="T" if theirs.usage == "T" else "P",
        )

    def ta1(self) -> str:
        """Write TA1 with the first fault's code."""
        theirs = self._checked.header
        dated = (theirs.control, theirs.date, theirs.time)
        if [len(text) for text in dated] != [9, 6, 4] or any(number_of(text) is None for text in dated):
            raise CannotAcknowledge("Control number, date and time of the ISA cannot be copied into a TA1.")
        outcome = self._checked.outcome(self._options)
        faults = self._checked.faults
        return self._join("TA1", *dated, LETTERS[outcome], faults[0].code if faults else "000")

    def group(self, groups: Sequence[CheckedGroup], control: int, moment: datetime) -> Iterator[str]:
        """Write GS to GE, with one 997 or 999 for each group."""
        theirs = groups[0].header
        yield gs_segment(
            self.marks,
            functional_id=ACKNOWLEDGMENTS,
            sender=theirs.receiver or self._checked.header.receiver,
            receiver=theirs.sender or self._checked.header.sender,
            moment=moment,
            control=control,
            version=self._guide or self._release,
        )
        for number, group in enumerate(groups, start=1):
            yield from self._set(group, f"{number:04d}")
        yield self._join("GE", str(len(groups)), str(control))

    def _set(self, group: CheckedGroup, control: str) -> list[str]:
        segments = [self._join("ST", self._code, control, self._guide), self._group_header(group)]
        for item in group.sets:
            outcome = item.outcome(self._options)
            if self._options.lists is Lists.ALL or outcome is not Outcome.ACCEPTED:
                segments += self._document(item, outcome)
        segments.append(self._group_trailer(group))
        segments.append(self._join("SE", str(len(segments) + 1), control))
        return segments

    def _group_header(self, group: CheckedGroup) -> str:
        control = number_of(group.header.control)
        if control is None or len(group.header.functional_id) != 2:
            raise CannotAcknowledge(f"GS01 and GS06 cannot be copied into a {self._code}.")
        version = [group.header.version] if self._release == LATER and group.header.version else []
        return self._join("AK1", group.header.functional_id, str(control), *version)

    def _document(self, item: CheckedSet, outcome: Outcome) -> Iterator[str]:
        implementation = [item.implementation] if self._release == LATER and item.implementation else []
        yield self._join("AK2", _fitted(item.kind, 3, 3), _fitted(item.reference, 4, 9), *implementation)
        below = [fault for fault in item.faults if fault.level in (Level.SEGMENT, Level.ELEMENT)]
        for _, found in groupby(below, key=lambda fault: (fault.segment, fault.tag)):
            yield from self._segment(list(found))
        codes = [_SEGMENT_FAULTS] if below else []
        codes += [fault.code for fault in item.faults if fault.level is Level.DOCUMENT]
        yield self._join(f"{self._notes}5", LETTERS[outcome], *list(dict.fromkeys(codes))[:_MOST_CODES])

    def _segment(self, faults: Sequence[Fault]) -> Iterator[str]:
        """Write AK3 for each fault of a segment itself, and one with AK4s for those of its elements."""
        where = (_fitted(faults[0].tag, 2, 3), str(faults[0].segment), "")
        for fault in faults:
            if fault.level is Level.SEGMENT:
                yield self._join(f"{self._notes}3", *where, fault.code)
        elements = [fault for fault in faults if fault.level is Level.ELEMENT]
        if elements:
            yield self._join(f"{self._notes}3", *where, _ELEMENT_FAULTS)
            for fault in elements[:_MOST_NOTES]:
                yield self._element(fault)

    def _element(self, fault: Fault) -> str:
        place = str(fault.element) + self._inner_place(fault)
        number = fault.number if fault.number.isdigit() else ""
        code = fault.code if self._release == LATER else _EARLIER.get(fault.code, fault.code)
        return self._join(f"{self._notes}4", place, number, code, self._copy(fault))

    def _inner_place(self, fault: Fault) -> str:
        """Write component and, in the release that knows them, repetition (C030)."""
        repetition = str(fault.repetition) if fault.repetition and self._release == LATER else ""
        parts = [str(fault.component or ""), repetition]
        while parts and not parts[-1]:
            parts.pop()
        return "".join(f"{self.marks.component}{part}" for part in parts)

    def _copy(self, fault: Fault) -> str:
        """Copy the bad value, unless the copy would itself be a fault."""
        value = fault.value[:_COPY]
        is_harmless = value.isascii() and value.isprintable() and value.strip()
        if fault.code == _BAD_CHARACTER or not is_harmless or any(mark in value for mark in self.marks.characters):
            return ""
        return value

    def _group_trailer(self, group: CheckedGroup) -> str:
        found = len(group.sets)
        stated = found if group.stated is None else group.stated
        codes = list(dict.fromkeys(fault.code for fault in group.faults))[:_MOST_CODES]
        counts = (str(stated), str(found), str(group.accepted(self._options)))
        return self._join("AK9", LETTERS[group.outcome(self._options)], *counts, *codes)

    def _join(self, *elements: str) -> str:
        parts = list(elements)
        while not parts[-1]:
            parts.pop()
        return self.marks.element.join(parts)


def _fitted(text: str, shortest: int, longest: int) -> str:
    """Make an identifier fit that was wrong itself: an answer has to name it somehow."""
    kept = "".join(mark for mark in text if mark.isascii() and mark.isalnum())[:longest]
    return kept.rjust(shortest, "0")
