"""Sending: what the other side gets, what its answers lead to, and that nothing is silent when it fails."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest

from connector import tasks
from connector.alerts import sending
from core import alerts, telling
from core.clock import database_now
from core.models import AlertMessage, Event, Problem
from core.states import AlertState
from tests.connector.alerts.conftest import SECRET, trouble, webhook_rule, works_again

pytestmark = pytest.mark.django_db
LATER = timedelta(minutes=16)


def tell(*, later=timedelta(0)):
    """Do what a sweep and a worker do."""
    now = database_now() + later
    telling.note_problems()
    telling.compose_messages(now=now)
    for message in AlertMessage.objects.filter(state=AlertState.PENDING):
        sending.send(message.pk, now=now)
    return AlertMessage.objects.order_by("-pk").first()


def codes():
    return sorted(Problem.objects.filter(state="open").values_list("code", flat=True))


def test_a_webhook_is_signed_and_says_what_and_where(tenant, rule, receiver, settings):
    settings.PUBLIC_URL = "https://conn.example"
    trouble(tenant)
    message = tell()
    ((path, headers, body),) = receiver.requests
    assert path == "/hook?key=a-credential"
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    mac = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert (headers["webhook-signature"], headers["webhook-id"]) == (f"v1,{mac}", str(message.key))
    (group,) = json.loads(body)["data"]["opened"]["groups"]
    assert group == {
        "code": "SFTP_AUTH",
        "integration": None,
        "count": 1,
        "sentence": "sftp.example.com refused the sign-in of harbor.",
        "next_step": "Replace the password.",
        "link": f"https://conn.example/admin/core/problem/{Problem.objects.get().pk}/change/",
    }
    assert message.state == AlertState.SENT
    assert list(Event.objects.values_list("event", "detail__opened")) == [("alert.sent", 1)]


def test_the_same_message_is_not_sent_twice(tenant, rule, receiver):
    trouble(tenant)
    message = tell()
    for _ in range(3):
        sending.send(message.pk, now=database_now())
    assert len(receiver.requests) == 1


def test_slack_gets_plain_text_in_which_nothing_is_a_mention(tenant, receiver):
    webhook_rule(tenant, receiver.url, channel="slack")
    trouble(tenant, sentence="<!channel> *bold* <https://evil.example|click> & more")
    tell()
    ((_, headers, body),) = receiver.requests
    sent = json.loads(body)
    assert "&lt;!channel&gt;" in sent["text"]
    assert "<" not in sent["text"]
    assert (sent["mrkdwn"], "webhook-signature" in headers) == (False, False)


def test_teams_gets_a_card_of_plain_runs(tenant, receiver, settings):
    settings.PUBLIC_URL = "https://conn.example"
    webhook_rule(tenant, receiver.url, channel="teams")
    trouble(tenant, sentence="[click](https://evil.example)")
    tell()
    card = json.loads(receiver.requests[0][2])["attachments"][0]
    assert card["contentType"] == "application/vnd.microsoft.card.adaptive"
    kinds = {row["type"] for row in card["content"]["body"]}
    assert (kinds, card["content"]["actions"][0]["type"]) == ({"RichTextBlock"}, "Action.OpenUrl")
    assert any("[click]" in row["inlines"][0]["text"] for row in card["content"]["body"])


def test_what_is_over_is_said(tenant, receiver):
    webhook_rule(tenant, receiver.url, channel="slack")
    trouble(tenant)
    tell()
    works_again(tenant)
    tell(later=LATER)
    assert "Harbor Supply Co: recovered: SFTP_AUTH\nOver:" in json.loads(receiver.requests[1][2])["text"]


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503])
def test_a_service_that_is_busy_gets_the_same_message_again(tenant, rule, receiver, status):
    receiver.answers = [(status, {"Retry-After": "7"}, b"later"), (204, {}, b"")]
    trouble(tenant)
    message = tell()
    assert (message.state, message.problem_code, message.attempts) == (AlertState.PENDING, "ALERT_NOT_TAKEN", 1)
    assert abs((message.next_attempt_at - database_now()).total_seconds() - 7) < 5
    tell(later=timedelta(seconds=30))
    (first, second) = receiver.requests
    assert (first[2], first[1]["webhook-id"]) == (second[2], second[1]["webhook-id"])
    assert AlertMessage.objects.get().state == AlertState.SENT
    assert codes() == ["SFTP_AUTH"]


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 403, 404, 410])
def test_a_service_that_refuses_is_a_problem_at_once(tenant, rule, receiver, status):
    receiver.answers = [(status, {"Location": f"{receiver.url}&elsewhere"}, b"no")]
    trouble(tenant)
    message = tell()
    assert (message.state, message.problem_code) == (AlertState.FAILED, "ALERT_REFUSED")
    assert len(receiver.requests) == 1, "redirects are not followed"
    assert codes() == ["ALERT_NOT_SENT", "SFTP_AUTH"]
    assert Event.objects.filter(event="alert.failed", detail__code="ALERT_REFUSED").count() == 1


def test_a_service_that_stays_away_becomes_a_problem_and_ends_when_it_is_back(tenant, rule, receiver):
    receiver.answers = [(503, {}, b"")]
    trouble(tenant)
    seen = []
    for hour in range(4):
        tell(later=timedelta(hours=2 * hour))
        seen.append("ALERT_NOT_SENT" in codes())
    assert seen == [False, False, True, True]
    receiver.answers = [(200, {}, b"")]
    tell(later=timedelta(hours=10))
    assert codes() == ["SFTP_AUTH"]


def test_after_a_week_it_is_given_up_and_a_person_sends_it_again(tenant, rule, receiver):
    receiver.answers = [(503, {}, b"")]
    trouble(tenant)
    tell()
    message = tell(later=timedelta(days=8))
    assert message.state == AlertState.FAILED
    receiver.answers = [(200, {}, b"")]
    assert alerts.send_again(rule, actor="eva", now=database_now()) == 1
    tell()
    assert (AlertMessage.objects.get(pk=message.pk).state, codes()) == (AlertState.SENT, ["SFTP_AUTH"])
    assert Event.objects.get(event="alert.again").actor == "eva"


def test_another_worker_that_took_over_changes_nothing(tenant, rule, receiver):
    trouble(tenant)
    telling.note_problems()
    telling.compose_messages(now=database_now())
    pk = AlertMessage.objects.get().pk
    message, lease = alerts.begin(pk, now=database_now())
    assert alerts.begin(pk, now=database_now()) is None
    AlertMessage.objects.update(fence=99)
    with pytest.raises(alerts.LeaseLost):
        alerts.sent(message, lease, now=database_now())
    alerts.set_back(message, lease, alerts.LeaseLost("late"), retry_at=None, now=database_now())
    assert AlertMessage.objects.get().state == AlertState.PENDING
    assert not Event.objects.exists()


def test_a_missing_key_keeps_the_message_until_somebody_acts(tenant, rule, receiver, settings):
    trouble(tenant)
    kept = settings.CONNECTOR_KEKS
    settings.CONNECTOR_KEKS, settings.CONNECTOR_KEK_ACTIVE = "other=" + "QUJD" * 10 + "QUI=", "other"
    message = tell()
    assert (message.state, receiver.requests) == (AlertState.FAILED, [])
    assert "ALERT_NOT_SENT" in codes()
    settings.CONNECTOR_KEKS, settings.CONNECTOR_KEK_ACTIVE = kept, kept.partition("=")[0]
    alerts.send_again(rule, actor="eva", now=database_now())
    tell()
    assert len(receiver.requests) == 1


@pytest.mark.django_db(transaction=True)
def test_a_sweep_tells_and_a_lost_message_of_the_broker_costs_one_sweep(tenant, rule, receiver):
    trouble(tenant)
    tasks.sweep()
    assert receiver.requests == []
    for message_id in alerts.due_messages(10):
        tasks.send_alert(message_id=str(message_id))
    assert len(receiver.requests) == 1
    assert alerts.due_messages(10) == []
