"""A stored schedule that cannot be read any more, as when its time zone is gone from the system's data.

It must stop its own unit alone, visibly: the unit is looked at again in an hour, and works again by itself.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction

from core import audit, problems
from core.audit import EventDraft
from core.errors import Invalid
from core.models import Integration, Organisation, Partner, Problem, ProblemState
from core.problems import ProblemDraft

SCHEDULE_BROKEN = "SCHEDULE_BROKEN"
LOOK_AGAIN = timedelta(hours=1)
Scheduled = Integration | Organisation | Partner
Unit = TypeVar("Unit", Integration, Organisation, Partner)
Opened = TypeVar("Opened")


def open_each(
    rows: Iterable[Unit], due_column: str, open_one: Callable[[Unit], Opened], *, now: datetime
) -> list[Opened]:
    """Open the slot of each due unit; one whose schedule is refused becomes a problem, and the others go on."""
    opened: list[Opened] = []
    sound: list[str] = []
    for row in rows:
        try:
            opened.append(open_one(row))
        except Invalid as error:
            _put_off(row, due_column, error, now=now)
        else:
            sound.append(_subject(row))
    _end_problems(sound, now=now)
    return opened


def _end_problems(sound: list[str], *, now: datetime) -> None:
    """End what was reported about schedules that can be read again: usually nothing, so it is asked for all at once."""
    still_open = Problem.objects.filter(code=SCHEDULE_BROKEN, state=ProblemState.OPEN, subject__in=sound)
    for tenant_id, subject in list(still_open.values_list("tenant_id", "subject")):
        problems.resolve(tenant_id, [subject], codes=[SCHEDULE_BROKEN], now=now)


def _put_off(row: Scheduled, due_column: str, error: Invalid, *, now: datetime) -> None:
    kind = row._meta.model_name or ""
    due_at: dict[str, Any] = {due_column: getattr(row, due_column)}
    draft = ProblemDraft(
        tenant_id=row.tenant_id,
        code=SCHEDULE_BROKEN,
        subject=_subject(row),
        sentence=f"The schedule of the {kind} {row} cannot be read, so nothing of it is opened. {error.reasons}",
        next_step=error.hints or "Correct its schedule or its time zone.",
        links={f"{kind}_id": row.pk},
    )
    with transaction.atomic():
        if type(row)._default_manager.filter(pk=row.pk, **due_at).update(**{due_column: now + LOOK_AGAIN}):
            problems.report([draft], now=now)
            audit.append([EventDraft(row.tenant_id, "schedule.broken", detail={kind: str(row)})], now=now)


def _subject(row: Scheduled) -> str:
    return f"schedule:{row.pk}"
