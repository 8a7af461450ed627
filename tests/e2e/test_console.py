"""The console in a real browser: people sign in, look around, run an integration, and nothing complains."""

import pytest
from django.urls import reverse

from core.models import Role, Run, RunTrigger
from tests.e2e.pictures import shown
from tests.e2e.scene import PASSWORD
from tests.factories import TenantAccessFactory

pytestmark = pytest.mark.e2e


def test_somebody_signs_in_and_finds_an_invoice(open_page, scene):
    page = open_page()
    page.goto("/admin/")
    page.fill("input[name=username]", scene.user.username)
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.get_by_role("heading", name="Needs attention").wait_for()
    page.get_by_role("button", name="Find a record or file").click()
    page.locator("#search-input-command").press_sequentially(scene.failed.number)
    page.locator("#command-results a").first.click()
    page.get_by_role("heading", name=f"Sales invoice {scene.failed.number}").wait_for()
    assert page.complaints == []


def test_run_now_opens_a_run_and_shows_its_progress(signed_in, scene):
    page = signed_in()
    page.goto(reverse("admin:core_integration_change", args=[scene.integrations[0].pk]))
    page.get_by_role("link", name="Run now").click()
    page.locator("#dialog").get_by_role("button", name="Run now").dblclick()
    page.locator("#run-state").get_by_text("Waiting to start").wait_for()
    run = Run.objects.get(trigger=RunTrigger.MANUAL)
    Run.objects.filter(pk=run.pk).update(state="done", finished_at=scene.now)
    page.locator("#run-state").get_by_text("Done").wait_for()
    assert page.locator("#progress[hx-get]").count() == 0
    assert page.complaints == []


def test_a_viewer_sees_everything_and_no_action(signed_in, scene):
    viewer = TenantAccessFactory(tenant=scene.tenants["harbor"], role=Role.VIEWER).user
    page = signed_in(viewer)
    for name in ("overview", "export-failed", "integration", "file"):
        page.goto(shown(scene)[name])
        page.wait_for_selector("#content")
        assert page.locator("#content form, #content button, [hx-get*=core]").count() == 0, name
        for word in ("Run now", "Replay", "Ignore", "Edit", "Download", "Pause", "Dry run"):
            assert page.get_by_role("link", name=word).count() == 0, (name, word)
        assert page.get_by_text("Kiwi").count() == 0
    assert page.complaints == []
