"""One value against its data element: length, type, number notation, closed value lists (ISO 9735-1)."""

import re

from edi_app.edifact.directory import Element
from edi_app.edifact.place import show

Flaw = tuple[str, str]
"""A code 0085 and the reason in words."""

_NUMBER = re.compile(r"-?([0-9]+)(?:([.,])([0-9]+))?")
_NUMERIC = re.compile(r"-?[0-9.,]+")


def find_flaw(element: Element, value: str, *, marks: str) -> Flaw | None:
    """Say what is wrong with a value that is there; `marks` are the decimal marks that are allowed."""
    if element.kind == "n":
        return _find_number_flaw(element, value, marks)
    if not element.shortest <= len(value) <= element.longest:
        return _length_flaw(element, len(value), "characters")
    if element.kind == "a" and not value.isalpha():
        return "37", f"must have letters only, but is {show(value)!r}"
    if element.values and value not in element.values:
        return "12", f"is {show(value)!r}; allowed are {', '.join(sorted(element.values))}"
    return None


def _find_number_flaw(element: Element, value: str, marks: str) -> Flaw | None:
    match = _NUMBER.fullmatch(value)
    if match is None:
        return _notation_flaw(value)
    whole, mark, fraction = match.groups()
    if mark and mark not in marks:
        return "19", f"writes {show(value)!r} with {mark!r}, but the decimal mark is {marks!r}"
    # Sign and decimal mark do not count for the length of a number.
    digits = len(whole) + len(fraction or "")
    if not element.shortest <= digits <= element.longest:
        return _length_flaw(element, digits, "digits")
    return None


def _length_flaw(element: Element, length: int, unit: str) -> Flaw:
    if length > element.longest:
        return "39", f"has {length} {unit}; at most {element.longest}"
    return "40", f"has {length} {unit}; at least {element.shortest}"


def _notation_flaw(value: str) -> Flaw:
    if not _NUMERIC.fullmatch(value):
        return "37", f"must be a number, but is {show(value)!r}"
    if value.lstrip("-")[0] in ".,":
        return "38", f"has no digit in front of the decimal mark: {show(value)!r}"
    return "19", f"is no valid decimal notation: {show(value)!r}"
