"""Signing in with a second factor, in a real browser: set up, recovery codes, the password again, the lock."""

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.urls import reverse

from connector.console.signin import codes, step_up
from core.clock import database_now
from core.secret import Secret
from tests.e2e.accessibility import findings
from tests.e2e.scene import PASSWORD

pytestmark = pytest.mark.e2e


@pytest.fixture(autouse=True)
def _asked_for(settings):
    settings.SECOND_FACTOR = True


def give_password(page, scene, password=PASSWORD):
    page.goto("/admin/")
    page.fill("input[name=username]", scene.user.username)
    page.fill("input[name=password]", password)
    page.click("button[type=submit]")


def age_the_password():
    """Let the password have been given long ago, in every session."""
    for row in Session.objects.all():
        session = SessionStore(row.session_key)
        session[step_up.SESSION_KEY] = 1
        session.save()


def test_a_second_factor_is_set_up_and_used_and_the_password_asked_for_again(open_page, scene):
    page = open_page()
    give_password(page, scene)
    key = Secret(page.locator("#authenticator-key").inner_text().replace(" ", ""))
    assert findings(page) == []
    page.fill("input[name=code]", codes.code_at(key, database_now()))
    page.get_by_role("button", name="Set up").click()
    page.locator("#recovery-codes li").nth(9).wait_for()
    assert findings(page) == []
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_role("heading", name="Needs attention").wait_for()
    age_the_password()
    page.goto(reverse("admin:core_server_add"))
    page.get_by_text("Enter your password again").wait_for()
    assert findings(page) == []
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url(f"**{reverse('admin:core_server_add')}")
    assert page.complaints == []


def test_a_recovery_code_opens_the_console_when_the_phone_is_lost(open_page, scene):
    device = codes.authenticator_to_set_up(scene.user)
    device.confirmed = True
    device.save()
    (code, *_) = codes.new_recovery_codes(scene.user)
    page = open_page()
    give_password(page, scene)
    page.get_by_text("six digits that your authenticator app shows").wait_for()
    assert findings(page) == []
    page.fill("input[name=code]", "000000x")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("This code is not right").wait_for()
    page.wait_for_timeout(1100)
    page.fill("input[name=code]", code)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("You used a recovery code; 9 are left").wait_for()
    assert page.complaints == []


def test_the_lock_after_wrong_passwords_says_so(open_page, scene):
    page = open_page()
    for _ in range(5):
        give_password(page, scene, "wrong")
        page.wait_for_load_state()
    page.get_by_text("Too many tries").wait_for()
    assert findings(page) == []
    assert [text for text in page.complaints if "429" not in text] == []
