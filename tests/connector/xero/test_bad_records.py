"""One object that cannot be read stops nothing: it is named, counted, and read again once it was corrected."""

import pytest

from core.models import Event, Problem, Record, StreamCursor
from tests.connector.xero.reading import connected, opened, poll, read

pytestmark = pytest.mark.django_db(transaction=True)


def spoil(world, invoice, name="TotalTax", value="not a number"):
    """Let Xero answer with a value of the wrong kind."""
    books = world.xero.store
    books.written.pin(books.find("invoices", invoice["InvoiceID"]))[name] = value


@pytest.fixture
def organisation(world, tenant):
    return connected(world, tenant)


def test_one_bad_record_is_named_with_its_place_and_the_rest_is_stored(world, organisation):
    good, bad = (world.xero.create_invoice(Status="AUTHORISED") for _ in range(2))
    spoil(world, bad)
    fetch = poll(organisation, "invoices")
    assert (fetch.state, fetch.read, fetch.stored, fetch.bad) == ("done", 2, 1, 1)
    assert list(Record.objects.filter(stream="invoices").values_list("xero_id", flat=True)) == [good["InvoiceID"]]
    problem = Problem.objects.get()
    assert problem.code == "XERO_BAD_ANSWER"
    assert bad["InvoiceID"] in problem.sentence
    assert "TotalTax" in problem.sentence
    assert problem.next_step


def test_the_cursor_moves_on_and_the_audit_trail_names_the_object(world, organisation):
    bad = world.xero.create_invoice(Status="AUTHORISED")
    spoil(world, bad)
    poll(organisation, "invoices")
    assert StreamCursor.objects.get(stream="invoices").read_until is not None
    event = Event.objects.get(event="record.unreadable")
    assert (event.xero_id, event.detail) == (bad["InvoiceID"], {"place": "TotalTax"})


def test_the_problem_ends_when_the_object_was_corrected_in_xero(world, organisation):
    bad = world.xero.create_invoice(Status="AUTHORISED")
    right = bad["TotalTax"]
    spoil(world, bad)
    poll(organisation, "invoices")
    spoil(world, bad, value=right)
    world.xero.touch("invoices")
    poll(organisation, "invoices")
    assert Record.objects.filter(stream="invoices").count() == 1
    assert Problem.objects.get().state == "resolved"


def test_an_object_without_an_id_is_a_problem_too(world, organisation):
    bad = world.xero.create_invoice(Status="AUTHORISED")
    world.xero.store.find("invoices", bad["InvoiceID"]).id = ""
    fetch = poll(organisation, "invoices")
    assert (fetch.state, fetch.bad) == ("done", 1)
    assert "InvoiceID" in Problem.objects.get().sentence


def test_a_bad_contact_leaves_the_invoice_that_mentions_it(world, organisation):
    invoice = world.xero.create_invoice(Status="AUTHORISED")
    books = world.xero.store
    books.written.pin(books.find("contacts", invoice["Contact"]["ContactID"]))["ContactStatus"] = "X" * 60
    assert poll(organisation, "invoices").stored == 1
    assert not Record.objects.filter(stream="contacts").exists()


def test_a_whole_page_of_bad_records_is_an_alarm(world, organisation):
    for _ in range(2):
        spoil(world, world.xero.create_invoice(Status="AUTHORISED"))
    assert read(opened(organisation, "invoices", page_size=2)).state == "done"
    alarm = Problem.objects.get(code="XERO_NOTHING_STORED")
    assert "2 invoices were read" in alarm.sentence


def test_the_alarm_ends_with_a_reading_that_stores(world, organisation):
    bad = [world.xero.create_invoice(Status="AUTHORISED") for _ in range(2)]
    for invoice in bad:
        spoil(world, invoice)
    read(opened(organisation, "invoices", page_size=2))
    world.xero.create_invoice(Status="AUTHORISED")
    poll(organisation, "invoices")
    assert Problem.objects.get(code="XERO_NOTHING_STORED").state == "resolved"
