"""Alert rules: which problems are told to whom."""

import re
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from connector.alerts.destination import read_destination
from connector.alerts.errors import AlertAddress
from connector.config.entries import Entry, World
from connector.config.kinds.kind import Kind, Unreadable, Writing, opened, placeholder, store
from connector.config.shape import MISSING_KEY, Key, Place, block, choice, flag, given, many, name, secret, text, whole
from connector.targets import allowed_nets
from core.errors import Finding
from core.models import AlertChannel, AlertRule, Tenant
from core.secret import Secret

MAIL, SIGNED = AlertChannel.EMAIL.value, AlertChannel.WEBHOOK.value
SECRETS = ("url", "secret")
SHORTEST_SECRET = 16
_CODE = re.compile(r"[A-Z][A-Z0-9_]*\*?|\*")


def _mail_address(value: Any, place: Place) -> Any:
    try:
        validate_email(value)
    except (ValidationError, TypeError):
        return place.refuse("This is not a mail address.", "Write it as accounts@example.com.")
    return value


def _code(value: Any, place: Place) -> Any:
    if isinstance(value, str) and len(value) <= 40 and _CODE.fullmatch(value):
        return value
    return place.refuse("This is not a problem code.", "Write SFTP_AUTH, or SFTP_* for all that begin so.")


_KEYS = {
    "name": Key(name(), required=True),
    "channel": Key(choice(*AlertChannel.values), required=True),
    "recipients": Key(many(_mail_address, most=50)),
    "url": Key(secret),
    "secret": Key(secret),
    "codes": Key(many(_code, most=100), default=[]),
    "integrations": Key(many(text(longest=100), most=1000), default=[]),
    "every_minutes": Key(whole(low=1, high=1440), default=15),
    "recovered": Key(flag, default=True),
    "enabled": Key(flag, default=True),
}
_USUAL = {"codes": [], "integrations": [], "every_minutes": 15, "recovered": True, "enabled": True, "recipients": []}
_COLUMNS = {"recovered": "tells_recovered", "enabled": "is_enabled"}


def _stored(tenant: Tenant) -> Iterable[tuple[Entry, Any]]:
    for row in AlertRule.objects.filter(tenant=tenant).order_by("name"):
        plain = {
            "channel": str(row.channel),
            "recipients": row.recipients,
            **{field: opened(row, field) for field in SECRETS},
            "codes": row.codes,
            "integrations": row.integrations,
            "every_minutes": row.every_minutes,
            "recovered": row.tells_recovered,
            "enabled": row.is_enabled,
        }
        yield Entry("alert_rule", tenant.slug, row.name, plain), row


def _check(entry: Entry, world: World) -> list[Finding]:
    """What a channel does not need is refused; secrets that a file leaves out stay as they are."""
    plain, before = entry.plain, world.before(entry)
    plain["recipients"] = plain["recipients"] or []
    if before is not None and before.plain["channel"] == plain["channel"]:
        plain |= {field: before.plain[field] for field in SECRETS if plain[field] is None}
    findings = [
        world.unknown(entry, f"integrations[{index}]", "integration", wanted)
        for index, wanted in enumerate(plain["integrations"])
        if world.find("integration", entry.tenant, wanted) is None
    ]
    return findings + (_check_mail(entry) if plain["channel"] == MAIL else _check_webhook(entry))


def _check_mail(entry: Entry) -> list[Finding]:
    findings = [entry.finding(key, "E-mail has none.", "Remove it.") for key in SECRETS if entry.plain[key]]
    if not entry.plain["recipients"]:
        findings.append(entry.finding("recipients", "Nobody receives the messages.", "Name them.", MISSING_KEY))
    return findings


def _check_webhook(entry: Entry) -> list[Finding]:
    plain = entry.plain
    findings = []
    if plain["recipients"]:
        findings.append(entry.finding("recipients", "Only e-mail has recipients.", "Remove them."))
    if plain["url"] is None:
        hint = "Write it as {env: NAME} or {file: PATH}: who knows a webhook's address can use it."
        findings.append(entry.finding("url", "The webhook's address is missing.", hint, MISSING_KEY))
    elif isinstance(plain["url"], Secret):
        findings += _check_address(entry, plain["url"])
    return findings + _check_secret(entry)


def _check_address(entry: Entry, url: Secret) -> list[Finding]:
    try:
        read_destination(url.reveal(), allowed_nets=allowed_nets())
    except AlertAddress as refused:
        return [entry.finding("url", refused.sentence, refused.next_step, refused.code)]
    return []


def _check_secret(entry: Entry) -> list[Finding]:
    found = entry.plain["secret"]
    if entry.plain["channel"] != SIGNED:
        return [entry.finding("secret", "Only a signed webhook has one.", "Remove it.")] if found else []
    if found is None:
        hint = "Write it as {env: NAME} or {file: PATH}; the receiver checks the signature with it."
        return [entry.finding("secret", "The signing secret is missing.", hint, MISSING_KEY)]
    if isinstance(found, Secret) and len(found.reveal()) < SHORTEST_SECRET:
        return [entry.finding("secret", f"The secret is shorter than {SHORTEST_SECRET} characters.", "Make a new one.")]
    return []


def _write(row: AlertRule | None, entry: Entry, writing: Writing) -> AlertRule:
    plain = entry.plain
    rule = row or AlertRule(tenant=writing.tenant, name=entry.name)
    kept = ("channel", "recipients", "codes", "integrations", "every_minutes", "recovered", "enabled")
    columns = {_COLUMNS.get(key, key): plain[key] for key in kept}
    for field in SECRETS:
        if row is None or field in writing.changed:
            rule.seal(field, plain[field])
            columns[field] = getattr(rule, field)
    if not isinstance(plain["url"], Unreadable):
        columns["host"] = _host(plain["url"])
    store(rule, columns, is_new=row is None)
    return rule


def _host(url: Secret | None) -> str:
    return read_destination(url.reveal(), allowed_nets=allowed_nets()).host if url else ""


def _shown(entry: Entry) -> dict[str, Any]:
    plain = dict(entry.plain)
    for field in SECRETS:
        if plain[field] is not None:
            plain[field] = placeholder(entry.tenant, entry.name, field)
    return {"name": entry.name, **{key: value for key, value in given(plain).items() if _USUAL.get(key) != value}}


ALERT_RULE = Kind("alert_rule", block(_KEYS), _stored, _check, _write, _shown)
