"""Redaction: no secret leaves in a log line or an error report, whoever wrote it there.

Three nets: values under a telling key, texts that look like a secret (`password=…`, a bearer token, a private key,
a password in an address), and the very secrets that this process knows: its settings and every `Secret` in use.
"""

import re
from collections.abc import ItemsView, Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.views.debug import SafeExceptionReporterFilter

from core.secret import live_secrets

HIDDEN = "***"
SHORTEST = 6
"""Shorter texts are not looked for: they would stand in ordinary words."""
LONGEST_TEXT = 4000
_KEY = (
    r"password|passwd|passphrase|pwd|secret|token|authorization|private[_-]?key|api[_-]?key|cookie|sessionid|assertion"
    r"|signature|keks?"
)
TELLING_KEY = re.compile(_KEY, re.IGNORECASE)
_ASSIGNED = rf"(['\"]?[\w-]{{0,40}}(?:{_KEY})[\w-]{{0,40}}['\"]?\s{{0,3}}[=:]\s{{0,3}})(['\"]?)[^\s'\"&,;}}\])]+\2"
_TEXTS = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), HIDDEN),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}"), rf"\1 {HIDDEN}"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{4,}(\.[A-Za-z0-9_-]*){1,2}"), HIDDEN),
    (re.compile(r"(?<=://)([^/\s:@]*):([^/\s@]+)@"), rf"\1:{HIDDEN}@"),
    (re.compile(_ASSIGNED, re.IGNORECASE), rf"\1{HIDDEN}"),
    (re.compile(r"(?i)([?&](?:code|state|id_token)=)[^&\s]+"), rf"\1{HIDDEN}"),
)


def redact(text: str) -> str:
    """Give a text without secrets, and not longer than a log line should be."""
    shown = text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}… ({len(text)} characters)"
    for known in known_secrets():
        if known in shown:
            shown = shown.replace(known, HIDDEN)
    for pattern, instead in _TEXTS:
        shown = pattern.sub(instead, shown)
    return shown


def redact_value(value: Any, *, key: str = "", depth: int = 4) -> Any:
    """Give a value of a log line without secrets; what is no plain value becomes its text."""
    if TELLING_KEY.search(key) and not isinstance(value, (bool, int, float, type(None))):
        return HIDDEN
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Mapping) and depth:
        return {str(name): redact_value(item, key=str(name), depth=depth - 1) for name, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)) and depth:
        return [redact_value(item, depth=depth - 1) for item in value]
    if isinstance(value, (bytes, bytearray, memoryview)):
        return f"{len(value)} bytes"
    return redact(str(value))


def known_secrets() -> Iterator[str]:
    """Give the secrets that this process knows, longest first: those of its settings, and every `Secret` in use."""
    found = {text for text in (*_of_settings(), *live_secrets()) if len(text) >= SHORTEST}
    yield from sorted(found, key=len, reverse=True)


def _of_settings() -> Iterator[str]:
    yield from (settings.SECRET_KEY, settings.XERO_CLIENT_SECRET, settings.METRICS_TOKEN, *settings.XERO_WEBHOOK_KEYS)
    yield settings.EMAIL_HOST_PASSWORD
    for part in settings.CONNECTOR_KEKS.split(","):
        place = part.partition("=")[2]
        yield from () if ":" in place else (place,)
    password = str(settings.DATABASES["default"].get("PASSWORD") or "")
    redis_password = urlsplit(settings.REDIS_URL).password or ""
    yield from (password, redis_password, unquote(redis_password))


class ReportFilter(SafeExceptionReporterFilter):
    """Django's own error pages and reports: no local variable, no posted value, no setting that could be a secret."""

    hidden_settings = re.compile(rf"{_KEY}|KEY|PASS|URL|CREDENTIAL|SIGNATURE|HTTP_COOKIE", re.IGNORECASE)

    def get_traceback_frame_variables(self, request: Any, tb_frame: Any) -> ItemsView[str, Any]:
        """Give the names of the variables only."""
        return dict.fromkeys(tb_frame.f_locals, HIDDEN).items()

    def get_post_parameters(self, request: Any) -> dict[str, str]:
        """Give the names of the posted values only."""
        return dict.fromkeys(request.POST, HIDDEN) if request is not None else {}
