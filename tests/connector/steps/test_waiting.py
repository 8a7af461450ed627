"""Files that wait although nothing is wrong: for their window, for their turn, for what must arrive first."""

from datetime import timedelta

import pytest
from django.db.models import F

from connector import pipeline
from connector.windows import DAYS
from core import outbox
from core.clock import database_now
from core.models import Event, Export, ExportContent, File, Integration, Problem
from tests.factories import ExportFactory, IntegrationFactory
from tests.outbox_files import sealed_file, states_of
from tests.world import open_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(settings, tmp_path):
    settings.RETRY_SECONDS = 0
    with open_world(settings, tmp_path, invoices=0, contacts=1, manual_journals=0) as world:
        yield world


def deliver(integration):
    return pipeline.deliver(integration.partner.server_id, now=database_now())


def rules(integration, **delivery):
    Integration.objects.filter(pk=integration.pk).update(options={"delivery": delivery})


def seen(file):
    file.refresh_from_db()
    return file.state, file.problem_code


def make_due(*files):
    File.objects.filter(pk__in=[file.pk for file in files]).update(next_attempt_at=F("created_at"))


def closed_today():
    """A window that is open on the day after tomorrow only, whatever the zone."""
    day = DAYS[(database_now() + timedelta(days=2)).weekday()]
    return [{"days": [day], "from": "12:00", "to": "13:00"}]


def beside(first, **fields):
    """One more integration of the same tenant to the same server."""
    same = {key: getattr(first, key) for key in ("tenant", "organisation", "partner", "mapping")}
    return IntegrationFactory(**same, enabled_at="2026-01-01T00:00:00Z", **fields)


def test_outside_its_window_a_file_waits_with_the_opening_shown(world):
    integration = world.integration()
    rules(integration, windows=closed_today())
    file, _ = sealed_file(integration)
    assert deliver(integration) == []
    assert seen(file) == ("ready", "WAITS_FOR_WINDOW")
    assert file.next_attempt_at > database_now() + timedelta(hours=20)
    assert world.sftp.seen("connection") == []
    assert Event.objects.get(event="files.waiting").detail["count"] == 1
    assert outbox.servers_with_due_files(10) == []


def test_when_the_window_opens_the_file_goes(world):
    integration = world.integration()
    rules(integration, windows=closed_today())
    file, _ = sealed_file(integration)
    deliver(integration)
    rules(integration, windows=[{"days": list(DAYS)}])
    deliver(integration)
    assert states_of(file)[0] == "delivered"


def test_a_file_that_may_be_out_already_waits_for_the_window_as_it_is(world):
    integration = world.integration()
    rules(integration, windows=closed_today())
    file, _ = sealed_file(integration)
    File.objects.update(state="publishing", temp_name=".INV_1.csv.1.tmp", temp_folder="/outbound")
    deliver(integration)
    assert seen(file) == ("publishing", "WAITS_FOR_WINDOW")


def test_files_of_other_integrations_go_on(world):
    closed = world.integration()
    rules(closed, windows=closed_today())
    waits, _ = sealed_file(closed)
    goes, _ = sealed_file(beside(closed, name="open"), name="INV_2.csv")
    deliver(closed)
    assert (seen(waits)[0], seen(goes)[0]) == ("ready", "delivered")


def test_in_strict_order_files_arrive_one_after_the_other(world):
    integration = world.integration()
    rules(integration, strict_order=True)
    files = [sealed_file(integration, name=f"INV_{number}.csv", rows=1)[0] for number in range(4)]
    deliver(integration)
    assert {states_of(file)[0] for file in files} == {"delivered"}
    renamed = [line.split(" ")[1].rpartition("/")[2] for line in world.sftp.seen("rename")]
    assert renamed == [file.name for file in files]
    assert len(world.sftp.seen("connection")) == 1


