"""1,250 records of each stream, changed, delayed and interrupted while they are read: each version stored once."""

import pytest

from connector.steps.turns import READ_FIRST
from core import failpoints
from core.models import FetchedPage, Problem, Record, StreamCursor
from tests.connector.xero.reading import assert_mirrors, connected, killed_at, opened, poll, read, read_to_end

pytestmark = pytest.mark.django_db(transaction=True)
STREAMS = [
    *("invoices", "manual_journals"),
    *(
        pytest.param(stream, marks=pytest.mark.long)
        for stream in ("credit_notes", "payments", "contacts", "prepayments", "overpayments")
    ),
]
MANY = {"invoices": 2600, "contacts": 1250, "manual_journals": 1250}


@pytest.fixture
def organisation(world, tenant):
    return connected(world, tenant)


def prepare(world, organisation, stream):
    """Let the books hold 1,250 objects of a stream at least, and read what they need first."""
    create = {
        "credit_notes": world.xero.create_credit_note,
        "prepayments": world.xero.create_prepayment,
        "overpayments": world.xero.create_overpayment,
    }.get(stream)
    for _ in range(1250 if create else 0):
        create()
    for first in READ_FIRST.get(stream, ()):
        poll(organisation, first)


def count(world, stream):
    return len(world.xero.store.streams[stream])


