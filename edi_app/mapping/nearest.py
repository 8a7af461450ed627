"""The nearest valid name, for every message that refuses one."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, names: Iterable[str]) -> str:
    """Name the closest of `names`, whatever the case of the letters; empty when none is close."""
    by_lower: dict[str, str] = {}
    for candidate in names:
        by_lower.setdefault(candidate.lower(), candidate)
    matches = get_close_matches(name.lower()[:100], by_lower, n=1, cutoff=0.5)
    return by_lower[matches[0]] if matches else ""


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Give the hint sentence for a refused name: the nearest one, or the short list of all."""
    known = list(names)
    if near := nearest(name, known):
        return f"Did you mean {near}?"
    return f"Known are: {', '.join(known)}." if 0 < len(known) <= 12 else ""
