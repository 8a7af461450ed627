"""Xero's webhook: stored before it is answered, and in the partner's folder at once where that is set."""

import json

import pytest
from django.db import OperationalError, connection
from django.test import Client

from connector import pipeline, tasks
from connector.steps import news
from core.clock import database_now
from core.models import Fetch, Run, WebhookEvent, WebhookMessage
from core.secret import Secret
from tests.world import open_world
from xero_app.webhooks import sign

pytestmark = pytest.mark.django_db(transaction=True)
KEY = "a-signing-key"


@pytest.fixture
def world(settings, tmp_path):
    settings.XERO_WEBHOOK_KEYS = ["an-older-key", KEY]
    with open_world(settings, tmp_path, invoices=0, contacts=3, manual_journals=0) as world:
        yield world


def body_of(*events, first=1, last=1):
    message = {"events": list(events), "firstEventSequence": first, "lastEventSequence": last, "entropy": "E"}
    return json.dumps(message).encode()


def event(organisation, xero_id, category="INVOICE", at="2026-10-20T21:14:08.102"):
    return {
        "resourceId": xero_id,
        "tenantId": organisation.xero_tenant_id,
        "eventCategory": category,
        "eventType": "UPDATE",
        "eventDateUtc": at,
    }


def post(body, signature=None, **headers):
    headers = {"x-xero-signature": signature or sign(body, Secret(KEY))} | headers
    return Client().post("/webhooks/xero", data=body, content_type="application/json", headers=headers)


def test_intent_to_receive_is_answered_200_or_401_to_the_letter(world):
    body = body_of(first=0, last=0)
    right = sign(body, Secret(KEY))
    answer = post(body, right)
    assert (answer.status_code, answer.content, answer.cookies.output()) == (200, b"", "")
    for position in range(len(right)):
        wrong = right[:position] + ("A" if right[position] != "A" else "B") + right[position + 1 :]
        assert post(body, wrong).status_code == 401


@pytest.mark.parametrize("signature", ["", "%%%", "ünï", "AAAA"])
def test_a_wrong_signature_is_401_without_a_trace(world, signature):
    assert post(body_of(), signature or " ").status_code == 401
    assert not WebhookMessage.objects.exists()


def test_other_methods_and_sizes_are_refused(world):
    assert Client().get("/webhooks/xero").status_code == 405
    assert post(b"x" * (256 * 1024 + 1)).status_code == 413


def test_malformed_but_signed_is_kept_and_answered_200(world):
    assert post(b"{not json").status_code == 200
    assert WebhookMessage.objects.get().outcome == "malformed"


def test_while_the_database_is_away_xero_is_asked_to_send_it_again(world):
    def away(execute, sql, params, many, context):
        raise OperationalError("The server closed the connection.")

    body = body_of(first=5, last=5)
    with connection.execute_wrapper(away):
        answer = post(body)
    assert (answer.status_code, answer.content) == (503, b"")
    assert post(body).status_code == 200
    assert WebhookMessage.objects.count() == 1


def test_a_body_twice_is_one_row(world):
    body = body_of(first=5, last=5)
    assert [post(body).status_code for _ in range(2)] == [200, 200]
    assert WebhookMessage.objects.count() == 1


def learn(world, integration):
    """Let the organisation's id be known, as after a first run."""
    organisation = integration.organisation
    organisation.xero_tenant_id = world.xero.books().tenant_id
    organisation.save()
    return organisation


def drain(organisation):
    """Do what the tasks would do for an organisation's news."""
    for fetch in news.take_news(organisation.pk, now=database_now()):
        pipeline.fetch(fetch.pk, now=database_now())
    return news.open_webhook_runs(now=database_now())


def test_an_announced_invoice_is_in_the_partners_folder_at_once(world):
    integration = world.integration(on_webhook="send")
    organisation = learn(world, integration)
    invoice = world.xero.create_invoice(Status="AUTHORISED", InvoiceNumber="INV-7")
    assert post(body_of(event(organisation, invoice["InvoiceID"]))).status_code == 200
    (run,) = drain(organisation)
    pipeline.advance(run.pk, now=database_now())
    (file,) = pipeline.format_files(integration.pk, now=database_now())
    pipeline.deliver(file.server_id, now=database_now())
    assert pipeline.advance(run.pk, now=database_now()).state == "done"
    assert "INV-7" in world.outbound[0].read_text()


def test_an_integration_that_collects_waits_for_its_slot(world):
    integration = world.integration(on_webhook="collect")
    organisation = learn(world, integration)
    invoice = world.xero.create_invoice(Status="AUTHORISED")
    post(body_of(event(organisation, invoice["InvoiceID"])))
    assert drain(organisation) == []
    assert not Run.objects.exists()


def test_events_that_come_while_earlier_ones_are_read_wait_and_are_read_together(world):
    integration = world.integration(on_webhook="send")
    organisation = learn(world, integration)
    ids = [world.xero.create_invoice(Status="AUTHORISED")["InvoiceID"] for _ in range(3)]
    post(body_of(event(organisation, ids[0])))
    (reading,) = news.take_news(organisation.pk, now=database_now())
    for number, xero_id in enumerate(ids[1:], start=2):
        post(body_of(event(organisation, xero_id), first=number, last=number))
    assert news.take_news(organisation.pk, now=database_now()) == []
    pipeline.fetch(reading.pk, now=database_now())
    (together,) = news.take_news(organisation.pk, now=database_now())
    assert sorted(together.xero_ids) == sorted(ids[1:])


def test_a_storm_of_events_is_read_by_one_poll(world):
    integration = world.integration(on_webhook="send")
    organisation = learn(world, integration)
    post(body_of(*(event(organisation, f"{number:036d}") for number in range(250))))
    (fetch,) = news.take_news(organisation.pk, now=database_now())
    assert (fetch.xero_ids, fetch.moves_cursor) == ([], True)


@pytest.mark.parametrize(
    ("streams", "read"), [(["invoices", "payments"], ["invoices", "payments"]), (["invoices"], ["invoices"])]
)
def test_an_invoice_that_changed_may_have_been_paid(world, streams, read):
    """Xero announces no payments, but a payment changes its invoice."""
    organisation = learn(world, world.integration(streams=streams))
    post(body_of(event(organisation, "a" * 36)))
    opened = news.take_news(organisation.pk, now=database_now())
    assert [fetch.stream for fetch in opened] == read
    assert [fetch.xero_ids for fetch in opened][1:] == [[]] * (len(read) - 1)


def test_an_announced_contact_says_nothing_about_payments(world):
    organisation = learn(world, world.integration(streams=["invoices", "payments", "contacts"]))
    post(body_of(event(organisation, "a" * 36, "CONTACT")))
    assert [fetch.stream for fetch in news.take_news(organisation.pk, now=database_now())] == ["contacts"]


def test_an_unknown_organisation_is_answered_200_and_ignored(world):
    world.integration()
    body = body_of(event(type("Other", (), {"xero_tenant_id": "f" * 36}), "a" * 36))
    assert post(body).status_code == 200
    assert WebhookEvent.objects.get().state == "ignored"


def test_the_sweep_finds_news_that_no_message_announced(world):
    integration = world.integration(on_webhook="send")
    organisation = learn(world, integration)
    post(body_of(event(organisation, "a" * 36)))
    assert news.organisations_with_news(10) == [organisation.pk]
    tasks.take_news(organisation_id=str(organisation.pk))
    assert Fetch.objects.get().trigger == "webhook"
