"""Start-up checks: settings that cannot work, or must not, stop every command with a plain sentence."""

import ipaddress
from collections.abc import Callable, Iterator
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from connector.mail_settings import is_mail_url
from core import vault
from core.errors import ConnectorError

XERO_BASES = ("XERO_LOGIN_BASE", "XERO_IDENTITY_BASE", "XERO_API_BASE")
ABOVE_ZERO = (
    "LEASE_SECONDS",
    "SWEEP_SECONDS",
    "TICK_SECONDS",
    "WORKER_THREADS",
    "XERO_DAY_LIMIT",
    "XERO_READ_SECONDS",
    "WEBHOOKS_PER_SECOND",
    "WEBHOOKS_AT_ONCE",
)


@register("connector")
def check_settings(**_: Any) -> list[CheckMessage]:
    """Check everything that the environment says."""
    return [message for check in CHECKS for message in check()]


def _secret_key() -> Iterator[CheckMessage]:
    try:
        is_there = bool(settings.SECRET_KEY)
    except ImproperlyConfigured:
        is_there = False
    if not is_there:
        yield Error("SECRET_KEY is missing.", hint="Set it to a long random text of your own.", id="connector.E001")


def _keys() -> Iterator[CheckMessage]:
    try:
        vault.keyring()
    except ConnectorError as error:
        hint = error.next_step or "Set CONNECTOR_KEKS (id=BASE64 of 32 bytes) and CONNECTOR_KEK_ACTIVE."
        yield Error(error.sentence, hint=hint, id="connector.E002")


def _xero_hosts() -> Iterator[CheckMessage]:
    for name in XERO_BASES:
        if reason := _wrong_base(getattr(settings, name)):
            hint = "Write https:// and the host, as https://api.xero.com; http:// is for a simulator on this machine."
            yield Error(f"{name} {reason}.", hint=hint, id="connector.E003")


def _wrong_base(text: str) -> str:
    """Say why an address is no base for calls with credentials; empty when it is one."""
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return "is not an address"
    if parts.scheme not in ("http", "https") or not host:
        return "is not an address with http:// or https://"
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username is not None:
        return "must be a host without path, question mark or user"
    if parts.scheme == "http" and not _is_this_machine(host):
        return "sends credentials over http:// to another machine"
    return ""


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_simulated(base: str) -> bool:
    try:
        return _is_this_machine(urlsplit(base).hostname or "")
    except ValueError:
        return False


def _debug() -> Iterator[CheckMessage]:
    if settings.DEBUG and not settings.EMBEDDED and not _is_simulated(settings.XERO_API_BASE):
        hint = "Unset DEBUG. It shows settings and code to whoever meets an error, and asks for no second factor."
        yield Error("DEBUG is on in an installation that reads the real Xero.", hint=hint, id="connector.E004")


def _xero_app() -> Iterator[CheckMessage]:
    if bool(settings.XERO_CLIENT_ID) != bool(settings.XERO_CLIENT_SECRET):
        hint = "Set both XERO_CLIENT_ID and XERO_CLIENT_SECRET, or neither where each connection has its own app."
        yield Error("The installation's Xero app has only one of id and secret.", hint=hint, id="connector.E005")


def _scopes() -> Iterator[CheckMessage]:
    scopes = settings.XERO_SCOPES.split()
    writing = [scope for scope in scopes if scope.startswith("accounting.") and not scope.endswith(".read")]
    if writing:
        hint = "Use the scopes that end in .read: nothing here ever writes to Xero."
        yield Error(f"XERO_SCOPES asks for writing: {', '.join(writing)}.", hint=hint, id="connector.E006")
    if "offline_access" not in scopes:
        hint = "Add offline_access, unless all connections are custom connections."
        yield checks.Warning(
            "XERO_SCOPES lacks offline_access: sign-ins end in 30 minutes.", hint=hint, id="connector.W001"
        )


def _private_nets() -> Iterator[CheckMessage]:
    for text in settings.ALLOWED_PRIVATE_NETS:
        try:
            ipaddress.ip_network(text)
        except ValueError as error:
            hint = "Write networks as 10.1.0.0/16, separated by commas."
            yield Error(f"ALLOWED_PRIVATE_NETS: {error}.", hint=hint, id="connector.E007")


def _numbers() -> Iterator[CheckMessage]:
    for name in ABOVE_ZERO:
        if getattr(settings, name) <= 0:
            yield Error(f"{name} must be above zero.", hint="Leave it out for the default.", id="connector.E008")
    if settings.XERO_SWEEP_DAYS < 0:
        yield Error("XERO_SWEEP_DAYS is below zero.", hint="0 switches the sweep off.", id="connector.E008")


def _public_url() -> Iterator[CheckMessage]:
    if settings.PUBLIC_URL and (reason := _wrong_base(settings.PUBLIC_URL)):
        hint = "Write https:// and the host under which browsers reach this installation."
        yield Error(f"PUBLIC_URL {reason}.", hint=hint, id="connector.E009")


def _mail() -> Iterator[CheckMessage]:
    hint = "Write EMAIL_URL as smtp+tls://USER:$PASSWORD@HOST:587 (smtp+ssl:// and smtp:// work, too)."
    if settings.EMAIL_URL and not is_mail_url(settings.EMAIL_URL):
        yield Error("EMAIL_URL is not the address of a mail server.", hint=hint, id="connector.E010")
    elif settings.EMAIL_URL and "@" not in parseaddr(settings.ALERT_FROM)[1]:
        hint = "Set ALERT_FROM to the sender's address, as in ml-connector <alerts@example.com>."
        yield Error("EMAIL_URL is set, but ALERT_FROM is not a mail address.", hint=hint, id="connector.E010")


CHECKS: tuple[Callable[[], Iterator[CheckMessage]], ...] = (
    _secret_key,
    _keys,
    _xero_hosts,
    _debug,
    _xero_app,
    _scopes,
    _private_nets,
    _numbers,
    _public_url,
    _mail,
)
