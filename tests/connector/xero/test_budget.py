"""The day's calls: what is kept of them serves webhooks, while polls wait."""

import pytest

from core.models import Problem
from tests.connector.xero.reading import connected, opened, poll, read

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("trigger", "state"), [("poll", "due"), ("webhook", "done"), ("replay", "done")])
def test_the_reserve_is_for_what_cannot_wait(world, tenant, trigger, state):
    organisation = connected(world, tenant, day_limit=20)
    invoice = world.xero.create_invoice(Status="AUTHORISED")
    world.xero.configure(limits=True, day_limit=20)
    for _ in range(19):
        poll(organisation, "contacts")
    window = {"xero_ids": [invoice["InvoiceID"]]} if trigger != "poll" else {}
    assert read(opened(organisation, "invoices", trigger=trigger, **window)).state == state
    assert Problem.objects.filter(code="XERO_RATE_DAY", state="open").exists() == (state == "due")
