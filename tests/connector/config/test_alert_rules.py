"""Alert rules in configuration files: stored, shown without their secrets, and refused where they cannot work."""

import pytest

from connector.config.export import as_yaml, export
from core.errors import Invalid
from core.models import AlertRule, Event, Tenant
from tests.connector.config.files import TENANT, actions, apply, configuration

pytestmark = pytest.mark.django_db
URL = "https://hooks.example.com/services/a-credential"
ENVIRONMENT = {"HOOK": URL, "SIGN": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "SHORT": "abc"}
MAIL = {"name": "mail", "channel": "email", "recipients": ["one@example.com"], "codes": ["SFTP_*"]}
HOOK = {"name": "hook", "channel": "webhook", "url": {"env": "HOOK"}, "secret": {"env": "SIGN"}, "enabled": False}


def with_rules(*rules):
    return configuration({f"{TENANT}.alerts": list(rules)})


def put(tmp_path, *rules, **options):
    return apply(tmp_path, with_rules(*rules), environment={**ENVIRONMENT, **options.pop("more", {})}, **options)


def test_what_is_written_is_stored_and_applying_it_again_changes_nothing(tmp_path):
    put(tmp_path, MAIL, HOOK)
    mail, hook = AlertRule.objects.order_by("-name")
    assert (mail.recipients, mail.codes, mail.every_minutes, mail.is_enabled) == (
        ["one@example.com"],
        ["SFTP_*"],
        15,
        True,
    )
    assert (hook.unseal("url").reveal(), hook.host, hook.is_enabled) == (URL, "hooks.example.com", False)
    assert {change.action for change in put(tmp_path, MAIL, HOOK)} == {"unchanged"}


def test_an_exported_file_makes_the_same_rules_and_holds_no_address(tmp_path):
    put(tmp_path, MAIL, HOOK)
    exported = export(list(Tenant.objects.all()))
    assert exported["tenants"][0]["alerts"] == [
        {
            "name": "hook",
            "channel": "webhook",
            "url": {"env": "HARBOR_HOOK_URL"},
            "secret": {"env": "HARBOR_HOOK_SECRET"},
            "enabled": False,
        },
        MAIL,
    ]
    assert "hooks.example.com" not in as_yaml(exported)


def test_a_changed_address_is_named_and_not_shown(tmp_path):
    put(tmp_path, HOOK)
    changes = put(tmp_path, HOOK, more={"HOOK": URL + "2"})
    assert actions(changes) == ["changed alert_rule hook"]
    assert Event.objects.get(event="config.changed").detail["keys"] == {"url": "changed"}
    assert "a-credential" not in str(list(Event.objects.values_list("detail", flat=True)))


def test_a_rule_goes_with_prune(tmp_path):
    put(tmp_path, MAIL, HOOK)
    assert actions(put(tmp_path, MAIL, prune=True)) == ["removed alert_rule hook"]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({**MAIL, "recipients": []}, "Nobody receives"),
        ({**MAIL, "recipients": ["one"]}, "not a mail address"),
        ({**MAIL, "recipients": ["a@b.example\nBcc: c@d.example"]}, "not a mail address"),
        ({**MAIL, "url": {"env": "HOOK"}}, "E-mail has none"),
        ({**MAIL, "codes": ["sftp"]}, "not a problem code"),
        ({**MAIL, "codes": ["*_SFTP"]}, "not a problem code"),
        ({**MAIL, "integrations": ["invoices-to-er"]}, "Did you mean invoices-to-erp"),
        ({**MAIL, "every_minutes": 0}, "1 to 1440"),
        ({**MAIL, "channel": "pigeon"}, "email, slack, teams, webhook"),
        ({**HOOK, "url": URL}, "never written into this file"),
        ({**HOOK, "secret": {"env": "SHORT"}}, "shorter than 16"),
        ({"name": "hook", "channel": "webhook", "url": {"env": "HOOK"}}, "signing secret is missing"),
        ({"name": "chat", "channel": "slack"}, "address is missing"),
        ({"name": "chat", "channel": "slack", "url": {"env": "HOOK"}, "secret": {"env": "SIGN"}}, "Only a signed"),
        ({"name": "chat", "channel": "teams", "url": {"env": "HOOK"}, "recipients": ["a@b.example"]}, "Only e-mail"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_cannot_work_is_refused_in_words(tmp_path, rule, words):
    with pytest.raises(Invalid, match=words):
        put(tmp_path, rule)
    assert not AlertRule.objects.exists()
