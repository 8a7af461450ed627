"""Deliveries: the only writer of sealed files and their attempts.

Delivery holds the lease of the file's server; every step also names the file's own fence, which each claim raises,
and each claim has a temporary name of its own. So a worker that slept past its lease can neither publish nor report
anything.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    F,
    Field,
    OuterRef,
    PositiveBigIntegerField,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Concat

from core import audit, awaiting, exports, problems
from core.claims import FINAL_NAME, temporary_folder, temporary_name
from core.errors import ConnectorError
from core.models import Attempt, AttemptResult, File, Publish, Server
from core.moves import move
from core.outbox import event
from core.problems import ProblemDraft
from core.states import FILE_MOVES, FileState

GIVEN_UP_AT_A_TIME = 200

_SIZE = Subquery(File.objects.filter(pk=OuterRef("file")).values("size")[:1])
"""The size of an attempt's file, for many attempts in one update."""


def note_begun(files: Sequence[File]) -> None:
    """Note, before files are written under their final names, that what lies there from now on may be ours."""
    Attempt.objects.filter(file__in=files, result=AttemptResult.STARTED).update(has_begun=True)


def begun_before(files: Sequence[File]) -> set[int]:
    """Name the files that an earlier attempt began to write under their final name."""
    earlier = Attempt.objects.filter(file__in=files, has_begun=True).exclude(result=AttemptResult.STARTED)
    return set(earlier.values_list("file_id", flat=True))


def held_by(files: Iterable[File]) -> Q:
    """The condition that these files are still ours: each with the fence that this worker was given.

    Most files of a round have the same fence, so they are named by it: a condition for each file would cost more
    than the rest of a delivery."""
    by_fence: dict[int, list[int]] = {}
    for file in files:
        by_fence.setdefault(file.fence, []).append(file.pk)
    condition = Q(pk__in=[])
    for fence, ids in by_fence.items():
        condition |= Q(pk__in=ids, fence=fence)
    return condition


def publishing(files: Sequence[File], *, now: datetime) -> list[File]:
    """Note, before the renames, under which temporary names these files are complete; give those still ours."""
    with transaction.atomic():
        rows = File.objects.filter(held_by(files))
        names = _names_in_sql(files[0].server) if files else {}
        count = move(rows, moves=FILE_MOVES, to=FileState.PUBLISHING, only_from=[FileState.UPLOADING], **names)
        ours = _those_moved(files, count, rows.filter(state=FileState.PUBLISHING))
        for file in ours:
            file.temp_name, file.temp_folder = temporary_name(file), temporary_folder(file)
            file.state = FileState.PUBLISHING
        audit.append([event(file, "file.publishing", state=FileState.PUBLISHING) for file in ours], now=now)
    return ours


def _names_in_sql(server: Server) -> dict[str, Any]:
    """Say `temporary_name` and `temporary_folder` for many files at once."""
    folder = Value(server.staging_folder) if server.publish == Publish.STAGING else F("folder")
    if server.publish == Publish.DIRECT:
        return {"temp_name": FINAL_NAME, "temp_folder": folder}
    dot = "." if server.options.get("hidden_temporary", True) else ""
    fence = Cast("fence", CharField())
    return {"temp_name": Concat(Value(dot), "name", Value("."), fence, Value(".tmp")), "temp_folder": folder}


def delivered(files: Sequence[File], *, evidence: str, session: dict[str, Any], now: datetime) -> list[File]:
    """Mark files and their exports as delivered, with how we know; give those that were still ours.

    `session` holds what the server showed: `host_key`, and per file id `remote` (size, mtime)."""
    with transaction.atomic():
        ours = _deliver(files, evidence, session, now)
        exports.delivered([file.pk for file in ours], now=now)
        Attempt.objects.filter(file__in=ours, result=AttemptResult.STARTED).update(
            result=AttemptResult.DELIVERED, finished_at=now, host_key=session.get("host_key", ""), size=_SIZE
        )
        for tenant_id in {file.tenant_id for file in ours}:
            problems.resolve(tenant_id, [f"file:{file.pk}" for file in ours], now=now)
        drafts = [
            event(file, "file.delivered", state=FileState.DELIVERED, evidence=evidence, sha256=file.sha256)
            for file in ours
        ]
        audit.append([*drafts, *awaiting.await_answers(ours, now=now)], now=now)
    return ours


def _deliver(files: Sequence[File], evidence: str, session: dict[str, Any], now: datetime) -> list[File]:
    remote: dict[int, tuple[int | None, datetime | None]] = session.get("remote", {})
    rows = File.objects.filter(held_by(files))
    seen = {file: remote[file.pk] for file in files if file.pk in remote}
    sizes = {file.pk: F("size") if size == file.size else size for file, (size, _) in seen.items()}
    count = move(
        rows,
        moves=FILE_MOVES,
        to=FileState.DELIVERED,
        delivered_at=now,
        evidence=evidence,
        remote_size=_for_each(sizes, PositiveBigIntegerField()),
        remote_mtime=_for_each({file.pk: mtime for file, (_, mtime) in seen.items()}, DateTimeField()),
        host_key=session.get("host_key", ""),
        duration_ms=session.get("duration_ms"),
        problem_code="",
        next_attempt_at=None,
    )
    return _those_moved(files, count, rows.filter(state=FileState.DELIVERED, delivered_at=now))


