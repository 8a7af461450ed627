"""Cron expressions in an IANA time zone, answered in UTC and right across daylight-saving changes.

Five fields, with Debian cron's rules (cronsim): a job at a fixed time that the clocks skip runs right after the
gap, one that they repeat runs once; a job that runs every few minutes just goes on.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from core.errors import Finding, Invalid
from edi_app.mapping.nearest import nearest

BAD_CRON = "BAD_CRON"
BAD_ZONE = "BAD_ZONE"
_SAME_AS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_FIELDS = "Write five fields: minute, hour, day of the month, month, day of the week, as in `0 6 * * 1-5`."
_LONGEST_FOLD = timedelta(hours=3)


def check_cron(expression: str, *, path: str) -> list[Finding]:
    """Find what is wrong in a cron expression: other than five fields, out of range, or a day that never comes."""
    if same := _SAME_AS.get(expression.strip().lower()):
        return [Finding(path, f"{expression.strip()} is a short form.", f"Write `{same}`.", BAD_CRON)]
    if len(expression) > 100 or len(expression.split()) != 5:
        return [Finding(path, "This is not a cron expression of five fields.", _FIELDS, BAD_CRON)]
    try:
        next(CronSim(expression, datetime(2024, 1, 1, tzinfo=UTC)))
    except StopIteration:
        return [Finding(path, f"`{expression}` never comes.", "Choose a day that its months have.", BAD_CRON)]
    except CronSimError as error:
        return [_refused(expression, str(error), path)]
    return []


def _refused(expression: str, reason: str, path: str) -> Finding:
    try:
        # The same expression in any month: if that is fine, the day exists, but never in the months it names.
        minute, hour, day, _, weekday = expression.split()
        CronSim(f"{minute} {hour} {day} * {weekday}", datetime(2024, 1, 1, tzinfo=UTC))
    except CronSimError:
        part = reason.removeprefix("Bad ")
        return Finding(path, f"`{expression}` has a wrong {part}.", _FIELDS, BAD_CRON)
    if "day-of-month" in reason:
        return Finding(path, f"`{expression}` never comes.", "Choose a day that its months have.", BAD_CRON)
    return Finding(path, f"`{expression}` has a wrong month.", "Months are 1 to 12, or JAN to DEC.", BAD_CRON)


def check_zone(name: str, *, path: str) -> list[Finding]:
    """Find out whether a time zone is an IANA name."""
    if name in _zones():
        return []
    near = nearest(name, _zones())
    hint = f"Did you mean {near}?" if near else "Write an IANA name, as in Europe/Paris."
    return [Finding(path, f"There is no time zone {name[:64]!r}.", hint, BAD_ZONE)]


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def next_slot(expression: str, *, zone: str, after: datetime) -> datetime:
    """Give the first slot later than `after`, in UTC. Raises `Invalid` for what the checks refuse."""
    slots = _slots(expression, after.astimezone(_zone(zone)))
    return next(slot for slot in slots if slot > after)


def last_slot(expression: str, *, zone: str, now: datetime) -> datetime:
    """Give the latest slot that is not later than `now`, in UTC: the one to run after a late start.

    Raises `Invalid` for what the checks refuse.
    """
    local = now.astimezone(_zone(zone))
    # In a repeated hour the walk backwards must begin behind it, or it passes that hour's slot by.
    lead = _LONGEST_FOLD if local.fold else timedelta(seconds=1)
    slots = _slots(expression, (now + lead).astimezone(local.tzinfo), backwards=True)
    return next(slot for slot in slots if slot <= now)


def _zone(name: str) -> ZoneInfo:
    if findings := check_zone(name, path="time_zone"):
        raise Invalid(findings, code=BAD_ZONE)
    return ZoneInfo(name)


def _slots(expression: str, start: datetime, *, backwards: bool = False) -> Iterator[datetime]:
    if findings := check_cron(expression, path="cron"):
        raise Invalid(findings, code=BAD_CRON)
    return (slot.astimezone(UTC) for slot in CronSim(expression, start, reverse=backwards))
