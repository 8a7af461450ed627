"""Care for problems: what people say and decide about them, each with its event.

The callers hold a transaction and append the returned events last."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from core.audit import EventDraft
from core.models import Problem, ProblemState


def end(rows: Sequence[Problem], *, to: str, actor: str, why: str, now: datetime) -> list[EventDraft]:
    """End open problems as resolved or ignored; those that ended meanwhile are left alone."""
    ended = [row for row in rows if _open(row).update(state=to, ended_at=now)]
    for row in ended:
        if why:
            _note(row, actor, why, now)
    return [_event(row, f"problem.{to}", actor, why=why) for row in ended]


def assign(rows: Sequence[Problem], *, to: Any, actor: str) -> list[EventDraft]:
    """Give open problems to a person, or take them back with None."""
    taken = [row for row in rows if _open(row).exclude(assignee=to).update(assignee=to)]
    name = to.get_username() if to is not None else ""
    return [_event(row, "problem.assigned", actor, to=name) for row in taken]


def comment(row: Problem, *, text: str, actor: str, now: datetime) -> list[EventDraft]:
    """Add a comment below the ones that are there."""
    _note(row, actor, text, now)
    return [_event(row, "problem.commented", actor, text=text)]


def _open(row: Problem) -> Any:
    return Problem.objects.filter(pk=row.pk, state=ProblemState.OPEN)


def _note(row: Problem, actor: str, text: str, now: datetime) -> None:
    stored = Problem.objects.select_for_update().get(pk=row.pk)
    line = f"{now.astimezone(UTC):%Y-%m-%d %H:%M} UTC {actor}: {text}"
    row.comment = f"{stored.comment}\n{line}".strip()
    Problem.objects.filter(pk=row.pk).update(comment=row.comment)


def _event(row: Problem, name: str, actor: str, **detail: Any) -> EventDraft:
    return EventDraft(
        tenant_id=row.tenant_id,
        event=name,
        actor=actor,
        integration=row.integration.name if row.integration else "",
        state=name.removeprefix("problem."),
        run_id=row.run_id,
        export_id=row.export_id,
        file_id=row.file_id,
        detail={"code": row.code, "subject": row.subject, **detail},
    )
