"""Delivery windows as people type them, one a line: `mon-fri 06:00-20:00`, `sat`, `22:00-04:00`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from connector.windows import DAYS


def windows_of(text: str) -> list[dict[str, Any]]:
    """Read lines as windows of a configuration file, whose checks say what is wrong with them."""
    return [_window(line.lower().split()) for line in text.splitlines() if line.strip()]


def lines_of(windows: Iterable[Mapping[str, Any]]) -> str:
    """Write windows as lines."""
    return "\n".join(_line(window) for window in windows)


def _window(words: Sequence[str]) -> dict[str, Any]:
    window: dict[str, Any] = {}
    for word in words:
        if ":" in word:
            window["from"], _, window["to"] = word.partition("-")
        else:
            window.setdefault("days", []).extend(day for part in word.split(",") for day in _days(part) if day)
    return window


def _days(part: str) -> Sequence[str]:
    """Give the days of `mon-fri`; what is no such range stays as it is, and is refused as it was written."""
    first, dash, last = part.partition("-")
    if not dash or first not in DAYS or last not in DAYS:
        return [part]
    begin, length = DAYS.index(first), (DAYS.index(last) - DAYS.index(first)) % len(DAYS)
    return [DAYS[(begin + step) % len(DAYS)] for step in range(length + 1)]


def _line(window: Mapping[str, Any]) -> str:
    hours = f"{window.get('from', '00:00')}-{window.get('to', '24:00')}" if {"from", "to"} & set(window) else ""
    return f"{_shown(window.get('days', []))} {hours}".strip()


def _shown(days: Sequence[str]) -> str:
    numbers = sorted(DAYS.index(day) for day in days)
    is_range = len(numbers) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1))
    return f"{DAYS[numbers[0]]}-{DAYS[numbers[-1]]}" if is_range else ",".join(DAYS[number] for number in numbers)
