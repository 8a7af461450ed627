"""Slots of cron expressions: in UTC, across clock changes, and only for expressions that come."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.cron import check_cron, check_zone, last_slot, next_slot
from core.errors import Invalid

CHICAGO = "America/Chicago"


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "word"),
    [
        ("", "five fields"),
        ("* * * *", "five fields"),
        ("0 0 6 * * *", "five fields"),
        ("every hour please now ok then", "five fields"),
        ("a" * 5000, "five fields"),
        ("61 * * * *", "minute"),
        ("0 24 * * *", "hour"),
        ("0 0 0 * *", "day-of-month"),
        ("0 0 * 13 *", "month"),
        ("0 0 * * 8", "day-of-week"),
        ("*/0 * * * *", "minute"),
        ("5-1 * * * *", "minute"),
        ("0 0 31 2 *", "never comes"),
        ("0 0 30 2 *", "never comes"),
        ("0 0 31 4,6 *", "never comes"),
        ("@daily", "0 0 * * *"),
    ],
)
def test_an_expression_that_cannot_run_is_refused_with_its_reason(expression, word):
    findings = check_cron(expression, path="poll")
    assert [finding.path for finding in findings] == ["poll"]
    assert word in str(findings[0])


@pytest.mark.parametrize("expression", ["* * * * *", "0 6 * * MON-FRI", "0 0 29 2 *", "0 0 L * *", "*/15 8-18 * * 1-5"])
def test_an_expression_that_runs_is_accepted(expression):
    assert check_cron(expression, path="cron") == []


def test_a_zone_is_an_iana_name_and_a_near_miss_is_named():
    assert check_zone(CHICAGO, path="zone") == []
    assert "America/Chicago" in check_zone("America/Chikago", path="zone")[0].hint
    assert "America/Chicago" in check_zone("america/chicago", path="zone")[0].hint
    assert check_zone("../../etc/passwd", path="zone")
    assert check_zone("", path="zone")


def test_the_next_slot_is_in_the_zone_and_given_in_utc():
    assert next_slot("0 6 * * *", zone=CHICAGO, after=utc("2026-01-10 12:00")) == utc("2026-01-11 12:00")
    assert next_slot("0 6 * * *", zone=CHICAGO, after=utc("2026-07-10 10:59")) == utc("2026-07-10 11:00")


def test_a_slot_in_the_hour_that_the_clocks_skip_runs_right_after_the_gap():
    assert next_slot("30 2 * * *", zone=CHICAGO, after=utc("2026-03-08 06:00")) == utc("2026-03-08 08:00")
    assert next_slot("30 2 * * *", zone=CHICAGO, after=utc("2026-03-08 08:00")) == utc("2026-03-09 07:30")
    assert last_slot("30 2 * * *", zone=CHICAGO, now=utc("2026-03-08 08:10")) == utc("2026-03-08 08:00")


def test_a_slot_in_the_hour_that_the_clocks_repeat_runs_once():
    first = next_slot("30 1 * * *", zone=CHICAGO, after=utc("2026-11-01 05:00"))
    assert first == utc("2026-11-01 06:30")
    assert next_slot("30 1 * * *", zone=CHICAGO, after=first) == utc("2026-11-02 07:30")
    in_the_repeated_hour = utc("2026-11-01 07:15")
    assert next_slot("30 1 * * *", zone=CHICAGO, after=in_the_repeated_hour) == utc("2026-11-02 07:30")
    assert last_slot("30 1 * * *", zone=CHICAGO, now=in_the_repeated_hour) == first


def test_a_quarter_hourly_schedule_goes_on_through_both_changes():
    for begin in (utc("2026-03-08 05:00"), utc("2026-11-01 04:00")):
        slots = [begin]
        for _ in range(24):
            slots.append(next_slot("*/15 * * * *", zone=CHICAGO, after=slots[-1]))
        assert {later - earlier for earlier, later in pairwise(slots)} == {timedelta(minutes=15)}


def test_the_last_slot_includes_this_very_moment():
    assert last_slot("0 6 * * *", zone="UTC", now=utc("2026-01-10 06:00")) == utc("2026-01-10 06:00")
    assert last_slot("0 6 * * *", zone="UTC", now=utc("2026-01-10 05:59")) == utc("2026-01-09 06:00")
    assert last_slot("0 6 * * *", zone="UTC", now=utc("2026-01-12 11:00")) == utc("2026-01-12 06:00")


def test_what_the_check_refuses_has_no_slots():
    with pytest.raises(Invalid, match="never comes"):
        next_slot("0 0 31 2 *", zone="UTC", after=utc("2026-01-01 00:00"))
    with pytest.raises(Invalid, match="no time zone"):
        last_slot("0 0 * * *", zone="Mars/Olympus", now=utc("2026-01-01 00:00"))


EXPRESSIONS = ["*/7 * * * *", "30 1 * * *", "30 2 * * *", "0 */2 * * *", "15,45 1-3 * * *", "0 0 1 * *"]
ZONES = [CHICAGO, "Europe/Paris", "UTC", "Pacific/Auckland"]


@given(
    expression=st.sampled_from(EXPRESSIONS),
    zone=st.sampled_from(ZONES),
    moment=st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_next_and_last_meet_around_any_moment(expression, zone, moment):
    following = next_slot(expression, zone=zone, after=moment)
    assert following > moment
    assert last_slot(expression, zone=zone, now=following) == following
    earlier = last_slot(expression, zone=zone, now=moment)
    assert earlier <= moment
    assert next_slot(expression, zone=zone, after=earlier) == following
