"""An integration whose slots pass without a run that works becomes a problem, once, and ends with one that does."""

from datetime import timedelta

import pytest

from connector import schedule
from core import runs
from core.clock import database_now
from core.models import Integration, Problem, RunTrigger
from core.states import RunState
from tests.factories import IntegrationFactory, RunFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def integration():
    return IntegrationFactory(cron="* * * * *", next_due_at=database_now() - timedelta(minutes=1))


def slots(integration, *states, trigger=RunTrigger.SCHEDULE):
    """Runs of the last slots, the oldest first."""
    now = database_now()
    for back, state in zip(range(len(states), 0, -1), states, strict=True):
        slot_at = now - timedelta(hours=back)
        RunFactory(integration=integration, trigger=trigger, slot_at=slot_at, created_at=slot_at, state=state)


def opened_slot(integration):
    Integration.objects.filter(pk=integration.pk).update(next_due_at=database_now() - timedelta(seconds=90))
    (run,) = schedule.open_due_runs(now=database_now())
    return run


def overdue():
    return list(Problem.objects.filter(code="INTEGRATION_OVERDUE").values_list("state", "times"))


@pytest.mark.parametrize(
    ("states", "is_overdue"),
    [
        ([], False),
        (["failed", "failed"], False),
        (["failed", "failed", "failed"], True),
        (["fetching", "delivering", "failed"], True),
        (["done", "failed", "failed", "failed"], True),
        (["failed", "done", "failed"], False),
        (["failed", "failed", "partly"], False),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else str(value),
)
def test_three_slots_without_a_run_that_worked_are_a_problem(integration, states, is_overdue):
    slots(integration, *states)
    opened_slot(integration)
    assert bool(overdue()) is is_overdue


def test_a_success_by_hand_counts_too(integration):
    slots(integration, "failed", "failed", "failed")
    RunFactory(integration=integration, trigger=RunTrigger.MANUAL, state=RunState.DONE)
    opened_slot(integration)
    assert overdue() == []


def test_it_is_one_problem_that_a_run_that_works_ends(integration):
    slots(integration, "failed", "failed", "failed")
    run = opened_slot(integration)
    problem = Problem.objects.get()
    assert (problem.integration_id, problem.sentence.startswith(integration.name)) == (integration.pk, True)
    runs.note_overdue(integration, slot_at=database_now(), now=database_now())
    assert overdue() == [("open", 2)]
    for state in (RunState.FETCHING, RunState.FORMATTING, RunState.DONE):
        assert runs.to_state(run, state, now=database_now())
    assert overdue() == [("resolved", 2)]


def test_another_integrations_success_does_not_help(integration):
    slots(integration, "failed", "failed", "failed")
    RunFactory(state=RunState.DONE)
    opened_slot(integration)
    assert overdue() == [("open", 1)]
