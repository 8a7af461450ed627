"""A stored schedule that cannot be read stops its own unit, and nothing else."""

from datetime import timedelta

import pytest

from connector import schedule
from core.clock import database_now
from core.models import Event, Integration, Organisation, Partner, Problem, Tenant
from tests.factories import IntegrationFactory

pytestmark = pytest.mark.django_db
PICKUP = {"folders": {"send_to": "/out", "pick_up_from": "/in"}}


@pytest.fixture
def two():
    """An integration whose tenant's zone is gone, due before a sound one."""
    now = database_now()
    broken, sound = (
        IntegrationFactory(cron="* * * * *", next_due_at=now - timedelta(minutes=minutes), enabled_at=now)
        for minutes in (2, 1)
    )
    for integration in (broken, sound):
        Organisation.objects.filter(pk=integration.organisation_id).update(
            next_poll_at=integration.next_due_at, poll="* * * * *"
        )
        Partner.objects.filter(pk=integration.partner_id).update(next_pickup_at=integration.next_due_at, **PICKUP)
    Tenant.objects.filter(pk=broken.tenant_id).update(time_zone="Mars/Olympus")
    Integration.objects.filter(pk=broken.pk).update(time_zone="Mars/Olympus")
    return broken, sound


def problems_of(integration):
    return Problem.objects.filter(tenant=integration.tenant_id, code="SCHEDULE_BROKEN").order_by("pk")


def test_the_others_are_opened_and_it_is_told_once_with_the_reason(two):
    broken, sound = two
    now = database_now()
    assert [run.integration_id for run in schedule.open_due_runs(now=now)] == [sound.pk]
    assert schedule.open_due_runs(now=now) == []
    (problem,) = problems_of(broken)
    assert "Mars/Olympus" in problem.sentence
    assert (problem.integration_id, problem.times) == (broken.pk, 1)
    assert Event.objects.filter(event="schedule.broken", tenant_id=broken.tenant_id).count() == 1


def test_polls_and_visits_of_others_go_on_too(two):
    broken, sound = two
    now = database_now()
    assert {fetch.organisation_id for fetch in schedule.open_due_polls(now=now)} == {sound.organisation_id}
    assert schedule.take_due_pickups(now=now) == [sound.partner_id]
    assert {(item.organisation_id, item.partner_id) for item in problems_of(broken)} == {
        (broken.organisation_id, None),
        (None, broken.partner_id),
    }


def test_it_is_opened_again_once_it_can_be_read(two):
    broken, sound = two
    schedule.open_due_runs(now=database_now())
    Integration.objects.filter(pk=broken.pk).update(time_zone="")
    Tenant.objects.filter(pk=broken.tenant_id).update(time_zone="Europe/Paris")
    in_an_hour = database_now() + timedelta(minutes=61)
    assert {run.integration_id for run in schedule.open_due_runs(now=in_an_hour)} == {broken.pk, sound.pk}
    assert [problem.state for problem in problems_of(broken)] == ["resolved"]
