"""Backfill: a range of dates beside the live cursor, a month at a time; stopped, resumed, counted."""

from datetime import date

import pytest

from connector import backfill, pipeline, tasks
from connector.steps import news
from connector.sync import sync
from core import cursors, failpoints
from core.clock import database_now
from core.errors import Invalid
from core.models import Event, Export, Fetch, FetchedPage, Integration, Record, Run, StreamCursor
from tests.connector.xero.reading import connected, opened, poll, read

pytestmark = pytest.mark.django_db(transaction=True)
HISTORY = {"dated_from": date(2026, 1, 1), "dated_to": date(2026, 4, 15)}


@pytest.fixture
def integration(world):
    """Live since May, with an invoice of every month before and one after."""
    integration = world.integration(start_on="2026-05-01")
    for month in range(1, 7):
        world.xero.create_invoice(Status="AUTHORISED", Date=f"2026-0{month}-10", InvoiceNumber=f"INV-{month}")
    sync(integration)
    return integration


def start(integration, **window):
    return backfill.start(integration, **{**HISTORY, **window}, now=database_now())


def work(run, *, to_a_part=False):
    """Do what the tasks would do, to the end or until a part of the backfill is due."""
    for _ in range(100):
        run = pipeline.advance(run.pk, now=database_now())
        due = run.fetches.filter(state__in=["due", "reading"]).order_by("pk")
        if run.state != "fetching" or (to_a_part and due.filter(trigger="backfill").exists()):
            break
        for fetch in due:
            pipeline.fetch(fetch.pk, now=database_now())
    return run


def finish(run):
    for file in pipeline.format_files(run.integration_id, now=database_now()):
        pipeline.deliver(file.server_id, now=database_now())
    return pipeline.advance(run.pk, now=database_now())


def numbers(**conditions):
    return sorted(Export.objects.filter(**conditions).values_list("number", flat=True))


def test_months_cover_every_day_once():
    found = backfill.months(date(2024, 1, 15), date(2024, 3, 2))
    assert found == [
        (date(2024, 1, 15), date(2024, 1, 31)),
        (date(2024, 2, 1), date(2024, 2, 29)),
        (date(2024, 3, 1), date(2024, 3, 2)),
    ]


def test_a_backfill_reads_month_by_month_and_sends_what_is_older_than_the_start(world, integration):
    assert numbers(state="delivered") == ["INV-5", "INV-6"]
    run = work(start(integration))
    windows = run.fetches.filter(trigger="backfill").order_by("pk").values_list("dated_from", "dated_to")
    assert len(windows) == 4
    assert windows[3] == (date(2026, 4, 1), date(2026, 4, 15))
    assert finish(run).state == "done"
    assert numbers(state="delivered", reason="backfill") == ["INV-1", "INV-2", "INV-3", "INV-4"]


def test_the_cursor_does_not_move_and_nothing_is_stored_twice(world, integration):
    cursor, records = StreamCursor.objects.get(stream="invoices").read_until, Record.objects.count()
    work(start(integration))
    assert StreamCursor.objects.get(stream="invoices").read_until == cursor
    assert Record.objects.count() == records


def test_other_integrations_of_the_organisation_get_nothing_from_it(world, integration):
    other = world.integration(
        tenant=integration.tenant, organisation=integration.organisation, partner=integration.partner,
        server=integration.partner.server, start_on="2026-05-01",
    )  # fmt: skip
    world.xero.create_invoice(Status="AUTHORISED", Date="2026-02-20", InvoiceNumber="INV-9")
    work(start(integration))
    assert numbers(integration=other) == []
    assert "INV-9" in numbers(integration=integration)


def test_progress_is_counted_in_months_of_streams(world, integration):
    run = start(integration)
    assert backfill.progress(run).percent == 0
    run = work(run, to_a_part=True)
    pipeline.fetch(run.fetches.get(trigger="backfill").pk, now=database_now())
    run = pipeline.advance(run.pk, now=database_now())
    seen = backfill.progress(run)
    assert (seen.parts, seen.done, seen.percent, seen.reading) == (4, 1, 25, "invoices 2026-02")
    assert (seen.read, seen.exports) == (1, 1)


def test_a_stopped_backfill_reads_no_more_and_is_taken_up_where_it_stood(world, integration):
    run = work(start(integration), to_a_part=True)
    pipeline.fetch(run.fetches.get(trigger="backfill").pk, now=database_now())
    pipeline.advance(run.pk, now=database_now())
    assert backfill.stop(run, actor="ann", now=database_now())
    assert set(run.fetches.values_list("state", flat=True)) == {"done", "cancelled"}
    assert Event.objects.get(event="backfill.stopped").actor == "ann"
    assert not backfill.stop(run, actor="ann", now=database_now())
    again = backfill.resume(Run.objects.get(pk=run.pk), now=database_now())
    before = Fetch.objects.filter(trigger="backfill").count()
    assert work(again).state == "formatting"
    assert Fetch.objects.filter(trigger="backfill").count() == before + 3
    assert numbers(reason="backfill") == ["INV-1", "INV-2", "INV-3", "INV-4"]


