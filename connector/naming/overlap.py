"""Whether two integrations could write the same name into the same folder: decided on the templates alone.

A template becomes a row of steps, each one a set of characters that comes once or any number of times. Two rows
meet when some text fits both. Letters are compared without case, as Windows servers do.
"""

import string
from collections.abc import Iterator
from dataclasses import dataclass, replace

from connector.naming.template import COUNTS, MOMENTS, SAMPLE, NameFacts, Piece, normal_folder, piece_text, pieces

_DIGITS = frozenset(string.digits)
_NAME_LETTERS = frozenset(string.ascii_lowercase + string.digits + "._-")


@dataclass(frozen=True, slots=True)
class Step:
    """Characters of which one comes here, or with `repeats` any number, none included."""

    letters: frozenset[str]
    repeats: bool = False


def may_meet(first: str, second: str, *, first_facts: NameFacts, second_facts: NameFacts) -> bool:
    """Say whether two templates could give the same text. Names that the facts leave empty may be anything."""
    rows = [list(_steps(first, first_facts)), list(_steps(second, second_facts))]
    open_places, seen = [(0, 0)], set()
    while open_places:
        place = open_places.pop()
        if place == (len(rows[0]), len(rows[1])):
            return True
        if place not in seen:
            seen.add(place)
            open_places += _moves(rows, *place)
    return False


def _moves(rows: list[list[Step]], i: int, j: int) -> Iterator[tuple[int, int]]:
    left = rows[0][i] if i < len(rows[0]) else None
    right = rows[1][j] if j < len(rows[1]) else None
    if left and left.repeats:
        yield i + 1, j
    if right and right.repeats:
        yield i, j + 1
    if left and right and left.letters & right.letters:
        yield i + (not left.repeats), j + (not right.repeats)


def _steps(template: str, facts: NameFacts) -> Iterator[Step]:
    for piece in pieces(normal_folder(template)):
        yield from _piece_steps(piece, facts)


def _piece_steps(piece: Piece, facts: NameFacts) -> Iterator[Step]:
    shown = piece_text(piece, replace(facts, moment=SAMPLE.moment, control=1, sequence=1))
    if piece.field in MOMENTS or piece.field in COUNTS:
        yield from (Step(_DIGITS if letter.isdigit() else frozenset(letter.lower())) for letter in shown)
        if piece.field in COUNTS:
            yield Step(_DIGITS, repeats=True)
    elif piece.field and (piece.field == "number" or not getattr(facts, piece.field)):
        yield Step(_NAME_LETTERS, repeats=True)
    else:
        yield from (Step(frozenset(letter.lower())) for letter in shown)
