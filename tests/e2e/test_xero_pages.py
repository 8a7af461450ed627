"""The Xero pages in a real browser: a cursor is set back in a dialog, and a month is compared."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from connector.sync import sync
from core.models import StreamCursor
from tests.factories import TenantFactory
from tests.world import open_world

pytestmark = pytest.mark.e2e


def test_a_cursor_is_set_back_with_a_reason(signed_in, scene):
    organisation = scene.integrations[0].organisation
    StreamCursor.objects.create(organisation=organisation, stream="invoices", read_until=scene.now)
    page = signed_in()
    page.goto(reverse("admin:core_organisation_change", args=[organisation.pk]))
    page.get_by_role("link", name="Set a cursor", exact=True).click()
    page.get_by_label("Changes since").fill("2026-03-01T08:00")
    page.get_by_label("Why").fill("an import was undone")
    page.get_by_label("Read again from there on").check()
    page.get_by_role("button", name="Set the cursor").click()
    page.get_by_text("Invoices: the next poll reads from there on.").wait_for()
    page.get_by_text("1 Mar 2026, 08:00").wait_for()
    assert StreamCursor.objects.get().read_until == datetime(2026, 3, 1, 14, 0, tzinfo=UTC)
    assert page.complaints == []


def test_a_month_is_compared_and_what_is_missing_leads_on(signed_in, settings, tmp_path):
    page = signed_in()
    with open_world(settings, tmp_path, invoices=0, contacts=1, manual_journals=0, limits=False) as world:
        integration = world.integration(tenant=TenantFactory(slug="quay", name="Quay West Trading"), name="to-erp")
        world.xero.create_invoice(Status="AUTHORISED", Date="2026-03-15")
        sync(integration)
        missing = world.xero.create_invoice(Status="AUTHORISED", Date="2026-03-20", InvoiceNumber="INV-9")
        page.goto(reverse("admin:core_tenant_reconcile", args=[integration.tenant_id]) + "?month=2026-03")
        page.get_by_role("button", name="Read Xero and compare").click()
        page.get_by_text("1 of 1 line does not agree").wait_for()
        page.get_by_role("link", name=missing["InvoiceID"]).click()
        page.wait_for_url("**/export/?q=*")
    assert page.complaints == []
