"""What documents need beside themselves is there: credits, their allocations, settled invoices, contacts."""

import csv
import io

import pytest

from connector import pipeline
from connector.steps.join import Joiner
from connector.steps.turns import must_wait, waiting_for
from connector.sync import sync
from core.clock import database_now
from core.models import Fetch, Record
from tests.connector.xero.reading import connected, opened, poll, read

pytestmark = pytest.mark.django_db(transaction=True)

PAYMENT = {
    "format": "csv",
    "options": {"header": True, "rows": "document"},
    "fields": [
        {"name": "invoice", "source": "Invoice.InvoiceNumber"},
        {"name": "invoice_total", "source": "Invoice.Total", "as": "amount:2"},
        {"name": "credit_total", "source": "CreditNote.Total", "as": "amount:2"},
        {"name": "account", "source": "Account.Name"},
        {"name": "city", "source": "Contact.Addresses[0].City"},
    ],
}


def integration_of(world, stream, definition):
    integration = world.integration(streams=[stream], file_name="{sequence:03d}.csv")
    version = integration.mapping.versions.get()
    version.definition = definition
    version.save()
    return integration


def whose(document):
    return {"ContactID": document["Contact"]["ContactID"]}


def rows(world):
    return list(csv.DictReader(io.StringIO(world.outbound[-1].read_text())))


def test_every_kind_of_credit_brings_its_allocations(world):
    integration = integration_of(world, "allocations", {"base": "csv-allocations"})
    for create in (world.xero.create_credit_note, world.xero.create_prepayment, world.xero.create_overpayment):
        credit = create(Status="AUTHORISED")
        invoice = world.xero.create_invoice(Status="AUTHORISED", Contact=whose(credit))
        credit_id = next(credit[key] for key in ("CreditNoteID", "PrepaymentID", "OverpaymentID") if key in credit)
        world.xero.allocate_credit(credit_id, invoice["InvoiceID"], amount="0.25")
    assert sync(integration).as_object()["exports"]["delivered"] == 3
    sent = rows(world)
    assert {row["amount"] for row in sent} == {"0.25"}
    assert all(row["invoice_number"] and row["invoice_total"] and row["contact_name"] for row in sent)
    assert len({row["credit_type"] for row in sent}) == 3
    assert sync(integration).files == []


def test_a_second_application_of_a_credit_sends_that_one_alone(world):
    integration = integration_of(world, "allocations", {"base": "csv-allocations"})
    credit = world.xero.create_credit_note(Status="AUTHORISED")
    for number in ("INV-1", "INV-2"):
        invoice = world.xero.create_invoice(Status="AUTHORISED", InvoiceNumber=number, Contact=whose(credit))
        world.xero.allocate_credit(credit["CreditNoteID"], invoice["InvoiceID"], amount="0.25")
        sync(integration)
        assert [row["invoice_number"] for row in rows(world)] == [number]


def test_a_payment_read_alone_has_its_invoice_account_and_contact(world):
    integration = integration_of(world, "payments", PAYMENT)
    invoice = world.xero.create_invoice(Status="AUTHORISED", InvoiceNumber="INV-9")
    world.xero.pay_invoice(invoice["InvoiceID"], amount="1.00")
    assert sync(integration).run.state == "done"
    (row,) = rows(world)
    assert (row["invoice"], row["invoice_total"]) == ("INV-9", f"{invoice['Total']:.2f}")
    assert row["account"]


def test_a_refund_has_its_credit_note(world):
    integration = integration_of(world, "payments", PAYMENT)
    credit = world.xero.create_credit_note(Status="AUTHORISED")
    world.xero.refund_credit_note(credit["CreditNoteID"], amount="1.00")
    sync(integration)
    assert [row["credit_total"] for row in rows(world)] == [f"{credit['Total']:.2f}"]


def test_what_a_payment_mentions_is_read_by_id_when_no_list_brought_it(world, tenant):
    organisation = connected(world, tenant)
    invoice = world.xero.create_invoice(Status="AUTHORISED")
    world.xero.pay_invoice(invoice["InvoiceID"], amount="1.00")
    fetch = poll(organisation, "payments")
    assert fetch.calls == 4
    mirrored = Record.objects.filter(is_latest=True).values_list("stream", flat=True)
    assert set(mirrored) == {"payments", "invoices", "contacts", "accounts"}
    assert poll(organisation, "payments").calls == 1


@pytest.mark.parametrize("books", [{"invoices": 60, "contacts": 120, "manual_journals": 0}], indirect=True)
def test_a_first_reading_waits_for_what_its_documents_need(world):
    integration = world.integration(streams=["payments"])
    run = pipeline.runs.open_run(integration, trigger="manual", now=database_now())
    pipeline.advance(run.pk, now=database_now())
    payments = run.fetches.get(stream="payments")
    assert must_wait(payments.pk, now=database_now())
    assert pipeline.fetch(payments.pk, now=database_now(), in_turn=True) == []
    for fetch in run.fetches.exclude(pk=payments.pk).order_by("pk"):
        assert payments.pk in waiting_for(fetch.pk, now=database_now()) or fetch.stream == "tax_rates"
        pipeline.fetch(fetch.pk, now=database_now(), in_turn=True)
    assert not must_wait(payments.pk, now=database_now())
    assert read(payments).calls == 1


def test_nobody_waits_for_a_stream_that_failed_or_was_put_back(world, tenant):
    organisation = connected(world, tenant)
    contacts, invoices = opened(organisation, "contacts"), opened(organisation, "invoices")
    assert must_wait(invoices.pk, now=database_now())
    world.xero.add_fault(kind="status", status=503, path="/Contacts")
    read(contacts)
    Fetch.objects.filter(pk=contacts.pk).update(next_attempt_at="2999-01-01T00:00:00Z")
    assert not must_wait(invoices.pk, now=database_now())


def test_announced_objects_wait_for_nobody(world, tenant):
    organisation = connected(world, tenant)
    opened(organisation, "contacts")
    invoice = world.xero.create_invoice(Status="AUTHORISED")
    announced = opened(organisation, "invoices", trigger="webhook", xero_ids=[invoice["InvoiceID"]])
    assert not must_wait(announced.pk, now=database_now())


def test_a_merged_contact_gives_way_to_the_one_that_is_left(world):
    integration = integration_of(world, "invoices", {"base": "csv-invoices"})
    first, second, third = (world.xero.create_contact(Name=f"Contact {letter}") for letter in "abc")
    world.xero.create_invoice(Status="AUTHORISED", Contact=whose({"Contact": first}))
    world.xero.merge_contact(first["ContactID"], into=second["ContactID"])
    world.xero.merge_contact(second["ContactID"], into=third["ContactID"])
    sync(integration)
    joiner = Joiner(integration.organisation)
    found = joiner.contacts([contact["ContactID"] for contact in (first, second, third)])
    assert {document.values["Name"] for _, document in found.values()} == {"Contact c"}


def test_contacts_merged_in_a_circle_harm_nobody(world, tenant):
    organisation = connected(world, tenant)
    first, second = (world.xero.create_contact(Name=f"Contact {letter}")["ContactID"] for letter in "ab")
    books = world.xero.store
    for contact, other in ((first, second), (second, first)):
        books.written.pin(books.find("contacts", contact))["MergedToContactID"] = other
    poll(organisation, "contacts")
    assert set(Joiner(organisation).contacts([first, second])) == {first, second}
