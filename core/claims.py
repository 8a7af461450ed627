"""Claims: due files become this worker's to deliver, each with a fence and a temporary name that nobody else has.

Attempts are counted here, before the work, so a file that workers keep dying over ends as failed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, F

from core import audit
from core.leases import Lease
from core.models import Attempt, AttemptResult, File, Publish, Server
from core.moves import move
from core.outbox import due, event
from core.states import FILE_MOVES, FileState

MAY_CRASH = 2
"""A file that was under way so many times when a worker died is tried alone from then on."""

FINAL_NAME = "(final name)"
"""Stands for the temporary name of an attempt that writes under the final one."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """Files that this worker may work on, and how often a worker has died over them."""

    upload: list[File] = field(default_factory=list)
    recover: list[File] = field(default_factory=list)
    crashes: dict[int, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.upload or self.recover)

    @property
    def files(self) -> list[File]:
        """All of them."""
        return [*self.upload, *self.recover]


def claim_files(server: Server, lease: Lease, *, limit: int, now: datetime, without: Sequence[int] = ()) -> Claimed:
    """Claim due files of a leased server, `without` those already tried.

    A file found UPLOADING was left by a worker that died: it starts again with a new temporary name. One found
    PUBLISHING may already be out: it keeps its temporary name and goes through the recovery table. Attempts are
    counted here, before the work. One that workers keep dying over comes alone, after all others."""
    with transaction.atomic():
        lease.check()
        rows = File.objects.filter(due(), server=server).exclude(pk__in=without).order_by("pk")
        states = dict(rows.values_list("pk", "state")[:limit])
        crashes = _crashes([pk for pk, state in states.items() if state in (FileState.UPLOADING, FileState.PUBLISHING)])
        calm = [pk for pk in states if crashes.get(pk, 0) < MAY_CRASH]
        chosen = calm or list(states)[:1]
        recover = [pk for pk in chosen if states[pk] == FileState.PUBLISHING]
        upload = [pk for pk in chosen if states[pk] != FileState.PUBLISHING]
        files = _claim(server, upload, recover, now)
        audit.append([event(files[pk], "file.uploading", state=FileState.UPLOADING) for pk in upload], now=now)
    return Claimed([files[pk] for pk in upload], [files[pk] for pk in recover], crashes)


def _crashes(file_ids: Sequence[int]) -> dict[int, int]:
    died = Attempt.objects.filter(file__in=file_ids, result__in=[AttemptResult.LOST, AttemptResult.STARTED])
    return dict(died.values_list("file").annotate(Count("pk")))


def _claim(server: Server, upload: Sequence[int], recover: Sequence[int], now: datetime) -> dict[int, File]:
    both = [*upload, *recover]
    Attempt.objects.filter(file_id__in=both, result=AttemptResult.STARTED).update(
        result=AttemptResult.LOST, finished_at=now
    )
    counted: dict[str, Any] = {"fence": F("fence") + 1, "attempts": F("attempts") + 1}
    move(File.objects.filter(pk__in=upload), moves=FILE_MOVES, to=FileState.UPLOADING, **counted)
    File.objects.filter(pk__in=recover, state=FileState.PUBLISHING).update(**counted)
    # prefetched, not joined: all files of an integration share one, with its settings read once
    rows = File.objects.filter(pk__in=both).prefetch_related("integration", "partner")
    files = {file.pk: file for file in rows}
    for file in files.values():
        file.server = server  # as this session knows it, whatever is configured meanwhile
    Attempt.objects.bulk_create([_attempt(file, now) for file in files.values()])
    return files


def _attempt(file: File, now: datetime) -> Attempt:
    is_out = file.state == FileState.PUBLISHING
    folder, name = (file.temp_folder, file.temp_name) if is_out else (temporary_folder(file), temporary_name(file))
    return Attempt(
        file=file, number=file.attempts, fence=file.fence, temp_folder=folder, temp_name=name, started_at=now
    )


def temporary_name(file: File) -> str:
    """Name this attempt's temporary file: nobody else ever uses it. Some servers refuse a dot in front."""
    if file.server.publish == Publish.DIRECT:
        return FINAL_NAME
    dot = "." if file.server.options.get("hidden_temporary", True) else ""
    return f"{dot}{file.name}.{file.fence}.tmp"


def temporary_folder(file: File) -> str:
    """Name the folder of this attempt's temporary file."""
    return file.server.staging_folder if file.server.publish == Publish.STAGING else file.folder
