"""The month-end page: Xero read live, sums side by side, what does not agree in red with its ids."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from connector.console.xero_pages.comparison import tables
from connector.console.xero_pages.month_end import last_months, month_of
from connector.reconcile import Became, Line, Report
from connector.sync import sync
from core.models import Event, Export, Role
from tests import factories
from tests.world import open_world

MARCH = {"day_from": "2026-03-01", "day_to": "2026-03-31"}


@pytest.fixture
def world(settings, tmp_path):
    with open_world(settings, tmp_path, invoices=0, contacts=3, manual_journals=0, limits=False) as world:
        yield world
        assert world.xero.violations == []


@pytest.fixture
def integration(world, ours):
    return world.integration(tenant=ours.tenant, name="to-erp")


def invoice(world, **fields):
    return world.xero.create_invoice(**{"Status": "AUTHORISED", "Date": "2026-03-15", **fields})


def address_of(tenant):
    return reverse("admin:core_tenant_reconcile", args=[tenant.pk])


def compared(client, tenant, **days):
    return client.post(address_of(tenant), MARCH | days)


def cells(response):
    """Give what stands in the one row, by column."""
    (table,) = response.context["tables"]
    return dict(zip(table.columns, table.rows[0].cells, strict=True))


@pytest.mark.django_db(transaction=True)
def test_what_agrees_says_so_and_is_noted(signed_in, world, integration, ours):
    made = [invoice(world) for _ in range(3)]
    sync(integration)
    client = signed_in(Role.OPERATOR)
    response = compared(client, ours.tenant)
    assert "Everything agrees to the cent" in response.content.decode()
    shown, total = cells(response), sum(item["Total"] for item in made)
    assert [(shown[name].found.count, shown[name].found.amount) for name in ("In Xero", "Delivered")] == [
        (3, total),
        (3, total),
    ]
    event = Event.objects.get(event="tenant.reconciled")
    assert event.actor == client.person.username
    assert event.detail.items() >= {"from": "2026-03-01", "to": "2026-03-31", "lines": 1, "red": 0}.items()


@pytest.mark.django_db(transaction=True)
def test_what_does_not_agree_is_red_and_names_what_is_missing(signed_in, world, integration, ours):
    invoice(world)
    sync(integration)
    missing = invoice(world, InvoiceNumber="INV-9")
    response = compared(signed_in(Role.OPERATOR), ours.tenant)
    page = response.content.decode()
    assert "1 of 1 line does not agree" in " ".join(page.split()).replace("</strong>", "")
    assert 'class="mlc-row--bad"' in page
    assert missing["InvoiceID"] in page
    assert "Not read yet" in page
    difference = cells(response)["Difference"].found
    assert (difference.count, difference.amount) == (1, missing["Total"])


@pytest.mark.django_db(transaction=True)
def test_each_outcome_has_its_column_and_money_in_both_currencies(signed_in, world, integration, ours):
    invoice(world, CurrencyCode="EUR", CurrencyRate="0.912345")
    sync(integration)
    Export.objects.filter(integration=integration).update(state="held")
    response = compared(signed_in(Role.OPERATOR), ours.tenant)
    shown = cells(response)
    assert {"Delivered", "Unchanged", "On hold", "Failed", "Left out by the filter", "Before the start"} <= set(shown)
    assert shown["On hold"].found == shown["In Xero"].found
    assert (shown["On hold"].has_base, shown["On hold"].currency) == (True, "EUR")
    assert " USD" in response.content.decode()


@pytest.mark.django_db(transaction=True)
def test_what_changed_behind_a_lock_is_shown(signed_in, world, integration, ours):
    world.xero.store.lock_date = date(2026, 3, 31)
    sync(integration)
    world.xero.advance(seconds=60)
    invoice(world, InvoiceNumber="ENTERED-LATE")
    sync(integration)
    assert "ENTERED-LATE" in compared(signed_in(Role.OPERATOR), ours.tenant).content.decode()


@pytest.mark.django_db(transaction=True)
def test_trouble_with_xero_is_said_on_the_page(signed_in, world, integration, ours):
    sync(integration)
    world.xero.add_fault(kind="status", status=404, path="/Invoices")
    assert "Xero does not have" in compared(signed_in(Role.OPERATOR), ours.tenant).content.decode()


def test_only_operators_make_xero_be_read(signed_in, ours):
    client = signed_in(Role.VIEWER)
    assert "Read Xero and compare" not in client.get(address_of(ours.tenant)).content.decode()
    assert compared(client, ours.tenant).status_code == 403


def test_opening_the_page_asks_xero_nothing(signed_in, ours):
    response = signed_in(Role.OPERATOR).get(address_of(ours.tenant) + "?month=2026-03")
    assert response.context["form"].initial == {"day_from": date(2026, 3, 1), "day_to": date(2026, 3, 31)}
    assert "tables" not in response.context
    assert 'value="2026-03-01"' in response.content.decode()


@pytest.mark.parametrize("days", [{"day_to": "2026-02-28"}, {"day_from": ""}, {"day_to": "31 March"}])
def test_days_that_are_none_are_refused(signed_in, ours, days):
    response = compared(signed_in(Role.OPERATOR), ours.tenant, **days)
    assert response.context["form"].errors
    assert "report" not in response.context


@pytest.mark.parametrize("month", ["", "2026-13", "x", "9999-12"])
def test_a_month_that_is_none_leads_to_the_last_whole_one(signed_in, ours, month):
    response = signed_in().get(address_of(ours.tenant), {"month": month})
    assert response.context["form"].initial["day_to"] == response.context["months"][1][1]


def test_the_way_there_shows_the_only_tenant_or_asks(signed_in, ours, superuser_client, theirs):
    way = reverse("admin:core_tenant_month_end")
    assert f'action="{address_of(ours.tenant)}"' in signed_in(Role.OPERATOR).get(way).content.decode()
    page = superuser_client.get(way).content.decode()
    assert address_of(ours.tenant) in page
    assert address_of(theirs.tenant) in page


def test_months_are_those_of_the_tenants_calendar(db):
    tenant = factories.TenantFactory.build(time_zone="Pacific/Auckland")
    offered = last_months(tenant, now=datetime(2026, 11, 30, 12, 0, tzinfo=UTC))
    assert [first.isoformat() for first, _ in offered] == [
        "2026-12-01", "2026-11-01", "2026-10-01", "2026-09-01", "2026-08-01", "2026-07-01",
    ]  # fmt: skip
    assert month_of(date(2024, 2, 29)) == (date(2024, 2, 1), date(2024, 2, 29))


def test_a_column_that_is_rarely_needed_shows_where_something_became_of_it():
    quiet, odd = (Line("books", name, "contacts", "USD", "USD") for name in ("quiet", "odd"))
    odd.took(Became.REJECTED, 0, 0)
    report = Report("harbor", date(2026, 3, 1), date(2026, 3, 31), [quiet, odd])
    shown = {table.integration: table.columns for table in tables(report)}
    assert "Rejected by the partner" in shown["odd"]
    assert "Rejected by the partner" not in shown["quiet"]
    assert not tables(report)[0].rows[0].cells[0].has_money
