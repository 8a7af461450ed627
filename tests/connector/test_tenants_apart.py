"""Workers and commands refuse to mix tenants even when the rows already do."""

import pytest

from connector import pipeline, schedule
from core.clock import database_now
from core.models import Event, Export, Fetch, File, Integration, Organisation, Problem, Run
from core.states import FetchState, FileState, RunState
from core.tenancy import TenantMismatch, refuse_mixed
from tests import factories
from tests.connector.commands.running import run
from tests.connector.console.worlds import World as ConsoleWorld
from tests.tampering import tampering
from tests.world import open_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(settings, tmp_path):
    with open_world(settings, tmp_path, invoices=3, contacts=2, manual_journals=0) as world:
        yield world


@pytest.fixture
def file(world):
    """A file that is ready for its partner's server."""
    integration = world.integration(name="ours")
    opened = pipeline_to_formatted(integration)
    (file,) = pipeline.format_files(integration.pk, now=database_now())
    assert (file.state, opened.state) == (FileState.READY, RunState.FORMATTING)
    return file


def pipeline_to_formatted(integration):
    opened = schedule.open_run(integration, now=database_now())
    pipeline.advance(opened.pk, now=database_now())
    for fetch in opened.fetches.order_by("pk"):
        pipeline.fetch(fetch.pk, now=database_now())
    return pipeline.advance(opened.pk, now=database_now())


def deliver(world, file):
    pipeline.deliver(file.server_id, now=database_now())
    file.refresh_from_db()
    return file.state, file.problem_code, len(world.outbound)


def test_a_file_of_one_tenant_is_delivered(world, file):
    assert deliver(world, file) == (FileState.DELIVERED, "", 1)


@pytest.mark.parametrize("column", ["tenant", "partner"])
def test_a_file_that_leads_to_another_tenants_server_is_held_and_nothing_is_sent(world, file, column):
    theirs = ConsoleWorld.make("theirs")
    changes = {"tenant": theirs.tenant} if column == "tenant" else {"partner": theirs[type(file.partner)]}
    with tampering("core_file"):
        File.objects.filter(pk=file.pk).update(**changes)
    assert deliver(world, file) == (FileState.HELD, "TENANT_MISMATCH", 0)
    problem = Problem.objects.get(code="TENANT_MISMATCH")
    assert (problem.tenant_id, "verify_audit" in problem.next_step) == (file.tenant_id, True)
    assert Event.objects.filter(tenant_id=file.tenant_id, event="file.held").exists()


def test_a_file_that_holds_another_tenants_record_is_held_and_the_others_go_out(world, file):
    theirs = ConsoleWorld.make("theirs")
    with tampering("core_export"):
        first = Export.objects.filter(file=file).first()
        Export.objects.filter(pk=first.pk).update(tenant=theirs.tenant)
    assert deliver(world, file) == (FileState.HELD, "TENANT_MISMATCH", 0)


def test_a_connection_of_another_tenant_is_not_read_with(world):
    integration = world.integration(name="ours")
    grant = factories.GrantFactory()
    with tampering("core_organisation"):
        Organisation.objects.filter(pk=integration.organisation_id).update(grant=grant)
    fetch = factories.FetchFactory(organisation=integration.organisation, state=FetchState.DUE)
    pipeline.fetch(fetch.pk, now=database_now())
    read = Fetch.objects.get(pk=fetch.pk)
    assert (read.state, read.problem_code, read.calls) == (FetchState.FAILED, "TENANT_MISMATCH", 0)


@pytest.mark.parametrize("column", ["partner", "mapping", "organisation"])
def test_nothing_is_formatted_over_a_border(world, column):
    integration = world.integration(name="ours")
    opened = pipeline_to_formatted(integration)
    theirs = ConsoleWorld.make("theirs")[Integration]
    with tampering("core_integration"):
        Integration.objects.filter(pk=integration.pk).update(**{column: getattr(theirs, column)})
    assert pipeline.format_files(integration.pk, now=database_now()) == []
    assert not File.objects.filter(integration=integration, state=FileState.READY).exists()
    assert Problem.objects.filter(code="TENANT_MISMATCH", tenant=integration.tenant).exists()
    assert Run.objects.get(pk=opened.pk).state == RunState.FAILED


def test_rows_of_one_tenant_are_no_mismatch():
    tenant = factories.TenantFactory()
    ours = [factories.ServerFactory(tenant=tenant) for _ in range(3)]
    refuse_mixed(*ours)
    with pytest.raises(TenantMismatch, match="server-"):
        refuse_mixed(*ours, factories.ServerFactory())


SCOPED = {
    "sync": ("theirs/ours-integration",),
    "check_connection": ("server:theirs/ours-server",),
    "hostkey": ("approve", "theirs/ours-server", "SHA256:" + "A" * 43),
    "acks": ("--partner", "theirs/ours-partner"),
    "preview": ("theirs/ours-integration",),
    "export_failed": ("theirs/ours-integration",),
    "reconcile": ("their", "--from", "2026-01-01", "--to", "2026-01-31"),
    "verify_audit": ("their",),
    "purge": ("their",),
    "export_config": ("their",),
}


@pytest.mark.parametrize("command", sorted(SCOPED))
def test_a_command_finds_nothing_under_another_tenants_name(command):
    ConsoleWorld.make("ours")
    ConsoleWorld.make("theirs")
    code, out, err = run(command, *SCOPED[command])
    assert code == 1
    assert "There is no" in err
    assert "ours" not in out