def _those_moved(files: Sequence[File], count: int, rows: "QuerySet[File]") -> list[File]:
    """Say which files a change has moved; the rows are only asked when it was not all of them."""
    if count == len(files):
        return list(files)
    moved = set(rows.values_list("pk", flat=True))
    return [file for file in files if file.pk in moved]


def _for_each(values: dict[int, Any], kind: "Field[Any, Any]") -> Any:
    """Give every row its own value in one update; rows with the same value are named together."""
    same: dict[Any, list[int]] = {}
    for pk, value in values.items():
        if value is not None:
            same.setdefault(value, []).append(pk)
    known = [When(pk__in=ids, then=_in_sql(value, kind)) for value, ids in same.items()]
    return Case(*known, default=Value(None), output_field=kind) if known else None


def _in_sql(value: Any, kind: "Field[Any, Any]") -> Any:
    return value if isinstance(value, F) else Value(value, output_field=kind)


def set_back(
    file: File, error: ConnectorError, *, to: str, retry_at: datetime | None, now: datetime, reports: bool = True
) -> None:
    """Let a file wait for its next try, for a person, or end it as failed; with its attempt, problem and event.

    A PUBLISHING file that must be tried again keeps its state: only the recovery table may decide about it.
    Without `reports` there is no problem of its own: its server has one."""
    stays = file.state == FileState.PUBLISHING and to == FileState.RETRY_WAIT
    with transaction.atomic():
        rows = File.objects.filter(held_by([file]))
        changes: dict[str, Any] = {"next_attempt_at": retry_at, "problem_code": error.code}
        only_open = rows.filter(state=FileState.PUBLISHING)
        moved = only_open.update(**changes) if stays else move(rows, moves=FILE_MOVES, to=to, **changes)
        if not moved:
            return
        Attempt.objects.filter(file=file, result=AttemptResult.STARTED).update(
            result=AttemptResult.FAILED, finished_at=now, problem_code=error.code, sentence=error.sentence
        )
        if to == FileState.FAILED:
            _end_failed(file, error, now)
        elif reports:
            problems.report([_problem(file, error)], now=now)
        detail = {"code": error.code, "retry_at": retry_at.isoformat() if retry_at else None}
        state = file.state if stays else to
        audit.append([event(file, f"file.{to}", state=state, **detail)], now=now)


def _end_failed(file: File, error: ConnectorError, now: datetime) -> None:
    """End the exports, and leave one problem about the file, whatever there was on the way."""
    exports.failed_with(file, error, now=now)
    problems.resolve(file.tenant_id, [f"file:{file.pk}"], now=now)
    problems.report([_problem(file, error)], now=now)


def _problem(file: File, error: ConnectorError) -> ProblemDraft:
    links = {"file_id": file.pk, "server_id": file.server_id, "integration_id": file.integration_id}
    return ProblemDraft(
        tenant_id=file.tenant_id,
        code=error.code,
        subject=f"file:{file.pk}",
        sentence=error.sentence,
        next_step=error.next_step,
        links=links,
    )


def give_up_old(server: Server, error: ConnectorError, *, older_than: timedelta, now: datetime) -> int:
    """End the files of a leased server that have been due for longer, and that nobody works on; give how many.

    Files that may be out already are never ended like this."""
    waiting = File.objects.filter(server=server, state__in=[FileState.READY, FileState.RETRY_WAIT])
    old = waiting.annotate(since=Coalesce("due_since", "sealed_at")).filter(since__lt=now - older_than)
    with transaction.atomic():
        files = list(old.select_related("integration").order_by("pk")[:GIVEN_UP_AT_A_TIME])
        changes: dict[str, Any] = {"next_attempt_at": None, "problem_code": error.code}
        ended = [
            file
            for file in files
            if move(File.objects.filter(held_by([file])), moves=FILE_MOVES, to=FileState.FAILED, **changes)
        ]
        for file in ended:
            _end_failed(file, error, now)
        audit.append(
            [event(file, "file.failed", state=FileState.FAILED, code=error.code, retry_at=None) for file in ended],
            now=now,
        )
    return len(ended)


def upload_again(file: File, *, now: datetime) -> None:
    """Send a PUBLISHING file back to upload: its temporary file is damaged, nothing was published.

    The damaged name is forgotten, so that nothing is ever concluded from its absence."""
    with transaction.atomic():
        rows = File.objects.filter(held_by([file]), state=FileState.PUBLISHING)
        if move(rows, moves=FILE_MOVES, to=FileState.UPLOADING, temp_name=""):
            file.state, file.temp_name = FileState.UPLOADING, ""
            names = {"temp_name": temporary_name(file), "temp_folder": temporary_folder(file)}
            Attempt.objects.filter(file=file, number=file.attempts).update(**names)
            audit.append([event(file, "file.uploading", state=FileState.UPLOADING, again=True)], now=now)
