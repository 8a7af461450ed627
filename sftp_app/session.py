"""One session with one server: all that is due goes through it, and it trusts no unapproved key."""

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial

import paramiko

from sftp_app.address import Address, read_endpoint, resolve
from sftp_app.bulk import Upload, Written, look_many, write_files
from sftp_app.connect import hang_up, open_socket, trusted_transport
from sftp_app.dialogue import Dialogue
from sftp_app.errors import AddressRefused, SftpTooLarge
from sftp_app.hostkeys import pin_of
from sftp_app.names import check_path
from sftp_app.packets import NO_ATTRIBUTES, READ, Kind, RemoteFile, string, uint32
from sftp_app.refusals import Place
from sftp_app.rename import Renamed, rename_files
from sftp_app.signin import open_channel, sign_in
from sftp_app.target import HostKeyPin, Target
from sftp_app.transfer import receive, request_size
from sftp_app.upload import Habits, Stored, write_file
from sftp_app.watchdog import Watchdog
from sftp_app.wire import Refused, Wire, handle_of


@contextlib.contextmanager
def open_session(target: Target, *, now: datetime, deadline_seconds: float) -> Iterator["Session"]:
    """Open a session and close it at the end; whatever happens, it is over after `deadline_seconds`.

    `now` (aware) decides which approved host keys are valid. Raises the errors of `sftp_app.errors`.
    """
    watchdog = Watchdog(deadline_seconds)
    try:
        addresses = find(target, watchdog=watchdog)
        dial = partial(open_socket, addresses, target=target, watchdog=watchdog)
        transport = trusted_transport(dial, target=target, now=now, watchdog=watchdog)
        try:
            sign_in(transport, target=target, watchdog=watchdog)
            channel = open_channel(transport, target=target, watchdog=watchdog)
            yield start(channel, transport, target=target, watchdog=watchdog)
        finally:
            hang_up(transport)
    finally:
        watchdog.stop()


def find(target: Target, *, watchdog: Watchdog) -> list[Address]:
    """Look the server's name up once and give the addresses that may be connected to."""
    endpoint = read_endpoint(target.host, port=target.port)
    if endpoint.port != target.port:
        raise AddressRefused(f"{target.host} names another port than {target.port}.", next_step="Enter the host alone.")
    timeout = min(target.timeouts.connect, watchdog.seconds_left)
    return resolve(endpoint, allowed_nets=target.allowed_nets, timeout_seconds=timeout)


def start(channel: paramiko.Channel, transport: paramiko.Transport, *, target: Target, watchdog: Watchdog) -> "Session":
    """Agree on the SFTP version over an open channel, and give the session."""
    talk = Dialogue(Wire(channel), place=Place(target.host, target.username), watchdog=watchdog)
    with talk.speaking("start SFTP for", target.username):
        talk.wire.start()
        largest = request_size(talk.wire)
    habits = Habits(largest, fsync=target.fsync and "fsync@openssh.com" in talk.wire.extensions)
    return Session(talk, habits=habits, host_key=pin_of(transport.get_remote_server_key()))


def _announced(wire: Wire, handle: bytes) -> int | None:
    try:
        return wire.call(Kind.FSTAT, handle).expect(Kind.ATTRS).entry("").size
    except Refused:
        return None


