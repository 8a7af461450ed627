"""No link of the console leads nowhere: every page that can be reached from the overview answers."""

from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import pytest
from django.urls import reverse

from core.models import Role

MOST_PAGES = 400
SAME_PAGE = {"o", "month", "_changelist_filters"}
"""What a query may say beside what is shown: the order, another time, the way back."""
LEAVES = ("/admin/logout/", "/admin/jsi18n/", "/static/")


class Links(HTMLParser):
    """Collects where a page leads: links, and what its parts are loaded from."""

    def __init__(self, here):
        super().__init__()
        self.here, self.found = here, set()

    def handle_starttag(self, tag, attrs):
        for key, value in attrs:
            if (key == "href" and tag == "a") or key == "hx-get":
                self.found.add(urljoin(self.here, value or ""))


class Forms(HTMLParser):
    """Collects where forms post to; a form without an address posts to its own page."""

    def __init__(self):
        super().__init__()
        self.posted = set()

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        is_list = found.get("id") == "changelist-form"  # the theme's frame of a list, which has no action of ours
        if tag == "form" and found.get("method", "").lower() == "post" and not is_list:
            self.posted.add(found.get("action", "."))


def leads_to(here, page):
    links = Links(here)
    links.feed(page)
    found = {page_of(link) for link in links.found if link.startswith("/admin/")}
    return {link for link in found if link.count("=") < 2}  # not every filter with every other one


def page_of(link):
    """Give an address without what only orders the page, shows another time, or leads back."""
    parts = urlsplit(link)
    query = urlencode([(name, value) for name, value in parse_qsl(parts.query) if name not in SAME_PAGE])
    return parts.path + (f"?{query}" if query else "")


def walk(client):
    """Follow every link from the overview on; give what was seen, the pages by address, and what did not answer."""
    waiting, seen, broken = [reverse("admin:index")], {}, []
    while waiting and len(seen) < MOST_PAGES:
        here = waiting.pop()
        if here in seen or here.startswith(LEAVES):
            continue
        response = client.get(here)
        seen[here] = "" if response.streaming else response.content.decode()
        if response.status_code != 200:
            broken.append((here, response.status_code))
        else:
            waiting += leads_to(here, seen[here])
    return seen, broken


@pytest.mark.long
def test_every_link_leads_to_a_page_that_answers(superuser_client, ours):
    seen, broken = walk(superuser_client)
    assert broken == []
    assert len(seen) < MOST_PAGES
    assert {urlsplit(here).path for here in seen} >= {reverse("admin:core_event_changelist")}


def test_a_viewer_is_offered_nothing_that_is_refused_and_no_form_to_send(signed_in, ours):
    seen, broken = walk(signed_in(Role.VIEWER))
    assert broken == []
    assert len(seen) > 25
    sending = {here for here, page in seen.items() if forms_of(page) - {reverse("admin:logout")}}
    assert sending == {reverse("admin:password_change")}


def forms_of(page):
    """Give where a page's forms post to."""
    forms = Forms()
    forms.feed(page)
    return forms.posted
