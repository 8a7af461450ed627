"""Whole runs: what changes is sent, what does not is not, and what goes wrong waits with a sentence."""

import csv
import io
import json

import pytest
from django.core.management import call_command

from connector.steps.fan_out import open_integration
from connector.sync import IntegrationBusy, sync
from core import leases
from core.clock import database_now
from core.models import Export, File, Integration, Organisation, Problem, Record, Run, StreamCursor
from tests.world import open_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(settings, tmp_path):
    settings.RETRY_SECONDS = 60
    with open_world(settings, tmp_path, invoices=0, contacts=3, manual_journals=0) as world:
        yield world


def rows(world, number=-1):
    """The rows of the newest file."""
    return list(csv.DictReader(io.StringIO(world.outbound[number].read_text())))


def test_a_second_run_sends_nothing_new(world):
    integration = world.integration()
    world.xero.create_invoice(Status="AUTHORISED")
    first, second = sync(integration), sync(integration)
    assert (first.run.state, second.run.state) == ("done", "done")
    assert len(world.outbound) == 1
    assert second.as_object()["files"] == []


def test_a_change_is_sent_as_a_change_and_a_void_as_a_cancellation(world):
    integration = world.integration()
    invoice = world.xero.create_invoice(Status="AUTHORISED", InvoiceNumber="INV-1")
    sync(integration)
    world.xero.update_invoice(invoice["InvoiceID"], Date="2026-10-01")
    sync(integration)
    assert [(row["action"], row["date"]) for row in rows(world)] == [("change", "2026-10-01")]
    world.xero.void_invoice(invoice["InvoiceID"])
    sync(integration)
    assert [row["action"] for row in rows(world)] == ["cancel"]
    assert sync(integration).files == []


def test_what_bumps_an_invoice_without_changing_its_values_is_not_sent_again(world):
    integration = world.integration()
    invoice = world.xero.create_invoice(Status="AUTHORISED")
    sync(integration)
    world.xero.pay_invoice(invoice["InvoiceID"], amount="1.00")
    result = sync(integration)
    assert result.as_object()["exports"]["unchanged"] == 1
    assert len(world.outbound) == 1


def test_a_contacts_edit_alone_sends_no_invoice_again(world):
    integration = world.integration()
    invoice = world.xero.create_invoice(Status="AUTHORISED")
    sync(integration)
    world.xero.update_contact(invoice["Contact"]["ContactID"], Name="A new name")
    world.xero.pay_invoice(invoice["InvoiceID"], amount="1.00")
    assert sync(integration).as_object()["exports"]["unchanged"] == 1


@pytest.mark.parametrize(("setting", "state"), [("hold", "held"), ("ignore", "ignored")])
def test_a_change_follows_the_integrations_setting(world, setting, state):
    integration = world.integration(on_change=setting)
    invoice = world.xero.create_invoice(Status="AUTHORISED")
    sync(integration)
    world.xero.update_invoice(invoice["InvoiceID"], Date="2026-10-01")
    sync(integration)
    assert Export.objects.latest("pk").state == state
    assert len(world.outbound) == 1


@pytest.mark.parametrize(("setting", "state"), [("hold", "held"), ("skip", "skipped")])
def test_a_void_follows_the_integrations_setting(world, setting, state):
    integration = world.integration(on_void=setting)
    invoice = world.xero.create_invoice(Status="AUTHORISED")
    sync(integration)
    world.xero.void_invoice(invoice["InvoiceID"])
    sync(integration)
    assert Export.objects.latest("pk").state == state
    assert len(world.outbound) == 1


def test_drafts_and_invoices_voided_before_they_were_sent_never_leave(world):
    integration = world.integration()
    world.xero.create_invoice(Status="DRAFT")
    voided = world.xero.create_invoice(Status="AUTHORISED")
    world.xero.void_invoice(voided["InvoiceID"])
    assert sync(integration).as_object()["exports"]["delivered"] == 0
    assert world.outbound == []


