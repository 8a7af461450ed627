"""The outbox: the only writer of files and attempts.

A file is opened (BUILDING), sealed (READY, or HELD) once, and then walks the delivery machine. Delivery holds the
lease of the file's server; every step also names the file's own fence, which each claim raises, and each claim has
a temporary name of its own. So a worker that slept past its lease can neither publish nor report anything.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from core import audit, awaiting, exports, problems
from core.audit import EventDraft
from core.errors import ConnectorError, PermanentError
from core.leases import Lease
from core.models import Attempt, AttemptResult, ExportContent, File, FileGroup, Server
from core.moves import move
from core.problems import ProblemDraft
from core.states import FILE_MOVES, FileState

CONTENTS_AT_A_TIME = 200
DUE_STATES = (FileState.READY, FileState.RETRY_WAIT, FileState.UPLOADING, FileState.PUBLISHING)


class ContentPurged(PermanentError):
    """A file's bytes are past their retention; its name, size, sha256 and story are kept."""

    code = "FILE_PURGED"
    next_step = "Map the records again instead."


def event(file: File, name: str, *, state: str = "", **detail: Any) -> EventDraft:
    """Draft an audit line about a file."""
    return EventDraft(
        tenant_id=file.tenant_id,
        event=name,
        integration=file.integration.name if file.integration else "",
        file=file.name,
        state=state,
        run_id=file.run_id,
        file_id=file.pk,
        detail=detail,
    )


SEALED = ("name", "trailer", "size", "sha256", "record_count", "sequence")


def seal(file: File, *, hold: str = "", now: datetime) -> list[EventDraft]:
    """Store a built file's name, trailer, size, hash, count and sequence, once; it is READY, or HELD with a code.

    The caller holds a transaction in which the integration's lease was checked."""
    file.state = FileState.HELD if hold else FileState.READY
    sealed = {name: getattr(file, name) for name in SEALED}
    rows = File.objects.filter(pk=file.pk)
    times: dict[str, Any] = {"sealed_at": now, "next_attempt_at": None if hold else now}
    only_from = [FileState.BUILDING]
    move(rows, moves=FILE_MOVES, to=file.state, only_from=only_from, problem_code=hold, **sealed, **times)
    detail = {"size": file.size, "sha256": file.sha256, "records": file.record_count}
    return [event(file, f"file.{file.state}", state=file.state, **detail)]


def abandon(file: File, *, now: datetime) -> list[EventDraft]:
    """Give up a file that was not sealed (its builder died): its exports wait again."""
    if not move(File.objects.filter(pk=file.pk), moves=FILE_MOVES, to=FileState.CANCELLED):
        return []
    released = exports.release(file)
    return [event(file, "file.cancelled", state=FileState.CANCELLED, released=released)]


def read(file: File) -> Iterator[bytes]:
    """Give a file's bytes piece by piece: header + (group head + contents + group tail)* + trailer.

    Raises `ContentPurged`."""
    yield bytes(file.header)
    groups = {group.pk: group for group in FileGroup.objects.filter(file=file)}
    current: FileGroup | None = None
    for group_id, data in _contents(file):
        group = groups.get(group_id) if group_id else None
        if group is not current:
            yield bytes(current.tail) if current else b""
            yield bytes(group.head) if group else b""
            current = group
        yield data
    yield bytes(current.tail) if current else b""
    yield bytes(file.trailer)


def _contents(file: File) -> Iterator[tuple[int | None, bytes]]:
    last = 0
    while True:
        rows = list(
            ExportContent.objects.filter(file=file, position__gt=last)
            .order_by("position")
            .values_list("position", "group_id", "data")[:CONTENTS_AT_A_TIME]
        )
        for _, group_id, data in rows:
            if data is None:
                raise ContentPurged(f"What {file.name} held was purged.")
            yield group_id, bytes(data)
        if len(rows) < CONTENTS_AT_A_TIME:
            return
        last = rows[-1][0]


def is_purged(file: File) -> bool:
    """Say whether a file's bytes are past their retention."""
    return ExportContent.objects.filter(file=file, data__isnull=True).exists()


def servers_with_due_files(limit: int) -> list[Any]:
    """Name the servers that have something to do now."""
    due = File.objects.filter(_due(), server__hold_code="").filter(
        Q(server__next_attempt_at__isnull=True) | Q(server__next_attempt_at__lte=Now()),
        Q(server__lease_until__isnull=True) | Q(server__lease_until__lt=Now()),
    )
    return list(due.values_list("server_id", flat=True).distinct()[:limit])


def _due() -> Q:
    return Q(state__in=DUE_STATES, next_attempt_at__lte=Now())


