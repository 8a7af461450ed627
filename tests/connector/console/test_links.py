"""No link of the console leads nowhere: every page that can be reached from the overview answers."""

from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.urls import reverse

MOST_PAGES = 400
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


def leads_to(here, page):
    links = Links(here)
    links.feed(page)
    return {link.partition("#")[0] for link in links.found if link.startswith("/admin/")}


def test_every_link_leads_to_a_page_that_answers(superuser_client, ours):
    waiting, seen, broken = [reverse("admin:index")], set(), []
    while waiting and len(seen) < MOST_PAGES:
        here = waiting.pop()
        if here in seen or here.startswith(LEAVES) or "o=" in urlsplit(here).query:
            continue
        seen.add(here)
        response = superuser_client.get(here)
        if response.status_code != 200:
            broken.append((here, response.status_code))
        elif not response.streaming:
            waiting += leads_to(here, response.content.decode())
    assert broken == []
    assert {urlsplit(here).path for here in seen} >= {reverse("admin:core_event_changelist")}
