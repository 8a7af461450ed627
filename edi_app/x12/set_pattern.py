"""A quick yes for sets that are surely right: one regular expression over the whole text, made from the guide.

It knows order, loops, repeats, types, lengths, codes and conditions, but only of the elements that a mapping can fill.
Whatever it does not match is not wrong yet; the validator looks at that segment by segment. It never asks twice:
groups that hold a whole segment are atomic, loops are possessive, so a set that is refused costs no more than one read.
"""

import re
from collections.abc import Callable, Collection, Mapping
from itertools import combinations

from edi_app.x12.delimiters import Delimiters
from edi_app.x12.dictionary import Condition, Element, Segment
from edi_app.x12.guide import UNLIMITED, Guide, Node
from edi_app.x12.patterns import value_pattern

Places = Mapping[str, Collection[int]]
"""The elements that can have a value, by tag; no other tag ever comes."""


def sure_set(guide: Guide, delimiters: Delimiters, places: Places) -> Callable[[str], object]:
    """Make a test whose yes says that a set has no fault; its text has every segment with its terminator and line
    end."""
    segments = {
        tag: _SegmentPattern(segment, delimiters, places[tag]).text()
        for tag, segment in guide.dictionary.segments.items()
        if tag in places
    }
    return re.compile(_node(guide.root, segments), re.ASCII).fullmatch


def _node(node: Node, segments: Mapping[str, str]) -> str:
    """Give the pattern of a node and its loop, as often as the guide allows."""
    if node.tag not in segments:
        return "(?!)" if node.least else ""
    once = segments[node.tag] + "".join(_node(child, segments) for child in node.children)
    if node.least == node.most == 1:
        return once
    most = "" if node.most >= UNLIMITED else node.most
    return f"(?:{once}){{{node.least},{most}}}+"


class _SegmentPattern:
    """One segment in which only the elements at `places` may have a value. Elements nest, so that the segment may end
    behind any of them. A condition is asked where its first element would begin: a segment that ends before has none
    of its elements."""

    def __init__(self, segment: Segment, delimiters: Delimiters, places: Collection[int]) -> None:
        self._segment = segment
        self._delimiters = delimiters
        self._places = {place for place in places if place <= len(segment.uses)}
        self._mark = re.escape(delimiters.element)
        self._inside = f"[^{self._mark}{re.escape(delimiters.terminator)}]"
        self._needed = {place for place, use in enumerate(segment.uses, start=1) if use.mandatory}
        self._asked: dict[int, str] = {}
        for condition in segment.conditions:
            self._add(condition)

    def text(self) -> str:
        """Give the pattern, terminator and line end included."""
        body, is_needed = "", False
        for place in range(max(self._places | self._needed), 0, -1):
            # What a needed element stands behind cannot be left out either.
            is_needed = is_needed or place in self._needed
            here = self._asked.get(place, "") + self._mark + self._element(place) + body
            body = here if is_needed else f"(?:{here}|)"
        end = re.escape(self._delimiters.terminator + self._delimiters.line_end)
        return f"(?>{re.escape(self._segment.tag)}{self._asked.get(0, '')}{body}{end})"

    def _element(self, place: int) -> str:
        item = self._segment.uses[place - 1].item
        if place in self._places and isinstance(item, Element):
            value = value_pattern(item, self._delimiters)
            return value if place in self._needed else f"(?:{value}|)"
        return "(?!)" if place in self._needed else ""

    def _add(self, condition: Condition) -> None:
        first, *others = condition.positions
        match condition.kind:
            case "R":
                self._add_choice([place for place in condition.positions if place in self._places])
            case "P":
                self._add_all_or_none(condition.positions)
            case "C":
                for other in others:
                    self._add_need(first, [other])
            case "L":
                self._add_need(first, others)
            case _:
                self._add_exclusions(condition.positions)

    def _add_choice(self, places: Collection[int]) -> None:
        """Add that one of these must be given, which is asked before the first element."""
        if len(places) == 1:
            self._needed |= set(places)
        else:
            self._ask(0, f"(?={self._one_of(places, 1)})" if places else "(?!)")

    def _add_all_or_none(self, places: Collection[int]) -> None:
        """Add that all of these must be given, or none."""
        known = [place for place in places if place in self._places]
        if known:
            start = min(known)
            every = f"(?={self._all_of(places, start)})|" if len(known) == len(places) else ""
            self._ask(start, f"(?:{every}(?!{self._one_of(known, start)}))")

    def _add_need(self, place: int, others: Collection[int]) -> None:
        """Add that where `place` is given one of the others must be."""
        if place in self._places:
            known = [other for other in others if other in self._places]
            start = min(place, *known) if known else place
            one = f"(?={self._one_of(known, start)})|" if known else ""
            self._ask(start, f"(?:{one}(?!{self._all_of([place], start)}))")

    def _add_exclusions(self, places: Collection[int]) -> None:
        """Add that only one of these may be given."""
        for pair in combinations(sorted(place for place in places if place in self._places), 2):
            self._ask(pair[0], f"(?!{self._all_of(pair, pair[0])})")

    def _all_of(self, places: Collection[int], start: int) -> str:
        """Match where all of these have a value, read from the mark in front of element `start`."""
        values = [self._inside + ("+" if place in places else "*") for place in range(start, max(places) + 1)]
        return self._mark + self._mark.join(values)

    def _one_of(self, places: Collection[int], start: int) -> str:
        """Match where one of these has a value."""
        return "|".join(self._all_of([place], start) for place in places)

    def _ask(self, place: int, pattern: str) -> None:
        self._asked[place] = self._asked.get(place, "") + pattern
