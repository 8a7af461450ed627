"""Progress: how far a replay run is, in exports."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count

from core.models import Run
from core.states import ExportState

UNDER_WAY = (ExportState.PENDING, ExportState.FORMATTED)


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` exports have ended; `left` says how long the rest takes at the rate so far, where known."""

    total: int
    done: int
    states: dict[str, int] = field(default_factory=dict)
    per_minute: float = 0.0
    left: timedelta | None = None

    @property
    def percent(self) -> int:
        """How much is done, rounded down."""
        return 100 * self.done // self.total if self.total else 100


def progress_of(run: Run, *, now: datetime) -> Progress:
    """Count a replay run's exports, those included that it has not made yet."""
    states = dict(run.exports.order_by().values_list("state").annotate(Count("pk")))
    waiting = run.replay_items.count()
    total = sum(states.values()) + waiting
    done = sum(count for state, count in states.items() if state not in UNDER_WAY)
    began = run.started_at or run.created_at
    minutes = ((run.finished_at or now) - began).total_seconds() / 60
    rate = done / minutes if minutes > 0 else 0.0
    goes_on = run.finished_at is None and rate > 0
    left = timedelta(minutes=(total - done) / rate) if goes_on else None
    return Progress(total, done, states, rate, left)
