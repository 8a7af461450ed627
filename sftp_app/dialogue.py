"""The talk with one server: its wire, its place in sentences, and one reading of everything that can break."""

import contextlib
import struct
from collections.abc import Iterator

import paramiko

from core.errors import ConnectorError
from sftp_app.errors import SftpNoFile, SftpTimedOut, SftpUnreachable, SftpUnsupported
from sftp_app.packets import Kind, RemoteFile, Status, string
from sftp_app.refusals import Place, folder_of, name_of
from sftp_app.watchdog import Watchdog
from sftp_app.wire import Dropped, Garbled, Refused, Wire, handle_of

_BROKEN = (Dropped, Garbled, OSError, EOFError, paramiko.SSHException, struct.error)


class Dialogue:
    """A wire with its context. After a break `is_open` is False and nothing more is sent."""

    def __init__(self, wire: Wire, *, place: Place, watchdog: Watchdog) -> None:
        self.wire = wire
        self.place = place
        self.is_open = True
        self._watchdog = watchdog

    @property
    def seconds_left(self) -> float:
        """Give the seconds until the session's hard deadline."""
        return self._watchdog.seconds_left

    @contextlib.contextmanager
    def speaking(self, doing: str, path: str, *, creates: bool = False) -> Iterator[None]:
        """Turn whatever the wire raises into our errors; `doing` and `path` complete the sentence."""
        if not self.is_open:
            raise SftpUnreachable(f"The connection to {self.place.host} is closed.")
        try:
            yield
        except Refused as refused:
            raise self.place.explain(refused, doing=doing, path=path, creates=creates) from refused
        except _BROKEN as error:
            raise self.broken(error, doing=doing, path=path) from error

    def broken(self, error: Exception, *, doing: str, path: str) -> ConnectorError:
        """Note that the connection is of no more use, and give the error that says why."""
        self.is_open = False
        host = self.place.host
        if self._watchdog.has_fired:
            return SftpTimedOut(
                f"The session with {host} took too long and was ended while we tried to {doing} {path}."
            )
        if isinstance(error, TimeoutError):
            return SftpTimedOut(f"{host} stopped answering while we tried to {doing} {path}.")
        if isinstance(error, Garbled | struct.error):
            return SftpUnreachable(f"{host} answered with something that is not SFTP ({error}).")
        return SftpUnreachable(f"{host} broke the connection while we tried to {doing} {path}.")

    def look(self, path: str) -> RemoteFile | None:
        """Give the entry itself (a link is not followed), None when nothing is there.

        Asks the folder's listing when the server does not tell the size, or does not know the question.
        """
        try:
            with self.speaking("look at", path):
                entry = self.wire.call(Kind.LSTAT, string(path)).expect(Kind.ATTRS).entry(name_of(path))
        except SftpNoFile:
            return None
        except SftpUnsupported as unsupported:
            return self._from_listing(path, unsupported)
        if entry.size is None and not entry.is_folder:
            return self._listed(path) or entry
        return entry

    def _from_listing(self, path: str, unsupported: SftpUnsupported) -> RemoteFile | None:
        try:
            found = [entry for entry in self.entries(folder_of(path)) if entry.name == name_of(path)]
        except ConnectorError:
            raise unsupported from None
        return found[0] if found else None

    def _listed(self, path: str) -> RemoteFile | None:
        with contextlib.suppress(ConnectorError):
            for entry in self.entries(folder_of(path)):
                if entry.name == name_of(path):
                    return entry
        return None

    def entries(self, folder: str) -> list[RemoteFile]:
        """List a folder, without `.` and `..`."""
        found: list[RemoteFile] = []
        with self.speaking("list", f"{folder.rstrip('/')}/", creates=True):
            handle = handle_of(self.wire.call(Kind.OPENDIR, string(folder)))
            while True:
                answer = self.wire.call(Kind.READDIR, handle)
                try:
                    fields = answer.expect(Kind.NAME)
                except Refused as refused:
                    self.wire.call(Kind.CLOSE, handle)
                    if refused.status != Status.EOF:
                        raise
                    return found
                for _ in range(fields.uint32()):
                    name = fields.text()
                    fields.string()
                    entry = fields.entry(name)
                    if name not in (".", ".."):
                        found.append(entry)

    def free_bytes(self, folder: str) -> int | None:
        """Give the room left for the account, in bytes (statvfs@openssh.com); None when the server is silent."""
        if "statvfs@openssh.com" not in self.wire.extensions:
            return None
        try:
            with self.speaking("ask for room in", folder):
                number = self.wire.extend("statvfs@openssh.com", string(folder))
                fields = self.wire.answer(number).expect(Kind.EXTENDED_REPLY)
                block_sizes_and_counts = [fields.uint64() for _ in range(5)]
        except ConnectorError:
            return None
        return block_sizes_and_counts[1] * block_sizes_and_counts[4]