def test_an_object_once_sent_is_followed_when_it_leaves_the_filter(world):
    integration = world.integration(where={"expr": "Total > `10`"})
    invoice = world.xero.create_invoice(Status="AUTHORISED")
    sync(integration)
    Integration.objects.update(where={"expr": "Total > `1000000000`"})
    world.xero.update_invoice(invoice["InvoiceID"], Date="2026-10-01")
    sync(integration)
    assert [row["action"] for row in rows(world)] == ["cancel"]


def test_one_bad_record_fails_alone_and_its_problem_ends_with_a_better_version(world):
    integration = world.integration()
    version = integration.mapping.versions.get()
    version.definition["fields"][0] |= {"required": True}
    version.save()
    bad = world.xero.create_invoice(Status="AUTHORISED", Type="ACCPAY", InvoiceNumber="")
    world.xero.create_invoice(Status="AUTHORISED", InvoiceNumber="INV-2")
    result = sync(integration).as_object()
    assert (result["state"], result["exports"]["failed"], result["exports"]["delivered"]) == ("partly", 1, 1)
    (problem,) = result["problems"]
    assert (problem["code"], problem["record"]) == ("MAP_REQUIRED_EMPTY", bad["InvoiceID"])
    assert "invoice_no" in problem["sentence"]
    world.xero.update_invoice(bad["InvoiceID"], InvoiceNumber="BILL-1")
    assert sync(integration).run.state == "done"
    assert not Problem.objects.filter(state="open").exists()


def test_a_bad_record_holds_its_file_where_that_is_set(world):
    integration = world.integration(bad_record="hold_file")
    version = integration.mapping.versions.get()
    version.definition["fields"][0] |= {"required": True}
    version.save()
    world.xero.create_invoice(Status="AUTHORISED", Type="ACCPAY", InvoiceNumber="")
    world.xero.create_invoice(Status="AUTHORISED", InvoiceNumber="INV-2")
    sync(integration)
    assert (File.objects.get().state, world.outbound) == ("held", [])


@pytest.mark.parametrize(("batch", "sizes"), [("run", [5]), ("record", [1] * 5), ("2", [2, 2, 1])])
def test_files_are_cut_as_set_and_numbered_without_gaps(world, batch, sizes):
    integration = world.integration(batch=batch, file_name="{sequence:03d}.csv")
    for _ in range(5):
        world.xero.create_invoice(Status="AUTHORISED")
    sync(integration)
    assert list(File.objects.order_by("sequence").values_list("record_count", flat=True)) == sizes
    assert [path.name for path in world.outbound] == [f"{number:03d}.csv" for number in range(1, len(sizes) + 1)]


def test_an_empty_file_is_sent_where_that_is_set(world):
    integration = world.integration(when_empty="empty_file")
    sync(integration)
    assert world.outbound[0].read_text().startswith("invoice_no,")


@pytest.mark.parametrize(("opening", "sent"), [("none", 1), ("all", 2), ("baseline", 1), ("open_items", 2)])
def test_going_live_treats_older_documents_as_set(world, opening, sent):
    integration = world.integration(start_on="2026-06-01", opening=opening, enabled_at=None)
    world.xero.create_invoice(Status="AUTHORISED", Date="2026-05-31")
    world.xero.create_invoice(Status="AUTHORISED", Date="2026-06-01")
    sync(integration)
    assert Export.objects.count() == 0
    Integration.objects.update(enabled_at=database_now())
    integration.refresh_from_db()
    open_integration(integration, now=database_now())
    assert sync(integration).as_object()["exports"]["delivered"] == sent


def test_a_dry_run_shows_the_file_and_uses_nothing(world):
    integration = world.integration()
    world.xero.create_invoice(Status="AUTHORISED")
    result = sync(integration, dry_run=True).as_object()
    assert [(file["state"], file["records"]) for file in result["files"]] == [("dry_run", 1)]
    assert (world.outbound, File.objects.count()) == ([], 0)
    assert sync(integration).files[0]["name"] == result["files"][0]["name"]


