"""Xero's dates: `/Date(ms+0000)/` counts milliseconds since 1970 in UTC, calendar dates lie at midnight UTC.

The offset says nothing: the milliseconds are UTC already (Xero's page "Requests and responses").
"""

import re
from datetime import UTC, date, datetime, timedelta

_MS_DATE = re.compile(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/")
_ISO_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ]\d\d:\d\d:\d\d(?:\.\d{1,7})?Z?)?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_moment(text: str) -> datetime | None:
    """Read a moment, aware and in UTC; None for Xero's "no date" (0, or the year 1). Raises `ValueError`."""
    match = _MS_DATE.fullmatch(text)
    if match is None:
        return _iso_moment(text)
    try:
        moment = _EPOCH + timedelta(milliseconds=int(match[1]))
    except OverflowError as error:
        raise ValueError(f"{text} is no date") from error
    return None if moment == _EPOCH or moment.year == 1 else moment


def _iso_moment(text: str) -> datetime | None:
    if not _ISO_DATE.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is no date of Xero's")
    moment = datetime.fromisoformat(text.removesuffix("Z")[:26]).replace(tzinfo=UTC)
    return None if moment.year == 1 else moment


def parse_date(text: str) -> date | None:
    """Read a calendar date as it stands in UTC, never shifted; None for "no date". Raises `ValueError`."""
    moment = parse_moment(text)
    return None if moment is None else moment.date()
