"""Late changes: entered or altered in Xero after the period was locked there."""

from datetime import date

import pytest
from django.core.management import call_command

from connector.reconcile import reconcile
from connector.sync import sync
from tests.world import open_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(settings, tmp_path):
    with open_world(settings, tmp_path, invoices=0, contacts=3, manual_journals=0, limits=False) as world:
        world.xero.store.lock_date = date(2026, 2, 28)
        yield world


def late(integration):
    report = reconcile(integration.tenant, day_from=date(2026, 3, 1), day_to=date(2026, 3, 31))
    return {change.number: change.what for change in report.late}


def lock(world, integration):
    world.xero.store.lock_date = date(2026, 3, 31)
    world.xero.advance(seconds=60)
    sync(integration)
    world.xero.advance(seconds=60)


def invoice(world, number, **fields):
    fields = {"Status": "AUTHORISED", "Date": "2026-03-15", "InvoiceNumber": number, **fields}
    return world.xero.create_invoice(**fields)


def test_what_was_there_when_the_period_was_locked_is_not_late(world):
    integration = world.integration()
    invoice(world, "INV-1")
    lock(world, integration)
    assert late(integration) == {}


def test_what_is_entered_altered_or_voided_afterwards_is_late(world):
    integration = world.integration()
    moved, voided, paid = (invoice(world, number) for number in ("MOVED", "VOIDED", "PAID"))
    lock(world, integration)
    invoice(world, "ENTERED")
    invoice(world, "APRIL", Date="2026-04-01")
    invoice(world, "DRAFT", Status="DRAFT")
    world.xero.update_invoice(moved["InvoiceID"], Date="2026-04-05")
    world.xero.void_invoice(voided["InvoiceID"])
    world.xero.pay_invoice(paid["InvoiceID"], amount="1.00", date="2026-04-01")
    sync(integration)
    assert late(integration) == {
        "ENTERED": "entered",
        "MOVED": "date from 2026-03-15 to 2026-04-05",
        "VOIDED": "voided",
    }


def test_an_open_period_has_no_late_changes(world):
    integration = world.integration()
    invoice(world, "INV-1")
    sync(integration)
    world.xero.advance(seconds=60)
    invoice(world, "INV-2")
    sync(integration)
    assert late(integration) == {}


def test_late_changes_are_shown_and_leave_the_sums_alone(world, capsys):
    integration = world.integration()
    lock(world, integration)
    invoice(world, "ENTERED")
    sync(integration)
    call_command("reconcile", "harbor", "--from", "2026-03-01", "--to", "2026-03-31")
    assert "locked period: invoices ENTERED, 2026-03-15: entered" in capsys.readouterr().out