@pytest.mark.parametrize("state", ["held", "failed", "retry_wait"])
def test_in_strict_order_a_file_that_has_not_arrived_blocks_the_rest_visibly(world, state):
    integration = world.integration()
    rules(integration, strict_order=True)
    first, _ = sealed_file(integration, name="INV_1.csv")
    later, _ = sealed_file(integration, name="INV_2.csv")
    File.objects.filter(pk=first.pk).update(state=state, next_attempt_at=None)
    Export.objects.filter(file=first).update(state="failed" if state == "failed" else "formatted")
    deliver(integration)
    assert seen(later) == ("ready", "WAITS_FOR_ORDER")
    blocked = Problem.objects.filter(code="ORDER_BLOCKED", state="open")
    assert [problem.file_id for problem in blocked] == ([] if state == "retry_wait" else [first.pk])


def test_the_rest_goes_on_when_the_first_file_has_arrived_or_is_dealt_with(world):
    integration = world.integration()
    rules(integration, strict_order=True)
    first, _ = sealed_file(integration, name="INV_1.csv")
    later, _ = sealed_file(integration, name="INV_2.csv")
    File.objects.filter(pk=first.pk).update(state="failed", next_attempt_at=None)
    Export.objects.filter(file=first).update(state="failed")
    deliver(integration)
    Export.objects.filter(file=first).update(state="ignored")
    make_due(later)
    deliver(integration)
    assert states_of(later)[0] == "delivered"
    assert not Problem.objects.filter(state="open").exists()


@pytest.fixture
def payment(world):
    """A payment's file behind an invoice that another integration has to deliver first."""
    invoices = world.integration()
    payments = beside(invoices, name="payments", streams=["payments"])
    payments.after.add(invoices)
    file, _ = sealed_file(payments, name="PAY_1.csv", rows=1)
    invoice = ExportFactory(integration=invoices, state="pending", number="INV-77")
    ExportContent.objects.filter(file=file).update(joined=[invoice.record_id])
    return file, invoice


def settle(invoice, state):
    Export.objects.filter(pk=invoice.pk).update(state=state)


@pytest.mark.parametrize("state", ["pending", "formatted", "held", "failed"])
def test_a_payment_waits_until_its_invoice_has_arrived(payment, state):
    file, invoice = payment
    settle(invoice, state)
    deliver(file.integration)
    assert seen(file) == ("ready", "WAITS_FOR_RECORDS")
    settle(invoice, "delivered")
    make_due(file)
    deliver(file.integration)
    assert states_of(file)[0] == "delivered"


@pytest.mark.parametrize("state", ["delivered", "ignored", "skipped", "unchanged", "cancelled"])
def test_what_will_never_come_or_is_there_keeps_no_payment_back(payment, state):
    file, invoice = payment
    settle(invoice, state)
    deliver(file.integration)
    assert states_of(file)[0] == "delivered"


def test_an_invoice_that_arrived_once_does_not_wait_for_its_next_version(payment):
    file, invoice = payment
    ExportFactory(
        integration=invoice.integration, record=invoice.record, replay_number=1, xero_id=invoice.xero_id,
        state="delivered",
    )  # fmt: skip
    deliver(file.integration)
    assert states_of(file)[0] == "delivered"


def test_a_payment_that_waits_too_long_is_a_problem_that_names_the_invoice_and_ends_by_itself(payment):
    file, invoice = payment
    File.objects.filter(pk=file.pk).update(due_since=F("created_at") - timedelta(hours=25))
    for _ in range(3):
        make_due(file)
        deliver(file.integration)
    problem = Problem.objects.get(code="WAITS_TOO_LONG")
    assert "INV-77" in problem.sentence
    settle(invoice, "delivered")
    make_due(file)
    deliver(file.integration)
    problem.refresh_from_db()
    assert (states_of(file)[0], problem.state) == ("delivered", "resolved")


def test_an_arrived_invoice_wakes_its_payment_in_the_same_session(payment, world):
    file, invoice = payment
    carrier, _ = sealed_file(invoice.integration, name="INV_1.csv", rows=1)
    Export.objects.filter(pk=invoice.pk).update(state="formatted", file=carrier)
    deliver(file.integration)
    assert (states_of(carrier)[0], states_of(file)[0]) == ("delivered", "delivered")
    assert [path.name for path in world.outbound] == ["INV_1.csv", "PAY_1.csv"]
