"""Django's mail settings from one address, as django-environ reads it; the usual port where none is written."""

from typing import Any
from urllib.parse import urlsplit

import environ

PORTS = {"smtp": 25, "smtps": 587, "smtp+tls": 587, "smtp+ssl": 465}
NONE = "dummymail://"
SECONDS = 10


def is_mail_url(url: str) -> bool:
    """Say whether an address leads to a mail server."""
    try:
        parts = urlsplit(url)
        return parts.scheme in PORTS and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def mail_settings(url: str) -> dict[str, Any]:
    """Give Django's settings for an address; without one, and for one that start-up refuses, mail goes nowhere."""
    is_usable = is_mail_url(url)
    read: Any = environ.Env.email_url_config
    found: dict[str, Any] = read(url if is_usable else NONE)
    if is_usable:
        found["EMAIL_PORT"] = found["EMAIL_PORT"] or PORTS[urlsplit(url).scheme]
    wanted = ("EMAIL_BACKEND", "EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD")
    flags = {name: bool(found.get(name)) for name in ("EMAIL_USE_TLS", "EMAIL_USE_SSL")}
    return {**{name: found.get(name) or "" for name in wanted}, **flags, "EMAIL_TIMEOUT": SECONDS}
