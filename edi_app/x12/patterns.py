"""A quick yes for segments that are surely right: one regular expression a segment, made from the dictionary.

Whatever the expression does not match is not wrong yet; it only has to be looked at element by element.
"""

import re
from collections.abc import Callable, Sequence

from edi_app.x12.conditions import broken
from edi_app.x12.delimiters import Delimiters
from edi_app.x12.dictionary import Composite, Element, Segment, Use

_COMBINATIONS = 1_000
# The 29th of February needs a look at the year.
_MONTH_AND_DAY = r"(?:(?:0[1-9]|1[0-2])(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])(?:29|30)|(?:0[13578]|1[02])31)"
_TIME = r"(?:[01]\d|2[0-3])[0-5]\d"


def sure_test(segment: Segment, delimiters: Delimiters) -> Callable[[str], object]:
    """Make a test whose yes says that a segment has no fault at all."""
    if not segment.conditions:
        return _any_presence(segment, delimiters)
    separator = delimiters.element
    known: dict[tuple[bool, ...], Callable[[str], object]] = {}

    def is_sure(text: str) -> object:
        # Conditions ask only which elements are there, and the same few combinations come again and again.
        present = tuple(map(bool, text.split(separator)))
        fits = known.get(present)
        if fits is None:
            if len(known) >= _COMBINATIONS:
                return False
            fits = known[present] = _one_presence(segment, present[1:], delimiters)
        return fits(text)

    return is_sure


def _any_presence(segment: Segment, delimiters: Delimiters) -> Callable[[str], object]:
    """Make the expression for a segment whose optional elements may be there or not."""
    mark = re.escape(delimiters.element)
    body, is_needed = "", False
    for use in reversed(segment.uses):
        # What a mandatory element stands behind cannot be left out either.
        is_needed = is_needed or use.mandatory
        body = f"(?:{mark}{_value(use, delimiters)}{body})" + ("" if is_needed else "?")
    return re.compile(re.escape(segment.tag) + body, re.ASCII).fullmatch


def _one_presence(segment: Segment, present: Sequence[bool], delimiters: Delimiters) -> Callable[[str], object]:
    """Make the expression for a segment in which just these elements are there; it never fits where that is wrong."""
    uses = segment.uses
    is_wrong = any(broken(item, present) for item in segment.conditions)
    if is_wrong or len(present) > len(uses) or any(use.mandatory for use in uses[len(present) :]):
        return _never
    mark, body = re.escape(delimiters.element), re.escape(segment.tag)
    for use, is_there in zip(uses, present, strict=False):
        if (use.mandatory and not is_there) or (is_there and isinstance(use.item, Composite)):
            return _never
        body += mark + (value_pattern(use.item, delimiters) if is_there and isinstance(use.item, Element) else "")
    return re.compile(body, re.ASCII).fullmatch


def _never(_: str) -> bool:
    return False


def _value(use: Use, delimiters: Delimiters) -> str:
    if isinstance(use.item, Composite):
        return "(?!)" if use.mandatory else ""
    text = value_pattern(use.item, delimiters)
    return text if use.mandatory else f"(?:{text})?"


def value_pattern(item: Element, delimiters: Delimiters) -> str:
    """Give the expression for values of an element that surely fit."""
    least, most = item.shortest, item.longest
    if item.codes is not None:
        return "(?:" + "|".join(sorted(map(re.escape, item.codes), key=len, reverse=True)) + ")"
    match item.type:
        case "DT":
            return (r"(?:19|20)\d\d" if most == 8 else r"\d\d") + _MONTH_AND_DAY
        case "TM":
            return _TIME + (r"(?:[0-5]\d(?:\d\d)?)?" if most == 8 else "")
        case "R" if least == 1 and most > 4:
            decimals = max(4, most // 3)
            return rf"-?\d{{1,{most - decimals}}}(?:\.\d{{1,{decimals}}})?"
        case "AN" | "ID":
            barred = re.escape(delimiters.characters) + r"\x00-\x1f\x7f"
            return rf"[^ {barred}][^{barred}]{{{least - 1},{most - 1}}}"
    return rf"-?\d{{{least},{most}}}"