class Session:
    """What can be done on the server. Paths are text; errors are those of `sftp_app.errors`.

    After a break `is_open` is False and every call raises SftpUnreachable. Used by one thread at a time.
    """

    def __init__(self, talk: Dialogue, *, habits: Habits, host_key: HostKeyPin) -> None:
        self._talk = talk
        self._habits = habits
        self.host_key = host_key

    @property
    def is_open(self) -> bool:
        """Say whether the connection is still of use."""
        return self._talk.is_open

    @property
    def seconds_left(self) -> float:
        """Give the seconds until the hard deadline."""
        return self._talk.seconds_left

    @property
    def extensions(self) -> frozenset[str]:
        """Give the names of the extensions that the server announced."""
        return frozenset(self._talk.wire.extensions)

    def stat(self, path: str) -> RemoteFile | None:
        """Give the entry itself (links are not followed), None when nothing is there.

        The size comes from the folder's listing when the server leaves it out, and is None when it is
        nowhere. Raises SftpPermissionDenied where the account may not look.
        """
        return self._talk.look(check_path(path))

    def stat_many(self, paths: Sequence[str]) -> list[RemoteFile | None]:
        """Give the entries of many paths in few round trips, as `stat` does."""
        return look_many(self._talk, [check_path(path) for path in paths])

    def write(self, path: str, chunks: Iterable[bytes], *, size: int, exclusive: bool = False) -> Stored:
        """Write a file of `size` bytes and check the size that the server holds.

        An existing file of that name is replaced, so give it a name of its own; with `exclusive` it is
        refused (SftpNameTaken). Raises SftpShortWrite, SftpVanished, SftpDiskFull, SftpNoFolder,
        SftpPermissionDenied and the temporary errors; what was begun has then been removed if possible.
        """
        return write_file(self._talk, check_path(path), chunks, size=size, habits=self._habits, exclusive=exclusive)

    def write_many(self, files: Iterable[Upload], *, exclusive: bool = False) -> Iterator[Written]:
        """Write many files with overlapping requests; give one outcome for each, in order, as they end."""
        checked = (Upload(check_path(file.path), file.chunks, file.size) for file in files)
        return write_files(self._talk, checked, habits=self._habits, exclusive=exclusive)

    def rename(self, source: str, final: str) -> None:
        """Rename a file; never over one that is there.

        Raises SftpNameTaken, SftpNoFile when the source is gone, SftpNoFolder, SftpUnsupported (no rename, or
        another disk). After SftpTimedOut or SftpUnreachable it is unknown whether the rename happened.
        """
        (outcome,) = self.rename_many([(source, final)])
        if outcome.error:
            raise outcome.error

    def rename_many(self, pairs: Iterable[tuple[str, str]]) -> list[Renamed]:
        """Rename many files with overlapping requests; give one outcome for each, in order."""
        return rename_files(self._talk, [(check_path(old), check_path(new)) for old, new in pairs])

    def overwrites_on_rename(self, source: str, final: str) -> bool:
        """Rename one of our own probe files over another, and say whether the server did so."""
        wire = self._talk.wire
        with self._talk.speaking("rename", source):
            answer = wire.call(Kind.RENAME, string(check_path(source)), string(check_path(final)))
            with contextlib.suppress(Refused):
                answer.expect(Kind.STATUS)
                return True
        return False

    def remove(self, path: str) -> None:
        """Remove a file. Raises SftpNoFile when it is not there."""
        self._do(Kind.REMOVE, "remove", path)

    def make_folder(self, path: str) -> None:
        """Make a folder in an existing one."""
        with self._talk.speaking("make the folder", path, creates=True):
            self._talk.wire.call(Kind.MKDIR, string(check_path(path)), NO_ATTRIBUTES).expect(Kind.STATUS)

    def remove_folder(self, path: str) -> None:
        """Remove an empty folder."""
        self._do(Kind.RMDIR, "remove the folder", path)

    def list(self, folder: str) -> list[RemoteFile]:
        """List a folder in the server's order, without `.` and `..`. Raises SftpNoFolder."""
        return self._talk.entries(check_path(folder))

    def free_bytes(self, folder: str) -> int | None:
        """Give the room left for the account, in bytes; None when the server does not tell."""
        return self._talk.free_bytes(check_path(folder))

    def read(self, path: str, *, limit: int) -> bytes:
        """Read a whole file of at most `limit` bytes. Raises SftpTooLarge, SftpNoFile."""
        whole = bytearray()

        def take(data: bytes) -> None:
            whole.extend(data)
            if len(whole) > limit:
                raise SftpTooLarge(f"{path} is larger than {limit} bytes.")

        self._read(path, take)
        return bytes(whole)

    def sha256(self, path: str) -> str:
        """Read a file back and give its SHA-256 in hex, without keeping it in memory."""
        digest = hashlib.sha256()
        self._read(path, digest.update)
        return digest.hexdigest()

    def _do(self, kind: Kind, doing: str, path: str) -> None:
        with self._talk.speaking(doing, path):
            self._talk.wire.call(kind, string(check_path(path))).expect(Kind.STATUS)

    def _read(self, path: str, take: Callable[[bytes], None]) -> None:
        wire = self._talk.wire
        with self._talk.speaking("read", path):
            handle = handle_of(wire.call(Kind.OPEN, string(check_path(path)), uint32(READ), NO_ATTRIBUTES))
            with contextlib.closing(receive(wire, handle, size=_announced(wire, handle))) as blocks:
                for data in blocks:
                    take(data)
            wire.call(Kind.CLOSE, handle)
