import pytest
from tests.e2e.test_signin import *
from tests.e2e.test_signin import _asked_for
from tests.e2e.conftest import *
def test_shots(open_page, scene):
    page = open_page()
    give_password(page, scene)
    page.locator("#authenticator-key").wait_for()
    page.screenshot(path="/tmp/sec8/setup.png")
    key = Secret(page.locator("#authenticator-key").inner_text().replace(" ", ""))
    page.fill("input[name=code]", "000000"); page.get_by_role("button", name="Set up").click()
    page.wait_for_load_state()
    page.screenshot(path="/tmp/sec8/wrong.png")
    page.wait_for_timeout(1200)
    page.fill("input[name=code]", codes.code_at(key, database_now()))
    page.get_by_role("button", name="Set up").click()
    page.locator("#recovery-codes li").nth(9).wait_for()
    page.screenshot(path="/tmp/sec8/codes.png")
    page = open_page()
    for _ in range(5):
        give_password(page, scene, "wrong"); page.wait_for_load_state()
    page.screenshot(path="/tmp/sec8/locked.png")
