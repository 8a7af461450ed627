"""Whether two integrations could write the same name into the same folder: decided on the templates alone.

A template becomes a row of steps, each one a set of characters that comes once or any number of times. Two rows
meet when some text fits both. Letters are compared without case, as Windows servers do.
"""

import string
from collections.abc import Iterator
from dataclasses import dataclass, replace

from connector.naming.checks import check_pieces
from connector.naming.template import COUNTS, MOMENTS, SAMPLE, NameFacts, Piece, normal_folder, piece_text, pieces

_DIGITS = frozenset(string.digits)
_NAME_LETTERS = frozenset(string.ascii_lowercase + string.digits + "._-")


@dataclass(frozen=True, slots=True)
class Step:
    """Characters of which one comes here, or with `repeats` any number, none included."""

    letters: frozenset[str]
    repeats: bool = False


Steps = tuple[Step, ...]
_NOTHING = Step(frozenset())


def may_meet(first: str, second: str, *, first_facts: NameFacts, second_facts: NameFacts) -> bool:
    """Say whether two templates could give the same text. Names that the facts leave empty may be anything."""
    return steps_meet(steps_of(first, first_facts), steps_of(second, second_facts))


def steps_of(template: str, facts: NameFacts) -> Steps:
    """Turn a template into its row of steps. One that its check refuses has none, and so meets nothing."""
    if check_pieces(template, path="", is_name=False):
        return (_NOTHING,)
    return tuple(step for piece in pieces(normal_folder(template)) for step in _piece_steps(piece, facts))


def steps_meet(first: Steps, second: Steps) -> bool:
    """Say whether some text fits both rows."""
    open_places, seen = [(0, 0)], set()
    while open_places:
        place = open_places.pop()
        if place == (len(first), len(second)):
            return True
        if place not in seen:
            seen.add(place)
            open_places += _moves(first, second, *place)
    return False


def _moves(first: Steps, second: Steps, i: int, j: int) -> Iterator[tuple[int, int]]:
    left = first[i] if i < len(first) else None
    right = second[j] if j < len(second) else None
    if left and left.repeats:
        yield i + 1, j
    if right and right.repeats:
        yield i, j + 1
    if left and right and left.letters & right.letters:
        yield i + (not left.repeats), j + (not right.repeats)


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
