"""Inbound files, answers and awaited answers in a real browser: light and dark, narrow and wide."""

import os
from pathlib import Path

import pytest
from django.urls import reverse

from core.clock import database_now
from core.models import Acknowledgment, File, Inbound
from tests import factories
from tests.e2e.accessibility import findings
from tests.e2e.edi_scene import add_edi
from tests.factories import TenantAccessFactory

pytestmark = pytest.mark.e2e


@pytest.fixture
def edi(transactional_db):
    tenant = factories.TenantFactory(slug="harbor", name="Harbor Supply Co")
    add_edi(tenant, now=database_now())
    return TenantAccessFactory(tenant=tenant, role="operator").user


def pages():
    """Name the pages with their addresses."""
    rejection = Acknowledgment.objects.get(effect="counted")
    answer = Acknowledgment.objects.filter(direction="ours").latest("pk")
    order = Inbound.objects.get(name="order_5151.edi")
    return {
        "inbound-list": reverse("admin:core_inbound_changelist"),
        "inbound": reverse("admin:core_inbound_change", args=[order.pk]),
        "acknowledgment-list": reverse("admin:core_acknowledgment_changelist"),
        "rejection": reverse("admin:core_acknowledgment_change", args=[rejection.pk]),
        "answer": reverse("admin:core_acknowledgment_change", args=[answer.pk]),
        "awaited": reverse("admin:core_acknowledgment_awaited"),
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_have_no_serious_accessibility_finding_and_fit_a_narrow_screen(scheme, edi, window_of):
    page, serious = window_of(edi, color_scheme=scheme), []
    pictures = os.environ.get("PICTURES")
    for name, address in pages().items():
        page.goto(address)
        page.wait_for_selector("#content")
        serious += [f"{name}: {finding}" for finding in findings(page)]
        if pictures:
            page.screenshot(path=Path(pictures) / f"{name}-{scheme}.png", full_page=True)
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
        page.set_viewport_size({"width": 1440, "height": 900})
    assert serious == []
    assert page.complaints == []


def test_a_review_is_noted_from_the_list_of_awaited_answers(edi, window_of):
    page = window_of(edi)
    page.goto(reverse("admin:core_acknowledgment_awaited") + "?overdue=1")
    page.get_by_role("link", name="acme_000000059.edi").click()
    page.get_by_role("link", name="Review the answer").click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("The partner has accepted it").check()
    dialog.get_by_label("How you know").fill("Eva phoned them")
    dialog.get_by_role("button", name="Note it").click()
    page.get_by_text("The answer is noted.").wait_for()
    assert File.objects.get(name="acme_000000059.edi").ack_outcome == "accepted"
    assert page.complaints == []
