"""One file onto the server: open, write, write through, close, and its size checked. Never less than all of it."""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from core.errors import ConnectorError
from sftp_app.dialogue import Dialogue
from sftp_app.errors import (
    SftpFailed,
    SftpNoFile,
    SftpPermissionDenied,
    SftpShortWrite,
    SftpUnsupported,
    SftpVanished,
)
from sftp_app.packets import (
    CREATE,
    EXCLUSIVE,
    NO_ATTRIBUTES,
    TRUNCATE,
    WRITE,
    Kind,
    RemoteFile,
    Status,
    string,
    uint32,
)
from sftp_app.refusals import folder_of, name_taken
from sftp_app.transfer import send
from sftp_app.wire import Refused, handle_of

# a write that failed with less than this free has failed for want of room
LITTLE_ROOM = 64 * 1024


class Evidence(StrEnum):
    """How we know that the whole file is there: its size was read back, or each write was acknowledged."""

    SIZE = "size"
    ACKNOWLEDGED = "acknowledged"


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that the server holds completely, and how we know. `found` is what the server says about it."""

    path: str
    size: int
    evidence: Evidence
    found: RemoteFile | None = None


@dataclass(frozen=True, slots=True)
class Habits:
    """What uploads to this server do: bytes per request, and whether the server writes through to disk."""

    largest_request: int
    fsync: bool


class _ChunksFailed(Exception):
    """The caller's own iterator raised; its error must not be read as the server's."""


def write_file(
    talk: Dialogue, path: str, chunks: Iterable[bytes], *, size: int, habits: Habits, exclusive: bool
) -> Stored:
    """Write one file and check its size. What was begun is removed again when it cannot be completed."""
    handle = _open(talk, path, exclusive=exclusive)
    try:
        _fill(talk, handle, path, chunks, size=size, habits=habits)
    except _ChunksFailed as failure:
        _abandon(talk, handle, path)
        raise failure.args[0] from None
    except (ConnectorError, ValueError):
        _abandon(talk, handle, path)
        raise
    return verify(talk, path, size=size)


def open_fields(path: str, *, exclusive: bool) -> tuple[bytes, ...]:
    """Give the fields of an OPEN that makes the file, or with `exclusive` refuses one that is there."""
    return string(path), uint32(WRITE | CREATE | (EXCLUSIVE if exclusive else TRUNCATE)), NO_ATTRIBUTES


def _open(talk: Dialogue, path: str, *, exclusive: bool) -> bytes:
    try:
        with talk.speaking("write", path, creates=True):
            return handle_of(talk.wire.call(Kind.OPEN, *open_fields(path, exclusive=exclusive)))
    except SftpFailed as failed:
        if exclusive and talk.look(path):
            raise name_taken(path) from None
        raise _no_room_or(failed, talk, path) from None


def _fill(talk: Dialogue, handle: bytes, path: str, chunks: Iterable[bytes], *, size: int, habits: Habits) -> None:
    try:
        with talk.speaking("write", path, creates=True):
            sent = send(talk.wire, handle, _guarded(chunks), largest=habits.largest_request)
            if habits.fsync:
                write_through(talk, talk.wire.extend("fsync@openssh.com", handle))
            # quotas are sometimes reported only here
            talk.wire.call(Kind.CLOSE, handle).expect(Kind.STATUS)
    except SftpFailed as failed:
        raise _no_room_or(failed, talk, path) from None
    if sent != size:
        raise ValueError(f"{sent} bytes came for a file of {size}")


def _guarded(chunks: Iterable[bytes]) -> Iterator[bytes]:
    try:
        yield from chunks
    except Exception as error:
        raise _ChunksFailed(error) from error


def write_through(talk: Dialogue, number: int) -> None:
    """Take the answer to an fsync; a server that offers it and cannot do it there is excused."""
    try:
        talk.wire.answer(number).expect(Kind.STATUS)
    except Refused as refused:
        if refused.status != Status.UNSUPPORTED:
            raise


def _abandon(talk: Dialogue, handle: bytes, path: str) -> None:
    # an open handle keeps the room of a removed file
    with contextlib.suppress(ConnectorError), talk.speaking("close", path):
        talk.wire.call(Kind.CLOSE, handle)
    discard(talk, path)


def discard(talk: Dialogue, path: str) -> None:
    """Remove what we began to write, as far as the server lets us."""
    with contextlib.suppress(ConnectorError), talk.speaking("remove", path):
        talk.wire.call(Kind.REMOVE, string(path)).expect(Kind.STATUS)


def verify(talk: Dialogue, path: str, *, size: int) -> Stored:
    """Compare the size that the server holds with what was sent.

    Raises SftpShortWrite (and removes the file), SftpDiskFull when that is why, SftpVanished when nothing is
    there. A server that shows no sizes leaves the acknowledgment of every write as evidence.
    """
    try:
        found = talk.look(path)
    except (SftpPermissionDenied, SftpUnsupported, SftpFailed, SftpNoFile):
        return Stored(path, size, Evidence.ACKNOWLEDGED)
    return judge(talk, path, found, size=size)


def judge(talk: Dialogue, path: str, found: RemoteFile | None, *, size: int) -> Stored:
    """Decide on what was found where the file should be; see `verify`."""
    if found is None:
        raise SftpVanished(f"{path} was gone right after the upload to {talk.place.host}.")
    if found.size is None:
        return Stored(path, size, Evidence.ACKNOWLEDGED, found)
    if found.size != size:
        error = _short(talk, path, stored=found.size, size=size)
        discard(talk, path)
        raise error
    return Stored(path, size, Evidence.SIZE, found)


def _short(talk: Dialogue, path: str, *, stored: int, size: int) -> ConnectorError:
    free = talk.free_bytes(folder_of(path))
    if free is not None and free < size - stored:
        return talk.place.no_room()
    return SftpShortWrite(f"The transfer stopped after {stored} of {size} bytes of {path}.", stored=stored, size=size)


def _no_room_or(failed: SftpFailed, talk: Dialogue, path: str) -> ConnectorError:
    """Tell a full disk from other failures: OpenSSH says only "Failure" for both."""
    free = talk.free_bytes(folder_of(path))
    return talk.place.no_room() if free is not None and free < LITTLE_ROOM else failed
