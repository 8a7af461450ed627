"""Many small files in few round trips: requests for up to 64 files are under way together.

Every file has its own outcome. When the connection breaks, the files it took along say so; nothing is raised.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from core.errors import ConnectorError
from sftp_app.dialogue import Dialogue
from sftp_app.packets import Kind, RemoteFile, Status, string, uint32, uint64
from sftp_app.refusals import name_of
from sftp_app.transfer import blocks
from sftp_app.upload import Habits, Stored, discard, judge, open_fields, verify, write_file
from sftp_app.wire import Refused, Wire, handle_of

GROUP_FILES = 64
GROUP_BYTES = 4 << 20
SMALL_FILE = 512 * 1024


@dataclass(frozen=True, slots=True)
class Upload:
    """One file to write: where, its chunks, and its size in bytes."""

    path: str
    chunks: Iterable[bytes]
    size: int


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one upload: `stored`, or else `error`."""

    path: str
    stored: Stored | None = None
    error: ConnectorError | None = None


def write_files(talk: Dialogue, files: Iterable[Upload], *, habits: Habits, exclusive: bool) -> Iterator[Written]:
    """Write files in groups and give their outcomes in order; large files go one by one."""
    group: list[Upload] = []
    for file in files:
        if file.size > SMALL_FILE or len(group) == GROUP_FILES or _weight(group) + file.size > GROUP_BYTES:
            yield from _write_group(talk, group, habits=habits, exclusive=exclusive)
            group = []
        if file.size > SMALL_FILE:
            yield _write_alone(talk, file, habits=habits, exclusive=exclusive)
        else:
            group.append(file)
    yield from _write_group(talk, group, habits=habits, exclusive=exclusive)


def _weight(group: Sequence[Upload]) -> int:
    return sum(file.size for file in group)


def _write_alone(talk: Dialogue, file: Upload, *, habits: Habits, exclusive: bool) -> Written:
    try:
        stored = write_file(talk, file.path, file.chunks, size=file.size, habits=habits, exclusive=exclusive)
    except ConnectorError as error:
        return Written(file.path, error=error)
    return Written(file.path, stored)


def _write_group(talk: Dialogue, group: Sequence[Upload], *, habits: Habits, exclusive: bool) -> Iterator[Written]:
    whole = [_in_memory(file) for file in group]
    try:
        with talk.speaking("write", f"{len(group)} files"):
            handles = _open_all(talk.wire, whole, exclusive=exclusive)
            refused = _fill_all(talk, whole, handles, habits)
            found = look_all(talk.wire, [file.path for file in whole])
    except ConnectorError as error:
        yield from (Written(file.path, error=error) for file in whole)
        return
    for at, file in enumerate(whole):
        if at in refused:
            # once more and alone, which tells the cause; what is half there goes first
            if handles[at] is not None:
                discard(talk, file.path)
            yield _write_alone(talk, file, habits=habits, exclusive=exclusive)
        else:
            yield _judge(talk, file, found[at])


def _in_memory(file: Upload) -> Upload:
    data = b"".join(file.chunks)
    if len(data) != file.size:
        raise ValueError(f"{len(data)} bytes came for a file of {file.size}")
    return Upload(file.path, (data,), file.size)


def _open_all(wire: Wire, files: Sequence[Upload], *, exclusive: bool) -> list[bytes | None]:
    numbers = [wire.ask(Kind.OPEN, *open_fields(file.path, exclusive=exclusive)) for file in files]
    handles: list[bytes | None] = []
    for number in numbers:
        try:
            handles.append(handle_of(wire.answer(number)))
        except Refused:
            handles.append(None)
    return handles


def _fill_all(talk: Dialogue, files: Sequence[Upload], handles: Sequence[bytes | None], habits: Habits) -> set[int]:
    """Write all, write all through, close all; give the positions of the files that met a refusal.

    In this order the disk works once for all of the group, instead of once for each file."""
    refused = {at for at, handle in enumerate(handles) if handle is None}
    is_open = [(at, handle) for at, handle in enumerate(handles) if handle is not None]
    wire = talk.wire
    writes = [(at, number) for at, handle in is_open for number in _ask_writes(wire, files[at], handle, habits)]
    throughs = [(at, wire.extend("fsync@openssh.com", handle)) for at, handle in is_open if habits.fsync]
    closes = [(at, wire.ask(Kind.CLOSE, handle)) for at, handle in is_open]
    for at, number in writes + closes:
        if not is_done(talk.wire, number):
            refused.add(at)
    for at, number in throughs:
        if not is_done(talk.wire, number, unless=Status.UNSUPPORTED):
            refused.add(at)
    return refused


def _ask_writes(wire: Wire, file: Upload, handle: bytes, habits: Habits) -> Iterator[int]:
    offset = 0
    for data in blocks(file.chunks, habits.largest_request):
        yield wire.ask(Kind.WRITE, handle, uint64(offset), uint32(len(data)), data)
        offset += len(data)


def is_done(wire: Wire, number: int, *, unless: Status = Status.OK) -> bool:
    """Say whether a request was answered with OK; the status `unless` is excused."""
    try:
        wire.answer(number).expect(Kind.STATUS)
    except Refused as refused:
        return refused.status == unless
    return True


def look_all(wire: Wire, paths: Sequence[str]) -> list[RemoteFile | Refused]:
    """Ask for all entries together; a missing or hidden one is its refusal."""
    numbers = [wire.ask(Kind.LSTAT, string(path)) for path in paths]
    entries: list[RemoteFile | Refused] = []
    for path, number in zip(paths, numbers, strict=True):
        try:
            entries.append(wire.answer(number).expect(Kind.ATTRS).entry(name_of(path)))
        except Refused as refused:
            entries.append(refused)
    return entries


def is_missing(found: RemoteFile | Refused) -> bool:
    """Say whether the server said that nothing is there."""
    return isinstance(found, Refused) and found.status in (Status.NO_SUCH_FILE, Status.NO_SUCH_PATH)


def _judge(talk: Dialogue, file: Upload, found: RemoteFile | Refused) -> Written:
    try:
        if isinstance(found, RemoteFile) and found.size is not None:
            return Written(file.path, judge(talk, file.path, found, size=file.size))
        return Written(file.path, verify(talk, file.path, size=file.size))
    except ConnectorError as error:
        return Written(file.path, error=error)


def look_many(talk: Dialogue, paths: Sequence[str]) -> list[RemoteFile | None]:
    """Give the entries of many paths in order, None where nothing is. Raises for the first that is refused."""
    entries: list[RemoteFile | None] = []
    for start in range(0, len(paths), GROUP_FILES):
        group = paths[start : start + GROUP_FILES]
        with talk.speaking("look at", f"{len(group)} files"):
            found = look_all(talk.wire, group)
        for path, entry in zip(group, found, strict=True):
            complete = isinstance(entry, RemoteFile) and (entry.size is not None or entry.is_folder)
            entries.append(entry if isinstance(entry, RemoteFile) and complete else _look_again(talk, path, entry))
    return entries


def _look_again(talk: Dialogue, path: str, entry: RemoteFile | Refused) -> RemoteFile | None:
    return None if is_missing(entry) else talk.look(path)
