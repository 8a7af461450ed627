"""Runs: the only writer."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from core import audit, problems
from core.actors import account_of, actor_name
from core.audit import EventDraft
from core.errors import ConnectorError, PermanentError
from core.models import Export, File, Integration, Run, RunTrigger
from core.moves import move
from core.problems import ProblemDraft
from core.states import RUN_MOVES, ExportState, FileState, RunState

ACTIVE = (RunState.DUE, RunState.FETCHING, RunState.FORMATTING, RunState.DELIVERING)
FETCH_FAILED = "FETCH_FAILED"
"""A stream could not be read; the run goes on with what is stored."""

OVERDUE = "INTEGRATION_OVERDUE"
SUCCESS = (RunState.DONE, RunState.PARTLY)
SLOTS_WITHOUT_SUCCESS = 3
"""So many slots may pass without a run that worked; then somebody is told, whatever the reason."""

ENDED_FILES = (FileState.DELIVERED, FileState.HELD, FileState.FAILED, FileState.CANCELLED)


def event(run: Run, name: str, *, state: str = "", actor: str = "", **detail: Any) -> EventDraft:
    """Draft an audit line about a run."""
    return EventDraft(
        tenant_id=run.tenant_id,
        event=name,
        actor=actor,
        integration=run.integration.name,
        state=state,
        run_id=run.pk,
        detail=detail,
    )


def open_run(
    integration: Integration,
    *,
    trigger: str,
    now: datetime,
    slot_at: datetime | None = None,
    request_id: UUID | None = None,
    requested_by: Any = None,
    fetches: bool = True,
    **window: Any,
) -> Run | None:
    """Open a run; None when this slot already has one. The same `request_id` gives the run of the first time.

    `requested_by` is an account, or a name without one."""
    try:
        with transaction.atomic():
            run = Run.objects.create(
                tenant_id=integration.tenant_id,
                integration=integration,
                trigger=trigger,
                slot_at=slot_at,
                needs_fetch_from=(slot_at or now) if fetches else None,
                request_id=request_id,
                requested_by=account_of(requested_by),
                created_at=now,
                next_attempt_at=now,
                **window,
            )
            draft = event(run, "run.due", state=RunState.DUE, actor=actor_name(requested_by), trigger=trigger)
            audit.append([draft], now=now)
    except IntegrityError:
        return Run.objects.filter(request_id=request_id).first() if request_id else None
    return run


def to_state(run: Run, to: str, *, now: datetime, **changes: Any) -> bool:
    """Move a run on, with its event; False when it was not where this leads from."""
    if to in (RunState.DONE, RunState.PARTLY, RunState.FAILED, RunState.CANCELLED):
        changes["finished_at"] = now
    with transaction.atomic():
        if not move(Run.objects.filter(pk=run.pk), moves=RUN_MOVES, to=to, **changes):
            return False
        if to in SUCCESS:
            problems.resolve(run.tenant_id, [_overdue(run.integration_id)], codes=[OVERDUE], now=now)
        audit.append([event(run, f"run.{to}", state=to, **_plain(changes))], now=now)
    run.state = to
    return True


def note_overdue(integration: Integration, *, slot_at: datetime, now: datetime) -> bool:
    """Report an integration whose last slots all had their run and none that worked; say whether it is so.

    Looked at when the next slot opens, so that it costs what is due and no more. A run that works ends it."""
    earlier = Run.objects.filter(integration=integration, trigger=RunTrigger.SCHEDULE, slot_at__lt=slot_at)
    last = list(earlier.order_by("-slot_at").values_list("created_at", flat=True)[:SLOTS_WITHOUT_SUCCESS])
    if len(last) < SLOTS_WITHOUT_SUCCESS:
        return False
    since = last[-1]
    if Run.objects.filter(integration=integration, created_at__gte=since, state__in=SUCCESS).exists():
        return False
    draft = ProblemDraft(
        tenant_id=integration.tenant_id,
        code=OVERDUE,
        subject=_overdue(integration.pk),
        sentence=f"{integration.name} has had no run that worked since {since:%Y-%m-%d %H:%M} UTC.",
        next_step="See its last runs, and the problems of its connection and its server.",
        links={"integration_id": integration.pk},
    )
    problems.report([draft], now=now)
    return True


def _overdue(integration_id: UUID) -> str:
    return f"overdue:{integration_id}"


class RunStopped(PermanentError):
    """The run was cancelled, or has ended otherwise, while it was worked on."""

    code = "RUN_STOPPED"


def check_formatting(run: Run) -> None:
    """Lock a run inside a transaction and make sure that it still formats: cancelling it waits for the transaction,
    or has come first. Raises `RunStopped`."""
    if not Run.objects.filter(pk=run.pk, state=RunState.FORMATTING).update(attempts=F("attempts")):
        raise RunStopped(f"The run {run.pk} does not go on.")


def _plain(changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in changes.items() if isinstance(value, str)}


def fetch_window(run: Run) -> dict[str, Any]:
    """Give the window that limits what a run reads; empty for the usual reading since the cursor."""
    window = {"modified_since": run.updated_since, "dated_from": run.dated_from, "dated_to": run.dated_to}
    return {name: bound for name, bound in window.items() if bound is not None}


def outcome(run: Run) -> str | None:
    """Say how a delivering run ends; None while one of its files is still on its way."""
    files = File.objects.filter(run=run)
    if files.exclude(state__in=ENDED_FILES).exists():
        return None
    if run.problem_code == FETCH_FAILED and not files.exists():
        return RunState.FAILED
    left = Export.objects.filter(run=run, state__in=[ExportState.FAILED, ExportState.HELD]).exists()
    stuck = files.filter(state__in=[FileState.HELD, FileState.FAILED]).exists()
    return RunState.PARTLY if left or stuck or run.problem_code else RunState.DONE


def set_back(run: Run, error: ConnectorError, *, retry_at: datetime | None, now: datetime) -> None:
    """Let a run wait until `retry_at`, or end it as failed; with a problem on its integration either way."""
    with transaction.atomic():
        if retry_at:
            Run.objects.filter(pk=run.pk).update(next_attempt_at=retry_at, problem_code=error.code)
        elif not to_state(run, RunState.FAILED, now=now, problem_code=error.code):
            return
        draft = ProblemDraft(
            tenant_id=run.tenant_id,
            code=error.code,
            subject=f"integration:{run.integration_id}",
            sentence=error.sentence,
            next_step=error.next_step,
            links={"integration_id": run.integration_id, "run_id": run.pk},
        )
        problems.report([draft], now=now)
