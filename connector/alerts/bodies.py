"""Messages in the shape that each service takes. Nothing in them is read as markup, a mention or a command.

Slack: text with `&`, `<` and `>` escaped (Slack's page "Formatting text for app surfaces"). Teams: an adaptive card,
since workflows take nothing else (Microsoft's page "Create Incoming Webhooks with Workflows for Microsoft Teams"); its
text runs are plain. Signed webhook: the headers and the signature of Standard Webhooks 1.0.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connector.alerts import text
from core.models import AlertMessage
from core.secret import Secret

MOST_LINES = 60
CARD = "application/vnd.microsoft.card.adaptive"
PREFIX = "whsec_"


def slack(message: AlertMessage) -> bytes:
    """Give the body for a Slack incoming webhook."""
    words = "\n".join([text.subject_of(message), *_lines(message)])
    escaped = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _json({"text": escaped, "mrkdwn": False, "unfurl_links": False, "unfurl_media": False})


def teams(message: AlertMessage) -> bytes:
    """Give the body for a workflow of Microsoft Teams."""
    rows = [_run(text.subject_of(message), weight="Bolder"), *(_run(line) for line in _lines(message) if line)]
    card: dict[str, Any] = {"type": "AdaptiveCard", "version": "1.2", "body": rows}
    if link := text.problems_link():
        card["actions"] = [{"type": "Action.OpenUrl", "title": "Open problems", "url": link}]
    return _json({"type": "message", "attachments": [{"contentType": CARD, "contentUrl": None, "content": card}]})


def _run(line: str, **style: str) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": line, **style}]}


def _lines(message: AlertMessage) -> list[str]:
    return list(text.lines_of(message))[:MOST_LINES]


def webhook(message: AlertMessage) -> bytes:
    """Give the body of the signed webhook: the same at every try of a message."""
    content = message.content
    return _json(
        {
            "type": "alert.test" if content.get("test") else "alert",
            "timestamp": message.created_at.astimezone(UTC).isoformat(timespec="seconds"),
            "data": {
                "tenant": message.rule.tenant.slug,
                "rule": message.rule.name,
                **{kind: _part(content[kind]) for kind in text.TITLES if kind in content},
            },
        }
    )


def _part(part: Mapping[str, Any]) -> dict[str, Any]:
    groups = [
        {
            "code": group["code"],
            "integration": group["integration"] or None,
            "count": group["count"],
            "sentence": text.plain(group["sentence"]),
            "next_step": text.plain(group["next_step"]),
            "link": text.problem_link(group) or None,
        }
        for group in part["groups"]
    ]
    return {"count": part["count"], "groups": groups, "more": part["more"]}


def signature_headers(message: AlertMessage, body: bytes, secret: Secret, *, now: datetime) -> dict[str, str]:
    """Sign a body: HMAC-SHA256 over id, time and body (Standard Webhooks 1.0, "Signature scheme")."""
    name, at = str(message.key), str(int(now.timestamp()))
    signed = b".".join([name.encode(), at.encode(), body])
    mac = base64.b64encode(hmac.digest(_key(secret), signed, hashlib.sha256)).decode()
    return {"webhook-id": name, "webhook-timestamp": at, "webhook-signature": f"v1,{mac}"}


def _key(secret: Secret) -> bytes:
    """A secret that begins with `whsec_` is base64, any other is its own bytes."""
    words = secret.reveal()
    if words.startswith(PREFIX):
        try:
            return base64.b64decode(words.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            pass
    return words.encode()


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
