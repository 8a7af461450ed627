"""Delivery windows: on which days and between which hours files may go out, in the integration's zone.

A window is `{"days": ["mon", …], "from": "06:00", "to": "20:00"}`. Without days it is every day; one that ends before
it begins ends on the next day. Hours are what clocks show, so a window has 23 or 25 hours' days where they have.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Windows = Sequence[Mapping[str, Any]]


def next_opening(windows: Windows, *, zone: str, at: datetime) -> datetime:
    """Give `at` itself while a window is open, or when there are none; else the moment in UTC when one opens."""
    if not windows:
        return at
    day = at.astimezone(ZoneInfo(zone)).date()
    spans = [span for window in windows for span in _spans(window, ZoneInfo(zone), day)]
    if any(begin <= at < end for begin, end in spans):
        return at
    return min(begin for begin, _ in spans if begin > at)


def _spans(window: Mapping[str, Any], zone: ZoneInfo, around: date) -> Iterator[tuple[datetime, datetime]]:
    """Give a window's spans in UTC, from the day before a day to the week after it."""
    begin, end = time.fromisoformat(window.get("from", "00:00")), _end(window)
    for offset in range(-1, 9):
        day = around + timedelta(days=offset)
        if DAYS[day.weekday()] not in window.get("days", DAYS):
            continue
        last = day if end and end > begin else day + timedelta(days=1)
        opens = datetime.combine(day, begin, zone)
        # an hour that comes twice is inside with both
        closes = datetime.combine(last, end or time(0), zone).replace(fold=1)
        yield opens.astimezone(UTC), closes.astimezone(UTC)


def _end(window: Mapping[str, Any]) -> time | None:
    text = window.get("to", "24:00")
    return None if text == "24:00" else time.fromisoformat(text)
