"""Webhooks that never came: a hole in the numbers triggers a poll, and polling finds whatever was missed."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.test import Client

from connector import pipeline, schedule, webhook_watch
from connector.steps import news
from connector.sync import sync
from core.clock import database_now
from core.models import Event, Export, Fetch, Organisation, Problem, Record, StreamCursor, WebhookMessage
from core.secret import Secret
from tests.factories import GrantFactory, OrganisationFactory
from xero_app.simulator import Simulator
from xero_app.webhooks import sign

pytestmark = pytest.mark.django_db(transaction=True)
KEY = "a-signing-key"
OWN = "the-key-of-an-own-app"


@pytest.fixture(autouse=True)
def _keys(settings):
    settings.XERO_WEBHOOK_KEYS = [KEY]


@pytest.fixture
def organisation(world, tenant):
    grant = GrantFactory(tenant=tenant, client_id="")
    return OrganisationFactory(tenant=tenant, grant=grant, xero_tenant_id=world.xero.tenant_id, next_poll_at=far())


def far():
    return database_now() + timedelta(hours=10)


def hear(first, last=None, *, key=KEY, tenant_id="f" * 36):
    """Post a signed message with these sequence numbers."""
    event = (
        f'{{"resourceId":"r{first}","tenantId":"{tenant_id}","eventCategory":"INVOICE","eventType":"UPDATE",'
        f'"eventDateUtc":"2026-10-20T21:14:{first % 60:02}"}}'
    )
    body = f'{{"events":[{event}],"firstEventSequence":{first},"lastEventSequence":{last or first}}}'.encode()
    headers = {"x-xero-signature": sign(body, Secret(key))}
    return Client().post("/webhooks/xero", data=body, content_type="application/json", headers=headers)


def is_hurried(organisation):
    organisation.refresh_from_db()
    return organisation.next_poll_at <= database_now()


def numbered(pk, first, last, grant_id=None):
    return WebhookMessage(pk=pk, grant_id=grant_id, first_sequence=first, last_sequence=last)


def test_a_message_that_goes_on_where_its_neighbour_ended_needs_no_look():
    neighbours = webhook_watch.Neighbours()
    assert not neighbours.follows(numbered(1, 7, 9))
    assert neighbours.follows(numbered(2, 10, 10))
    assert not neighbours.follows(numbered(3, 12, 12)), "a hole"
    assert not neighbours.follows(numbered(5, 13, 13)), "another process took the row between"
    assert not neighbours.follows(numbered(6, 14, 14, grant_id="own")), "another app's numbers"
    assert not neighbours.follows(numbered(7, None, None)), "no numbers"
    assert not neighbours.follows(numbered(8, 1, 1)), "no numbers before it"


def test_what_is_remembered_of_neighbours_does_not_grow():
    neighbours = webhook_watch.Neighbours()
    for number in range(1, 200):
        neighbours.follows(numbered(number, number, number))
    assert not neighbours.follows(numbered(101, 101, 101))
    assert neighbours.follows(numbered(200, 200, 200))


def test_numbers_without_a_hole_change_nothing(organisation):
    for first, last in ((7, 7), (8, 10), (11, 11)):
        assert hear(first, last).status_code == 200
    assert not is_hurried(organisation)


def test_a_hole_in_the_numbers_brings_the_poll_forward(organisation):
    hear(7)
    hear(9)
    assert is_hurried(organisation)
    event = Event.objects.get(event="webhook.gap")
    assert event.detail == {"organisation": organisation.name, "missing": 1, "before": 9}


def test_the_first_message_ever_leaves_no_hole(organisation):
    hear(4711)
    assert not is_hurried(organisation)


def test_a_message_that_comes_late_is_no_second_hole(organisation):
    for number in (1, 3, 2, 4):
        hear(number)
    assert Event.objects.filter(event="webhook.gap").count() == 1


def test_the_numbers_of_each_app_are_its_own(world, tenant, organisation):
    grant = GrantFactory.build(tenant=tenant, client_id="OWN-APP")
    grant.seal("webhook_keys", OWN)
    grant.save()
    own = OrganisationFactory(tenant=tenant, grant=grant, xero_tenant_id="e" * 36, next_poll_at=far())
    hear(7)
    hear(100, key=OWN)
    hear(8)
    hear(101, key=OWN)
    assert (is_hurried(organisation), is_hurried(own)) == (False, False)
    hear(103, key=OWN)
    assert (is_hurried(organisation), is_hurried(own)) == (False, True)


def test_intent_messages_are_not_counted(organisation):
    body = b'{"events":[],"firstEventSequence": 0,"lastEventSequence": 0}'
    hear(7)
    Client().post(
        "/webhooks/xero", body, content_type="application/json", headers={"x-xero-signature": sign(body, Secret(KEY))}
    )
    hear(8)
    assert not is_hurried(organisation)


def test_many_holes_poll_no_more_often_than_every_five_minutes(organisation):
    StreamCursor.objects.create(organisation=organisation, stream="invoices", read_at=Now())
    hear(7)
    hear(9)
    organisation.refresh_from_db()
    soon = database_now() + webhook_watch.POLLED_APART
    assert database_now() < organisation.next_poll_at <= soon


def test_the_poll_after_a_hole_reads_anew(world):
    integration = world.integration()
    organisation = connected_again(world, integration)
    sync(integration)
    Organisation.objects.update(next_poll_at=database_now())
    opened = schedule.open_due_polls(now=database_now())
    assert {fetch.state for fetch in opened} == {"due"}
    assert organisation.pk == opened[0].organisation_id


def connected_again(world, integration):
    organisation = integration.organisation
    Organisation.objects.filter(pk=organisation.pk).update(xero_tenant_id=world.xero.tenant_id)
    organisation.refresh_from_db()
    return organisation


def test_a_signed_message_that_nobody_can_read_is_a_problem(tenant, organisation):
    grant = GrantFactory.build(tenant=tenant, client_id="OWN-APP")
    grant.seal("webhook_keys", OWN)
    grant.save()
    body = b'{"events": [{'
    headers = {"x-xero-signature": sign(body, Secret(OWN))}
    answer = Client().post("/webhooks/xero", body, content_type="application/json", headers=headers)
    assert answer.status_code == 200
    assert Problem.objects.get().code == "WEBHOOK_MALFORMED"


@pytest.mark.parametrize("books", [{"invoices": 0, "contacts": 3, "manual_journals": 0}], indirect=True)
def test_with_a_third_of_the_webhooks_lost_every_record_arrives_by_the_next_poll(world, live_server):
    """Xero numbers what it drops; what was heard is read at once, the rest by the poll."""
    integration = world.integration(on_webhook="send")
    organisation = connected_again(world, integration)
    world.xero.configure(webhook_drop=0.3, webhook_batch=1)
    xero: Simulator = world.xero
    xero.subscribe_webhooks(url=f"{live_server.url}/webhooks/xero", key=KEY, client_id="SIMCUSTOM")
    for _ in range(40):
        xero.create_invoice(Status="AUTHORISED")
    xero.send_webhooks()
    drain(organisation)
    heard = Record.objects.filter(stream="invoices").count()
    assert heard == WebhookMessage.objects.filter(outcome="stored").count()
    assert 0 < heard < 40
    poll_now()
    found_by = Record.objects.filter(stream="invoices").values_list("fetch__trigger", flat=True)
    assert sorted(found_by) == ["poll"] * (40 - heard) + ["webhook"] * heard
    sync(integration)
    assert Export.objects.filter(state="delivered").count() == 40


@pytest.mark.parametrize(("fires", "found_by"), [(True, "webhook"), (False, "poll")])
def test_a_payment_is_found_whether_it_fires_an_event_or_not(world, live_server, fires, found_by):
    integration = world.integration(streams=["invoices", "payments"], on_webhook="send")
    organisation = connected_again(world, integration)
    invoice = world.xero.create_invoice(Status="AUTHORISED")
    poll_now()
    world.xero.configure(payment_fires_invoice_event=fires)
    world.xero.subscribe_webhooks(url=f"{live_server.url}/webhooks/xero", key=KEY, client_id="SIMCUSTOM")
    world.xero.pay_invoice(invoice["InvoiceID"], amount="1.00")
    world.xero.send_webhooks()
    drain(organisation)
    poll_now()
    assert Record.objects.get(stream="payments").fetch.trigger == found_by


def poll_now():
    """Let every organisation be polled."""
    Organisation.objects.update(next_poll_at=database_now())
    for fetch in schedule.open_due_polls(now=database_now()):
        pipeline.fetch(fetch.pk, now=database_now())


def drain(organisation):
    """Do what the tasks would do for an organisation's news."""
    while opened := news.take_news(organisation.pk, now=database_now()):
        for fetch in opened:
            pipeline.fetch(fetch.pk, now=database_now())
    assert not Fetch.objects.exclude(state="done").exists()
