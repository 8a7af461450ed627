"""Acceptance: files of a partner are made again byte by byte, or the difference is shown."""

import json

import pytest

from connector.acceptance import PUBLISHED, CaseUnreadable, read_cases, record_partner, run_cases
from connector.holds import cancel_files
from connector.sync import sync
from core.clock import database_now
from core.models import ControlNumber, File, MappingVersion, Organisation, Record
from edi_app.bases.shipped import shipped_names
from tests.connector.commands.running import run, run_json
from tests.connector.test_x12_runs import x12_integration
from tests.factories import INVOICES_CSV, PartnerFactory, save_table
from tests.world import open_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(settings, tmp_path):
    with open_world(settings, tmp_path / "sftp", invoices=0, contacts=3, manual_journals=0, nasty=False) as world:
        yield world


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "acceptance"


def sent(world, count=3, **fields):
    """Send a file of some invoices; give its integration."""
    integration = world.integration(name="invoices", **fields)
    for number in range(count):
        world.xero.create_invoice(Status="AUTHORISED", InvoiceNumber=f"INV-{number}")
    sync(integration)
    return integration


def outcomes(folder, **details):
    return run_cases(read_cases(folder), **details)


def test_a_recorded_file_is_made_again_from_its_folder_alone(world, folder):
    integration = sent(world, file_name="{partner}_{date}_{time}_{sequence:04d}.csv")
    found = record_partner(integration.partner, folder=folder)
    assert (len(found.paths), found.left_out) == (1, [])
    assert found.paths[0].with_suffix(".expected").read_bytes() == world.outbound[0].read_bytes()
    Record.objects.update(payload=b"{}")
    Organisation.objects.update(base_currency="XXX")
    (outcome,) = outcomes(folder)
    assert (outcome.is_equal, outcome.case.file_name) == (True, world.outbound[0].name)


def test_recording_and_running_change_nothing(world, folder):
    integration = x12_integration(world, "x12-810", file_name="{control}.edi")
    world.xero.create_invoice(Status="AUTHORISED", InvoiceNumber="INV-1")
    sync(integration)
    before = list(ControlNumber.objects.values()), File.objects.count(), len(world.outbound)
    record_partner(integration.partner, folder=folder)
    assert [outcome.is_equal for outcome in outcomes(folder)] == [True]
    assert (list(ControlNumber.objects.values()), File.objects.count(), len(world.outbound)) == before


def test_a_batch_payment_is_made_again_with_its_head_and_tail(world, folder):
    integration = x12_integration(world, "x12-820", streams=["payments"], file_name="{control}.edi")
    bills = [world.xero.create_invoice(Status="AUTHORISED", Type="ACCPAY", InvoiceNumber=f"B-{n}") for n in range(3)]
    world.xero.create_batch_payment([bill["InvoiceID"] for bill in bills])
    sync(integration)
    record_partner(integration.partner, folder=folder)
    assert [outcome.is_equal for outcome in outcomes(folder)] == [True]


@pytest.mark.parametrize("name", [name for name in shipped_names() if name.endswith("-invoices")])
def test_files_with_trailers_and_sums_are_made_again(world, folder, name):
    integration = sent(world)
    MappingVersion.objects.create(mapping=integration.mapping, number=2, definition={"base": name}, sha256="1" * 64)
    world.xero.create_invoice(Status="AUTHORISED", InvoiceNumber="INV-9")
    sync(integration)
    record_partner(integration.partner, folder=folder)
    assert [outcome.is_equal for outcome in outcomes(folder)] == [True, True]


def test_a_changed_mapping_shows_what_the_partner_would_get(world, folder):
    integration = sent(world, count=1)
    record_partner(integration.partner, folder=folder)
    fields = [*INVOICES_CSV["fields"][:3], {"name": "amount", "source": "Total", "as": "amount:3"}]
    definition = {**INVOICES_CSV, "fields": [*fields, INVOICES_CSV["fields"][4]]}
    (outcome,) = outcomes(folder, mapping=definition)
    changed = [line[0] for line in outcome.difference.lines[3:]]
    assert (outcome.is_equal, changed) == (False, [" ", "-", "+"])
    assert outcomes(folder, mapping=PUBLISHED)[0].is_equal
    MappingVersion.objects.create(mapping=integration.mapping, number=2, definition=definition, sha256="1" * 64)
    assert not outcomes(folder, mapping=PUBLISHED)[0].is_equal
    assert outcomes(folder)[0].is_equal


