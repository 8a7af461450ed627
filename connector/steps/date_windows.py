"""Windows of document dates, for organisations so large that Xero refuses a question about all of them at once.

Xero answers 400 to what would read more than 100,000 objects; a range of dates is what it asks for instead.
"""

from datetime import date, timedelta
from typing import Any

Window = tuple[date | None, date | None]
"""First and last day, both included; None has no bound."""

FIRST_YEAR = 2000
ONE_DAY = timedelta(days=1)


def first_windows(*, this_year: int) -> list[Window]:
    """Cut all time into years: before 2000, each year, and all that is dated later than next year."""
    last = this_year + 1
    years: list[Window] = [(date(year, 1, 1), date(year, 12, 31)) for year in range(FIRST_YEAR, last + 1)]
    return [(None, date(FIRST_YEAR - 1, 12, 31)), *years, (date(last + 1, 1, 1), None)]


def halved(window: Window) -> list[Window]:
    """Cut a window in two; nothing when it is one day, or has no bound."""
    first, last = window
    if first is None or last is None or first == last:
        return []
    middle = first + (last - first) // 2
    return [(first, middle), (middle + ONE_DAY, last)]


def as_plain(windows: list[Window]) -> list[list[str | None]]:
    """Write windows as JSON takes them."""
    return [[day.isoformat() if day else None for day in window] for window in windows]


def from_plain(plain: list[Any]) -> list[Window]:
    """Read windows back."""
    days = [[date.fromisoformat(day) if day else None for day in pair] for pair in plain]
    return [(first, last) for first, last in days]
