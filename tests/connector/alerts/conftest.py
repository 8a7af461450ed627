"""A tenant with problems, rules that tell of them, and who is told."""

import pytest

from core import problems
from core.clock import database_now
from core.problems import ProblemDraft
from tests.connector.alerts.receivers import receiving
from tests.factories import AlertRuleFactory, TenantFactory

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def tenant(db, settings):
    settings.ALLOWED_PRIVATE_NETS = ["127.0.0.0/8"]
    return TenantFactory(slug="harbor", name="Harbor Supply Co")


@pytest.fixture
def receiver():
    with receiving() as (receiver, port):
        receiver.url = f"http://127.0.0.1:{port}/hook?key=a-credential"
        yield receiver


@pytest.fixture
def rule(tenant, receiver):
    """A signed webhook that leads to the receiver."""
    return webhook_rule(tenant, receiver.url)


def webhook_rule(tenant, url, *, channel="webhook", **fields):
    rule = AlertRuleFactory.build(tenant=tenant, channel=channel, recipients=[], host="127.0.0.1", **fields)
    rule.seal("url", url)
    rule.seal("secret", SECRET if channel == "webhook" else None)
    rule.save()
    return rule


def trouble(tenant, code="SFTP_AUTH", subject="server:erp", **fields):
    """Report a problem as the pipeline does."""
    sentence = fields.pop("sentence", "sftp.example.com refused the sign-in of harbor.")
    draft = ProblemDraft(tenant.pk, code, subject, sentence, fields.pop("next_step", "Replace the password."), fields)
    problems.report([draft], now=database_now())


def works_again(tenant, subject="server:erp"):
    problems.resolve(tenant.pk, [subject], now=database_now())
