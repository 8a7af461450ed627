"""`manage.py replay`: what is picked, what would happen, what happened, and how it ended."""

import uuid

import pytest

from connector.sync import sync
from core.clock import database_now
from core.models import Event, Export, MappingVersion, Run
from tests.connector.commands.running import run, run_json
from tests.connector.replaying import delivered_invoices
from tests.factories import ExportFactory, IntegrationFactory, TenantFactory
from tests.world import open_world


@pytest.fixture
def integration(db):
    return IntegrationFactory(tenant=TenantFactory(slug="harbor"), name="invoices")


@pytest.mark.django_db(transaction=True)
def test_a_record_is_sent_again_by_its_number(settings, tmp_path):
    with open_world(settings, tmp_path, invoices=0, contacts=1, manual_journals=0) as world:
        integration = world.integration(name="invoices")
        world.xero.create_invoice(Status="AUTHORISED", InvoiceNumber="INV-7")
        sync(integration)
        code, (shown,) = run_json("replay", "harbor/invoices", "--record", "INV-7", "--reason", "Lost")
        assert (code, len(world.outbound)) == (0, 2)
        (done,) = shown["runs"]
        assert (done["state"], done["exports"], done["total"]) == ("done", {"delivered": 1}, 1)
        assert [file["state"] for file in done["files"]] == ["delivered"]
        assert "already and would get them twice" in shown["warnings"][0]
        assert Event.objects.get(event="replay.requested").actor == "manage.py replay"


def test_a_dry_run_shows_files_and_keeps_nothing(integration):
    delivered_invoices(integration, count=2)
    arguments = ("replay", "harbor/invoices", "--record", "INV-1", "--record", "INV-2", "--dry-run")
    code, (shown,) = run_json(*arguments)
    assert (code, shown["exports"], [file["state"] for file in shown["files"]]) == (0, 2, ["dry_run"])
    assert [part["already"] for part in shown["parts"]] == [2]
    assert (Run.objects.count(), Export.objects.count()) == (0, 2)
    code, out, _ = run(*arguments)
    assert "2 exports in about 1 files" in out
    assert "would get them twice" in out


def test_work_is_left_to_the_workers_where_asked(integration):
    delivered_invoices(integration)
    code, (shown,) = run_json("replay", "harbor", "--record", "INV-1", "--reason", "Lost", "--background")
    assert (code, shown["runs"][0]["state"], shown["runs"][0]["total"]) == (0, "due", 1)


def test_the_same_request_makes_nothing_new(integration):
    delivered_invoices(integration)
    arguments = ("replay", "harbor", "--record", "INV-1", "--reason", "Lost", "--background")
    first, second = (run_json(*arguments, "--request-id", uuid.UUID(int=7))[1][0]["runs"] for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("pick", "count"),
    [
        (("--failed-since", "2026-01-01"), 1),
        (("--never-delivered-since", "2026-01-01"), 2),
        (("--file", "jan.csv"), 1),
        (("--record", "INV-1"), 1),
    ],
)
def test_exports_are_picked_in_the_ways_that_people_need(integration, pick, count):
    (sent,) = delivered_invoices(integration)
    type(sent.file).objects.update(name="jan.csv")
    for state in ("failed", "cancelled"):
        ExportFactory(integration=integration, state=state, ended_at=database_now())
    delivered_invoices(IntegrationFactory())
    code, (shown,) = run_json("replay", "harbor", *pick, "--dry-run")
    assert (code, shown["exports"]) == (0, count)


def test_what_a_run_sent_is_picked_by_the_run(integration):
    (export,) = delivered_invoices(integration)
    sent = Run.objects.create(tenant=integration.tenant, integration=integration, trigger="manual", state="done")
    Export.objects.filter(pk=export.pk).update(run=sent)
    assert run_json("replay", "harbor", "--run", sent.pk, "--dry-run")[1][0]["exports"] == 1
    assert run_json("replay", "harbor", "--export", export.pk, "--dry-run")[1][0]["exports"] == 1


def test_refusals_are_sentences(integration):
    ExportFactory(integration=integration, state="pending", number="INV-1")
    code, (shown,) = run_json("replay", "harbor", "--record", "INV-1", "--reason", "Lost")
    assert (code, shown["code"]) == (1, "REPLAY_REFUSED")
    assert "on the way to the partner already" in shown["sentence"]
    code, (shown,) = run_json("replay", "harbor", "--record", "INV-1", "--dry-run")
    assert (code, shown["refused"]) == (1, {"in_flight": 1})


def test_a_missing_reason_or_version_is_a_sentence(integration):
    delivered_invoices(integration)
    code, _, err = run("replay", "harbor", "--record", "INV-1")
    assert (code, "A replay needs a reason." in err) == (1, True)
    arguments = ("replay", "harbor/invoices", "--record", "INV-1", "--reason", "x", "--mapping-version", "9")
    code, _, err = run(*arguments)
    assert (code, "has no version 9" in err) == (1, True)


def test_a_chosen_version_is_used(integration):
    delivered_invoices(integration)
    MappingVersion.objects.create(mapping=integration.mapping, number=2, definition={"format": "csv", "fields": [
        {"name": "only", "source": "InvoiceNumber"}]}, sha256="0" * 64)  # fmt: skip
    arguments = ("replay", "harbor/invoices", "--record", "INV-1", "--mapping-version", "2", "--dry-run")
    _, (shown,) = run_json(*arguments)
    assert shown["files"][0]["size"] == len("only\r\nINV-1\r\n")
