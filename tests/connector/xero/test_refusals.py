"""What Xero does not allow stops that stream alone, says so once, and goes on after a person has acted."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from connector import schedule
from connector.sync import sync
from core import cursors, fetches
from core.clock import database_now
from core.models import Event, Organisation, Problem, Record, StreamCursor
from tests.connector.xero.reading import connected, opened, poll, read
from tests.factories import TenantFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def organisation(world, tenant):
    return connected(world, tenant)


def calls(world):
    return sum(world.xero.stats["calls"].values())


def blocked(organisation, stream):
    return cursors.blocked_code(organisation, stream, now=database_now())


def test_a_missing_permission_stops_its_stream_alone(world, organisation):
    world.xero.configure(reports_permission=False)
    assert poll(organisation, "manual_journals").state == "failed"
    assert poll(organisation, "invoices").state == "done"
    assert (blocked(organisation, "manual_journals"), blocked(organisation, "invoices")) == ("XERO_PERMISSION", "")
    problem = Problem.objects.get(state="open")
    assert (problem.code, problem.organisation) == ("XERO_PERMISSION", organisation)
    assert "reconnect" in problem.next_step
    assert Event.objects.filter(event="stream.blocked", stream="manual_journals").exists()


def test_a_missing_scope_stops_its_stream_alone(world, tenant, settings):
    settings.XERO_SCOPES = "accounting.invoices.read accounting.contacts.read accounting.settings.read"
    organisation = connected(world, tenant)
    assert poll(organisation, "payments").problem_code == "XERO_SCOPE"
    assert poll(organisation, "invoices").state == "done"
    assert blocked(organisation, "payments") == "XERO_SCOPE"


def test_a_blocked_stream_is_not_asked_for_again(world, organisation):
    world.xero.configure(reports_permission=False)
    poll(organisation, "manual_journals")
    before = calls(world)
    now = database_now()
    fetch = fetches.join_or_open(organisation, "manual_journals", trigger="run", needs_from=now, now=now)
    assert (fetch.state, fetch.problem_code) == ("failed", "XERO_PERMISSION")
    assert read(opened(organisation, "manual_journals", trigger="webhook", xero_ids=["a"])).state == "failed"
    assert calls(world) == before


def test_after_a_day_it_is_tried_again_and_goes_on_by_itself(world, organisation):
    world.xero.configure(reports_permission=False)
    poll(organisation, "manual_journals")
    world.xero.configure(reports_permission=True)
    StreamCursor.objects.update(blocked_at=Now() - timedelta(hours=25))
    now = database_now()
    fetch = fetches.join_or_open(organisation, "manual_journals", trigger="run", needs_from=now, now=now)
    assert read(fetch).state == "done"
    assert StreamCursor.objects.get(stream="manual_journals").blocked_code == ""
    assert not Problem.objects.filter(state="open").exists()


def test_connecting_again_clears_what_was_blocked(world, organisation):
    world.xero.configure(reports_permission=False)
    poll(organisation, "manual_journals")
    cursors.unblock([organisation], actor="ann", now=database_now())
    assert blocked(organisation, "manual_journals") == ""
    assert not Problem.objects.filter(state="open").exists()
    assert Event.objects.get(event="stream.unblocked").actor == "ann"
    cursors.unblock([organisation], actor="ann", now=database_now())
    assert Event.objects.filter(event="stream.unblocked").count() == 1


def test_a_disconnected_organisation_is_one_problem_and_is_left_alone(world, organisation):
    poll(organisation, "organisation")
    world.xero.disconnect()
    for stream in ("invoices", "payments", "contacts"):
        poll(organisation, stream)
    assert Problem.objects.get(state="open").code == "XERO_DISCONNECTED"
    assert {blocked(organisation, stream) for stream in ("invoices", "contacts")} == {"XERO_DISCONNECTED"}
    Organisation.objects.update(next_poll_at=Now() - timedelta(minutes=1))
    assert schedule.open_due_polls(now=database_now()) == []


def test_a_run_goes_on_without_the_blocked_stream_and_ends_partly(world):
    world.xero.configure(reports_permission=False)
    integration = world.integration(streams=["manual_journals", "invoices"], file_name="{sequence}.csv")
    version = integration.mapping.versions.get()
    version.definition["fields"] = [{"name": "id", "source": "Contact.Name"}]
    version.save()
    world.xero.create_invoice(Status="AUTHORISED")
    result = sync(integration)
    assert result.run.state == "partly"
    assert result.as_object()["exports"]["delivered"] == 1


def test_contacts_that_may_not_be_read_leave_invoices_with_xeros_stub(world, tenant, settings):
    settings.XERO_SCOPES = "accounting.invoices.read accounting.settings.read"
    organisation = connected(world, tenant)
    world.xero.create_invoice(Status="AUTHORISED")
    assert poll(organisation, "invoices").stored == 1
    assert blocked(organisation, "contacts") == "XERO_SCOPE"
    assert not Record.objects.filter(stream="contacts").exists()


def test_trouble_that_all_streams_share_is_one_problem(world, organisation):
    world.xero.store.offline = True
    for stream in ("invoices", "payments", "contacts"):
        read(opened(organisation, stream))
    assert Problem.objects.get(state="open").code == "XERO_DOWN"
    world.xero.store.offline = False
    poll(organisation, "invoices")
    assert not Problem.objects.filter(state="open").exists()


def test_credentials_of_an_organisation_that_is_bound_already_are_refused(world, tenant, organisation):
    other = world.organisation(TenantFactory())
    fetch = poll(other, "organisation")
    assert (fetch.state, fetch.problem_code) == ("failed", "XERO_ORGANISATION_TAKEN")
    other.refresh_from_db()
    assert other.xero_tenant_id == ""
    assert tenant.name not in Problem.objects.get(tenant=other.tenant).sentence
    assert poll(other, "invoices").state == "failed"
