"""Checks the relational conditions among a segment's elements (X12.6 §3.7): P, R, E, C and L."""

from collections.abc import Sequence

from edi_app.x12.dictionary import Condition

_RULES = {"P": "all or none must be given", "R": "at least one must be given", "E": "only one may be given"}


def broken(condition: Condition, present: Sequence[bool]) -> int:
    """Give the place (from 1) of the element that breaks a condition, 0 when it holds.

    `present` says of each element whether it has a value; elements beyond its end have none.
    """
    given = [place for place in condition.positions if place <= len(present) and present[place - 1]]
    absent = [place for place in condition.positions if place not in given]
    first, *others = condition.positions
    match condition.kind:
        case "P":
            return absent[0] if given and absent else 0
        case "R":
            return 0 if given else first
        case "E":
            return given[1] if len(given) > 1 else 0
        case "C":
            return absent[0] if first in given and absent else 0
        case _:
            return others[0] if given == [first] else 0


def sentence(condition: Condition, tag: str, place: int, name: str) -> str:
    """Say in words which rule an element broke."""
    names = ", ".join(f"{tag}{at:02d}" for at in condition.positions)
    if condition.kind in "PR":
        return f"{tag}{place:02d} ({name}) is missing: of {names} {_RULES[condition.kind]}."
    if condition.kind == "E":
        return f"{tag}{place:02d} ({name}) must be empty: of {names} {_RULES[condition.kind]}."
    first, *others = (f"{tag}{at:02d}" for at in condition.positions)
    needed = " and ".join(others) if condition.kind == "C" else f"one of {', '.join(others)}"
    return f"{tag}{place:02d} ({name}) is missing: {first} needs {needed}."
