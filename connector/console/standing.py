"""How an integration stands: one word for the overview, from its last run, its next slot and what blocks it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Now

from connector.console.words import Look
from core.models import GrantState, Run
from core.states import RunState

GRACE = timedelta(minutes=10)
"""How far behind its slot an integration may be before it counts as late."""
LONGEST_RUN = timedelta(hours=1)

ON_TIME = Look("On time", "good", "check_circle")
RUNNING = Look("Running", "busy", "sync")
LATE = Look("Late", "warn", "schedule")
ERROR = Look("Error", "bad", "cancel")
ACTION_REQUIRED = Look("Action required", "bad", "front_hand")
PAUSED = Look("Paused", "idle", "pause_circle")
NOT_SET_UP = Look("Not live yet", "idle", "pending")
NOT_RUN_YET = Look("Not run yet", "wait", "hourglass_empty")
ACTIVE = (RunState.DUE, RunState.FETCHING, RunState.FORMATTING, RunState.DELIVERING)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the verdict rests on."""

    is_enabled: bool
    was_enabled: bool
    grant_state: str
    server_hold: str
    next_due_at: datetime | None
    last_state: str | None
    last_opened_at: datetime | None


def standing(facts: Facts, *, now: datetime) -> Look:
    """Judge how an integration stands; what a person must do comes first."""
    if not facts.is_enabled:
        return PAUSED if facts.was_enabled else NOT_SET_UP
    if facts.grant_state != GrantState.CONNECTED or facts.server_hold:
        return ACTION_REQUIRED
    return _by_run(facts, now)


def _by_run(facts: Facts, now: datetime) -> Look:
    if facts.last_state == RunState.PARTLY:
        return ACTION_REQUIRED
    if facts.last_state == RunState.FAILED:
        return ERROR
    if facts.next_due_at is not None and facts.next_due_at < now - GRACE:
        return LATE
    if facts.last_state in ACTIVE:
        opened = facts.last_opened_at or now
        return LATE if opened < now - LONGEST_RUN else RUNNING
    return NOT_RUN_YET if facts.last_state is None else ON_TIME


def with_standing(integrations: QuerySet[Any]) -> Any:
    """Add to each integration its newest run, its last success, and the time to judge it by."""
    runs = Run.objects.filter(integration=OuterRef("pk")).order_by("-pk")
    return integrations.annotate(
        judged_at=Now(),
        last_state=Subquery(runs.values("state")[:1]),
        last_opened_at=Subquery(runs.values("created_at")[:1]),
        last_success_at=Subquery(runs.filter(state=RunState.DONE).values("finished_at")[:1]),
    )


def standing_of(row: Any) -> Look:
    """Judge an integration that was read by `with_standing`, with its grant and its partner's server."""
    facts = Facts(
        is_enabled=row.is_enabled,
        was_enabled=row.enabled_at is not None,
        grant_state=row.organisation.grant.state,
        server_hold=row.partner.server.hold_code,
        next_due_at=row.next_due_at,
        last_state=row.last_state,
        last_opened_at=row.last_opened_at,
    )
    return standing(facts, now=row.judged_at)
