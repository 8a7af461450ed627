"""A bar chart as plain SVG: it needs no script, follows the colour scheme, and stands beside a table."""

from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT, GAP = 700, 160, 8


@dataclass(frozen=True, slots=True)
class Day:
    """One day's records."""

    day: date
    delivered: int
    failed: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One day's bar: two rectangles on top of each other, in the chart's own units."""

    day: Day
    x: float
    width: float
    delivered_y: float
    delivered_height: float
    failed_y: float
    failed_height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart ready to be drawn. `top` is the number at its upper edge."""

    bars: tuple[Bar, ...]
    top: int
    width: int = WIDTH
    height: int = HEIGHT


def stacked_bars(days: list[Day]) -> Chart:
    """Place each day's delivered and failed records as stacked bars; a failed record is never too thin to see."""
    top = max((day.delivered + day.failed for day in days), default=0) or 1
    width = WIDTH / max(len(days), 1)
    return Chart(tuple(_bar(day, number * width, width, top) for number, day in enumerate(days)), top)


def _bar(day: Day, x: float, width: float, top: int) -> Bar:
    failed = max(HEIGHT * day.failed / top, 4.0) if day.failed else 0.0
    delivered = min(HEIGHT * day.delivered / top, HEIGHT - failed)
    return Bar(
        day=day,
        x=round(x + GAP / 2, 1),
        width=round(width - GAP, 1),
        delivered_y=round(HEIGHT - delivered, 1),
        delivered_height=round(delivered, 1),
        failed_y=round(HEIGHT - delivered - failed, 1),
        failed_height=round(failed, 1),
    )
