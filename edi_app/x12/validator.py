"""Checks a transaction set against its guide: order, loops, elements, conditions; each fault with its place."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from edi_app.acknowledgment import Fault, Level
from edi_app.x12.conditions import broken, sentence
from edi_app.x12.delimiters import Delimiters
from edi_app.x12.dictionary import Segment
from edi_app.x12.elements import CONDITION, EXCLUSION, TOO_MANY, element_faults
from edi_app.x12.guide import Guide, find_guide
from edi_app.x12.interchange import TransactionSet
from edi_app.x12.patterns import sure_test
from edi_app.x12.structure import Placement, place_segments

MOST_FAULTS = 500
"""No more faults of one set are reported; the set is refused anyway."""
_REMEMBERED = 2_000


class Validator:
    """One guide for one set of delimiters; reusable, safe across threads."""

    def __init__(self, guide: Guide, delimiters: Delimiters) -> None:
        self.guide = guide
        self._delimiters = delimiters
        self._tests: dict[str, Callable[[str], object]] = {}
        # Partners, currencies and addresses repeat: what was right once is right again.
        self._sound: set[str] = set()

    def placement(self, segments: Sequence[str]) -> Placement:
        """Say where each segment of a set belongs, and what is wrong with the order."""
        return place_segments(self.guide, self._tags(segments))

    def faults(self, segments: Sequence[str]) -> list[Fault]:
        """Find what is wrong with a set, given as raw segments from ST to SE without terminators."""
        tags = self._tags(segments)
        placed = place_segments(self.guide, tags)
        found = list(placed.faults[:MOST_FAULTS])
        sound, tests = self._sound, self._tests
        for at, text in enumerate(segments):
            if text in sound or not placed.paths[at]:
                continue
            if (tests.get(tags[at]) or self._test(tags[at]))(text):
                if len(sound) >= _REMEMBERED:
                    sound.clear()
                sound.add(text)
                continue
            found += self._segment_faults(text, at + 1)
            if len(found) >= MOST_FAULTS:
                break
        if found:
            found.sort(key=lambda item: (item.segment, item.level != Level.SEGMENT, item.element))
        return found

    def _tags(self, segments: Sequence[str]) -> tuple[str, ...]:
        mark = self._delimiters.element
        return tuple([segment.split(mark, 1)[0] for segment in segments])

    def _test(self, tag: str) -> Callable[[str], object]:
        """Give the quick test of a segment, whose yes says that it has no fault; a no means nothing."""
        described = self.guide.dictionary.segments.get(tag)
        test = sure_test(described, self._delimiters) if described else _never
        self._tests[tag] = test
        return test

    def _segment_faults(self, text: str, position: int) -> list[Fault]:
        tag, *elements = text.split(self._delimiters.element)
        described = self.guide.dictionary.segments.get(tag)
        if described is None:
            return []
        return segment_faults(described, elements, position=position, delimiters=self._delimiters)


def _never(_: str) -> bool:
    return False


def segment_faults(
    described: Segment, elements: Sequence[str], *, position: int, delimiters: Delimiters | None = None
) -> list[Fault]:
    """Check one segment's elements (without the tag) one by one, then the conditions among them."""
    tag = described.tag
    faults = []
    for place, use in enumerate(described.uses, start=1):
        value = elements[place - 1] if place <= len(elements) else ""
        if value or use.mandatory:
            faults += element_faults(use, value, tag=tag, place=place, position=position, delimiters=delimiters)
    if len(elements) > len(described.uses):
        words = f"{tag} has {len(elements)} elements; {len(described.uses)} are allowed."
        faults.append(Fault(Level.ELEMENT, TOO_MANY, words, tag, position, len(described.uses) + 1))
    present = [bool(value) for value in elements]
    for condition in described.conditions:
        place = broken(condition, present)
        if place:
            item = described.uses[place - 1].item
            code = EXCLUSION if condition.kind == "E" else CONDITION
            words = sentence(condition, tag, place, item.name)
            faults.append(Fault(Level.ELEMENT, code, words, tag, position, place, number=item.number))
    return faults


@lru_cache(maxsize=64)
def validator_for(code: str, version: str, delimiters: Delimiters) -> Validator | None:
    """Give the validator of a set; None when there is no guide for it."""
    guide = find_guide(code, version)
    return None if guide is None else Validator(guide, delimiters)


def validate_set(found: TransactionSet) -> list[Fault] | None:
    """Check a set that was read; None when there is no guide for it. Envelope faults are not repeated."""
    validator = validator_for(found.code, found.version, found.delimiters)
    return None if validator is None else validator.faults(found.segments)
