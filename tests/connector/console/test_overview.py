"""The overview: right figures, few queries, and a word for how each integration stands."""

from datetime import timedelta

import pytest
from django.urls import reverse

from connector.console.chart import HEIGHT, Day, stacked_bars
from connector.console.standing import Facts, standing
from core import models
from core.clock import database_now
from core.states import AckOutcome, ExportState, FileState, RunState
from tests import factories
from tests.connector.console.worlds import NOW, World

GOOD = Facts(
    is_enabled=True,
    was_enabled=True,
    grant_state=models.GrantState.CONNECTED,
    server_hold="",
    next_due_at=NOW + timedelta(minutes=5),
    last_state=RunState.DONE,
    last_opened_at=NOW - timedelta(minutes=55),
)
CASES = [
    ({}, "On time"),
    ({"is_enabled": False}, "Paused"),
    ({"is_enabled": False, "was_enabled": False}, "Not live yet"),
    ({"grant_state": models.GrantState.NEEDS_RECONNECT}, "Action required"),
    ({"server_hold": "SFTP_HOSTKEY_CHANGED"}, "Action required"),
    ({"last_state": RunState.PARTLY}, "Action required"),
    ({"last_state": RunState.FAILED}, "Error"),
    ({"next_due_at": NOW - timedelta(minutes=11)}, "Late"),
    ({"next_due_at": NOW - timedelta(minutes=9)}, "On time"),
    ({"next_due_at": None}, "On time"),
    ({"last_state": RunState.FETCHING}, "Running"),
    ({"last_state": RunState.FETCHING, "last_opened_at": NOW - timedelta(hours=2)}, "Late"),
    ({"last_state": None, "last_opened_at": None}, "Not run yet"),
]


@pytest.mark.parametrize(("changes", "word"), CASES, ids=[f"{word} {number}" for number, (_, word) in enumerate(CASES)])
def test_an_integration_stands_as_its_last_run_and_next_slot_say(changes, word):
    facts = Facts(**{name: changes.get(name, getattr(GOOD, name)) for name in Facts.__slots__})
    assert standing(facts, now=NOW).word == word


@pytest.fixture
def figures(signed_in, ours):
    def read():
        return signed_in().get(reverse("admin:index")).context

    return read


def test_figures_count_what_is_there(figures, ours):
    now, integration = database_now(), ours[models.Integration]
    file = {"integration": integration, "created_at": now, "record_count": 3}
    factories.FileFactory(**file, delivered_at=now)
    factories.FileFactory(**file, delivered_at=now, is_test=True)
    factories.FileFactory(**file, state=FileState.RETRY_WAIT, next_attempt_at=now)
    factories.FileFactory(**file, state=FileState.HELD, ack_outcome=AckOutcome.OVERDUE)
    factories.FileFactory(**file, state=FileState.HELD, ack_outcome=AckOutcome.AWAITED)
    shown = figures()
    assert shown["delivered_last_day"] == {"files": 1, "records": 3}
    assert shown["waiting"] == {"files": 1, "next_at": now}
    assert shown["awaited"] == {"files": 2, "overdue": 1}
    assert shown["open_problems"] == "1"


def test_days_count_delivered_and_failed_records(figures, ours):
    now, integration = database_now(), ours[models.Integration]
    factories.FileFactory(integration=integration, created_at=now, delivered_at=now, record_count=5)
    factories.ExportFactory(integration=integration, created_at=now, state=ExportState.FAILED)
    days = figures()["days"]
    assert len(days) == 14
    assert (days[-1].delivered, days[-1].failed) == (5, 1)


@pytest.mark.parametrize("tenants", [1, 4])
def test_the_overview_takes_at_most_twelve_queries(tenants, signed_in, ours, django_assert_max_num_queries):
    client = signed_in()
    for number in range(tenants):
        other = World.make(f"more-{number}")
        factories.TenantAccessFactory(tenant=other.tenant, user=client.person)
    models.Tenant.objects.update(options={"two_person_approval": True})
    with django_assert_max_num_queries(12):
        client.get(reverse("admin:index"))


def test_bars_fill_the_chart_and_one_failure_among_many_is_seen():
    chart = stacked_bars([Day(NOW.date(), 999, 1), Day(NOW.date(), 0, 0)])
    full, empty = chart.bars
    assert full.failed_height == 4.0
    assert full.failed_y == 0
    assert full.delivered_height + full.failed_height == HEIGHT
    assert (empty.delivered_height, empty.failed_height) == (0, 0)
