"""Delivery windows: open when they say, and the next opening is never missed or early."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.windows import DAYS, next_opening

CHICAGO = "America/Chicago"
OFFICE = [{"days": ["mon", "tue", "wed", "thu", "fri"], "from": "06:00", "to": "20:00"}]
NIGHT = [{"from": "22:00", "to": "04:00"}]


def local(text, zone=CHICAGO, fold=0):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("windows", "at", "opens"),
    [
        ([], "2026-11-28T03:00", "2026-11-28T03:00"),
        (OFFICE, "2026-11-27T06:00", "2026-11-27T06:00"),
        (OFFICE, "2026-11-27T19:59", "2026-11-27T19:59"),
        (OFFICE, "2026-11-27T20:00", "2026-11-30T06:00"),
        (OFFICE, "2026-11-27T05:59", "2026-11-27T06:00"),
        (NIGHT, "2026-11-27T03:59", "2026-11-27T03:59"),
        (NIGHT, "2026-11-27T04:00", "2026-11-27T22:00"),
        ([{"days": ["sun"]}], "2026-11-23T00:00", "2026-11-29T00:00"),
        ([{"days": ["fri"], "from": "22:00", "to": "04:00"}], "2026-11-28T03:00", "2026-11-28T03:00"),
        ([{"from": "20:00", "to": "24:00"}], "2026-11-27T23:59", "2026-11-27T23:59"),
        ([*OFFICE, {"days": ["sat"], "from": "09:00", "to": "10:00"}], "2026-11-27T21:00", "2026-11-28T09:00"),
    ],
)
def test_a_window_is_open_from_its_first_to_before_its_last_minute(windows, at, opens):
    assert next_opening(windows, zone=CHICAGO, at=local(at)) == local(opens)


def test_hours_are_what_clocks_show_when_they_change():
    early = [{"from": "06:00", "to": "07:00"}]
    assert next_opening(early, zone=CHICAGO, at=local("2026-10-31T12:00")) == datetime(2026, 11, 1, 12, tzinfo=UTC)
    assert next_opening(early, zone=CHICAGO, at=local("2026-03-07T12:00")) == datetime(2026, 3, 8, 11, tzinfo=UTC)


def test_an_hour_that_comes_twice_is_open_twice():
    twice = [{"from": "01:00", "to": "02:00"}]
    for fold in (0, 1):
        at = local("2026-11-01T01:30", fold=fold)
        assert next_opening(twice, zone=CHICAGO, at=at) == at


def test_an_hour_that_does_not_come_opens_with_the_next_one():
    opens = next_opening([{"from": "02:30", "to": "05:00"}], zone=CHICAGO, at=local("2026-03-08T01:00"))
    assert opens == local("2026-03-08T03:30")


WINDOW = st.fixed_dictionaries(
    {
        "days": st.lists(st.sampled_from(DAYS), min_size=1, unique=True),
        "from": st.integers(0, 23).map("{:02d}:00".format),
        "to": st.integers(1, 24).map("{:02d}:00".format),
    }
).filter(lambda window: window["from"] != window["to"])
MOMENT = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda moment: moment.replace(tzinfo=UTC))  # noqa: DTZ001
ZONES = st.sampled_from([CHICAGO, "Europe/Paris", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"])


@given(windows=st.lists(WINDOW, min_size=1, max_size=4), at=MOMENT, zone=ZONES)
def test_an_opening_is_open_and_nothing_before_it_is(windows, at, zone):
    opens = next_opening(windows, zone=zone, at=at)
    assert at <= opens <= at + timedelta(days=9)
    assert next_opening(windows, zone=zone, at=opens) == opens
    if opens > at:
        between = at + (opens - at) / 2
        assert next_opening(windows, zone=zone, at=between) == opens
