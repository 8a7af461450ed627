"""One invoice, from Xero to the partner's folder, through the functions that the design names."""

import csv
import hashlib
import io
import uuid

import pytest

from connector import pipeline, schedule
from core.audit import line_hash
from core.clock import database_now
from core.models import Event, Export, File, Record
from tests.world import open_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(settings, tmp_path):
    with open_world(settings, tmp_path, invoices=0, contacts=3, manual_journals=0) as world:
        yield world


def test_one_invoice_from_xero_to_the_partners_folder(world):
    integration = world.integration(name="invoices-to-erp")
    invoice = world.xero.create_invoice(InvoiceNumber="INV-0042", Status="AUTHORISED")

    run = schedule.open_run(integration, request_id=uuid.uuid4(), now=database_now())
    run = pipeline.advance(run.pk, now=database_now())
    for fetch in run.fetches.order_by("pk"):
        pipeline.fetch(fetch.pk, now=database_now())
    record = Record.objects.get(stream="invoices", number="INV-0042")
    assert hashlib.sha256(record.payload).hexdigest() == record.sha256
    export = Export.objects.get(record=record)
    assert export.state == "pending"

    run = pipeline.advance(run.pk, now=database_now())
    assert run.state == "formatting"
    (file,) = pipeline.format_files(integration.pk, now=database_now())
    assert file.state == "ready"

    pipeline.deliver(file.server_id, now=database_now())
    assert pipeline.advance(run.pk, now=database_now()).state == "done"

    (arrived,) = world.outbound
    assert hashlib.sha256(arrived.read_bytes()).hexdigest() == File.objects.get().sha256
    (row,) = csv.DictReader(io.StringIO(arrived.read_text()))
    assert (row["invoice_no"], row["amount"]) == ("INV-0042", str(invoice["Total"]))
    export.refresh_from_db()
    assert (export.state, export.file.evidence) == ("delivered", "renamed")


def test_every_step_left_its_line_in_the_chained_audit_trail(world):
    test_one_invoice_from_xero_to_the_partners_folder(world)
    names = [event.event for event in Event.objects.order_by("sequence")]
    for step in ("run.due", "fetch.done", "records.stored", "exports.pending", "file.building", "file.ready"):
        assert step in names
    assert names[-2:] == ["file.delivered", "run.done"]
    last = ""
    for event in Event.objects.order_by("sequence"):
        assert (event.prev_hash, event.hash) == (last, line_hash(event))
        last = event.hash
