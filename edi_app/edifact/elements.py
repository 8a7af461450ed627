"""The data elements of a segment against the dictionary: presence, counts, values, dates and characters."""

from collections.abc import Callable

from edi_app.acknowledgment import Fault
from edi_app.edifact.charset import Charset
from edi_app.edifact.dates import is_moment, is_period
from edi_app.edifact.directory import SegmentSpec
from edi_app.edifact.patterns import NEVER, find_patterns
from edi_app.edifact.place import ElementPlace, Place, show
from edi_app.edifact.segment import Segment
from edi_app.edifact.service import ServiceCharacters
from edi_app.edifact.values import find_flaw

_DATE_AND_TIME = "C507"
_MOMENT = "S004"


class ElementChecker:
    """Checks the data elements of segments; one for each interchange, since its header sets the rules."""

    def __init__(self, *, charset: Charset, version: str, service: ServiceCharacters) -> None:
        self._charset = charset
        # Syntax version 4 allows point and comma whatever UNA says; so does an interchange without UNA.
        self._marks = ".," if version == "4" or service.decimal not in (".", ",") else service.decimal
        self._patterns = find_patterns(service, charset)
        self._moment = ("CCYYMMDD" if version == "4" else "YYMMDD", "HHMM")

    def quick_test(self, spec: SegmentSpec) -> Callable[[str], object] | None:
        """Give a test of a segment's text that is true only when `check` would find nothing; None while such
        segments are too few to be worth one."""
        found = self._patterns.pattern(spec)
        return None if found is NEVER else found.fullmatch

    def check(self, segment: Segment, *, spec: SegmentSpec, place: Place) -> list[Fault]:
        """Find all faults inside one segment; an empty list when it is right."""
        if self._patterns.pattern(spec).fullmatch(segment.text):
            return []
        faults: list[Fault] = []
        fields, elements = spec.fields, segment.elements
        for index, (field, parts) in enumerate(zip(fields, elements, strict=False)):
            faults += self._check_parts(parts, place.at(index, field))
        for index in range(len(elements), len(fields)):
            if fields[index].mandatory:
                faults.append(place.at(index, fields[index]).fault("13", "is missing"))
        faults += _check_whole(segment, count=len(fields), place=place)
        if segment.repeats:
            faults += self._check_repeats(segment.repeats, spec=spec, place=place)
        if self._charset.foreign.search(segment.text):
            faults += self._find_foreign(segment, spec=spec, place=place)
        return faults

    def _check_parts(self, parts: list[str], spot: ElementPlace) -> list[Fault]:
        """Check one data element, or one occurrence of it where it repeats."""
        field = spot.field
        if not (parts[0] or any(parts)):
            return [spot.fault("13", "is missing")] if field.mandatory else []
        faults: list[Fault] = []
        for component, part in enumerate(field.parts, 1):
            value = parts[component - 1] if component <= len(parts) else ""
            if value:
                flaw = find_flaw(part.element, value, marks=self._marks)
                if flaw:
                    faults.append(spot.fault(*flaw, component=component, value=value))
            elif part.mandatory:
                faults.append(spot.fault("13", "is missing", component=component))
        if len(parts) > len(field.parts) and any(parts[len(field.parts) :]):
            reason = f"has {len(parts)} components; at most {len(field.parts)}"
            faults.append(spot.fault("16", reason))
        if field.number in (_DATE_AND_TIME, _MOMENT) and not faults:
            faults += self._check_date(parts, spot)
        return faults

    def _check_date(self, parts: list[str], spot: ElementPlace) -> list[Fault]:
        if spot.field.number == _DATE_AND_TIME:
            if len(parts) < 3 or not parts[1] or is_period(parts[1], parts[2]):
                return []
            reason = f"is {show(parts[1])!r}, which is no date or time of format {show(parts[2])}"
            return [spot.fault("12", reason, component=2, value=parts[1])]
        return [
            spot.fault("12", f"is {show(value)!r}, which is no {pattern}", component=number, value=value)
            for number, (value, pattern) in enumerate(zip(parts, self._moment, strict=False), 1)
            if not is_moment(value, pattern)
        ]

    def _check_repeats(self, repeats: dict[int, list[list[str]]], *, spec: SegmentSpec, place: Place) -> list[Fault]:
        """Check the further occurrences of data elements that syntax version 4 repeats."""
        faults: list[Fault] = []
        for index, more in repeats.items():
            if index >= len(spec.fields):
                continue
            field = spec.fields[index]
            if len(more) >= field.repeats:
                spot = place.at(index, field, field.repeats + 1)
                faults.append(spot.fault("35", f"comes {len(more) + 1} times; at most {field.repeats}"))
            for repetition, parts in enumerate(more[: field.repeats - 1], 2):
                faults += self._check_parts(parts, place.at(index, field, repetition))
        return faults

    def _find_foreign(self, segment: Segment, *, spec: SegmentSpec, place: Place) -> list[Fault]:
        """Find the values with characters that the character set does not have; separators do not count."""
        faults: list[Fault] = []
        for index, (field, parts) in enumerate(zip(spec.fields, segment.elements, strict=False)):
            for component, value in enumerate(parts[: len(field.parts)], 1):
                foreign = self._charset.find_foreign(value)
                if foreign:
                    reason = f"has {show(foreign)!r}, a character that {self._charset.identifier} does not have"
                    faults.append(place.at(index, field).fault("21", reason, component=component, value=value))
        return faults


def _check_whole(segment: Segment, *, count: int, place: Place) -> list[Fault]:
    """Check what is said of the segment as a whole: how many elements, separators at an end, nesting."""
    elements = segment.elements
    filled = len(elements)
    while filled and elements[filled - 1] == [""]:
        filled -= 1
    faults: list[Fault] = []
    if filled > count:
        faults.append(place.fault("16", f"has {filled} data elements; at most {count}"))
    if filled < len(elements) or any(not parts[-1] and len(parts) > 1 for parts in elements):
        faults.append(place.fault("45", "has a separator with nothing behind it"))
    if segment.nesting:
        faults.append(place.fault("34", f"has a nesting indicator: {show(':'.join(segment.nesting))}"))
    return faults
