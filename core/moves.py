"""State changes: conditional updates along the tables of `core/states.py`."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import QuerySet

Moves = Mapping[str, set[str]]


def sources(moves: Moves, to: str) -> list[str]:
    """Name the states from which `to` can be reached."""
    return sorted(state for state, targets in moves.items() if to in targets)


def move(
    rows: "QuerySet[Any]",
    *,
    moves: Moves,
    to: str,
    only_from: Collection[str] | None = None,
    column: str = "state",
    **changes: Any,
) -> int:
    """Move rows to a state, from the states that allow it only; give the number of rows that moved.

    `only_from` narrows the states further; `column` is what holds them. Raises `ValueError` for a move that the
    table does not list.
    """
    allowed = sources(moves, to)
    chosen = allowed if only_from is None else [state for state in allowed if state in only_from]
    if not chosen:
        raise ValueError(f"no state of {only_from or moves} leads to {to}")
    return rows.filter(**{f"{column}__in": chosen}).update(**{column: to, **changes})
