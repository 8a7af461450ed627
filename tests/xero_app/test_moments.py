"""Xero's two ways of writing dates."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xero_app.moments import parse_date, parse_moment


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/Date(1792530847613+0000)/", datetime(2026, 10, 20, 21, 14, 7, 613000, tzinfo=UTC)),
        ("/Date(1584585851967)/", datetime(2020, 3, 19, 2, 44, 11, 967000, tzinfo=UTC)),
        ("/Date(1792530847613+1300)/", datetime(2026, 10, 20, 21, 14, 7, 613000, tzinfo=UTC)),
        ("2026-10-20T21:14:07Z", datetime(2026, 10, 20, 21, 14, 7, tzinfo=UTC)),
        ("2026-10-01T18:46:19.5165400", datetime(2026, 10, 1, 18, 46, 19, 516540, tzinfo=UTC)),
        ("/Date(0+0000)/", None),
        ("/Date(-62135596800000+0000)/", None),
        ("0001-01-01T00:00:00", None),
    ],
)
def test_moments_are_utc_whatever_offset_is_written(text, expected):
    assert parse_moment(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/Date(1791158400000+0000)/", date(2026, 10, 5)),
        ("/Date(-631152000000+0000)/", date(1950, 1, 1)),
        ("2026-10-05T00:00:00", date(2026, 10, 5)),
        ("2026-10-05 00:00:00", date(2026, 10, 5)),
        ("2026-10-05", date(2026, 10, 5)),
        ("/Date(1791244799999+1300)/", date(2026, 10, 5)),
    ],
)
def test_calendar_dates_stay_on_their_day(text, expected):
    assert parse_date(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "tomorrow", "/Date(x)/", "/Date(99999999999999999)/", "/Date(999999999999999)/", "2026-13-01",
        "2026-02-30T00:00:00", "/Date(1791158400000+0000)/x", "2026-10-05T25:00:00", "\uff12026-10-05",
    ],
)  # fmt: skip
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match=r".+"):
        parse_date(text)


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)))  # noqa: DTZ001
def test_what_xero_writes_is_read_back(moment):
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=UTC)
    milliseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)

    if milliseconds:
        assert parse_moment(f"/Date({milliseconds}+0000)/") == moment
