"""Copies: files that go out again as they were, the same bytes under the same name and with the same numbers.

A copy is a file of its own with its own exports, so that the old one keeps its story. Where the old one still lies
on the server the copy is held, as any file whose name is taken: nothing is ever overwritten.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from connector.steps.measure import Measure
from core import audit, exports, outbox, runs
from core.errors import PermanentError
from core.exports import Ending
from core.leases import Lease
from core.models import Export, ExportContent, File, FileGroup, Integration, ReplayMode, Run
from core.states import ExportState

CONTENTS_AT_A_TIME = 200
_SAME = (
    "tenant_id", "integration_id", "partner_id", "mapping_version_id", "is_test", "folder", "name", "header",
    "trailer", "record_count", "interchange_number", "group_number", "lookup_versions",
)  # fmt: skip


class FileIncomplete(PermanentError):
    """What is stored of a file does not add up to what was sent."""

    code = "FILE_INCOMPLETE"
    next_step = "Send the same values in a new envelope, or map them again."


def copy_files(integration: Integration, lease: Lease, run: Run, *, now: datetime) -> list[File]:
    """Build the files that a replay sends again as they were; give them sealed.

    Raises `LeaseLost`, and `RunStopped` for a run that was cancelled."""
    pending = Export.objects.filter(run=run, replay_mode=ReplayMode.SAME_BYTES, state=ExportState.PENDING)
    ids = sorted(pending.order_by().values_list("replay_of__file_id", flat=True).distinct())
    originals = File.objects.select_related("integration", "partner__server", "partner__test_server").in_bulk(ids)
    copies = [_Copy(integration, lease, run, originals[pk], now).make() for pk in ids]
    return [copy for copy in copies if copy is not None]


class _Copy:
    def __init__(self, integration: Integration, lease: Lease, run: Run, original: File, now: datetime) -> None:
        self.integration, self.lease, self.run, self.original, self.now = integration, lease, run, original, now
        self.groups: dict[int, FileGroup] = {}

    def make(self) -> File | None:
        """Copy one file in bounded transactions; None when its exports had to fail instead."""
        try:
            copy = self._open()
            while children := self._next():
                self.lease.keep()
                self._attach(copy, children)
            self._seal(copy)
        except PermanentError as error:
            if isinstance(error, runs.RunStopped):
                raise
            self._fail(error)
            return None
        return copy

    def _check(self) -> None:
        self.lease.check()
        runs.check_formatting(self.run)

    def _open(self) -> File:
        original, partner = self.original, self.original.partner
        with transaction.atomic():
            self._check()
            copy = File.objects.create(
                **{name: getattr(original, name) for name in _SAME},
                server=(partner.test_server if original.is_test else None) or partner.server,
                run=self.run,
                replay_of=original,
                created_at=self.now,
            )
            copy.integration = self.integration
            for group in original.groups.order_by("number"):
                self.groups[group.pk] = FileGroup.objects.create(
                    file=copy, number=group.number, head=group.head, tail=group.tail
                )
            audit.append([outbox.event(copy, "file.building", state=copy.state, replay_of=original.pk)], now=self.now)
        return copy

    def _next(self) -> list[Export]:
        waiting = Export.objects.filter(run=self.run, replay_of__file=self.original, state=ExportState.PENDING)
        rows = waiting.select_related("replay_of__content").order_by("replay_of__content__position")
        return list(rows[:CONTENTS_AT_A_TIME])

    def _attach(self, copy: File, children: Sequence[Export]) -> None:
        contents = [self._content(copy, child) for child in children]
        with transaction.atomic():
            self._check()
            exports.attach(contents, copy)

    def _content(self, copy: File, child: Export) -> ExportContent:
        before = getattr(child.replay_of, "content", None)
        if before is None or before.data is None:
            raise outbox.ContentPurged(f"What {self.original.name} held was purged.")
        return ExportContent(
            export=child,
            file=copy,
            group=self.groups.get(before.group_id or 0),
            position=before.position,
            action=before.action,
            sequence=before.sequence,
            control_number=before.control_number,
            data=bytes(before.data),
            warnings=before.warnings,
            joined=before.joined,
        )

    def _seal(self, copy: File) -> None:
        measure = Measure(packs=bool(self.original.compression))
        for piece in outbox.read(copy):
            self.lease.keep()
            measure.add(piece)
        for column, value in measure.columns().items():
            setattr(copy, column, value)
        if _plain_hash(copy) != _plain_hash(self.original):
            raise FileIncomplete(f"What is stored of {self.original.name} does not add up to what was sent.")
        with transaction.atomic():
            self._check()
            audit.append(outbox.seal(copy, now=self.now), now=self.now)

    def _fail(self, error: PermanentError) -> None:
        """Give the copy up; its exports end with the reason."""
        with transaction.atomic():
            self._check()
            left = File.objects.filter(replay_of=self.original, run=self.run).select_related("integration")
            events = [event for file in left for event in outbox.abandon(file, now=self.now)]
            rows = Export.objects.filter(run=self.run, replay_of__file=self.original, state=ExportState.PENDING)
            endings = [
                Ending(row, ExportState.FAILED, error.sentence, error.code, error.next_step)
                for row in rows.select_related("integration")
            ]
            events += exports.end(endings, run_id=self.run.pk, now=self.now)
            audit.append(events, now=self.now)


def _plain_hash(file: File) -> str:
    return file.plain_sha256 or file.sha256
