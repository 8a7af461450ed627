"""How far a run is: its stages, what was read, and its exports counted by state."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, Sum

from connector import backfill
from connector.console.words import EXPORT, many
from connector.replay import progress_of
from core.models import Fetch, Run, RunTrigger
from core.states import FileState, RunState

STAGES = (
    (RunState.FETCHING, "Read Xero", "cloud_download"),
    (RunState.FORMATTING, "Build files", "build"),
    (RunState.DELIVERING, "Deliver", "upload"),
)
MOST_FETCHES = 30
ORDER = [RunState.DUE, RunState.FETCHING, RunState.FORMATTING, RunState.DELIVERING, RunState.DONE]


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: how it stands, what it counts, and how much of it is done where that is known."""

    name: str
    icon: str
    tone: str
    words: str
    done: int | None = None
    total: int | None = None


def of(run: Run, *, now: datetime) -> dict[str, Any]:
    """Give a run's stages, fetches and counts for the progress part of its page."""
    fetches = list(run.fetches.order_by("-pk")[:MOST_FETCHES])
    totals = totals_of(run, fetches)
    counts = count_by_state(run)
    files = run.files.exclude(state=FileState.CANCELLED).aggregate(
        files=Count("pk"), records=Sum("record_count"), sent=Count("pk", filter=Q(state=FileState.DELIVERED))
    )
    built = f"{many(files['records'] or 0, 'record')} in {many(files['files'], 'file')}"
    sent = f"{files['sent']:,} of {many(files['files'], 'file')}" if files["files"] else "Nothing to deliver"
    facts = {
        RunState.FETCHING: (many(totals["read"] or 0, "record"), *_pages(totals)),
        RunState.FORMATTING: (built, None, None),
        RunState.DELIVERING: (sent, files["sent"], files["files"]),
    }
    stages = [
        Stage(name, icon, _tone(run, state), words, done, total)
        for state, name, icon in STAGES
        for words, done, total in [facts[state]]
    ]
    parts = backfill.progress(run) if run.trigger == RunTrigger.BACKFILL else None
    shown = progress_of(run, now=now) if run.trigger == RunTrigger.REPLAY else None
    return {
        "replay": shown,
        "backfill": parts,
        "stages": stages,
        "fetches": fetches,
        "counts": counts,
        "is_live": run.finished_at is None,
    }


def totals_of(run: Run, fetches: list[Fetch]) -> dict[str, Any]:
    """Add up what a run's fetches read, from those that were read already when they are all of them."""
    if len(fetches) == MOST_FETCHES:
        unknown = Count("pk", filter=Q(page_count__isnull=True))
        return run.fetches.aggregate(read=Sum("read"), pages=Sum("page"), of=Sum("page_count"), unknown=unknown)
    return {
        "read": sum(fetch.read for fetch in fetches),
        "pages": sum(fetch.page for fetch in fetches),
        "of": sum(fetch.page_count or 0 for fetch in fetches),
        "unknown": sum(fetch.page_count is None for fetch in fetches),
    }


def _pages(totals: dict[str, Any]) -> tuple[int | None, int | None]:
    return (None, None) if totals["unknown"] or not totals["of"] else (totals["pages"], totals["of"])


def _tone(run: Run, stage: str) -> str:
    if run.state in (RunState.DONE, RunState.PARTLY):
        return "good"
    if run.state in (RunState.FAILED, RunState.CANCELLED):
        return "idle"
    here, there = ORDER.index(RunState(run.state)), ORDER.index(RunState(stage))
    return "good" if here > there else "busy" if here == there else "idle"


def count_by_state(run: Run) -> list[tuple[str, int]]:
    """Count a run's exports by state, in the order of the states."""
    found = dict(run.exports.order_by().values_list("state").annotate(Count("pk")))
    return [(state, found[state]) for state in EXPORT if state in found]
