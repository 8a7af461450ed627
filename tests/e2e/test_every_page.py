"""Every page of the console's own address list in a real browser, with hostile names in every free text.

Nothing may complain (scripts, policy, requests elsewhere), nothing may become markup, nobody may be shut out (axe, in
light and dark), and a phone must be wide enough. A new page is in the list by being registered.
"""

import pytest
from django.contrib.auth.models import User

from connector.console.configuring.page import ConfigPage
from tests.connector.console.addresses import all_addresses, page_of
from tests.connector.console.worlds import World
from tests.e2e.accessibility import findings

pytestmark = [pytest.mark.timeout(300), pytest.mark.e2e]
PARTS = 4
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


def is_a_page(response):
    """Tell whole pages from parts, dialogs, downloads, redirects and refusals."""
    return response.status_code == 200 and not response.streaming and b'id="content"' in response.content


def addresses_of(world, part):
    for address in all_addresses()[part::PARTS]:
        yield address.of(world)
        if address.name.endswith("_change") and isinstance(page_of(address.model), ConfigPage):
            yield address.of(world) + "?edit=1"


@pytest.fixture
def ada(transactional_db):
    return User.objects.create_superuser("ada", "ada@example.com", "correct horse battery")


@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_holds_with_hostile_names(part, ada, window_of, client):
    world, wrong = World.make_hostile("hostile"), []
    page = window_of(ada, viewport=DESK)
    pages = [address for address in addresses_of(world, part) if is_a_page(client.get(address))]
    for address in pages:
        page.goto(address)
        page.wait_for_selector("#content")
        wrong += [f"{address}: {finding}" for finding in looked_at(page)]
    assert len(pages) > 5
    assert wrong == []


def looked_at(page):
    """Look at one page in every way, and give what is wrong with it."""
    yield from findings(page)
    page.evaluate("document.documentElement.classList.add('dark')")
    yield from (f"dark, {finding}" for finding in findings(page, only=["color-contrast"]))
    page.set_viewport_size(PHONE)
    if (width := page.evaluate("document.documentElement.scrollWidth")) > PHONE["width"]:
        yield f"{width} pixels wide on a phone"
    page.set_viewport_size(DESK)
    if page.locator("img[src=x]").count():
        yield "a name became an image"
    yield from page.complaints
    page.complaints.clear()
