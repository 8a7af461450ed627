"""From what goes wrong in the world to one alert: host keys, dead servers, missing answers, dead sign-ins."""

from datetime import timedelta

import pytest
from django.db.models import F

from connector import tasks
from core import alerts, servers
from core.clock import database_now
from core.models import AlertMessage, AlertRule, Fetch, File, HostKey, Organisation
from tests.connector.alerts.conftest import webhook_rule
from tests.outbox_files import sealed_file
from tests.world import open_world
from xero_app.simulator import WEB_APP

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(settings, tmp_path):
    settings.RETRY_SECONDS = 0
    with open_world(settings, tmp_path, invoices=0, contacts=1, manual_journals=0) as world:
        yield world


@pytest.fixture
def integration(world, receiver):
    integration = world.integration()
    webhook_rule(integration.tenant, receiver.url)
    return integration


def sweep(times=1):
    """Do what beat and workers do; the rule may speak again each time."""
    for _ in range(times):
        AlertRule.objects.update(next_message_at=None)
        tasks.sweep()
        for message_id in alerts.due_messages(10):
            tasks.send_alert(message_id=str(message_id))


def told(kind="opened"):
    """What was told so far, message by message."""
    contents = AlertMessage.objects.filter(state="sent").order_by("pk").values_list("content", flat=True)
    return [group["code"] for content in contents for group in content[kind]["groups"]]


def deliver(integration, times=1):
    for _ in range(times):
        tasks.deliver(server_id=str(integration.partner.server_id))


def test_a_changed_host_key_is_told_once_and_that_it_is_over(world, integration, receiver):
    file, _ = sealed_file(integration)
    world.sftp.change_host_key()
    deliver(integration, times=2)
    sweep(times=3)
    assert (told(), told("ended"), len(receiver.requests)) == (["SFTP_HOSTKEY_CHANGED"], [], 1)
    assert b"SHA256:" in receiver.requests[0][2]
    HostKey.objects.filter(state="pending").update(state="approved")
    servers.release(file.server, actor="eva", now=database_now())
    deliver(integration)
    sweep(times=2)
    assert (told("ended"), len(receiver.requests)) == (["SFTP_HOSTKEY_CHANGED"], 2)


def test_a_file_that_is_given_up_after_a_week_is_told_once(world, integration, receiver):
    sealed_file(integration)
    File.objects.update(due_since=F("created_at") - timedelta(days=8), sealed_at=F("created_at"))
    world.sftp.stop()
    deliver(integration, times=3)
    sweep(times=3)
    assert sorted(told()) == ["DELIVERY_GAVE_UP", "SFTP_UNREACHABLE"]
    assert len(receiver.requests) == 1


def test_an_answer_that_does_not_come_is_told_once(world, integration, receiver):
    sealed_file(integration)
    deliver(integration)
    File.objects.update(ack_outcome="awaited", ack_due_at=database_now() - timedelta(minutes=1))
    sweep(times=3)
    assert (told(), len(receiver.requests)) == (["ACK_OVERDUE"], 1)


def test_a_sign_in_that_xero_refuses_for_good_is_told_once(world, integration, receiver):
    grant = integration.organisation.grant
    grant.auth, grant.state = "authorization_code", "connected"
    grant.client_id = WEB_APP.client_id
    grant.seal("client_secret", WEB_APP.client_secret)
    grant.seal("refresh_token", world.xero.grant()["refresh_token"])
    grant.save()
    Organisation.objects.update(xero_tenant_id=world.xero.tenant_id)
    world.xero.advance(seconds=61 * 86_400)
    for _ in range(3):
        tasks.advance(run_id=str(tasks.schedule.open_run(integration, now=database_now()).pk))
        for fetch in Fetch.objects.exclude(state="done"):
            tasks.fetch(fetch_id=str(fetch.pk))
    sweep(times=3)
    assert told() == ["XERO_AUTH_EXPIRED"]
    assert len(receiver.requests) == 1
