"""An integration that is added years later: ten years of stored versions, taken up as its start says, counted first."""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from connector.console.configuring.change import change_entry
from connector.sync import sync
from core.clock import database_now
from core.models import Export, Integration
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
TEN_YEARS = {"invoices": 400, "contacts": 30, "manual_journals": 60, "history_years": 10}
START = date(2026, 1, 1)
FINISHED = ("AUTHORISED", "PAID")


def held(world):
    """Give the invoices that are no drafts and not void, from the simulator's own books: day, amount, still open."""
    for item in world.xero.holdings(streams=["invoices"])["invoices"]:
        if item["status"] in FINISHED:
            day = date.fromisoformat(item["Date"][:10]) if item.get("Date") else None
            yield day, item["CurrencyCode"], Decimal(item["Total"]), Decimal(item["open"]) != 0


def expected(world, opening):
    """Work out what goes out, and what is marked as already there, without the product."""
    taken, marked = Counter(), Counter()
    counts = {"taken": 0, "marked": 0}
    for day, currency, total, is_open in held(world):
        is_new = day is None or day >= START
        if is_new or opening == "all" or (opening == "open_items" and is_open):
            taken[currency] += total
            counts["taken"] += 1
        elif opening == "baseline":
            marked[currency] += total
            counts["marked"] += 1
    return counts, taken, marked


def sums(exports):
    found = Counter()
    for currency, total in exports.values_list("record__currency", "record__total"):
        found[currency] += total
    return found


@pytest.mark.parametrize("books", [TEN_YEARS], indirect=True)
@pytest.mark.parametrize("opening", ["none", "open_items", "all", "baseline"])
def test_ten_years_are_taken_up_as_set_and_counted_before_it_goes_live(world, opening):
    first = world.integration(start_on=START, opening="none")
    sync(first)
    before = world.xero.stats["accounting_calls"]
    added = world.integration(
        name="added", tenant=first.tenant, organisation=first.organisation, partner=first.partner,
        server=first.partner.server, start_on=START, opening=opening, is_enabled=False, enabled_at=None,
        cron="0 * * * *", file_name="{sequence:05d}.csv",
    )  # fmt: skip
    author = UserFactory()
    ask = {"user": author, "now": database_now(), "enabled": True}
    (tried,) = [change for change in change_entry("integration", added, dry_run=True, **ask) if change.notes]
    assert not Export.objects.filter(integration=added).exists()
    (done,) = [change for change in change_entry("integration", added, **ask) if change.notes]
    counts, taken, marked = expected(world, opening)
    assert tried.notes == done.notes
    assert f"stored documents taken up: {counts['taken']} ({told(taken)})" in done.notes
    assert sums(Export.objects.filter(integration=added, state="pending")) == taken
    assert sums(Export.objects.filter(integration=added, reason="baseline")) == marked
    assert world.xero.stats["accounting_calls"] == before, "stored versions are enough"
    result = sync(Integration.objects.get(pk=added.pk)).as_object()
    assert result["exports"]["delivered"] == counts["taken"]


def told(amounts):
    return ", ".join(f"{amounts[currency]:,.2f} {currency}" for currency in sorted(amounts))
