"""Reconciliation: Xero's side, read live, against what became of every object; to the cent, or red with its ids."""

import json
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import call_command

from connector.reconcile import reconcile
from connector.sync import sync
from core.errors import Invalid
from core.models import Export, Integration, Partner, Record
from tests.world import open_world

pytestmark = pytest.mark.django_db(transaction=True)
MARCH = {"day_from": date(2026, 3, 1), "day_to": date(2026, 3, 31)}


@pytest.fixture
def world(settings, tmp_path):
    settings.RETRY_SECONDS = 60
    with open_world(settings, tmp_path, invoices=0, contacts=3, manual_journals=0, limits=False) as world:
        yield world


def invoice(world, **fields):
    return world.xero.create_invoice(**{"Status": "AUTHORISED", "Date": "2026-03-15", **fields})


def integration_of(world, stream, base, **fields):
    integration = world.integration(streams=[stream], file_name="{sequence:03d}.csv", **fields)
    version = integration.mapping.versions.get()
    version.definition = {"base": base}
    version.save()
    return integration


def report_of(integration):
    return reconcile(integration.tenant, **MARCH)


def line_of(integration, currency="USD"):
    return next(line for line in report_of(integration).lines if line.currency == currency)


def counts(line):
    return {outcome.value: found.count for outcome, found in line.ours.items()}


def reasons(line):
    return {item.xero_id: item.reason for item in line.missing}


def test_what_was_delivered_agrees_to_the_cent(world):
    integration = world.integration()
    made = [invoice(world) for _ in range(3)]
    invoice(world, Date="2026-02-28")
    invoice(world, Date="2026-04-01")
    sync(integration)
    line = line_of(integration)
    assert line.is_ok
    assert counts(line) == {"delivered": 3}
    assert line.xero.amount == line.total.amount == sum(item["Total"] for item in made)
    assert report_of(integration).is_ok


def test_every_reason_for_not_delivering_is_a_sum_of_its_own(world):
    integration = world.integration(start_on="2026-03-10", where={"type": ["ACCREC"]}, on_change="hold")
    version = integration.mapping.versions.get()
    version.definition["fields"][0] |= {"required": True, "max": 8}
    version.save()
    invoice(world, InvoiceNumber="INV-1")
    invoice(world, InvoiceNumber="NUMBER-FAR-TOO-LONG")
    invoice(world, InvoiceNumber="OLD", Date="2026-03-05")
    invoice(world, InvoiceNumber="DRAFT", Status="DRAFT")
    invoice(world, InvoiceNumber="BILL", Type="ACCPAY")
    changed = invoice(world, InvoiceNumber="INV-2")
    paid = invoice(world, InvoiceNumber="INV-3")
    sync(integration)
    world.xero.update_invoice(changed["InvoiceID"], Date="2026-03-16")
    world.xero.pay_invoice(paid["InvoiceID"], amount="1.00")
    sync(integration)
    line = line_of(integration)
    assert counts(line) == {
        "delivered": 1, "failed": 1, "before_start": 1, "filtered": 2, "held": 1, "unchanged": 1,
    }  # fmt: skip
    assert line.is_ok


def test_what_was_not_read_yet_makes_the_line_red_with_its_id(world):
    integration = world.integration()
    invoice(world)
    sync(integration)
    missing = invoice(world, InvoiceNumber="INV-9")
    line = line_of(integration)
    assert not line.is_ok
    assert reasons(line) == {missing["InvoiceID"]: "not read yet"}
    assert (line.missing[0].number, line.missing[0].amount) == ("INV-9", missing["Total"])
    assert line.xero.amount - line.total.amount == missing["Total"]
    sync(integration)
    assert line_of(integration).is_ok


def test_what_was_stored_and_never_taken_up_is_red(world):
    integration = world.integration()
    lost = invoice(world)
    sync(integration)
    Export.objects.all().delete()
    assert reasons(line_of(integration)) == {lost["InvoiceID"]: "stored, but no export was made of it"}


def test_a_change_that_was_not_read_yet_is_told_in_words(world):
    integration = world.integration()
    changed, voided = invoice(world), invoice(world)
    sync(integration)
    world.xero.update_invoice(changed["InvoiceID"], Date="2026-03-20")
    world.xero.void_invoice(voided["InvoiceID"])
    found = reasons(line_of(integration))
    assert found[changed["InvoiceID"]].endswith("date 2026-03-15 is now 2026-03-20")
    assert found[voided["InvoiceID"]].endswith("status  is now VOIDED")


def test_a_document_that_moved_out_of_the_period_is_named(world):
    integration = world.integration()
    moved = invoice(world)
    sync(integration)
    world.xero.update_invoice(moved["InvoiceID"], Date="2026-04-02")
    line = line_of(integration)
    assert "does not list it there now" in reasons(line)[moved["InvoiceID"]]
    sync(integration)
    assert line_of(integration).is_ok


def test_each_currency_is_a_line_and_adds_up_in_the_base_currency_too(world):
    integration = world.integration()
    invoice(world)
    foreign = invoice(world, CurrencyCode="EUR", CurrencyRate="0.912345")
    sync(integration)
    line = line_of(integration, "EUR")
    assert line.is_ok
    assert line.xero.amount == foreign["Total"]
    assert line.xero.base == (foreign["Total"] / Decimal("0.912345")).quantize(Decimal("0.01"))
    assert line_of(integration, "USD").xero.count == 1