def claim_files(
    server: Server, lease: Lease, *, limit: int, now: datetime, without: Sequence[int] = ()
) -> tuple[list[File], list[File]]:
    """Claim due files of a leased server, `without` those already tried: give (to upload, to recover).

    A file found UPLOADING was left by a worker that died: it starts again with a new temporary name. One found
    PUBLISHING may already be out: it keeps its temporary name and goes through the recovery table. Attempts are
    counted here, before the work."""
    with transaction.atomic():
        lease.check()
        rows = File.objects.filter(_due(), server=server).exclude(pk__in=without).order_by("pk")
        due = list(rows.values_list("pk", "state")[:limit])
        recover = [pk for pk, state in due if state == FileState.PUBLISHING]
        upload = [pk for pk, state in due if state != FileState.PUBLISHING]
        Attempt.objects.filter(file_id__in=upload + recover, result=AttemptResult.STARTED).update(
            result=AttemptResult.LOST, finished_at=now
        )
        counted: dict[str, Any] = {"fence": F("fence") + 1, "attempts": F("attempts") + 1}
        move(File.objects.filter(pk__in=upload), moves=FILE_MOVES, to=FileState.UPLOADING, **counted)
        File.objects.filter(pk__in=recover, state=FileState.PUBLISHING).update(**counted)
        files = {
            file.pk: file
            for file in File.objects.select_related("integration", "partner").filter(pk__in=upload + recover)
        }
        Attempt.objects.bulk_create([_attempt(file, upload, now) for file in files.values()])
        audit.append([event(files[pk], "file.uploading", state=FileState.UPLOADING) for pk in upload], now=now)
    return [files[pk] for pk in upload], [files[pk] for pk in recover]


def _attempt(file: File, upload: Sequence[int], now: datetime) -> Attempt:
    temp_name = temporary_name(file) if file.pk in upload else file.temp_name
    return Attempt(file=file, number=file.attempts, fence=file.fence, temp_name=temp_name, started_at=now)


def temporary_name(file: File) -> str:
    """Name this attempt's temporary file: nobody else ever uses it."""
    return f".{file.name}.{file.fence}.tmp"


def held_by(files: Iterable[File]) -> Q:
    """The condition that these files are still ours: each with the fence that this worker was given."""
    condition = Q(pk__in=[])
    for file in files:
        condition |= Q(pk=file.pk, fence=file.fence)
    return condition


def publishing(files: Sequence[File], *, now: datetime) -> list[File]:
    """Note, before the renames, under which temporary names these files are complete; give those still ours."""
    with transaction.atomic():
        ours = []
        for file in files:
            temp_name = temporary_name(file)
            rows = File.objects.filter(held_by([file]))
            if move(rows, moves=FILE_MOVES, to=FileState.PUBLISHING, temp_name=temp_name):
                file.temp_name, file.state = temp_name, FileState.PUBLISHING
                ours.append(file)
        audit.append([event(file, "file.publishing", state=FileState.PUBLISHING) for file in ours], now=now)
    return ours


def delivered(files: Sequence[File], *, evidence: str, session: dict[str, Any], now: datetime) -> list[File]:
    """Mark files and their exports as delivered, with how we know; give those that were still ours.

    `session` holds what the server showed: `host_key`, and per file id `remote` (size, mtime)."""
    with transaction.atomic():
        ours = [file for file in files if _deliver(file, evidence, session, now)]
        exports.delivered([file.pk for file in ours], now=now)
        Attempt.objects.filter(file__in=ours, result=AttemptResult.STARTED).update(
            result=AttemptResult.DELIVERED, finished_at=now, host_key=session.get("host_key", "")
        )
        for tenant_id in {file.tenant_id for file in ours}:
            problems.resolve(tenant_id, [f"file:{file.pk}" for file in ours], now=now)
        drafts = [
            event(file, "file.delivered", state=FileState.DELIVERED, evidence=evidence, sha256=file.sha256)
            for file in ours
        ]
        audit.append([*drafts, *awaiting.await_answers(ours, now=now)], now=now)
    return ours


def _deliver(file: File, evidence: str, session: dict[str, Any], now: datetime) -> bool:
    size, mtime = session.get("remote", {}).get(file.pk, (None, None))
    moved = move(
        File.objects.filter(held_by([file])),
        moves=FILE_MOVES,
        to=FileState.DELIVERED,
        delivered_at=now,
        evidence=evidence,
        remote_size=size,
        remote_mtime=mtime,
        host_key=session.get("host_key", ""),
        duration_ms=session.get("duration_ms"),
        problem_code="",
        next_attempt_at=None,
    )
    return bool(moved)


def set_back(file: File, error: ConnectorError, *, to: str, retry_at: datetime | None, now: datetime) -> None:
    """Let a file wait for its next try, for a person, or end it as failed; with its attempt, problem and event.

    A PUBLISHING file that must be tried again keeps its state: only the recovery table may decide about it."""
    stays = file.state == FileState.PUBLISHING and to == FileState.RETRY_WAIT
    with transaction.atomic():
        rows = File.objects.filter(held_by([file]))
        changes: dict[str, Any] = {"next_attempt_at": retry_at, "problem_code": error.code}
        moved = rows.update(**changes) if stays else move(rows, moves=FILE_MOVES, to=to, **changes)
        if not moved:
            return
        if to == FileState.FAILED:
            exports.failed_with(file, error, now=now)
        Attempt.objects.filter(file=file, result=AttemptResult.STARTED).update(
            result=AttemptResult.FAILED, finished_at=now, problem_code=error.code, sentence=error.sentence
        )
        problems.report([_problem(file, error)], now=now)
        detail = {"code": error.code, "retry_at": retry_at.isoformat() if retry_at else None}
        state = file.state if stays else to
        audit.append([event(file, f"file.{to}", state=state, **detail)], now=now)


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


def upload_again(file: File, *, now: datetime) -> None:
    """Send a PUBLISHING file back to upload: its temporary file is damaged, nothing was published."""
    with transaction.atomic():
        rows = File.objects.filter(held_by([file]), state=FileState.PUBLISHING)
        if move(rows, moves=FILE_MOVES, to=FileState.UPLOADING):
            audit.append([event(file, "file.uploading", state=FileState.UPLOADING, again=True)], now=now)
