"""Quick acceptance: a regular expression per segment that matches only what is surely right.

Most segments match and need no closer look. Whatever does not match (released characters, repetitions, rare
date formats, long fractions, faults) goes through `elements`, which alone says what is wrong.
"""

import re
from collections import Counter
from functools import lru_cache

from edi_app.edifact.charset import Charset
from edi_app.edifact.directory import Element, Field, SegmentSpec
from edi_app.edifact.service import ServiceCharacters

_DATE_AND_TIME = "C507"
_SURE_DATE = "(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|1[0-9]|2[0-8])"
NEVER = re.compile(r"(?!)")
"""Matches nothing: every segment is looked at closely."""
_ASKED_BEFORE = 2
_UNSURE = frozenset(("S004",))
_SHORTEST_FRACTION = 6


@lru_cache(maxsize=32)
def find_patterns(service: ServiceCharacters, charset: Charset) -> "Patterns":
    """Give the patterns of one set of service characters and one character set."""
    return Patterns(service, charset)


class Patterns:
    """The patterns by segment, built when first asked for."""

    def __init__(self, service: ServiceCharacters, charset: Charset) -> None:
        self._element = re.escape(service.element)
        self._component = re.escape(service.component)
        self._data = charset.data_class(service.special)
        self._decimal = re.escape(service.decimal if service.decimal in (".", ",") else ".")
        self._built: dict[SegmentSpec, re.Pattern[str]] = {}
        self._asked: Counter[SegmentSpec] = Counter()

    def pattern(self, spec: SegmentSpec) -> re.Pattern[str]:
        """Give the pattern that the whole text of such a segment matches when it is surely right.

        It is built once it was asked for a few times, since building costs more than looking closely: a file of
        many interchanges with other service characters each would wait for nothing else.
        """
        found = self._built.get(spec)
        if found is None:
            self._asked[spec] += 1
            if self._asked[spec] <= _ASKED_BEFORE:
                return NEVER
            found = self._built[spec] = self._build(spec)
        return found

    def _build(self, spec: SegmentSpec) -> re.Pattern[str]:
        if any(field.number in _UNSURE for field in spec.fields):
            return NEVER
        tail = ""
        for field in reversed(spec.fields):
            place = self._element + self._field(field) + tail
            tail = place if field.mandatory else f"(?:{place})?"
        ends = f"(?<!{self._element})(?<!{self._component})"
        return re.compile(f"{spec.tag}{tail}{ends}")

    def _field(self, field: Field) -> str:
        if not field.composite:
            value = self._value(field.parts[0].element)
            return value if field.mandatory else f"(?:{value})?"
        if field.number == _DATE_AND_TIME:
            return self._value(field.parts[0].element) + f"{self._component}{_SURE_DATE}{self._component}102"
        tail = ""
        for part in reversed(field.parts[1:]):
            value = self._value(part.element)
            tail = f"{self._component}{value}{tail}" if part.mandatory else f"(?:{self._component}(?:{value})?{tail})?"
        first = self._value(field.parts[0].element)
        body = first if field.parts[0].mandatory else f"(?:{first})?"
        filled = f"(?!{self._element}|\\Z){body}{tail}(?<!{self._component})"
        return filled if field.mandatory else f"(?:{filled})?"

    def _value(self, element: Element) -> str:
        low, high = element.shortest, element.longest
        if element.values:
            return f"(?:{'|'.join(map(re.escape, sorted(element.values)))})"
        if element.kind == "a":
            return f"[A-Z]{{{low},{high}}}"
        if element.kind == "an":
            return f"{self._data}{{{low},{high}}}"
        if low > 1 or high < _SHORTEST_FRACTION:
            return f"-?[0-9]{{{low},{high}}}"
        fraction = high // 3
        return f"-?(?:[0-9]{{1,{high - fraction}}}{self._decimal}[0-9]{{1,{fraction}}}|[0-9]{{1,{high}}})"
