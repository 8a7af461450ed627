"""Inbound files: seen twice unchanged, read whole, then put away under a name that is free."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sftp_app.errors import NameRefused, SftpNameTaken, SftpUnsettled
from sftp_app.names import check_path, join
from sftp_app.packets import RemoteFile
from sftp_app.session import Session

# endings that uploading programs use while they write; the partner's rename says that the file is whole
UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".writing", ".crdownload")
_SUFFIXES = 100


@dataclass(frozen=True, slots=True)
class Ignored:
    """An entry that is not picked up, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Look:
    """One look into a folder: the files that could be picked up, by name, and what was passed over."""

    files: tuple[RemoteFile, ...]
    ignored: tuple[Ignored, ...] = ()


@dataclass(frozen=True, slots=True)
class Inbound:
    """A file as it was read whole. `modified_at` is the server's word for it."""

    name: str
    data: bytes
    modified_at: datetime | None


def look(session: Session, *, folder: str) -> Look:
    """List what waits in a folder. Raises SftpNoFolder, SftpPermissionDenied and the temporary errors."""
    files: list[RemoteFile] = []
    ignored: list[Ignored] = []
    for entry in sorted(session.list(folder), key=lambda item: item.name):
        reason = _obstacle(entry)
        if reason:
            ignored.append(Ignored(entry.name, reason))
        elif entry.is_file:
            files.append(entry)
    return Look(tuple(files), tuple(ignored))


def _obstacle(entry: RemoteFile) -> str:
    if entry.is_link:
        return "It is a link, which may lead out of the folder."
    if entry.name.startswith(".") or entry.name.lower().endswith(UNFINISHED):
        return "Its name says that it is not finished."
    try:
        check_path(entry.name)
    except NameRefused as refused:
        return refused.findings[0].reason
    return ""


def settled(before: Iterable[RemoteFile], after: Look) -> list[RemoteFile]:
    """Give the files of the second look that the first one saw with the same size and time.

    The caller lets time pass between the looks. A server that tells no sizes settles by time alone.
    """
    known = {(entry.name, entry.size, entry.modified_at) for entry in before}
    return [entry for entry in after.files if (entry.name, entry.size, entry.modified_at) in known]


def read_inbound(session: Session, *, folder: str, file: RemoteFile, limit: int) -> Inbound:
    """Read a settled file whole, of at most `limit` bytes.

    Raises SftpUnsettled when it changed in the meantime, SftpTooLarge, and SftpNoFile when it is gone.
    """
    path = join(folder, file.name)
    data = session.read(path, limit=limit)
    after = session.stat(path)
    is_whole = file.size is None or len(data) == file.size
    if after is None or not is_whole or (after.size, after.modified_at) != (file.size, file.modified_at):
        raise SftpUnsettled(f"{path} changed while it was read.")
    return Inbound(file.name, data, file.modified_at)


def put_away(session: Session, *, folder: str, name: str, destination: str) -> str:
    """Move a file that has been dealt with, and give the name it has there.

    An older file of that name is never replaced: the name gets `.1`, `.2` and so on. Raises SftpNoFile when
    the file is gone, SftpNoFolder, SftpUnsupported when the destination is on another disk, and SftpNameTaken
    when a hundred names are in use.
    """
    source = join(folder, name)
    for candidate in _candidates(name):
        try:
            session.rename(source, join(destination, candidate))
        except SftpNameTaken:
            continue
        return candidate
    raise SftpNameTaken(f"{join(destination, name)} and {_SUFFIXES} names after it are in use.")


def _candidates(name: str) -> Sequence[str]:
    return [name, *(f"{name}.{number}" for number in range(1, _SUFFIXES + 1))]