def test_journals_are_compared_by_their_debits(world):
    integration = integration_of(world, "manual_journals", "csv-manual_journals")
    lines = [{"LineAmount": amount, "AccountCode": "6200"} for amount in ("120.50", "30.00", "-150.50")]
    world.xero.create_manual_journal(Date="2026-03-31", Narration="Accrual", JournalLines=lines)
    sync(integration)
    line = line_of(integration)
    assert (line.xero.amount, line.is_ok, counts(line)) == (Decimal("150.50"), True, {"delivered": 1})


def test_contacts_are_compared_by_their_count(world):
    integration = integration_of(world, "contacts", "csv-contacts")
    sync(integration)
    line = line_of(integration)
    assert (line.is_ok, counts(line)) == (True, {"delivered": 3})
    world.xero.create_contact(Name="New")
    assert [item.reason for item in line_of(integration).missing] == ["not read yet"]


@pytest.mark.parametrize(("stream", "base"), [("payments", "csv-payments"), ("credit_notes", "csv-credit_notes")])
def test_payments_and_credit_notes_agree(world, stream, base):
    integration = integration_of(world, stream, base)
    for _ in range(2):
        world.xero.pay_invoice(invoice(world)["InvoiceID"], amount="10.00", date="2026-03-20")
        world.xero.create_credit_note(Status="AUTHORISED", Date="2026-03-20")
    sync(integration)
    line = line_of(integration)
    assert (line.is_ok, counts(line)) == (True, {"delivered": 2})


def test_allocations_are_compared_by_the_day_on_which_credit_was_applied(world):
    integration = integration_of(world, "allocations", "csv-allocations")
    credit = world.xero.create_credit_note(Status="AUTHORISED", Date="2026-01-05")
    target = invoice(world, Contact={"ContactID": credit["Contact"]["ContactID"]})
    world.xero.allocate_credit(credit["CreditNoteID"], target["InvoiceID"], amount="2.50", date="2026-03-20")
    world.xero.allocate_credit(credit["CreditNoteID"], target["InvoiceID"], amount="1.00", date="2026-04-20")
    sync(integration)
    line = line_of(integration)
    assert (line.is_ok, line.xero.amount, counts(line)) == (True, Decimal("2.50"), {"delivered": 1})


def test_what_was_marked_as_already_there_is_told_apart(world):
    integration = world.integration()
    invoice(world)
    sync(integration)
    Export.objects.update(state="skipped", reason="baseline")
    assert counts(line_of(integration)) == {"already_there": 1}


def test_what_went_out_as_a_test_was_not_delivered(world):
    integration = world.integration()
    Partner.objects.update(mode="test")
    invoice(world)
    sync(integration)
    assert counts(line_of(integration)) == {"tested": 1}


def test_what_the_partner_rejected_is_told_apart(world):
    integration = world.integration()
    invoice(world)
    sync(integration)
    Export.objects.update(ack_outcome="rejected")
    assert counts(line_of(integration)) == {"rejected": 1}


def test_five_integrations_cost_one_reading(world):
    first = world.integration()
    for _ in range(4):
        world.integration(
            tenant=first.tenant, organisation=first.organisation, partner=first.partner, server=first.partner.server
        )
    invoice(world)
    for integration in Integration.objects.all():
        sync(integration)
    before = world.xero.stats["accounting_calls"]
    assert [line.is_ok for line in report_of(first).lines] == [True] * 5
    assert world.xero.stats["accounting_calls"] == before + 1


def test_purged_payloads_still_add_up(world):
    integration = world.integration()
    invoice(world)
    sync(integration)
    Record.objects.update(payload=None)
    assert line_of(integration).is_ok


def test_trouble_with_xero_makes_the_line_red_and_says_why(world):
    integration = world.integration()
    sync(integration)
    world.xero.add_fault(kind="status", status=404, path="/Invoices")
    line = line_of(integration)
    assert (line.is_ok, "Xero does not have" in line.error) == (False, True)


def test_more_than_somebody_can_wait_for_costs_one_call_and_is_left_to_the_command(world):
    integration = world.integration()
    for _ in range(3):
        invoice(world)
    before = world.xero.stats["accounting_calls"]
    (line,) = reconcile(integration.tenant, **MARCH, interactive=True, most_documents=2).lines
    assert (line.is_ok, "manage.py reconcile" in line.error) == (False, True)
    assert world.xero.stats["accounting_calls"] == before + 1
    assert reconcile(integration.tenant, **MARCH, interactive=True, most_documents=3).lines[0].error == ""


def test_days_in_the_wrong_order_are_refused(world):
    with pytest.raises(Invalid, match="before"):
        reconcile(world.integration().tenant, day_from=date(2026, 3, 2), day_to=date(2026, 3, 1))


def test_the_command_prints_one_object_and_leaves_with_0_or_1(world, capsys):
    integration = world.integration(name="to-erp")
    made = invoice(world)
    sync(integration)
    command = ("reconcile", "harbor", "--from", "2026-03-01", "--to", "2026-03-31")
    call_command(*command, "--json")
    shown = json.loads(capsys.readouterr().out)
    assert (shown["ok"], shown["tenant"]) == (True, "harbor")
    assert shown["lines"][0]["delivered"] == shown["lines"][0]["xero"]
    assert shown["lines"][0]["xero"]["amount"] == f"{made['Total']:.2f}"
    invoice(world, InvoiceNumber="INV-77")
    with pytest.raises(SystemExit) as ended:
        call_command(*command)
    assert ended.value.code == 1
    text = capsys.readouterr().out
    assert "NOT EQUAL" in text
    assert "INV-77" in text
