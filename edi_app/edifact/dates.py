"""Dates and times in the formats that EDIFACT names by code (2379), checked against the calendar."""

import re
from datetime import date, time

_FORMATS = {
    "2": "DDMMYY",
    "101": "YYMMDD",
    "102": "CCYYMMDD",
    "201": "YYMMDDHHMM",
    "202": "YYMMDDHHMMSS",
    "203": "CCYYMMDDHHMM",
    "204": "CCYYMMDDHHMMSS",
    "401": "HHMM",
    "402": "HHMMSS",
    "602": "CCYY",
    "609": "YYMM",
    "610": "CCYYMM",
}
_FIELDS = re.compile("CCYY|YY|MM|DD|HH|SS")
_PERIOD = "718"


def is_period(value: str, form: str) -> bool:
    """Say whether a value can be what its format code (2379) names; formats that we do not know always can."""
    if form == _PERIOD:
        days = value.replace("-", "")
        return len(days) == 16 and is_moment(days[:8], "CCYYMMDD") and is_moment(days[8:], "CCYYMMDD")
    return form not in _FORMATS or is_moment(value, _FORMATS[form])


def is_moment(value: str, pattern: str) -> bool:
    """Say whether a value is a real date or time in a pattern such as `CCYYMMDDHHMM`."""
    if len(value) != len(pattern) or not (value.isascii() and value.isdigit()):
        return False
    numbers: dict[str, int] = {}
    for hit in _FIELDS.finditer(pattern):
        # The second MM of a pattern with hours in front of it are minutes.
        name = "minute" if hit.group() == "MM" and "HH" in numbers else hit.group()
        numbers[name] = int(value[hit.start() : hit.end()])
    return _is_real(numbers)


def _is_real(numbers: dict[str, int]) -> bool:
    year = numbers.get("CCYY", 2000 + numbers.get("YY", 0))
    try:
        date(year, numbers.get("MM", 1), numbers.get("DD", 1))
        time(numbers.get("HH", 0), numbers.get("minute", 0), numbers.get("SS", 0))
    except ValueError:
        return False
    return True
