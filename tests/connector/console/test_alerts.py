"""Alert rules in the console: added like a file's, tested at once, and what went out is shown."""

import uuid

import pytest
from django.urls import reverse

from core import alerts
from core.clock import database_now
from core.models import AlertMessage, AlertRule, Event, Role
from tests.connector.alerts.conftest import webhook_rule
from tests.connector.alerts.receivers import receiving

URL = "https://hooks.example.com/services/a-credential"
FORM = {
    "name": "on-call",
    "channel": "webhook",
    "enabled": "on",
    "url": URL,
    "secret": "a-signing-secret-1",
    "codes": "SFTP_*\nACK_OVERDUE\n",
    "integrations": ["ours-integration"],
    "every_minutes": 15,
    "recovered": "on",
}


@pytest.fixture
def rule(ours, settings):
    settings.ALLOWED_PRIVATE_NETS = ["127.0.0.0/8"]
    with receiving() as (receiver, port):
        rule = webhook_rule(ours.tenant, f"http://127.0.0.1:{port}/a-credential", name="hook")
        rule.receiver = receiver
        yield rule


def press(client, rule, name):
    return client.post(
        reverse(f"admin:core_alertrule_{name}", args=[rule.pk]),
        {"_form_submitted": "True", "request_id": str(uuid.uuid4())},
    )


def page_of(client, rule):
    return client.get(reverse("admin:core_alertrule_change", args=[rule.pk])).content.decode()


def test_a_rule_is_added_and_its_address_sealed(signed_in, ours):
    client = signed_in(Role.INTEGRATOR)
    client.post(reverse("admin:core_alertrule_add"), FORM)
    rule = AlertRule.objects.get(name="on-call")
    assert (rule.unseal("url").reveal(), rule.host, rule.codes) == (URL, "hooks.example.com", ["SFTP_*", "ACK_OVERDUE"])
    assert rule.integrations == ["ours-integration"]
    shown = (
        page_of(client, rule)
        + client.get(reverse("admin:core_alertrule_change", args=[rule.pk]) + "?edit=1").content.decode()
    )
    assert "hooks.example.com" in shown
    assert "a-credential" not in shown


def test_an_edit_without_secrets_keeps_them(signed_in, ours):
    client = signed_in(Role.INTEGRATOR)
    client.post(reverse("admin:core_alertrule_add"), FORM)
    rule = AlertRule.objects.get(name="on-call")
    client.post(
        reverse("admin:core_alertrule_change", args=[rule.pk]), {**FORM, "url": "", "secret": "", "every_minutes": 60}
    )
    rule.refresh_from_db()
    assert (rule.every_minutes, rule.unseal("url").reveal()) == (60, URL)


def test_what_cannot_work_is_said_at_its_field(signed_in, ours):
    answer = signed_in(Role.INTEGRATOR).post(
        reverse("admin:core_alertrule_add"), {**FORM, "url": "http://10.0.0.1/x", "codes": "nonsense!"}
    )
    assert set(answer.context["form"].errors) == {"url", "codes"}
    assert not AlertRule.objects.filter(name="on-call").exists()


def test_a_test_message_arrives_and_is_shown(signed_in, rule):
    client = signed_in(Role.OPERATOR)
    answer = press(client, rule, "send_test")
    assert answer["HX-Redirect"] == reverse("admin:core_alertrule_change", args=[rule.pk])
    assert b'"type":"alert.test"' in rule.receiver.requests[0][2]
    assert "a test of the alert rule hook" in page_of(client, rule)
    assert Event.objects.get(event="alert.tested").actor == client.person.username


def test_a_test_that_fails_says_why(signed_in, rule):
    rule.receiver.answers = [(404, {}, b"")]
    answer = press(signed_in(Role.OPERATOR), rule, "send_test")
    assert "The test did not get through. 127.0.0.1 refused the message (404)." in answer.content.decode()


def test_what_failed_is_sent_again(signed_in, rule):
    client = signed_in(Role.OPERATOR)
    rule.receiver.answers = [(404, {}, b""), (200, {}, b"")]
    press(client, rule, "send_test")
    assert "Did not get through" in page_of(client, rule)
    press(client, rule, "send_again")
    assert AlertMessage.objects.get().state == "pending"
    assert alerts.due_messages(5) == [AlertMessage.objects.get().pk]


@pytest.mark.parametrize("action", ["send_test", "send_again"])
def test_a_viewer_sends_nothing(action, signed_in, rule):
    alerts.test_message(rule, actor="x", now=database_now())
    assert press(signed_in(Role.VIEWER), rule, action).status_code in (302, 403)
    assert rule.receiver.requests == []
