"""What an organisation's page shows about reading: each stream's cursor, what is not read and why, the last fetches."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings

from connector.console import words
from connector.console.xero_pages.found import found_by
from connector.xero_connection import days_left
from core.cursors import BLOCK_LASTS
from core.models import Fetch, Grant, Organisation, StreamCursor

MOST_FETCHES = 15
FEW_DAYS = 20
RECONNECT = "Connect again in Xero sign-in and allow it."
BLOCKED: dict[str, tuple[str, str]] = {
    "XERO_SCOPE": ("The connection was not given the permission for it.", RECONNECT),
    "XERO_PERMISSION": (
        "The person who connected may not see it in Xero.",
        "Give them the permission in Xero, or connect again as somebody who has it.",
    ),
    "XERO_DISCONNECTED": ("The organisation no longer allows the app.", "Connect again and choose the organisation."),
    "XERO_ORGANISATION_TAKEN": (
        "Another connection reads this organisation already.",
        "Use that connection, or other credentials.",
    ),
}
STREAMS = {
    "organisation": "Organisation",
    "accounts": "Accounts",
    "tax_rates": "Tax rates",
    "prepayments": "Prepayments",
    "overpayments": "Overpayments",
}


@dataclass(frozen=True, slots=True)
class Block:
    """Why something is not read, what to do, and when it is tried again by itself."""

    code: str
    sentence: str
    next_step: str
    tries_at: datetime


@dataclass(frozen=True, slots=True)
class StreamLine:
    """One stream: its cursor, and what is in its way."""

    name: str
    cursor: StreamCursor
    block: Block | None


@dataclass(frozen=True, slots=True)
class FetchLine:
    """One fetch, with what made it."""

    name: str
    found_by: str
    fetch: Fetch


def stream_name(stream: str) -> str:
    """Name a stream or a mirror as people do: `Manual journals`."""
    one = words.STREAMS.get(stream)
    return f"{one}s" if one else STREAMS.get(stream, stream)


def block_of(row: Organisation | StreamCursor) -> Block | None:
    """Say why an organisation or a stream is not read; None when it is."""
    if not row.blocked_code or row.blocked_at is None:
        return None
    sentence, next_step = BLOCKED.get(row.blocked_code, ("Xero refused it.", "Test the connection."))
    return Block(row.blocked_code, sentence, next_step, row.blocked_at + BLOCK_LASTS)


def reading_of(organisation: Organisation) -> dict[str, Any]:
    """Give the streams of an organisation, what blocks all of them, and its newest fetches."""
    cursors = organisation.cursors.order_by("stream")
    fetches = organisation.fetches.order_by("-pk")[:MOST_FETCHES]
    return {
        "blocked_whole": block_of(organisation),
        "streams": [StreamLine(stream_name(row.stream), row, block_of(row)) for row in cursors],
        "fetches": [FetchLine(stream_name(row.stream), found_by(row), row) for row in fetches],
    }


def calls_today(organisation: Organisation, *, today: date) -> str:
    """Say how many of the day's calls are used; a day is Xero's, in UTC."""
    made = organisation.call_counts.filter(day=today).values_list("calls", flat=True).first() or 0
    return f"{made:,} of {organisation.day_limit or settings.XERO_DAY_LIMIT:,}"


def grant_ends(grant: Grant, *, now: datetime) -> Any:
    """Say in how many days a sign-in ends unless it is renewed; nothing where none ends."""
    left = days_left(grant, now=now)
    if left is None:
        return ""
    text = f"{left} day{'' if left == 1 else 's'} left"
    return words.chip(words.Look(text, "warn" if left <= FEW_DAYS else "good", "event_available"))
