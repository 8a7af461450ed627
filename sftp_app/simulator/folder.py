"""The simulated server's files: a plain folder that nobody gets out of, with the faults that concern files."""

import errno
import os
import stat
import threading
from dataclasses import dataclass, field
from pathlib import Path

import paramiko
from paramiko.sftp import (
    SFTP_FAILURE,
    SFTP_OK,
    SFTP_OP_UNSUPPORTED,
    SFTP_PERMISSION_DENIED,
)

from sftp_app.simulator.faults import Faults, RenameAnswer, Sizes
from sftp_app.simulator.journal import Journal

_RENAME_REFUSALS = {
    RenameAnswer.UNSUPPORTED: SFTP_OP_UNSUPPORTED,
    RenameAnswer.FAILURE: SFTP_FAILURE,
    RenameAnswer.DENIED: SFTP_PERMISSION_DENIED,
}


@dataclass(eq=False, slots=True)
class Disk:
    """What all connections share: the folder, the faults, and the files that the partner has taken.

    Taken files are kept as (path, bytes) in the order in which they were taken.
    """

    root: Path
    faults: Faults
    journal: Journal
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)
    descriptors: set[int] = field(default_factory=set)

    def place(self, path: str) -> Path:
        """Give the local place of a path. What leads out of the root, also by a link, is not there."""
        place = self.root / os.path.normpath("/" + path).lstrip("/")
        if place != self.root and not place.parent.resolve().is_relative_to(self.root):
            raise FileNotFoundError(errno.ENOENT, "outside", path)
        return place

    def used(self) -> int:
        """Give the bytes of all files, those included that are removed and still open."""
        named = sum(entry.lstat().st_size for entry in self.root.rglob("*") if entry.is_file())
        opened = [os.fstat(descriptor) for descriptor in self.descriptors]
        return named + sum(found.st_size for found in opened if found.st_nlink == 0)

    def room(self) -> int:
        """Give the bytes that still fit."""
        return (1 << 40) if self.faults.room is None else max(0, self.faults.room - self.used())

    def take(self, path: str) -> None:
        """Be the partner who takes a file the moment it has its name."""
        name = path.rpartition("/")[2]
        is_temporary = name.startswith(".") or name.endswith(".tmp")
        if self.faults.takes_everything or (self.faults.takes_files and not is_temporary):
            place = self.place(path)
            self.taken.append((path, place.read_bytes()))
            place.unlink()

    def entry(self, place: Path, *, listed: bool = False) -> paramiko.SFTPAttributes:
        """Give a file's attributes as this server tells them."""
        found = paramiko.SFTPAttributes.from_stat(place.lstat(), filename=place.name)
        if stat.S_ISREG(found.st_mode or 0):
            if self.faults.sizes is Sizes.WRONG:
                found.st_size = max(0, (found.st_size or 0) - 1)
            if self.faults.sizes is Sizes.MISSING or (self.faults.sizes is Sizes.ONLY_LISTED and not listed):
                found.st_size = None
        return found


class OpenFile(paramiko.SFTPHandle):
    """One open file."""

    def __init__(self, disk: Disk, path: str, descriptor: int, *, is_written: bool) -> None:
        super().__init__()
        self._disk = disk
        self.path = path
        self._descriptor = descriptor
        self.is_written = is_written
        disk.descriptors.add(descriptor)

    def read(self, offset: int, length: int) -> bytes | int:
        """Read a part."""
        data = os.pread(self._descriptor, min(length, self._disk.faults.short_reads or length), offset)
        return data.swapcase() if self._disk.faults.flips_bytes else data

    def write(self, offset: int, data: bytes) -> int:  # type: ignore[override]
        """Write a part, as far as there is room; a silent quota says OK and keeps nothing."""
        quota = self._disk.faults.silent_quota
        fits = data if quota is None else data[: max(0, quota - offset)]
        room = self._disk.room()
        os.pwrite(self._descriptor, fits[:room], offset)
        return SFTP_OK if len(fits) <= room else SFTP_FAILURE

    def stat(self) -> paramiko.SFTPAttributes | int:
        """Tell about the open file."""
        return self._disk.entry(self._disk.place(self.path))

    def chattr(self, attr: paramiko.SFTPAttributes) -> int:
        """Accept attributes without keeping them."""
        return SFTP_OK

    def close(self) -> None:
        """Close the descriptor."""
        self._disk.descriptors.discard(self._descriptor)
        os.close(self._descriptor)


class Folder(paramiko.SFTPServerInterface):
    """The requests on paths. An OSError becomes its status; see `sftp_app.simulator.subsystem`."""

    def __init__(self, server: paramiko.ServerInterface, disk: Disk) -> None:
        super().__init__(server)
        self.disk = disk

    def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> paramiko.SFTPHandle | int:
        """Open or make a file."""
        if self.disk.faults.no_hidden_names and path.rpartition("/")[2].startswith("."):
            return SFTP_FAILURE
        is_written = bool(flags & (os.O_WRONLY | os.O_RDWR))
        if self.disk.faults.write_only and not is_written:
            return SFTP_PERMISSION_DENIED
        descriptor = os.open(self.disk.place(path), flags | os.O_NOFOLLOW, 0o644)
        return OpenFile(self.disk, path, descriptor, is_written=is_written)

    def list_folder(self, path: str) -> list[paramiko.SFTPAttributes] | int:
        """List a folder."""
        if self.disk.faults.no_list or self.disk.faults.write_only:
            return SFTP_PERMISSION_DENIED
        folder = self.disk.place(f"{path}/any").parent
        return [self.disk.entry(place, listed=True) for place in sorted(folder.iterdir())]

    def lstat(self, path: str) -> paramiko.SFTPAttributes | int:
        """Tell about an entry."""
        if self.disk.faults.no_stat:
            return SFTP_OP_UNSUPPORTED
        if self.disk.faults.write_only:
            return SFTP_PERMISSION_DENIED
        return self.disk.entry(self.disk.place(path))

    stat = lstat

    def remove(self, path: str) -> int:
        """Remove a file."""
        self.disk.place(path).unlink()
        self.disk.journal.note("remove", path)
        return SFTP_OK

    def rename(self, oldpath: str, newpath: str) -> int:
        """Rename as a plain OpenSSH server does, or as the faults say."""
        answer = self.disk.faults.rename
        if answer in _RENAME_REFUSALS:
            return _RENAME_REFUSALS[answer]
        source, final = self.disk.place(oldpath), self.disk.place(newpath)
        if answer is RenameAnswer.PLAIN and os.path.lexists(final):
            source.lstat()
            return SFTP_FAILURE
        source.rename(final)
        self.disk.journal.note("rename", f"{oldpath} {newpath}")
        self.disk.take(newpath)
        return SFTP_OK

    def posix_rename(self, oldpath: str, newpath: str) -> int:
        """Rename over whatever is there."""
        self.disk.place(oldpath).replace(self.disk.place(newpath))
        return SFTP_OK

    def mkdir(self, path: str, attr: paramiko.SFTPAttributes) -> int:
        """Make a folder."""
        self.disk.place(path).mkdir()
        return SFTP_OK

    def rmdir(self, path: str) -> int:
        """Remove an empty folder."""
        self.disk.place(path).rmdir()
        return SFTP_OK
