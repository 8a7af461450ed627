"""Slow, huge, repeated and unasked-for answers: read in another way, or stopped with an alarm."""

import itertools
from datetime import date

import pytest

from connector.steps import date_windows
from connector.steps.turns import READ_FIRST
from core import fetches
from core.clock import database_now
from core.models import Fetch, Problem, Record, StreamCursor
from tests.connector.xero.reading import assert_mirrors, connected, opened, poll, read, read_to_end

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def organisation(world, tenant):
    return connected(world, tenant)


def create(world, count, **fields):
    return [world.xero.create_invoice(Status="AUTHORISED", **fields) for _ in range(count)]


def test_after_a_timeout_smaller_pages_are_read_from_where_it_stood(world, organisation, settings):
    create(world, 1250)
    poll(organisation, "contacts")
    settings.XERO_READ_SECONDS = 4
    world.xero.add_fault(kind="slow", path="/Invoices", after=1, seconds=12)
    fetch = read(opened(organisation, "invoices"))
    assert (fetch.state, fetch.page_size, fetch.page, fetch.read) == ("done", 250, 5, 1250)
    assert_mirrors(world, "invoices")


def test_small_pages_that_time_out_wait_for_better_times(world, organisation, settings):
    create(world, 2)
    settings.XERO_READ_SECONDS = 0.5
    world.xero.add_fault(kind="hang", path="/Invoices", times=2, seconds=2)
    fetch = read(opened(organisation, "invoices"))
    assert (fetch.state, fetch.problem_code, fetch.page_size) == ("due", "XERO_DOWN", 250)
    settings.XERO_READ_SECONDS = 60
    assert read_to_end(fetch).state == "done"


@pytest.mark.parametrize("stream", ["invoices", "payments"])
def test_an_organisation_too_large_for_one_question_is_read_by_dates(world, organisation, stream):
    for year in (1998, 2024, 2025, 2030):
        for invoice in create(world, 3, Date=f"{year}-03-01"):
            world.xero.pay_invoice(invoice["InvoiceID"], amount="0.01", date=f"{year}-04-01")
    for first in READ_FIRST[stream]:
        poll(organisation, first)
    world.xero.configure(max_rows=4)
    fetch = poll(organisation, stream)
    assert (fetch.state, fetch.stored, fetch.moves_cursor) == ("done", 12, True)
    assert_mirrors(world, stream)
    assert StreamCursor.objects.get(stream=stream).read_until is not None


def test_a_year_that_is_too_large_is_halved_until_xero_answers(world, organisation):
    for month in range(1, 13):
        create(world, 1, Date=f"2024-{month:02}-15")
    poll(organisation, "contacts")
    world.xero.configure(max_rows=3)
    fetch = poll(organisation, "invoices")
    assert (fetch.state, fetch.stored) == ("done", 12)


def test_a_day_that_is_too_large_is_refused_with_a_problem(world, organisation):
    create(world, 4, Date="2024-02-29")
    poll(organisation, "contacts")
    world.xero.configure(max_rows=3)
    assert poll(organisation, "invoices").problem_code == "XERO_QUERY_REFUSED"
    assert Problem.objects.get(state="open").next_step


def test_windows_cover_every_day_once():
    windows = date_windows.first_windows(this_year=2026)
    ends = [(later[0] - earlier[1]).days for earlier, later in itertools.pairwise(windows)]
    assert set(ends) == {1}
    assert (windows[0][0], windows[-1][1]) == (None, None)
    assert date_windows.halved((date(2026, 1, 1), date(2026, 1, 1))) == []
    assert date_windows.from_plain(date_windows.as_plain(windows)) == windows


def test_xero_ignoring_the_time_that_was_asked_for_is_an_alarm(world, organisation):
    """Nothing that was read is lost, and nothing is stored twice."""
    create(world, 3)
    world.xero.advance(seconds=3600)
    poll(organisation, "invoices")
    world.xero.advance(seconds=3600)
    world.xero.configure(ims_forms="none")
    fetch = poll(organisation, "invoices")
    assert (fetch.state, fetch.read, fetch.older, fetch.stored) == ("done", 3, 3, 0)
    assert Problem.objects.get(state="open").code == "XERO_WINDOW_IGNORED"


def test_a_whole_page_that_brings_nothing_new_is_an_alarm(world, organisation):
    create(world, 4)
    poll(organisation, "invoices")
    assert poll(organisation, "invoices", page_size=2).stored == 0
    assert Problem.objects.get(state="open").code == "XERO_NOTHING_STORED"


@pytest.mark.parametrize("stream", ["invoices", "manual_journals"])
@pytest.mark.parametrize("books", [{"invoices": 6, "contacts": 1, "manual_journals": 6}], indirect=True)
def test_the_same_page_again_and_again_is_stopped(world, organisation, stream):
    """As manual journals once did with an order, and as a parameter of the wrong name does."""
    world.xero.configure(page_ignored=True)
    poll(organisation, "contacts")
    fetch = read_to_end(opened(organisation, stream, page_size=2))
    assert (fetch.state, fetch.problem_code) == ("failed", "XERO_PAGES_REPEAT")
    assert fetch.calls == 6


def test_an_answer_without_counts_is_read_to_its_short_page(world, organisation):
    """Nobody knows that Xero always counts."""
    assert world.xero.config.item_count == "query"
    world.xero.configure(item_count="page")
    create(world, 5)
    poll(organisation, "invoices", page_size=2)
    assert_mirrors(world, "invoices")


@pytest.mark.parametrize("books", [{"invoices": 0, "contacts": 1, "manual_journals": 6}], indirect=True)
def test_journals_are_never_asked_for_in_an_order(world, organisation):
    """With one, every page once held everything (tap-xero#104)."""
    world.xero.configure(mj_order_bug=True)
    fetch = poll(organisation, "manual_journals", page_size=2)
    assert (fetch.state, fetch.calls) == ("done", 3)
    assert_mirrors(world, "manual_journals")


def test_archived_contacts_and_voided_invoices_are_kept_as_versions(world, organisation):
    (invoice,) = create(world, 1)
    contact_id = invoice["Contact"]["ContactID"]
    for stream in ("contacts", "invoices"):
        poll(organisation, stream)
    world.xero.void_invoice(invoice["InvoiceID"])
    world.xero.archive_contact(contact_id)
    for stream in ("contacts", "invoices"):
        poll(organisation, stream)
    versions = Record.objects.filter(xero_id__in=[contact_id, invoice["InvoiceID"]])
    assert sorted(versions.values_list("status", flat=True)) == ["ACTIVE", "ARCHIVED", "AUTHORISED", "VOIDED"]


def test_polls_while_xero_is_down_do_not_pile_up(world, organisation):
    world.xero.store.offline = True
    for _ in range(3):
        now = database_now()
        fetch = fetches.join_or_open(organisation, "invoices", trigger="poll", needs_from=now, now=now)
        assert read(fetch).state == "due"
    assert Fetch.objects.count() == 1
    create(world, 1)
    world.xero.store.offline = False
    assert (read(fetch).stored, fetch.attempts) == (1, 4)


def test_who_asks_again_does_not_wait_for_the_back_off(world, organisation, settings):
    settings.RETRY_SECONDS = 3600
    world.xero.store.offline = True
    fetch = read(opened(organisation, "invoices"))
    assert fetch.next_attempt_at > database_now()
    now = database_now()
    fetches.join_or_open(organisation, "invoices", trigger="run", needs_from=now, now=now)
    fetch.refresh_from_db()
    assert fetch.next_attempt_at <= now
