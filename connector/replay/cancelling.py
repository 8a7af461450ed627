"""Cancelling a run: what has not left yet does not leave. Who builds its files notices at the next transaction."""

from datetime import datetime
from typing import Any

from django.db import transaction

from connector.reasons import needed_reason
from core import audit, decisions, replays, runs
from core.actors import actor_name
from core.audit import EventDraft
from core.errors import PermanentError
from core.models import OWN_EXPORTS, Export, File, Run, RunTrigger
from core.states import ExportState, FileState, RunState

NOT_UNDER_WAY = (FileState.READY, FileState.RETRY_WAIT, FileState.HELD)


class RunNotCancellable(PermanentError):
    """The run has ended, or its files are built and would be missing."""

    code = "RUN_NOT_CANCELLABLE"


def cancel_run(run: Run, *, actor: Any = None, reason: str, now: datetime) -> Run:
    """Cancel a run. A replay ends whole: what it was asked for, what waits, and files that are not under way. Any
    other run stops reading and formatting; what waits goes out with the next run, and built files go on.

    Raises `Invalid` without a reason, `RunNotCancellable` when it is too late."""
    why = needed_reason(reason, what="Cancelling a run")
    with transaction.atomic():
        if run.state == RunState.DELIVERING and run.trigger not in OWN_EXPORTS:
            raise RunNotCancellable(
                f"The files of run {run.pk} are built already.", next_step="Hold or cancel the files instead."
            )
        if not runs.to_state(run, RunState.CANCELLED, now=now):
            raise RunNotCancellable(f"Run {run.pk} has ended already.")
        name = actor_name(actor)
        events = _cancel_own(run, name, why, now) if run.trigger in OWN_EXPORTS else []
        events.append(runs.event(run, "run.cancel_asked", state=run.state, actor=name, why=why))
        audit.append(events, now=now)
    return run


def _cancel_own(run: Run, actor: str, reason: str, now: datetime) -> list[EventDraft]:
    files = File.objects.filter(run=run, state__in=NOT_UNDER_WAY).select_related("integration").order_by("pk")
    events = [event for file in files for event in decisions.cancel_file(file, actor=actor, why=reason, now=now)]
    if run.trigger != RunTrigger.REPLAY:
        Export.objects.filter(run=run, state=ExportState.PENDING).update(run=None)
        return events
    replays.forget_items(run)
    replays.end_children(run, to=ExportState.CANCELLED, sentence="The replay was cancelled.", now=now)
    return events
