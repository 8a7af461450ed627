"""Once an hour: idle sign-ins are renewed, and streams are read whole for what leaves Xero's update time alone."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from connector import pipeline, upkeep
from connector.sync import sync
from core import runs
from core.clock import database_now
from core.models import Export, Fetch, Grant, Heartbeat, Problem, Record, Run, RunTrigger, StreamCursor
from tests.connector.xero.reading import connected, poll, read
from tests.factories import GrantFactory, OrganisationFactory

pytestmark = pytest.mark.django_db(transaction=True)


def sweep():
    """Open the sweeps that are due and read them; give them as they are then."""
    return [read(fetch) for fetch in upkeep.open_due_sweeps(now=database_now())]


def age_sweeps(days=8):
    StreamCursor.objects.update(swept_at=Now() - timedelta(days=days))


@pytest.fixture
def integration(world):
    integration = world.integration()
    world.xero.create_invoice(Status="AUTHORISED", DueDate="2026-12-01")
    return integration


def due_date_changes_silently(world):
    """Edit the due date of a partly paid invoice: Xero does not move the update time."""
    (row,) = world.xero.store.streams["invoices"]
    world.xero.update_invoice(row.id, DueDate="2027-01-31")


def test_a_silent_change_is_found_by_the_sweep_and_sent(world, integration):
    version = integration.mapping.versions.get()
    version.definition["fields"].append({"name": "due", "source": "DueDate", "as": "date:%Y-%m-%d"})
    version.save()
    sync(integration)
    (row,) = world.xero.store.streams["invoices"]
    world.xero.pay_invoice(row.id, amount="1.00")
    world.xero.advance(seconds=3600)
    sync(integration)
    due_date_changes_silently(world)
    assert sync(integration).files == []
    age_sweeps()
    assert {fetch.stream for fetch in sweep()} == {"contacts", "invoices"}
    assert sync(integration).as_object()["exports"]["delivered"] == 1
    assert "2027-01-31" in world.outbound[-1].read_text()


def test_a_sweep_leaves_the_cursor_where_it_is_and_notes_when_it_ended(world, integration):
    sync(integration)
    before = dict(StreamCursor.objects.values_list("stream", "read_until"))
    age_sweeps()
    sweep()
    after = StreamCursor.objects.get(stream="invoices")
    assert after.read_until == before["invoices"]
    assert after.swept_at > database_now() - timedelta(minutes=5)
    assert sweep() == []


def test_only_invoices_that_can_still_change_are_swept(world, integration):
    paid = world.xero.create_invoice(Status="AUTHORISED")
    world.xero.pay_invoice(paid["InvoiceID"])
    sync(integration)
    age_sweeps()
    counts = {fetch.stream: fetch.read for fetch in sweep()}
    assert counts["invoices"] == 1


def test_sweeps_come_as_often_as_set_and_never_twice_at_once(world, integration, settings):
    sync(integration)
    age_sweeps(days=5)
    assert upkeep.open_due_sweeps(now=database_now()) == []
    settings.XERO_SWEEP_DAYS = 2
    assert len(upkeep.open_due_sweeps(now=database_now())) == 2
    assert upkeep.open_due_sweeps(now=database_now()) == []
    settings.XERO_SWEEP_DAYS = 0
    Fetch.objects.filter(trigger="sweep").update(state="cancelled")
    assert upkeep.open_due_sweeps(now=database_now()) == []


def test_streams_that_nobody_uses_are_not_swept(world, tenant):
    organisation = connected(world, tenant)
    poll(organisation, "invoices")
    age_sweeps()
    assert upkeep.open_due_sweeps(now=database_now()) == []


def test_what_a_sweep_finds_again_is_not_sent_again(world, integration):
    sync(integration)
    records = Record.objects.count()
    age_sweeps()
    sweep()
    assert (Record.objects.count(), Export.objects.count()) == (records, 1)
    assert not Problem.objects.filter(state="open").exists()


def test_of_two_callers_one_does_the_hours_upkeep(db):
    now = database_now()
    assert [upkeep.take_turn(now=now) for _ in range(3)] == [True, False, False]
    Heartbeat.objects.update(seen_at=Now() - timedelta(minutes=61))
    assert [upkeep.take_turn(now=database_now()) for _ in range(2)] == [True, False]


@pytest.fixture
def consented(world, settings, tenant):
    """A grant of the web app whose tokens were renewed 31 days ago."""
    settings.XERO_CLIENT_ID, settings.XERO_CLIENT_SECRET = "SIMWEBAPP", "sim-web-secret"
    grant = GrantFactory.build(tenant=tenant, auth="authorization_code", client_id="", state="connected")
    grant.seal("refresh_token", world.xero.grant()["refresh_token"])
    grant.save()
    OrganisationFactory(tenant=tenant, grant=grant)
    age(grant, days=31)
    return grant


def age(grant, *, days):
    moment = Now() - timedelta(days=days)
    Grant.objects.filter(pk=grant.pk).update(refreshed_at=moment, access_expires_at=moment)


def test_an_idle_sign_in_is_renewed_long_before_it_ends(world, consented):
    before = bytes(consented.refresh_token)
    assert upkeep.renew_idle_grants(now=database_now()) == 1
    consented.refresh_from_db()
    assert bytes(consented.refresh_token) != before
    assert upkeep.renew_idle_grants(now=database_now()) == 0


def test_a_sign_in_that_is_dead_is_a_problem_and_is_left_alone(world, consented):
    world.xero.advance(seconds=61 * 86400)
    assert upkeep.renew_idle_grants(now=database_now()) == 0
    assert Problem.objects.get().code == "XERO_AUTH_EXPIRED"
    calls = world.xero.stats["token_calls"]
    upkeep.renew_idle_grants(now=database_now())
    assert world.xero.stats["token_calls"] == calls


@pytest.mark.parametrize(("days", "problems"), [(31, 0), (45, 1)])
def test_a_renewal_that_fails_is_a_problem_when_few_days_are_left(world, consented, days, problems):
    age(consented, days=days)
    world.xero.add_fault(kind="status", status=503, path="/connect/token", times=2)
    assert upkeep.renew_idle_grants(now=database_now()) == 0
    assert Problem.objects.filter(code="XERO_GRANT_EXPIRING").count() == problems
    assert upkeep.renew_idle_grants(now=database_now()) == 1 or upkeep.renew_idle_grants(now=database_now()) == 1
    assert not Problem.objects.filter(state="open").exists()


def test_a_run_after_a_sweep_joins_no_sweep(world, integration):
    """A sweep of open invoices is not a reading of the stream."""
    sync(integration)
    age_sweeps()
    upkeep.open_due_sweeps(now=database_now())
    run = pipeline.runs.open_run(integration, trigger="manual", now=database_now())
    pipeline.advance(run.pk, now=database_now())
    assert not run.fetches.filter(trigger="sweep").exists()


def test_a_dry_run_whose_process_died_is_ended_after_a_day_and_nothing_was_sent(world, integration):
    run = runs.open_run(integration, trigger=RunTrigger.DRY_RUN, fetches=False, now=database_now())
    for state in ("fetching", "formatting"):
        runs.to_state(run, state, now=database_now())
    assert upkeep.end_left_dry_runs(now=database_now()) == 0
    Run.objects.update(created_at=Now() - timedelta(hours=25))
    assert upkeep.end_left_dry_runs(now=database_now()) == 1
    run.refresh_from_db()
    assert (run.state, run.problem_code) == ("failed", "DRY_RUN_LEFT")
    assert upkeep.end_left_dry_runs(now=database_now()) == 0
    assert world.outbound == []
