"""The outbox: the only writer of files and attempts.

A file is opened (BUILDING), sealed (READY, or HELD) once, and then walks the delivery machine. Delivery holds the
lease of the file's server; every step also names the file's own fence, which each claim raises, and each claim has
a temporary name of its own. So a worker that slept past its lease can neither publish nor report anything.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import Q
from django.db.models.functions import Now

from core import exports
from core.audit import EventDraft
from core.errors import PermanentError
from core.models import Compression, ExportContent, File, FileGroup
from core.moves import move
from core.states import FILE_MOVES, FileState

FIRST_CONTENTS, CONTENTS_AT_A_TIME, BYTES_AT_A_TIME = 10, 500, 2 << 20
Content = tuple[int | None, bytes | memoryview | None]
"""One export's bytes in a file, with the group that it is in; None when they were purged."""

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


SEALED = (
    "name", "trailer", "size", "sha256", "compression", "plain_size", "plain_sha256", "record_count", "sequence",
)  # fmt: skip


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
    return _assembled(file, _contents(file), lambda: FileGroup.objects.filter(file=file))


def _assembled(
    file: File, contents: Iterable[Content], groups_of: Callable[[], Iterable[FileGroup]]
) -> Iterator[bytes]:
    """Put a file together; its groups are asked for when the first content belongs to one."""
    yield bytes(file.header)
    groups: dict[int, FileGroup] = {}
    current: FileGroup | None = None
    for group_id, data in contents:
        if data is None:
            raise ContentPurged(f"What {file.name} held was purged.")
        if group_id and not groups:
            groups = {group.pk: group for group in groups_of()}
        group = groups.get(group_id) if group_id else None
        if group is not current:
            yield bytes(current.tail) if current else b""
            yield bytes(group.head) if group else b""
            current = group
        yield bytes(data)
    yield bytes(current.tail) if current else b""
    yield bytes(file.trailer)


def read_together(files: Sequence[File]) -> dict[int, Iterator[bytes]]:
    """Give the bytes of several small files as they lie on the server, by file id, with two questions for all.

    Everything is in memory at once: the caller bounds how much that is. Each iterator may raise `ContentPurged`."""
    contents: dict[int, list[Content]] = {file.pk: [] for file in files}
    rows = ExportContent.objects.filter(file__in=contents).order_by("file_id", "position")
    for file_id, group_id, data in rows.values_list("file_id", "group_id", "data"):
        contents[file_id].append((group_id, data))
    with_groups = [pk for pk, pieces in contents.items() if any(group_id for group_id, _ in pieces)]
    groups: dict[int, list[FileGroup]] = {pk: [] for pk in contents}
    for group in FileGroup.objects.filter(file__in=with_groups) if with_groups else ():
        groups[group.file_id].append(group)
    return {
        file.pk: _packed(file, _assembled(file, contents[file.pk], partial(groups.__getitem__, file.pk)))
        for file in files
    }


def packed(file: File) -> Iterator[bytes]:
    """Give a file's bytes as they lie on the server: packed where its integration asks for that."""
    return _packed(file, read(file))


def _packed(file: File, pieces: Iterator[bytes]) -> Iterator[bytes]:
    return pack(pieces) if file.compression == Compression.GZIP else pieces


def pack(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Pack bytes with gzip (RFC 1952), without a time or a name in it: the same bytes come out every time."""
    packer = Packer()
    for piece in pieces:
        yield packer.add(piece)
    yield packer.end()


class Packer:
    """Gzip piece by piece. The header that zlib writes has no time, no name and no flags."""

    def __init__(self) -> None:
        self._deflate = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)

    def add(self, piece: bytes) -> bytes:
        """Give what one more piece adds, often nothing yet."""
        return self._deflate.compress(piece)

    def end(self) -> bytes:
        """Give the rest."""
        return self._deflate.flush()


def _contents(file: File) -> Iterator[Content]:
    """Give contents in order, as many at a time as keep memory small, however large each is."""
    last, at_a_time = 0, FIRST_CONTENTS
    while True:
        rows = list(
            ExportContent.objects.filter(file=file, position__gt=last)
            .order_by("position")
            .values_list("position", "group_id", "data")[:at_a_time]
        )
        size = 0
        for _, group_id, data in rows:
            size += len(data or b"")
            yield group_id, data
        if len(rows) < at_a_time:
            return
        last, average = rows[-1][0], size // len(rows) + 1
        at_a_time = min(CONTENTS_AT_A_TIME, max(1, BYTES_AT_A_TIME // average))


def is_purged(file: File) -> bool:
    """Say whether a file's bytes are past their retention."""
    return ExportContent.objects.filter(file=file, data__isnull=True).exists()


def servers_with_due_files(limit: int) -> list[Any]:
    """Name the servers that have something to do now."""
    open_for_work = File.objects.filter(due(), server__hold_code="").filter(
        Q(server__next_attempt_at__isnull=True) | Q(server__next_attempt_at__lte=Now()),
        Q(server__lease_until__isnull=True) | Q(server__lease_until__lt=Now()),
    )
    return list(open_for_work.values_list("server_id", flat=True).distinct()[:limit])


def due() -> Q:
    """The condition for a file that something can be done with now."""
    return Q(state__in=DUE_STATES, next_attempt_at__lte=Now())
