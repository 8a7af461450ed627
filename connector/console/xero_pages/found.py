"""What found a record, in words: a webhook, a poll, or something else that made us read."""

from core.models import Fetch, FetchTrigger

FOUND_BY: dict[str, str] = {
    FetchTrigger.POLL: "a poll",
    FetchTrigger.RUN: "a run",
    FetchTrigger.WEBHOOK: "a webhook",
    FetchTrigger.BACKFILL: "a backfill",
    FetchTrigger.SWEEP: "the reading of everything",
    FetchTrigger.JOIN: "a document that mentions it",
    FetchTrigger.REPLAY: "a replay",
}


def found_by(fetch: Fetch | None) -> str:
    """Say what made us read; empty when that is not known."""
    return FOUND_BY.get(fetch.trigger, fetch.trigger) if fetch else ""