def test_a_dry_run_that_cannot_be_shown_ends_with_its_reason(world):
    integration = world.integration()
    world.xero.create_invoice(Status="AUTHORISED")
    lease = leases.claim(Integration, integration.pk)
    with pytest.raises(IntegrationBusy):
        sync(integration, dry_run=True)
    run = Run.objects.get()
    assert (run.state, run.problem_code) == ("failed", IntegrationBusy.code)
    lease.release()
    assert sync(integration).as_object()["exports"]["delivered"] == 1


def test_resend_sends_again_what_was_sent(world):
    integration = world.integration()
    world.xero.create_invoice(Status="AUTHORISED", Date="2026-06-01")
    sync(integration)
    result = sync(integration, resend=True, dated_from="2026-06-01", dated_to="2026-06-01")
    assert result.as_object()["exports"]["delivered"] == 1
    assert Export.objects.latest("pk").replay_number == 1


def test_xero_down_keeps_the_work_with_a_plain_sentence(world):
    integration = world.integration()
    world.xero.books().offline = True
    result = sync(integration)
    assert result.run.state == "fetching"
    assert {problem["code"] for problem in result.as_object()["problems"]} == {"XERO_DOWN"}


def test_a_refused_token_ends_in_reconnect_and_not_in_a_loop(world):
    integration = world.integration()
    grant = integration.organisation.grant
    grant.seal("client_secret", "wrong")
    grant.save()
    result = sync(integration).as_object()
    assert result["state"] == "failed"
    assert all(problem["next"] for problem in result["problems"])
    assert sum(world.xero.stats["token_calls"].values()) <= 10


def test_the_cursor_moves_forward_and_the_organisation_is_learnt(world):
    integration = world.integration()
    world.xero.create_invoice(Status="AUTHORISED")
    sync(integration)
    before = StreamCursor.objects.get(stream="invoices").read_until
    sync(integration)
    assert StreamCursor.objects.get(stream="invoices").read_until >= before
    organisation = Organisation.objects.get()
    assert organisation.xero_tenant_id == Record.objects.get(stream="organisation").xero_id
    assert organisation.base_currency == "USD"


def test_the_command_prints_one_object_with_every_export_state(world, capsys):
    world.integration(name="invoices-to-erp")
    world.xero.create_invoice(Status="AUTHORISED")
    call_command("sync", "harbor/invoices-to-erp", "--json")
    shown = json.loads(capsys.readouterr().out)
    assert shown["state"] == "done"
    assert shown["fetched"] == {"invoices": 1}
    assert shown["exports"]["delivered"] == 1
    assert set(shown["exports"]) >= {"pending", "held", "failed", "unchanged", "superseded"}
    assert set(shown["files"][0]) == {"name", "folder", "state", "size", "sha256", "records"}


def test_a_misspelt_integration_is_answered_with_the_nearest(world, capsys):
    world.integration(name="invoices-to-erp")
    with pytest.raises(SystemExit) as ended:
        call_command("sync", "harbor/invoices-to-epr")
    assert ended.value.code == 1
    assert "invoices-to-erp" in capsys.readouterr().err


def test_the_audit_command_tells_an_invoices_life(world, capsys):
    integration = world.integration()
    world.xero.create_invoice(Status="AUTHORISED", InvoiceNumber="INV-0042")
    sync(integration)
    call_command("audit", "--record", "INV-0042", "--json")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["event"] for line in lines][-4:] == [
        "file.ready",
        "file.uploading",
        "file.publishing",
        "file.delivered",
    ]
    assert {line["number"] for line in lines} == {"INV-0042"}
    assert set(lines[0]) == {
        "at", "event", "tenant", "integration", "stream", "xero_id", "number", "file", "state", "detail",
    }  # fmt: skip