def test_stopping_ends_the_part_that_is_being_read_at_its_next_page(world, integration):
    run = work(start(integration), to_a_part=True)
    part = run.fetches.get(trigger="backfill")
    failpoints.arm("fetch.page_1", "raise")
    pipeline.fetch(part.pk, now=database_now())
    backfill.stop(run, actor="ann", now=database_now())
    assert read(part).state == "cancelled"
    assert not FetchedPage.objects.exists()


def test_a_running_backfill_cannot_be_resumed(world, integration):
    with pytest.raises(backfill.NotStopped):
        backfill.resume(work(start(integration), to_a_part=True), now=database_now())


def test_a_range_that_ends_before_it_begins_is_refused(world, integration):
    with pytest.raises(Invalid, match="before"):
        start(integration, dated_to=date(2025, 1, 1))


def test_messages_that_come_twice_open_no_part_twice(world, integration):
    run = work(start(integration), to_a_part=True)
    for _ in range(3):
        tasks.advance(run_id=run.pk)
    assert run.fetches.filter(trigger="backfill").count() == 1


def test_contacts_have_no_date_and_are_read_as_usual(world, integration):
    Integration.objects.filter(pk=integration.pk).update(streams=["contacts", "invoices"])
    integration.refresh_from_db()
    run = work(start(integration))
    assert run.state == "formatting"
    assert not run.fetches.filter(trigger="backfill", stream="contacts").exists()
    assert sync(integration, dated_from=date(2026, 1, 1), dated_to=date(2026, 1, 31)).run.state != "fetching"


def test_announced_changes_go_out_while_a_backfill_reads(world, integration):
    Integration.objects.update(on_webhook="send")
    work(start(integration), to_a_part=True)
    invoice = world.xero.create_invoice(Status="AUTHORISED", Date="2026-06-20")
    fetch = opened(integration.organisation, "invoices", trigger="webhook", xero_ids=[invoice["InvoiceID"]])
    pipeline.fetch(fetch.pk, now=database_now())
    assert len(news.open_webhook_runs(now=database_now())) == 1


def test_a_part_that_failed_is_told_and_read_by_the_next_attempt(world, integration):
    run = work(start(integration), to_a_part=True)
    world.xero.add_fault(kind="status", status=404, path="/Invoices")
    run = work(run)
    run.refresh_from_db()
    assert (run.state, run.problem_code) == ("formatting", "FETCH_FAILED")
    assert backfill.progress(run).failed == 1
    assert finish(run).state == "partly"
    again = work(backfill.resume(Run.objects.get(pk=run.pk), now=database_now()))
    assert (backfill.progress(again).failed, backfill.progress(again).done) == (0, 4)


def test_a_dry_run_of_a_window_leaves_nothing_behind(world, integration):
    before = Export.objects.count()
    result = sync(integration, dry_run=True, dated_from=date(2026, 1, 1), dated_to=date(2026, 3, 31))
    assert [file["records"] for file in result.files] == [3]
    assert Export.objects.count() == before


def test_a_person_sets_the_cursor_back_and_only_what_changed_is_sent(world, integration):
    cursors.set_cursor(integration.organisation, "invoices", read_until=None, actor="ann", now=database_now())
    event = Event.objects.get(event="cursor.set")
    assert (event.actor, event.stream, event.detail["to"]) == ("ann", "invoices", None)
    result = sync(integration)
    assert (result.as_object()["fetched"], result.files) == ({"invoices": 6}, [])
    assert StreamCursor.objects.get(stream="invoices").read_until is not None


def test_a_cursor_in_the_future_is_refused(world, integration):
    with pytest.raises(Invalid, match="pass by"):
        cursors.set_cursor(integration.organisation, "invoices", read_until=date_far(), actor="ann", now=database_now())


def date_far():
    return database_now().replace(year=2999)


def test_a_fetch_under_way_does_not_undo_what_a_person_set(world, tenant):
    organisation = connected(world, tenant)
    poll(organisation, "invoices")
    world.xero.create_invoice(Status="AUTHORISED")
    fetch = opened(organisation, "invoices")
    failpoints.arm("fetch.before_finish", "raise")
    read(fetch)
    back = database_now().replace(year=2020, microsecond=0)
    cursors.set_cursor(organisation, "invoices", read_until=back, actor="ann", now=database_now())
    assert (read(fetch).state, fetch.problem_code) == ("done", "FAILPOINT")
    assert StreamCursor.objects.get(stream="invoices").read_until == back
    poll(organisation, "invoices")
    assert StreamCursor.objects.get(stream="invoices").read_until > back