def test_a_mapping_that_cannot_work_is_an_outcome_with_its_sentence(world, folder):
    record_partner(sent(world, count=1).partner, folder=folder)
    (outcome,) = outcomes(folder, mapping={"format": "csv", "fields": [{"name": "x", "source": "Totl"}]})
    assert (outcome.is_equal, "Totl" in outcome.sentence) == (False, True)


def test_a_name_that_would_differ_is_said(world, folder):
    record_partner(sent(world, count=1).partner, folder=folder)
    (path,) = folder.glob("*.json")
    case = json.loads(path.read_text())
    path.write_text(json.dumps(case | {"template": "other_{sequence}.csv"}))
    assert outcomes(folder)[0].sentence.startswith("The file would be named other_1.csv")


def looked_up(world):
    """Send a file whose mapping looks values up, then change the table."""
    integration = sent(world, count=1)
    save_table(integration.tenant, "kinds", {"ACCREC": "S", "ACCPAY": "B"})
    definition = {"format": "csv", "fields": [{"name": "kind", "source": "lookup('kinds', Type)"}]}
    MappingVersion.objects.create(mapping=integration.mapping, number=2, definition=definition, sha256="1" * 64)
    world.xero.create_invoice(Status="AUTHORISED", InvoiceNumber="INV-9")
    sync(integration)
    save_table(integration.tenant, "kinds", {"ACCREC": "X", "ACCPAY": "X"})
    return integration


def test_a_file_is_recorded_with_the_lookup_tables_that_it_was_made_with(world, folder):
    found = record_partner(looked_up(world).partner, folder=folder)
    assert (len(found.paths), found.left_out) == (2, [])
    assert [outcome.is_equal for outcome in outcomes(folder)] == [True, True]
    assert [outcome.is_equal for outcome in outcomes(folder, mapping=PUBLISHED)] == [False, False]


def test_what_does_not_give_its_own_bytes_is_no_case(world, folder):
    integration = looked_up(world)
    File.objects.update(lookup_versions=None)  # as files are that were made before anybody noted the versions
    found = record_partner(integration.partner, folder=folder)
    assert [len(found.paths), found.left_out[0][0]] == [1, File.objects.latest("pk").name]
    assert "other bytes" in found.left_out[0][1]


def test_purged_files_and_those_of_others_are_left_out(world, folder):
    integration = sent(world, count=1)
    Record.objects.filter(stream="invoices").update(payload=None)
    found = record_partner(integration.partner, folder=folder)
    assert (found.paths, "was purged" in found.left_out[0][1]) == ([], True)
    other = PartnerFactory(tenant=integration.tenant)
    assert record_partner(other, folder=folder).left_out == []


def test_a_cancelled_file_is_not_recorded(world, folder):
    integration = sent(world, count=1)
    File.objects.update(state="held")
    cancel_files(File.objects.all(), reason="Never sent", now=database_now())
    assert record_partner(integration.partner, folder=folder).paths == []


@pytest.mark.parametrize("damage", ["", "[]", '{"version": 9}', '{"version": 1, "exports": []}', "not JSON"])
def test_a_damaged_case_is_a_sentence(tmp_path, damage):
    (tmp_path / "a.json").write_text(damage)
    with pytest.raises(CaseUnreadable, match=r"a\.json"):
        read_cases(tmp_path)


def test_the_commands_record_run_and_compare(world, folder, tmp_path):
    sent(world, count=1)
    code, (shown,) = run_json("acceptance", "record", "harbor/erp", folder)
    assert (code, len(shown["cases"])) == (0, 1)
    assert run_json("acceptance", "run", folder)[1][0]["equal"] == 1
    path = tmp_path / "draft.yaml"
    path.write_text("format: csv\nfields:\n  - {name: number, source: InvoiceNumber}\n")
    code, out, _ = run("acceptance", "run", folder, "--with", path)
    assert (code, "+INV-0" in out, "0 are equal, 1 differ." in out) == (1, True, True)
    code, _, err = run("acceptance", "run", tmp_path)
    assert (code, "no recorded case" in err) == (1, True)
