"""Times, schedules, amounts and kinds as people read them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from connector.console import words
from connector.console.cron_words import in_words, next_slots
from connector.console.moments import moment, relative, span
from core import states

NOW = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)


def test_a_moment_names_its_zone_and_keeps_utc_at_hand():
    shown = moment(NOW, "Pacific/Auckland")
    assert "2 Jul 2026, 11:30" in shown
    assert "NZST" in shown
    assert 'title="2026-07-01 23:30:00 UTC"' in shown


def test_an_unknown_zone_is_shown_as_utc():
    assert "UTC</span>" in moment(NOW, "Not/AZone")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7199, "119 min"), (7200, "2 h"), (200_000, "2 days")],
)
def test_a_span_has_one_unit(seconds, said):
    assert span(timedelta(seconds=seconds)) == said


def test_relative_times_look_back_and_ahead():
    assert "12 min ago" in relative(NOW - timedelta(minutes=12), NOW, "UTC")
    assert "in 3 h" in relative(NOW + timedelta(hours=3), NOW, "UTC")
    assert "never" in relative(None, NOW, "UTC")


@pytest.mark.parametrize(
    ("cron", "said"),
    [
        ("0 * * * *", "Every hour at :00, UTC"),
        ("*/15 * * * *", "Every 15 minutes, UTC"),
        ("30 6 * * 1-5", "Every weekday at 06:30, UTC"),
        ("5 18 * * 0", "Every Sunday at 18:05, UTC"),
        ("0 6 1 * *", "0 6 1 * *, UTC"),
        ("", "Only by hand, by webhook or after another integration"),
    ],
)
def test_schedules_are_said_in_words_where_words_are_clearer(cron, said):
    assert in_words(cron, zone="UTC") == said


def test_the_next_slots_of_a_schedule_are_named_and_a_broken_one_has_none():
    assert [at.hour for at in next_slots("0 * * * *", zone="UTC", after=NOW)] == [0, 1, 2]
    assert next_slots("nonsense", zone="UTC", after=NOW) == []


@pytest.mark.parametrize(
    ("total", "shown"),
    [("1234.5000", "1,234.50"), ("0.1250", "0.125"), ("-3.0001", "-3.0001"), ("7", "7.00"), (None, "")],
)
def test_amounts_have_two_decimals_or_what_they_need(total, shown):
    assert words.amount(None if total is None else Decimal(total)) == shown


@pytest.mark.parametrize(
    ("looks", "family"),
    [
        (words.RUN, states.RunState),
        (words.EXPORT, states.ExportState),
        (words.FILE, states.FileState),
        (words.ACK, states.AckOutcome),
        (words.FETCH, states.FetchState),
    ],
)
def test_every_state_has_a_word_an_icon_and_a_tone(looks, family):
    assert set(looks) == set(family.values)
    assert all(look.word and look.icon and look.tone for look in looks.values())


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("export.failed", "Export failed"),
        ("hostkey.approved", "Host key approved"),
        ("config.changed", "Configuration changed"),
        ("control_number.set", "Control number set"),
        ("started", "Started"),
    ],
)
def test_events_are_said_in_words(name, said):
    assert words.event_in_words(name) == said
