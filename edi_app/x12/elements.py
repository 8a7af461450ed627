"""Checks one element's value: presence, type, length, code, date and time, with the AK403 code of each fault.

Source of the codes: X12 element 723. Lengths of numbers leave out sign and point (X12.6 §3.5.1).
"""

import re
from dataclasses import replace
from datetime import date

from edi_app.acknowledgment import Fault, Level
from edi_app.x12.delimiters import Delimiters
from edi_app.x12.dictionary import Composite, Element, Use

MISSING, CONDITION, TOO_MANY, TOO_SHORT, TOO_LONG = "1", "2", "3", "4", "5"
BAD_CHARACTER, BAD_CODE, BAD_DATE, BAD_TIME, EXCLUSION = "6", "7", "8", "9", "10"
TOO_MANY_REPEATS, TOO_MANY_COMPONENTS = "12", "13"

_NUMBER = re.compile(r"-?(\d+\.?\d*|\.\d+)", re.ASCII)
_WHOLE = re.compile(r"-?\d+", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3])[0-5]\d([0-5]\d\d{0,2})?", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_WORDS = {
    "R": "a number with an optional point",
    "N": "a whole number",
    "DT": "a date",
    "TM": "a time",
}


def element_faults(
    use: Use, value: str, *, tag: str, place: int, position: int = 1, delimiters: Delimiters | None = None
) -> list[Fault]:
    """Find what is wrong with one element of a segment; `place` counts from 1, `position` is the segment's.

    Repetitions and components are taken apart when `delimiters` are given.
    """
    if not value:
        return [_missing(use, tag, place, position)] if use.mandatory else []
    repetition = delimiters.repetition if delimiters else ""
    values = value.split(repetition) if repetition else [value]
    faults = []
    if len(values) > use.repeats:
        sentence = f"{tag}{place:02d} ({use.item.name}) occurs {len(values)} times; {use.repeats} allowed."
        faults.append(_fault(TOO_MANY_REPEATS, sentence, tag, place, position, use))
    for number, part in enumerate(values[: use.repeats], start=1):
        found = _one(use, part, tag, place, position, delimiters)
        faults += found if len(values) == 1 else [replace(fault, repetition=number) for fault in found]
    return faults


def _one(use: Use, value: str, tag: str, place: int, position: int, delimiters: Delimiters | None) -> list[Fault]:
    component = delimiters.component if delimiters else ""
    if isinstance(use.item, Composite):
        parts = value.split(component) if component else [value]
        return _composite(use.item, parts, tag, place, position)
    if component and component in value:
        code = TOO_MANY_COMPONENTS if delimiters and delimiters.repetition else BAD_CHARACTER
        sentence = f"{tag}{place:02d} ({use.item.name}) holds the component separator {component!r}."
        return [_fault(code, sentence, tag, place, position, use)]
    wrong = value_fault(use.item, value)
    if not wrong:
        return []
    code, reason = wrong
    sentence = f"{tag}{place:02d} ({use.item.name}) {reason}"
    tolerable = code == BAD_CODE and not use.mandatory
    return [_fault(code, sentence, tag, place, position, use, value=value, tolerable=tolerable)]


def _composite(item: Composite, parts: list[str], tag: str, place: int, position: int) -> list[Fault]:
    faults = []
    if len(parts) > len(item.parts):
        sentence = f"{tag}{place:02d} ({item.name}) has {len(parts)} components; {len(item.parts)} allowed."
        faults.append(Fault(Level.ELEMENT, TOO_MANY_COMPONENTS, sentence, tag, position, place, number=item.number))
    for at, use in enumerate(item.parts, start=1):
        value = parts[at - 1] if at <= len(parts) else ""
        for fault in element_faults(use, value, tag=tag, place=place, position=position):
            sentence = fault.sentence.replace(f"{tag}{place:02d}", f"{tag}{place:02d}-{at}", 1)
            faults.append(replace(fault, sentence=sentence, component=at))
    return faults


def value_fault(item: Element, value: str) -> tuple[str, str] | None:
    """Say what is wrong with a plain value, as its AK403 code and the end of a sentence; None when nothing is."""
    kind = item.type[0]
    if kind in "RN":
        return _number_fault(item, value)
    if item.type == "DT":
        return _date_fault(item, value)
    if item.type == "TM":
        return _time_fault(item, value)
    if _CONTROL.search(value):
        return BAD_CHARACTER, "holds a control character."
    wrong = _length_fault(item, len(value))
    if not wrong and not value.strip():
        return BAD_CHARACTER, "consists of blanks only."
    return wrong or _code_fault(item, value)


def _number_fault(item: Element, value: str) -> tuple[str, str] | None:
    pattern = _NUMBER if item.type == "R" else _WHOLE
    if not pattern.fullmatch(value):
        return BAD_CHARACTER, f"is {value[:40]!r}, which is not {_WORDS[item.type[0]]}."
    return _length_fault(item, len(value) - value.count("-") - value.count("."))


def _date_fault(item: Element, value: str) -> tuple[str, str] | None:
    wrong = _length_fault(item, len(value))
    if wrong:
        return wrong
    text = value if len(value) == 8 else f"20{value}"
    try:
        if not (text.isascii() and text.isdigit()):
            return BAD_DATE, f"is {value!r}, which is not a date."
        date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return BAD_DATE, f"is {value!r}, a day that does not exist."
    return None


def _time_fault(item: Element, value: str) -> tuple[str, str] | None:
    wrong = _length_fault(item, len(value))
    if wrong or _TIME.fullmatch(value):
        return wrong
    return BAD_TIME, f"is {value!r}, which is not a time of day."


def _length_fault(item: Element, length: int) -> tuple[str, str] | None:
    if length < item.shortest:
        return TOO_SHORT, f"has {length} characters; at least {item.shortest} are needed."
    if length > item.longest:
        return TOO_LONG, f"has {length} characters; {item.longest} are allowed."
    return None


def _code_fault(item: Element, value: str) -> tuple[str, str] | None:
    if item.codes is None or value in item.codes:
        return None
    return BAD_CODE, f"is {value!r}, which is not in the list of codes."


def _missing(use: Use, tag: str, place: int, position: int) -> Fault:
    return _fault(MISSING, f"{tag}{place:02d} ({use.item.name}) is missing.", tag, place, position, use)


def _fault(
    code: str,
    sentence: str,
    tag: str,
    place: int,
    position: int,
    use: Use,
    *,
    value: str = "",
    tolerable: bool = False,
) -> Fault:
    number = use.item.number
    return Fault(Level.ELEMENT, code, sentence, tag, position, place, number=number, value=value, tolerable=tolerable)
