"""A schedule in words, as far as words are clearer than the expression itself."""

from datetime import datetime

from connector.cron import next_slot
from core.errors import ConnectorError

DAYS = {"0": "Sunday", "1": "Monday", "2": "Tuesday", "3": "Wednesday", "4": "Thursday", "5": "Friday"}
DAYS |= {"6": "Saturday", "7": "Sunday", "*": "day", "1-5": "weekday"}


def in_words(cron: str, *, zone: str) -> str:
    """Say when a cron expression runs: `Every weekday at 06:30, America/Chicago`."""
    fields = cron.split()
    if len(fields) != 5:
        return cron or "Only by hand, by webhook or after another integration"
    minute, hour, day, month, weekday = fields
    said = _said(minute, hour, weekday) if (day, month) == ("*", "*") else None
    return f"{said or cron}, {zone}"


def _said(minute: str, hour: str, weekday: str) -> str | None:
    every = DAYS.get(weekday)
    if minute.isdigit() and hour.isdigit() and every:
        return f"Every {every} at {int(hour):02d}:{int(minute):02d}"
    if weekday != "*" or hour != "*":
        return None
    if minute.isdigit():
        return f"Every hour at :{int(minute):02d}"
    if minute == "*":
        return "Every minute"
    return f"Every {minute[2:]} minutes" if minute.startswith("*/") and minute[2:].isdigit() else None


def next_slots(cron: str, *, zone: str, after: datetime, many: int = 3) -> list[datetime]:
    """Give the next slots of a schedule; none for an expression that cannot be read."""
    slots: list[datetime] = []
    try:
        while cron and len(slots) < many:
            slots.append(next_slot(cron, zone=zone, after=slots[-1] if slots else after))
    except ConnectorError:
        return []
    return slots
