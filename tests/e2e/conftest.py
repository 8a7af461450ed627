"""A real browser in front of the console. Whatever it complains about fails the test."""

import os
import shutil
import time

import pytest
from django.conf import settings

from tests.e2e.scene import Scene

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's loop runs in the test's own thread.
WINDOW = {"width": 1440, "height": 900}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium():
    """Find the browser: CHROMIUM_PATH, or `chromium` on the path."""
    return os.environ.get("CHROMIUM_PATH") or shutil.which("chromium")


def pytest_ignore_collect(collection_path):
    """Leave these tests out where there is no browser; with CI=true that is a failure instead."""
    if chromium() or collection_path.name == "conftest.py":
        return None
    if os.environ.get("CI") == "true":
        pytest.exit("CI=true, but there is no chromium for tests/e2e: install it or set CHROMIUM_PATH.", 1)
    print("tests/e2e is left out: no chromium on the path and no CHROMIUM_PATH.")  # noqa: T201
    return True


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def scene(transactional_db):
    return Scene()


@pytest.fixture
def open_page(browser, live_server):
    """Give a function that opens a fresh browser window; its complaints are in `page.complaints`."""
    windows = []

    def open_window(**options):
        window = browser.new_context(**{"viewport": WINDOW, "base_url": live_server.url, **options})
        window.set_default_timeout(10_000)
        windows.append(window)
        return watched(window.new_page(), live_server.url)

    yield open_window
    for window in windows:
        window.close()


def watched(page, home):
    """Note script errors, console errors (policy violations are among them) and requests to other hosts."""
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("console", lambda line: line.type == "error" and page.complaints.append(line.text))
    page.on(
        "request",
        lambda request: request.url.startswith((home, "data:")) or page.complaints.append(request.url),
    )
    return page


@pytest.fixture
def window_of(open_page, client, live_server):
    """Give a function that opens a window in which somebody is signed in and has just given their password."""

    def open_for(user, **options):
        client.force_login(user)
        session = client.session
        session["password_at"] = int(time.time())
        session.save()
        page = open_page(**options)
        name = settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        return page

    return open_for


@pytest.fixture
def signed_in(window_of, scene):
    """Give a function that opens a window on the scene, for its superuser or somebody else."""

    def sign_in(user=None, **options):
        return window_of(user or scene.user, **options)

    return sign_in
