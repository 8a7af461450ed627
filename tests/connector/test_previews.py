"""Previews on stored records: one in full, the newest hundred, and what a new version changes; nothing is used up."""

import pytest

from connector.previews import RecordMissing, find_records, preview_record, try_on, what_changes
from core.clock import database_now
from core.errors import Invalid
from core.models import ControlNumber, Event, Export, File, Integration, Mapping, MappingVersion
from tests.connector.commands.running import run, run_json
from tests.connector.replaying import stored_invoice
from tests.factories import INVOICES_CSV, IntegrationFactory, RecordFactory, TenantFactory

pytestmark = pytest.mark.django_db
FIELDS = INVOICES_CSV["fields"]


@pytest.fixture
def integration():
    return IntegrationFactory(tenant=TenantFactory(slug="harbor"), name="invoices")


def csv(*fields):
    return {"format": "csv", "fields": list(fields)}


NUMBER = {"name": "number", "source": "InvoiceNumber", "max": 5}


def contact(integration, xero_id="c1", **values):
    payload = f'{{"ContactID":"{xero_id}","Name":"Ridgeway","UpdatedDateUTC":"/Date(1780272000000)/"}}'
    return RecordFactory(organisation=integration.organisation, stream="contacts", xero_id=xero_id,
                         payload=payload.encode(), number="", **values)  # fmt: skip


def test_a_record_is_shown_as_the_pipeline_would_send_it(integration):
    contact(integration)
    record = stored_invoice(integration, "INV-7", Contact={"ContactID": "c1"})
    shown = preview_record(integration, record, definition=INVOICES_CSV, now=database_now())
    assert shown.lines[1] == "INV-7,2026-06-01,Ridgeway,12.50,new"
    fields = {field.name: (field.source, field.value, field.text) for field in shown.preview.fields}
    assert fields["amount"] == ("Total", "12.5", "12.50")
    assert '"InvoiceNumber": "INV-7"' in shown.payload


def test_a_voided_record_is_shown_as_a_cancellation(integration):
    record = stored_invoice(integration, "INV-7", Status="VOIDED")
    shown = preview_record(integration, record, definition=INVOICES_CSV, now=database_now())
    assert shown.lines[1].endswith(",cancel")


def test_a_draft_that_cannot_work_is_shown_with_its_findings(integration):
    record = stored_invoice(integration)
    shown = preview_record(integration, record, definition=csv({"name": "x", "source": "Totl"}), now=database_now())
    assert shown.preview.text == ""
    assert "Totl" in shown.preview.findings[0].reason


def test_records_are_found_by_number_or_id_and_misses_name_the_nearest(integration):
    record = stored_invoice(integration, "INV-7")
    assert find_records(integration, "INV-7") == find_records(integration, record.xero_id) == [record]
    with pytest.raises(RecordMissing) as missed:
        find_records(integration, "INV-8")
    assert missed.value.next_step == "Did you mean INV-7?"


def test_records_of_another_tenant_are_not_found(integration):
    stored_invoice(IntegrationFactory(), "INV-7")
    with pytest.raises(RecordMissing):
        find_records(integration, "INV-7")


def test_trying_lists_the_records_that_would_fail(integration):
    for number in ("INV-1", "INV-22", "INV-333"):
        stored_invoice(integration, number)
    found = try_on(integration, definition=csv(NUMBER), now=database_now())
    assert (found.tried, [each.record.number for each in found.refused]) == (3, ["INV-333", "INV-22"])
    assert found.refused[0].findings[0].code == "MAP_TOO_LONG"


def test_trying_takes_the_newest_that_the_filter_lets_in(integration):
    Integration.objects.update(where={"expr": "Total > `10`"})
    integration.refresh_from_db()
    for total in (5, 20, 30, 40):
        stored_invoice(integration, f"N-{total}", Total=total)
    stored_invoice(integration, "VOID", Status="VOIDED")
    found = try_on(integration, definition=csv({**NUMBER, "max": 2}), most=2, now=database_now())
    assert [each.record.number for each in found.refused] == ["N-40", "N-30"]


def test_trying_a_definition_that_cannot_work_says_why(integration):
    with pytest.raises(Invalid, match="Totl"):
        try_on(integration, definition=csv({"name": "x", "source": "Totl"}), now=database_now())


def test_a_batch_payment_is_tried_whole_and_waits_otherwise(integration):
    Integration.objects.update(streams=["payments"])
    integration.refresh_from_db()
    batch = '"BatchPayment":{"BatchPaymentID":"b","TotalAmount":"30.00"}'
    RecordFactory(
        organisation=integration.organisation, stream="payments", xero_id="p1",
        payload=f'{{"PaymentID":"p1","Status":"AUTHORISED","Amount":10.00,{batch},'
                '"UpdatedDateUTC":"/Date(1780272000000)/"}'.encode(),
    )  # fmt: skip
    found = try_on(integration, definition={"base": "x12-820"}, now=database_now())
    assert (found.tried, found.refused, found.waiting) == (1, (), 1)


