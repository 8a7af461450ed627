"""Writes one value into one element: by the element's type, cleaned, never longer or shorter than allowed.

Ids are refused when they are too long, because a cut id matches nothing; free text is cut and noted.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from core.errors import Finding
from edi_app.mapping.findings import BAD_VALUE, TOO_LONG, TOO_SHORT, ValueRefused, shortened
from edi_app.mapping.plain_text import plain_text
from edi_app.x12.dictionary import Element
from edi_app.x12.numbers import (
    as_decimal,
    date_text,
    digits,
    implied_text,
    quick_implied,
    quick_real,
    real_text,
    time_text,
)
from edi_app.x12.settings import Settings
from edi_app.x12.text import Cleaner

Write = Callable[[Any, list[Finding]], str]

# Names, streets, cities, descriptions and messages (data element numbers).
_FREE_TEXT = frozenset({"3", "19", "61", "93", "166", "310", "352", "369", "933", "1035", "1036"})


def element_writer(
    element: Element,
    *,
    place: str,
    source: str,
    settings: Settings,
    cleaner: Cleaner,
    overflow: str = "",
    most: int = 0,
) -> Write:
    """Make the function that writes values into an element. It raises ValueRefused.

    `overflow` (`error` or `cut`) replaces the rule of the element's class, `most` its length when shorter.
    """
    longest = min(element.longest, most) if most else element.longest
    cuts = overflow == "cut" if overflow else element.number in _FREE_TEXT or settings.truncate_ids
    match element.type[0]:
        case "R" | "N":
            return _number_writer(element, longest, place, source)
        case "D":
            return lambda value, notes: date_text(value, longest)
        case "T":
            return lambda value, notes: time_text(value)
    return _text_writer(element, longest, place, source, cleaner, cuts=cuts)


def quick_way(element: Element, cleaner: Cleaner, *, most: int = 0) -> tuple[type[Any] | None, Callable[[Any], str]]:
    """Give the kind of value that is usual for an element, and the short way to write it: a function that gives
    nothing where the long way has to decide."""
    longest = min(element.longest, most) if most else element.longest
    match element.type[0]:
        case "R":
            return Decimal, quick_real(longest)
        case "N":
            return Decimal, quick_implied(element.decimals, longest)
        case "D" if element.longest == 8:
            return date, lambda value: value.isoformat().replace("-", "")
        case "A" | "I":
            return str, cleaner.quick_text(element.shortest, longest, codes=element.codes)
    return None, str


def _number_writer(element: Element, longest: int, place: str, source: str) -> Write:
    decimals = element.decimals
    is_real = element.type == "R"

    def write(value: Any, notes: list[Finding]) -> str:
        number = as_decimal(value)
        text = real_text(number) if is_real else implied_text(number, decimals)
        count = digits(text) if len(text) > longest else len(text)
        if count > longest:
            reason = f"{source} is {text}, which has {count} digits; {place} allows {longest}."
            raise ValueRefused(reason, code=TOO_LONG)
        return text

    return write


def _text_writer(element: Element, longest: int, place: str, source: str, cleaner: Cleaner, *, cuts: bool) -> Write:
    shortest, codes = element.shortest, element.codes
    clean, is_odd = cleaner.clean, cleaner.is_odd
    limits = _Limits(element, longest, place, source, cuts=cuts)

    def write(value: Any, notes: list[Finding]) -> str:
        text: str = value if value.__class__ is str else plain_text(value)
        if is_odd(text):
            text = clean(text, place, notes)
        if codes is not None and text and text not in codes:
            raise ValueRefused(f"{place} ({element.name}) has no code {shortened(text)!r}.", code=BAD_VALUE)
        return text if shortest <= len(text) <= longest or not text else limits.fit(text, notes)

    return write


class _Limits:
    """What happens to a text that is longer or shorter than its element."""

    def __init__(self, element: Element, longest: int, place: str, source: str, *, cuts: bool) -> None:
        self._shortest, self._longest = element.shortest, longest
        self._place, self._source, self._cuts = place, source, cuts
        self._is_free = element.number in _FREE_TEXT

    def fit(self, text: str, notes: list[Finding]) -> str:
        if len(text) < self._shortest:
            reason = f'"{self._source}" is {text!r}; {self._place} needs at least {self._shortest} characters.'
            if not self._is_free:
                raise ValueRefused(reason, code=TOO_SHORT)
            notes.append(Finding(self._place, f"{reason} It was left out.", code=TOO_SHORT))
            return ""
        reason = f'"{self._source}" has {len(text)} characters; {self._place} allows {self._longest}.'
        if not self._cuts:
            hint = "Shorten it in Xero, or map another field."
            raise ValueRefused(reason, hint=hint, code=TOO_LONG)
        notes.append(Finding(self._place, f"{reason} It was cut.", code=TOO_LONG))
        return text[: self._longest].rstrip()
