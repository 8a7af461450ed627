"""Messages are hints: lost, doubled or late ones do no harm, and the sweep finds what they left behind."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from connector import schedule, tasks
from connector.celery import QUEUES, ROUTES, app
from core.clock import database_now
from core.models import Export, Fetch, File, Heartbeat, Integration, Organisation, Run, RunTrigger
from tests.outbox_files import sealed_file
from tests.world import open_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(settings, tmp_path):
    settings.RETRY_SECONDS = 0
    with open_world(settings, tmp_path, invoices=0, contacts=3, manual_journals=0) as world:
        yield world


def work_through(rounds=6):
    """Do what workers would do on the sweep's word alone: every message was lost."""
    for _ in range(rounds):
        found = schedule.left_behind(now=database_now())
        for fetch_id in found.fetches:
            tasks.fetch(fetch_id=fetch_id)
        for run_id in found.runs:
            tasks.advance(run_id=run_id)
        for run in Run.objects.filter(state="formatting"):
            tasks.format_files(integration_id=str(run.integration_id))
        for server_id in found.servers:
            tasks.deliver(server_id=str(server_id))


def test_a_run_ends_although_every_message_was_lost(world):
    integration = world.integration()
    world.xero.create_invoice(Status="AUTHORISED")
    schedule.open_run(integration, now=database_now())
    work_through()
    assert Run.objects.get().state == "done"
    assert len(world.outbound) == 1


def test_workers_never_send_what_a_dry_run_reads(world):
    """Its process may be at work, or have died: workers find the run, and leave it."""
    integration = world.integration()
    world.xero.create_invoice(Status="AUTHORISED")
    schedule.open_run(integration, trigger=RunTrigger.DRY_RUN, now=database_now())
    work_through()
    assert (Run.objects.get().state, Export.objects.get().state) == ("formatting", "pending")
    assert (File.objects.count(), world.outbound) == (0, [])
    schedule.open_run(integration, now=database_now())
    work_through()
    assert set(Run.objects.values_list("trigger", "state")) == {("dry_run", "formatting"), ("manual", "done")}
    assert len(world.outbound) == 1


def test_a_late_message_does_not_send_what_waits_while_an_integration_is_paused(world):
    integration = world.integration()
    run = schedule.open_run(integration, now=database_now())
    work_through()
    Integration.objects.filter(pk=integration.pk).update(is_enabled=False)
    world.xero.create_invoice(Status="AUTHORISED")
    for fetch in schedule.open_due_polls(now=next_poll_of(integration)):
        tasks.fetch(fetch_id=fetch.pk)
    tasks.advance(run_id=run.pk)
    tasks.format_files(integration_id=str(integration.pk))
    assert Export.objects.get().state == "pending"
    assert (File.objects.count(), world.outbound) == (0, [])


def next_poll_of(integration):
    """Let the poll of an integration's organisation be due; give the time."""
    Organisation.objects.filter(pk=integration.organisation_id).update(next_poll_at=database_now())
    return database_now()


def test_every_message_ten_times_delivers_once(world):
    integration = world.integration()
    world.xero.create_invoice(Status="AUTHORISED")
    run = schedule.open_run(integration, now=database_now())
    for _ in range(10):
        tasks.advance(run_id=run.pk)
        for fetch in Fetch.objects.all():
            tasks.fetch(fetch_id=fetch.pk)
        tasks.format_files(integration_id=str(integration.pk))
        tasks.deliver(server_id=str(integration.partner.server_id))
    assert Run.objects.get().state == "done"
    assert (Export.objects.count(), len(world.outbound)) == (1, 1)


def test_messages_for_rows_that_are_gone_do_nothing(world):
    tasks.advance(run_id=4711)
    tasks.fetch(fetch_id=4711)
    tasks.format_files(integration_id="00000000-0000-0000-0000-000000000000")
    tasks.deliver(server_id="00000000-0000-0000-0000-000000000000")


def test_a_tick_opens_one_run_per_slot_however_often_it_comes(world):
    integration = world.integration(cron="0 * * * *")
    Integration.objects.update(next_due_at=Now() - timedelta(hours=3))
    now = database_now()
    opened = [run for _ in range(3) for run in schedule.open_due_runs(now=now)]
    assert len(opened) == 1
    assert opened[0].slot_at == now.replace(minute=0, second=0, microsecond=0)
    integration.refresh_from_db()
    assert integration.next_due_at > now


def test_two_beats_that_read_the_same_row_open_one_run(world):
    integration = world.integration(cron="0 * * * *")
    Integration.objects.update(next_due_at=Now() - timedelta(minutes=61))
    stale = Integration.objects.select_related("tenant").get(pk=integration.pk)
    assert len(schedule.open_due_runs(now=database_now())) == 1
    assert schedule._open_slot(stale, database_now()) is None


def test_a_paused_integration_opens_no_run(world):
    world.integration(cron="0 * * * *", is_enabled=False)
    Integration.objects.update(next_due_at=Now() - timedelta(hours=1))
    assert schedule.open_due_runs(now=database_now()) == []


def test_a_poll_opens_a_fetch_for_each_stream_in_use(world):
    world.integration(streams=["payments"])
    Organisation.objects.update(next_poll_at=Now() - timedelta(minutes=1))
    opened = schedule.open_due_polls(now=database_now())
    assert {fetch.stream for fetch in opened} >= {"payments", "invoices", "contacts", "organisation"}
    assert schedule.open_due_polls(now=database_now()) == []


def test_five_integrations_cost_xero_one_read(world):
    first = world.integration()
    for _ in range(4):
        world.integration(
            tenant=first.tenant,
            organisation=first.organisation,
            partner=first.partner,
            server=first.partner.server,
        )
    runs = [schedule.open_run(integration, now=database_now()) for integration in world.integrations]
    for run in runs:
        tasks.advance(run_id=run.pk)
    assert Fetch.objects.filter(stream="invoices").count() == 1
    world.xero.create_invoice(Status="AUTHORISED")
    for fetch in Fetch.objects.order_by("pk"):
        tasks.fetch(fetch_id=fetch.pk)
    assert Export.objects.count() == 5


def test_a_builder_that_died_leaves_exports_that_are_built_anew(world):
    integration = world.integration()
    file, _ = sealed_file(integration, name="")
    File.objects.update(state="building")
    assert schedule.left_behind(now=database_now()).integrations == [integration.pk]
    tasks.format_files(integration_id=str(integration.pk))
    file.refresh_from_db()
    assert file.state == "cancelled"
    assert not Export.objects.filter(state="formatted", file=file).exists()


def test_the_tick_leaves_a_sign_of_life(world):
    tasks.tick()
    assert Heartbeat.objects.get(name="tick").seen_at is not None


def test_every_task_goes_to_a_queue_that_workers_read():
    own = [name for name in app.tasks if name.startswith("connector.")]
    assert own
    assert set(ROUTES) <= set(own)
    assert {route["queue"] for route in ROUTES.values()} <= set(QUEUES)
