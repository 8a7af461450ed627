"""What the console's templates can say: states, moments, kinds and amounts."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import template
from django.utils.safestring import SafeString

from connector.console import moments, words
from connector.console.inbound.looks import VERDICT
from connector.console.next_steps import Way, ways_on
from connector.console.xero_pages.reading import stream_name
from core.models import Problem

register = template.Library()
TABLES: dict[str, dict[Any, words.Look]] = {
    "run": words.RUN,
    "export": words.EXPORT,
    "file": words.FILE,
    "ack": words.ACK,
    "verdict": VERDICT,
    "fetch": words.FETCH,
    "grant": words.GRANT,
    "host_key": words.HOST_KEY,
    "problem": words.PROBLEM,
    "attempt": words.ATTEMPT,
    "alert": words.ALERT,
    "webhook": words.WEBHOOK,
}


@register.simple_tag
def state(family: str, value: str) -> SafeString:
    """Show a state of one family (run, export, file, ...) as word, colour and icon."""
    return words.chip(TABLES[family].get(value))


@register.simple_tag
def moment(at: datetime | None, zone: str) -> SafeString:
    """Show a moment in a zone, with the zone named."""
    return moments.moment(at, zone)


@register.simple_tag
def exactly(at: datetime | None, zone: str) -> SafeString:
    """Show a moment to the second."""
    return moments.moment(at, zone, seconds=True)


@register.simple_tag
def ago(at: datetime | None, now: datetime, zone: str) -> SafeString:
    """Show how long ago or how far ahead a moment is."""
    return moments.relative(at, now, zone)


@register.simple_tag
def kind(row: Any) -> str:
    """Name what a record or export is."""
    return words.kind_of(row.stream, getattr(row, "kind", ""))


@register.filter
def trigger(value: str) -> str:
    """Name what opened a run."""
    return words.TRIGGERS.get(value, value)


@register.filter
def amount(total: Decimal | None) -> str:
    """Show money with at least two decimals and no needless zeros behind."""
    return words.amount(total)


@register.filter
def stream(value: str) -> str:
    """Name a stream as people do."""
    return stream_name(value)


@register.simple_tag
def look(shown: words.Look) -> SafeString:
    """Show a verdict as word, colour and icon."""
    return words.chip(shown)


@register.simple_tag(takes_context=True)
def ways(context: dict[str, Any], problem: Problem) -> list[Way]:
    """Give the links from a problem to where it is dealt with."""
    return ways_on(context["request"], problem)


@register.filter
def event(name: str) -> str:
    """Say an event's name in words."""
    return words.event_in_words(name)


@register.filter
def reason(value: str) -> str:
    """Say why an export was made."""
    return words.REASONS.get(value, value)


@register.simple_tag
def lasts(length: timedelta) -> str:
    """Say how long something takes."""
    return moments.span(length)