def test_changes_are_shown_record_by_record(integration):
    for number in ("INV-1", "INV-2"):
        stored_invoice(integration, number)
    after = {**INVOICES_CSV, "fields": [*FIELDS[:3], {**FIELDS[3], "as": "amount:3"}, FIELDS[4]]}
    found = what_changes(integration, before=INVOICES_CSV, after=after, now=database_now())
    assert (found.compared, found.differing) == (2, 2)
    lines = found.changed[0].difference.lines
    assert lines[-2:] == ("-INV-2,2026-06-01,,12.50,new", "+INV-2,2026-06-01,,12.500,new")


def test_changes_name_what_breaks_and_what_is_mended(integration):
    stored_invoice(integration, "INV-1")
    long = stored_invoice(integration, "INV-22")
    wide = csv({**NUMBER, "max": 9})
    found = what_changes(integration, before=wide, after=csv(NUMBER), now=database_now())
    assert ([each.record for each in found.breaks], found.differing) == ([long], 0)
    assert what_changes(integration, before=csv(NUMBER), after=wide, now=database_now()).mends == [long]


def test_equal_definitions_change_nothing(integration):
    stored_invoice(integration)
    found = what_changes(integration, before=INVOICES_CSV, after=INVOICES_CSV, now=database_now())
    assert (found.compared, found.differing, found.breaks, found.mends) == (1, 0, [], [])


def test_many_and_long_changes_are_cut_with_their_number(integration):
    for number in range(25):
        stored_invoice(integration, f"INV-{number}")
    found = what_changes(integration, before=INVOICES_CSV, after=csv(NUMBER | {"max": 9}), now=database_now())
    assert (found.differing, len(found.changed)) == (25, 20)


def test_previews_use_nothing_up(integration):
    record = stored_invoice(integration)
    mapping = Mapping.objects.create(tenant=integration.tenant, name="edi", draft={"base": "x12-810"})
    integration.mapping = mapping
    for work in (
        lambda: preview_record(integration, record, definition={"base": "x12-810"}, now=database_now()),
        lambda: try_on(integration, definition={"base": "x12-810"}, now=database_now()),
    ):
        work()
    assert not any(model.objects.exists() for model in (ControlNumber, File, Export, Event))
    assert Integration.objects.get().file_sequence == 0


def test_the_command_shows_a_record_with_its_fields(integration):
    stored_invoice(integration, "INV-7")
    code, (shown,) = run_json("preview", "harbor/invoices", "INV-7")
    assert (code, shown["number"], shown["findings"]) == (0, "INV-7", [])
    assert shown["text"].splitlines()[1].startswith("INV-7,")
    assert [field["name"] for field in shown["fields"]] == [field["name"] for field in FIELDS]
    code, out, _ = run("preview", "harbor/invoices", "INV-7")
    assert (code, "<- Total = 12.5" in out) == (0, True)


def test_the_command_takes_a_version_the_draft_or_a_file(integration, tmp_path):
    stored_invoice(integration, "INV-7")
    MappingVersion.objects.create(mapping=integration.mapping, number=2, definition=csv(NUMBER), sha256="0" * 64)
    Mapping.objects.update(draft=csv({"name": "drafted", "source": "Total"}))
    path = tmp_path / "draft.yaml"
    path.write_text("name: other\nformat: csv\nfields:\n  - {name: of_file, source: Total}\n")
    texts = [
        run_json("preview", "harbor/invoices", "INV-7", *options)[1][0]["text"].splitlines()[0]
        for options in (["--mapping-version", "1"], [], ["--draft"], ["--draft", path])
    ]
    assert [text.split(",")[0] for text in texts] == ["invoice_no", "number", "drafted", "of_file"]
    assert run("preview", "harbor/invoices", "INV-7", "--mapping-version", "9")[0] == 1
    assert run("preview", "harbor/invoices", "INV-7", "--draft", tmp_path / "no.yaml")[0] == 1


def test_the_command_tries_and_compares(integration, tmp_path):
    stored_invoice(integration, "INV-22")
    path = tmp_path / "draft.yaml"
    path.write_text("format: csv\nfields:\n  - {name: number, source: InvoiceNumber, max: 5}\n")
    code, (tried,) = run_json("preview", "harbor/invoices", "--draft", path)
    assert (code, tried["tried"], tried["refused"][0]["number"]) == (3, 1, "INV-22")
    code, (shown,) = run_json("preview", "harbor/invoices", "--draft", path, "--changes")
    assert (code, shown["compared"], shown["breaks"][0]["findings"][0]["code"]) == (3, 1, "MAP_TOO_LONG")
    code, out, _ = run("preview", "harbor/invoices", "--changes")
    assert (code, out.strip()) == (
        0,
        "1 records were compared: 0 would differ, 0 would fail, 0 would not fail any more.",
    )
