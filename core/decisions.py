"""Decisions: what people decide about exports and files that wait, each a conditional update with its event.

The callers hold a transaction and append the returned events last."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from core import awaiting, exports, outbox, problems
from core.audit import EventDraft
from core.models import Attempt, AttemptResult, Export, File, Run
from core.moves import move
from core.states import EXPORT_MOVES, FILE_MOVES, ExportState, FileState

BY_HAND = "by hand"
"""The evidence of a delivery that a person vouches for."""


def approve(held: Sequence[Export], *, run: Run, actor: str, why: str, now: datetime) -> list[EventDraft]:
    """Let held exports go out with a run of their own."""
    moved = _moved(held, ExportState.PENDING, [ExportState.HELD], is_approved=True, run=run, problem_code="")
    problems.resolve(run.tenant_id, [f"export:{export.pk}" for export in moved], now=now)
    return [_event(export, "export.approved", ExportState.PENDING, actor, why, run_id=run.pk) for export in moved]


def ignore(waiting: Sequence[Export], *, actor: str, why: str, now: datetime) -> list[EventDraft]:
    """Leave exports out for good that are held or have failed."""
    sentence = f"Ignored: {why}"
    moved = _moved(
        waiting, ExportState.IGNORED, [ExportState.HELD, ExportState.FAILED], sentence=sentence, ended_at=now
    )
    for tenant_id in {export.tenant_id for export in moved}:
        own = [f"export:{export.pk}" for export in moved if export.tenant_id == tenant_id]
        problems.ignore(tenant_id, own, now=now)
    return [_event(export, "export.ignored", ExportState.IGNORED, actor, why) for export in moved]


def _moved(rows: Sequence[Export], to: str, sources: Sequence[str], **changes: Any) -> list[Export]:
    """Move exports; give those that moved: somebody else may have decided about the others in the same moment."""
    locked = Export.objects.select_for_update().filter(pk__in=[row.pk for row in rows], state__in=sources)
    ours = set(locked.values_list("pk", flat=True))
    move(Export.objects.filter(pk__in=ours), moves=EXPORT_MOVES, to=to, only_from=sources, **changes)
    return [row for row in rows if row.pk in ours]


def _event(export: Export, name: str, state: str, actor: str, why: str, run_id: int | None = None) -> EventDraft:
    return EventDraft(
        tenant_id=export.tenant_id,
        event=name,
        actor=actor,
        integration=export.integration.name,
        stream=export.stream,
        xero_id=export.xero_id,
        number=export.number,
        state=state,
        run_id=run_id,
        export_id=export.pk,
        detail={"why": why, "was": export.state, "code": export.problem_code},
    )


def release_file(file: File, *, actor: str, why: str, now: datetime) -> list[EventDraft]:
    """Let a held file go on: to the start, or to where its attempt may have brought it already."""
    to = FileState.PUBLISHING if file.temp_name else FileState.READY
    times: dict[str, Any] = {"next_attempt_at": now, "due_since": now, "problem_code": ""}
    if not _decided(file, to, [FileState.HELD], **times):
        return []
    return _file_events(file, "file.released", to, actor, why, now)


def cancel_file(file: File, *, actor: str = "", why: str, now: datetime) -> list[EventDraft]:
    """End a file that nobody works on: it is not sent, nor are its exports. What it holds is kept."""
    sources = [FileState.READY, FileState.RETRY_WAIT, FileState.HELD]
    if not _decided(file, FileState.CANCELLED, sources, next_attempt_at=None):
        return []
    exports.cancelled_with(file, sentence=f"Its file was cancelled: {why}", now=now)
    return _file_events(file, "file.cancelled", FileState.CANCELLED, actor, why, now)


def deliver_by_hand(file: File, *, actor: str, why: str, now: datetime) -> list[EventDraft]:
    """Take a person's word that the partner has a held file."""
    changes: dict[str, Any] = {"delivered_at": now, "evidence": BY_HAND, "problem_code": "", "next_attempt_at": None}
    if not _decided(file, FileState.DELIVERED, [FileState.HELD], **changes):
        return []
    exports.delivered([file.pk], now=now)
    events = _file_events(file, "file.delivered", FileState.DELIVERED, actor, why, now, evidence=BY_HAND)
    return events + awaiting.await_answers([file], now=now)


def _decided(file: File, to: str, sources: Sequence[str], **changes: Any) -> bool:
    return bool(move(File.objects.filter(pk=file.pk), moves=FILE_MOVES, to=to, only_from=sources, **changes))


def _file_events(
    file: File, name: str, state: str, actor: str, why: str, now: datetime, **detail: Any
) -> list[EventDraft]:
    Attempt.objects.filter(file=file, result=AttemptResult.STARTED).update(result=AttemptResult.LOST, finished_at=now)
    problems.resolve(file.tenant_id, [f"file:{file.pk}"], now=now)
    draft = outbox.event(file, name, state=state, why=why, was=file.state, code=file.problem_code, **detail)
    return [replace(draft, actor=actor)]
