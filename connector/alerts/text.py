"""What an alert says: code, sentence, next step, link and counts; never a payload, never a secret."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse

from connector.redaction import redact
from core.models import AlertMessage

LONGEST_SENTENCE = 400
TITLES = {"opened": "New", "ended": "Over"}


def subject_of(message: AlertMessage) -> str:
    """Give the one line that people see first."""
    tenant = plain(message.rule.tenant.name)
    if message.content.get("test"):
        return f"{tenant}: a test of the alert rule {message.rule.name}"
    counts = {kind: message.content[kind]["count"] for kind in TITLES}
    groups = message.content["opened"]["groups"]
    if counts["opened"] and len(groups) == 1:
        what = _named(groups[0])
    elif counts["opened"]:
        what = f"{counts['opened']} new problems"
    else:
        what = "recovered: " + ", ".join(sorted({group["code"] for group in message.content["ended"]["groups"]}))
    return f"{tenant}: {what}"[:200]


def lines_of(message: AlertMessage) -> Iterator[str]:
    """Give the whole message as lines of plain text."""
    if message.content.get("test"):
        yield "This is a test. Nothing is wrong: the alert rule's messages arrive."
        return
    for kind, title in TITLES.items():
        part = message.content[kind]
        if part["count"]:
            yield f"{title}:"
            yield from _part(part, is_over=kind == "ended")
            yield ""
    if link := problems_link():
        yield f"All open problems: {link}"
    yield f"At most one message in {message.rule.every_minutes} minutes. When: {_moment(message)}"


def _part(part: dict[str, Any], *, is_over: bool) -> Iterator[str]:
    for group in part["groups"]:
        where = f" ({group['integration']})" if group["integration"] else ""
        yield f"- {_named(group)}{where}: {plain(group['sentence'])}"
        if not is_over and group["next_step"]:
            yield f"  What to do: {plain(group['next_step'])}"
        if link := problem_link(group):
            yield f"  {link}"
    if part["more"]:
        yield f"- and {part['more']} more"


def _named(group: dict[str, Any]) -> str:
    return group["code"] if group["count"] == 1 else f"{group['code']}, {group['count']} times"


def plain(text: str) -> str:
    """Give one printable line without secrets, of a length that people read."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    shown = redact(printable)
    return shown if len(shown) <= LONGEST_SENTENCE else f"{shown[:LONGEST_SENTENCE]}…"


def problem_link(group: dict[str, Any]) -> str:
    """Lead to a problem's page, or to all of its code; empty while PUBLIC_URL is not set."""
    if not settings.PUBLIC_URL:
        return ""
    if group["count"] > 1:
        return f"{problems_link()}&q={group['code']}"
    return settings.PUBLIC_URL + reverse("admin:core_problem_change", args=[group["problem"]])


def problems_link() -> str:
    """Lead to the open problems; empty while PUBLIC_URL is not set."""
    if not settings.PUBLIC_URL:
        return ""
    return f"{settings.PUBLIC_URL}{reverse('admin:core_problem_changelist')}?state__exact=open"


def _moment(message: AlertMessage) -> str:
    zone = message.rule.tenant.time_zone
    made: datetime = message.created_at
    return f"{made.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} {zone}"