@pytest.mark.parametrize("books", [MANY], indirect=True)
@pytest.mark.parametrize("stream", STREAMS)
def test_every_record_is_stored_once_with_as_few_calls_as_pages(world, organisation, stream):
    prepare(world, organisation, stream)
    fetch = poll(organisation, stream)
    assert count(world, stream) >= 1250
    assert (fetch.state, fetch.stored) == ("done", count(world, stream))
    assert fetch.calls == -(-count(world, stream) // 1000)
    assert_mirrors(world, stream)


@pytest.mark.parametrize("books", [MANY], indirect=True)
@pytest.mark.parametrize("stream", STREAMS)
def test_everything_at_once_leaves_each_version_once(world, organisation, stream):
    """Every page's worker dies behind it; meanwhile dozens of rows change at one and the same moment, are seen late
    and move to the end of the order, so that others slip by at the page border."""
    prepare(world, organisation, stream)
    path = {"credit_notes": "CreditNotes", "manual_journals": "ManualJournals"}.get(stream, stream.capitalize())
    world.xero.configure(visibility_lag_s=30)
    fetch = opened(organisation, stream, page_size=650)
    for number in range(1, -(-count(world, stream) // 650) + 1):
        world.xero.add_fault(kind="touch", path=f"/{path}")
        assert killed_at(fetch, f"fetch.after_page_{number}") == 137
        world.xero.touch(stream, count=40)
        world.xero.advance(seconds=20)
    assert read_to_end(fetch).state == "done"
    world.xero.advance(seconds=31)
    assert poll(organisation, stream).state == "done"
    assert_mirrors(world, stream)


@pytest.mark.parametrize("books", [MANY], indirect=True)
@pytest.mark.parametrize("stream", [pytest.param("payments", marks=pytest.mark.long), "manual_journals"])
def test_a_row_that_slipped_by_is_noticed_and_read_with_the_next_try(world, organisation, stream):
    prepare(world, organisation, stream)
    path = {"payments": "/Payments", "manual_journals": "/ManualJournals"}[stream]
    world.xero.add_fault(kind="touch", path=path)
    fetch = read(opened(organisation, stream))
    assert (fetch.state, fetch.problem_code, fetch.restarts) == ("due", "XERO_INCOMPLETE", 1)
    assert StreamCursor.objects.get(stream=stream).read_until is None
    assert read_to_end(fetch).state == "done"
    assert not FetchedPage.objects.exists()
    assert not Problem.objects.filter(state="open").exists()


def test_the_third_incomplete_reading_is_the_last_and_the_cursor_stays(world, organisation):
    first, twin = (world.xero.create_invoice(Status="AUTHORISED") for _ in range(2))
    world.xero.store.find("invoices", twin["InvoiceID"]).id = first["InvoiceID"]
    fetch = read_to_end(opened(organisation, "invoices"))
    assert (fetch.state, fetch.attempts, fetch.problem_code) == ("failed", 3, "XERO_INCOMPLETE")
    assert StreamCursor.objects.get(stream="invoices").read_until is None
    assert "third reading" in Problem.objects.get(state="open").sentence
    assert Record.objects.filter(stream="invoices").count() == 1


def test_many_records_of_one_and_the_same_moment_are_all_stored(world, organisation):
    for _ in range(40):
        world.xero.create_invoice(Status="AUTHORISED")
    world.xero.touch("invoices", count=35)
    poll(organisation, "invoices", page_size=10)
    world.xero.touch("invoices", count=35)
    poll(organisation, "invoices", page_size=10)
    assert_mirrors(world, "invoices")


@pytest.mark.parametrize("ims_mode", ["gt", "ge", "ms"])
def test_both_readings_of_the_same_second_lose_nothing(world, organisation, ims_mode):
    world.xero.configure(ims_mode=ims_mode)
    for _ in range(3):
        world.xero.create_invoice(Status="AUTHORISED")
        poll(organisation, "invoices")
    assert_mirrors(world, "invoices")


def test_a_change_that_becomes_visible_late_is_read_with_the_overlap(world, organisation):
    world.xero.configure(visibility_lag_s=120)
    invoices = [world.xero.create_invoice(Status="AUTHORISED") for _ in range(3)]
    poll(organisation, "invoices")
    assert not Record.objects.filter(stream="invoices").exists()
    world.xero.advance(seconds=121)
    world.xero.touch("invoices", ids=[invoices[0]["InvoiceID"]])
    poll(organisation, "invoices")
    world.xero.advance(seconds=121)
    poll(organisation, "invoices")
    assert_mirrors(world, "invoices")


@pytest.mark.long
@pytest.mark.parametrize("books", [MANY], indirect=True)
@pytest.mark.parametrize("stream", ["payments"])
def test_a_worker_killed_at_every_page_leaves_each_version_once(world, organisation, stream):
    prepare(world, organisation, stream)
    fetch = opened(organisation, stream, page_size=500)
    pages = -(-count(world, stream) // 500)
    for number in range(1, pages + 1):
        for point in (f"fetch.page_{number}", f"fetch.after_page_{number}"):
            assert killed_at(fetch, point) == 137
    assert killed_at(fetch, "fetch.before_finish") == 137
    calls = read(fetch).calls
    assert (fetch.state, calls) == ("done", pages)
    assert fetch.read == count(world, stream)
    assert_mirrors(world, stream)


@pytest.mark.parametrize("books", [MANY], indirect=True)
def test_a_row_that_slips_by_between_two_workers_is_noticed(world, organisation):
    """The first worker dies behind page 1; what it had seen is known to the second one."""
    prepare(world, organisation, "payments")
    fetch = opened(organisation, "payments", page_size=500)
    assert killed_at(fetch, "fetch.after_page_1") == 137
    world.xero.touch("payments", count=20)
    assert read(fetch).problem_code == "XERO_INCOMPLETE"
    assert read_to_end(fetch).state == "done"
    assert_mirrors(world, "payments")


def test_a_page_that_kills_every_reader_ends_as_failed_and_the_cursor_stays(world, organisation):
    for _ in range(4):
        world.xero.create_invoice(Status="AUTHORISED")
    fetch = opened(organisation, "invoices", page_size=2)
    for _ in range(5):
        assert killed_at(fetch, "fetch.page_2") == 137
    assert (read(fetch).state, fetch.page, fetch.problem_code) == ("failed", 1, "INTERNAL")
    assert "5 workers in a row" in Problem.objects.get(state="open").sentence
    assert StreamCursor.objects.get(stream="invoices").read_until is None
    assert poll(organisation, "invoices").state == "done"
    assert_mirrors(world, "invoices")


def test_a_death_behind_the_only_page_loses_nothing(world, organisation):
    world.xero.configure(past_end="404")
    world.xero.create_invoice(Status="AUTHORISED")
    fetch = opened(organisation, "invoices")
    failpoints.arm("fetch.after_page_1", "raise")
    assert read(fetch).state == "due"
    assert (read(fetch).state, fetch.read) == ("done", 1)


def test_a_kill_keeps_what_was_stored_and_an_error_goes_on_behind_it(world, organisation):
    for _ in range(6):
        world.xero.create_invoice(Status="AUTHORISED")
    fetch = opened(organisation, "invoices", page_size=2)
    failpoints.arm("fetch.page_2", "raise")
    assert (read(fetch).state, fetch.page) == ("due", 1)
    assert read(fetch).state == "done"
    assert fetch.read == 6
