"""A quick yes for segments that are surely right: one regular expression a segment, made from the dictionary.

Whatever the expression does not match is not wrong yet; it only has to be looked at element by element.
"""

import re
from collections.abc import Callable

from edi_app.x12.conditions import broken
from edi_app.x12.delimiters import Delimiters
from edi_app.x12.dictionary import Composite, Element, Segment, Use

_COMBINATIONS = 1_000
_MONTH_AND_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|1\d|2[0-8])"
_TIME = r"(?:[01]\d|2[0-3])[0-5]\d"


def sure_test(segment: Segment, delimiters: Delimiters) -> Callable[[str], object]:
    """Make a test whose yes says that a segment has no fault at all."""
    mark = re.escape(delimiters.element)
    body, is_needed = "", False
    for use in reversed(segment.uses):
        # What a mandatory element stands behind cannot be left out either.
        is_needed = is_needed or use.mandatory
        body = f"(?:{mark}{_value(use, delimiters)}{body})" + ("" if is_needed else "?")
    fits = re.compile(re.escape(segment.tag) + body, re.ASCII).fullmatch
    if not segment.conditions:
        return fits
    separator = delimiters.element
    conditions = segment.conditions
    known: dict[tuple[bool, ...], bool] = {}

    def is_sure(text: str) -> bool:
        if fits(text) is None:
            return False
        # Conditions ask only which elements are there, and the same few combinations come again and again.
        present = tuple(map(bool, text.split(separator)))
        holds = known.get(present)
        if holds is None:
            holds = not any(broken(item, present[1:]) for item in conditions)
            if len(known) < _COMBINATIONS:
                known[present] = holds
        return holds

    return is_sure


def _value(use: Use, delimiters: Delimiters) -> str:
    if isinstance(use.item, Composite):
        return "(?!)" if use.mandatory else ""
    text = _plain(use.item, delimiters)
    return text if use.mandatory else f"(?:{text})?"


def _plain(item: Element, delimiters: Delimiters) -> str:
    least, most = item.shortest, item.longest
    if item.codes is not None:
        return "(?:" + "|".join(sorted(map(re.escape, item.codes), key=len, reverse=True)) + ")"
    match item.type:
        case "DT":
            return (r"(?:19|20)\d\d" if most == 8 else r"\d\d") + _MONTH_AND_DAY
        case "TM":
            return _TIME + (r"(?:[0-5]\d(?:\d\d)?)?" if most == 8 else "")
        case "R" if least == 1 and most > 4:
            return rf"-?\d{{1,{most - 4}}}(?:\.\d{{1,4}})?"
        case "AN" | "ID":
            barred = re.escape(delimiters.characters) + r"\x00-\x1f\x7f"
            return rf"[^ {barred}][^{barred}]{{{least - 1},{most - 1}}}"
    return rf"-?\d{{{least},{most}}}"
