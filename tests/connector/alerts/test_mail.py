"""Alerts by e-mail, through Django's mail and a mail server on loopback."""

import smtplib
from email import message_from_string
from email.header import decode_header, make_header

import pytest
from django.core import mail

from connector.alerts import sending
from connector.mail_settings import is_mail_url, mail_settings
from core.clock import database_now
from core.models import AlertMessage, Problem
from core.states import AlertState
from tests.connector.alerts.conftest import trouble
from tests.connector.alerts.receivers import mail_server
from tests.connector.alerts.test_sending import tell
from tests.factories import AlertRuleFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def smtp(settings):
    with mail_server() as (server, port):
        settings.EMAIL_URL = f"smtp://127.0.0.1:{port}"
        settings.ALERT_FROM = "ml-connector <alerts@conn.example>"
        for name, value in mail_settings(settings.EMAIL_URL).items():
            setattr(settings, name, value)
        yield server


@pytest.fixture
def rule(tenant):
    return AlertRuleFactory(tenant=tenant, recipients=["one@example.com", "two@example.com"])


def text_of(mail_message):
    return mail_message.get_payload(decode=True).decode().replace("\r\n", "\n")


def test_a_mail_says_what_and_where(tenant, rule, smtp, settings):
    settings.PUBLIC_URL = "https://conn.example"
    trouble(tenant)
    message = tell()
    (sent,) = map(message_from_string, smtp.mails)
    body = text_of(sent)
    assert sent["Subject"] == "Harbor Supply Co: SFTP_AUTH"
    assert (sent["From"], sent["To"]) == ("ml-connector <alerts@conn.example>", "one@example.com, two@example.com")
    assert (sent["Message-ID"], sent["Auto-Submitted"]) == (f"<alert-{message.key}@conn.example>", "auto-generated")
    assert "- SFTP_AUTH: sftp.example.com refused the sign-in of harbor.\n  What to do: Replace the password." in body
    assert f"https://conn.example/admin/core/problem/{Problem.objects.get().pk}/change/" in body
    assert message.state == AlertState.SENT


def test_no_text_becomes_a_header(tenant, rule, smtp):
    tenant.name = "Harbor\r\nBcc: evil@example.com\u2028"
    tenant.save()
    trouble(tenant, sentence="one\r\ntwo\x1b[2J")
    assert tell().state == AlertState.SENT
    sent = message_from_string(smtp.mails[0])
    assert sent["Bcc"] is None
    assert str(make_header(decode_header(sent["Subject"]))) == "Harbor  Bcc: evil@example.com : SFTP_AUTH"
    assert "- SFTP_AUTH: one  two [2J\n" in text_of(sent)


def test_without_a_mail_server_the_message_waits_and_goes_out_once_there_is_one(tenant, rule, settings):
    settings.EMAIL_URL = ""
    trouble(tenant)
    message = tell()
    assert (message.state, message.problem_code) == (AlertState.PENDING, "ALERT_MAIL_NOT_SET")
    assert mail.outbox == []
    settings.EMAIL_URL, settings.ALERT_FROM = "smtp://mail.example", "alerts@conn.example"
    AlertMessage.objects.update(next_attempt_at=database_now())
    sending.send(message.pk, now=database_now())
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("refuses", "state", "code"),
    [
        ({"RCPT": "550 nobody here"}, "failed", "ALERT_REFUSED"),
        ({"RCPT": "450 later"}, "pending", "ALERT_NOT_TAKEN"),
        ({"MAIL": "451 later"}, "pending", "ALERT_NOT_TAKEN"),
        ({"DATA": "554 no"}, "pending", "ALERT_NOT_TAKEN"),
    ],
    ids=["unknown recipients", "busy recipients", "busy", "refused text"],
)
def test_what_the_mail_server_says_decides(tenant, rule, smtp, refuses, state, code):
    smtp.refuses = refuses
    trouble(tenant)
    message = tell()
    assert (message.state, message.problem_code) == (state, code)
    assert "nobody here" not in message.sentence


def test_a_mail_server_that_is_away_is_tried_again(tenant, rule, settings):
    with mail_server() as (_, port):
        pass
    settings.EMAIL_URL = f"smtp://127.0.0.1:{port}"
    for name, value in mail_settings(settings.EMAIL_URL).items():
        setattr(settings, name, value)
    trouble(tenant)
    assert (tell().state, tell().problem_code) == (AlertState.PENDING, "ALERT_NOT_TAKEN")
    assert smtplib.SMTP_PORT == 25


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtp://mail.example", 25, False, False),
        ("smtp+tls://u:p%40ss@mail.example", 587, True, False),
        ("smtp+ssl://mail.example", 465, False, True),
        ("smtp+tls://mail.example:2525", 2525, True, False),
    ],
)
def test_the_address_of_the_mail_server_becomes_djangos_settings(url, port, tls, ssl):
    found = mail_settings(url)
    assert (found["EMAIL_PORT"], found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (port, tls, ssl)
    assert found["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"
    if "@mail" in url:
        assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("u", "p@ss")


@pytest.mark.parametrize("url", ["", "mail.example", "http://mail.example", "smtp://", "smtp://h:0", "smtp://h:x"])
def test_what_is_no_mail_server_sends_nothing(url):
    assert not is_mail_url(url)
    assert mail_settings(url)["EMAIL_BACKEND"] == "django.core.mail.backends.dummy.EmailBackend"
