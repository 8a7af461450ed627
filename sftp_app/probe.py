"""The connection test: one step after the other, each with its time and a plain cause, up to the first failure."""

import contextlib
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial

import paramiko

from core.errors import ConnectorError
from sftp_app.address import Address
from sftp_app.connect import ALL_SIGNATURES, NoCommonHostKey, hang_up, open_socket, shake_hands, trusted_transport
from sftp_app.errors import (
    SftpFailed,
    SftpNoFile,
    SftpNoFolder,
    SftpPermissionDenied,
    SftpShortWrite,
    SftpUnsupported,
    SftpVanished,
)
from sftp_app.hostkeys import SIGNATURES, pin_of
from sftp_app.names import join
from sftp_app.refusals import folder_of, name_of
from sftp_app.session import Session, find, start
from sftp_app.signin import open_channel, sign_in
from sftp_app.target import HostKeyPin, Publish, Target
from sftp_app.upload import Evidence, Stored
from sftp_app.watchdog import Watchdog

_CONTENT = b"Connection test. This file may be removed.\n"


class Outcome(StrEnum):
    """How a step ended. A warning does not stop files from being delivered."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its name, how it ended, what was seen (or why it failed), the next step, and its seconds."""

    name: str
    outcome: Outcome
    seconds: float
    detail: str
    next_step: str = ""
    code: str = ""


def check(target: Target, *, folder: str, now: datetime, deadline_seconds: float = 60) -> Iterator[Step]:
    """Try everything that a delivery does, with a small file of our own, and give each step as it ends.

    Steps: name, TCP, host key, sign in, folder, write, size, rename, delete. Nothing is raised for what a
    server does; the first failure is the last step.
    """
    with contextlib.ExitStack() as stack:
        watchdog = Watchdog(deadline_seconds)
        stack.callback(watchdog.stop)
        trial = _Trial(target, folder=folder, now=now, watchdog=watchdog, stack=stack)
        for name, action in trial.steps():
            step = _timed(name, action)
            yield step
            if step.outcome is Outcome.FAILED:
                return


def _timed(name: str, action: Callable[[], str]) -> Step:
    began = time.monotonic()
    try:
        detail, outcome, next_step, code = action(), Outcome.OK, "", ""
    except _Warning as warning:
        detail, outcome, next_step, code = str(warning), Outcome.WARNING, "", ""
    except ConnectorError as error:
        detail, outcome, next_step, code = error.sentence, Outcome.FAILED, error.next_step, error.code
    return Step(name, outcome, time.monotonic() - began, detail, next_step, code)


class _Warning(Exception):
    """Worth telling, and no obstacle."""


class _Trial:
    """What one step leaves for the next."""

    addresses: list[Address]
    sock: socket.socket | None
    transport: paramiko.Transport
    session: Session

    def __init__(
        self, target: Target, *, folder: str, now: datetime, watchdog: Watchdog, stack: contextlib.ExitStack
    ) -> None:
        self._target = target
        self._folder = folder
        self._now = now
        self._watchdog = watchdog
        self._stack = stack
        self._written: Stored | SftpShortWrite | SftpVanished | None = None
        word = secrets.token_hex(4)
        staging = target.staging_folder if target.publish is Publish.STAGING else folder
        self._temporary = join(staging, f"{'.' if target.hidden_temporary else ''}connection-test-{word}.tmp")
        self._final = join(folder, f"connection-test-{word}.txt")

    def steps(self) -> Iterator[tuple[str, Callable[[], str]]]:
        """Name the steps in their order."""
        yield "name", self._name
        yield "TCP", self._tcp
        yield "host key", self._host_key
        yield "sign in", self._sign_in
        yield "folder", self._look_at_folder
        yield "write", self._write
        yield "size", self._size
        yield "rename", self._rename
        yield "delete", self._delete

    def _name(self) -> str:
        self.addresses = find(self._target, watchdog=self._watchdog)
        return f"{self._target.host} is {', '.join(map(str, self.addresses))}."

    def _tcp(self) -> str:
        self.sock = open_socket(self.addresses, target=self._target, watchdog=self._watchdog)
        self._stack.callback(self.sock.close)
        return f"Port {self._target.port} answers."

    def _host_key(self) -> str:
        self.transport = trusted_transport(self._dial, target=self._target, now=self._now, watchdog=self._watchdog)
        self._stack.callback(hang_up, self.transport)
        return f"{pin_of(self.transport.get_remote_server_key())} is approved."

    def _dial(self) -> socket.socket:
        sock, self.sock = self.sock, None
        return sock or open_socket(self.addresses, target=self._target, watchdog=self._watchdog)

    def _sign_in(self) -> str:
        sign_in(self.transport, target=self._target, watchdog=self._watchdog)
        channel = open_channel(self.transport, target=self._target, watchdog=self._watchdog)
        self.session = start(channel, self.transport, target=self._target, watchdog=self._watchdog)
        return f"{self._target.username} is signed in."

    def _look_at_folder(self) -> str:
        try:
            entry = self.session.stat(self._folder)
        except ConnectorError as error:
            if not self.session.is_open:
                raise
            raise _Warning(f"The folder cannot be looked at: {error.sentence}") from error
        if entry is None or not (entry.is_folder or entry.is_link or entry.mode is None):
            raise SftpNoFolder(f"There is no folder {self._folder} on {self._target.host}.")
        return f"{self._folder} is there."

    def _write(self) -> str:
        is_direct = self._target.publish is Publish.DIRECT
        try:
            self._store(self._final if is_direct else self._temporary)
        except (SftpFailed, SftpPermissionDenied) as error:
            if is_direct or not self._target.hidden_temporary:
                raise
            self._blame_the_dot(error)
        return f"{len(_CONTENT)} bytes were taken."

    def _store(self, path: str) -> None:
        try:
            self._written = self.session.write(path, [_CONTENT], size=len(_CONTENT))
        except (SftpShortWrite, SftpVanished) as error:
            self._written = error

    def _blame_the_dot(self, error: ConnectorError) -> None:
        """Tell servers that refuse hidden names from those where nothing may be written."""
        visible = join(folder_of(self._temporary), name_of(self._temporary).lstrip("."))
        try:
            self._store(visible)
            self.session.remove(visible)
        except ConnectorError:
            raise error from None
        raise SftpUnsupported(
            f"{self._target.host} refuses names that begin with a dot.",
            next_step="Switch this server to visible temporary names.",
        )

    def _size(self) -> str:
        if isinstance(self._written, SftpVanished) and self._target.publish is Publish.DIRECT:
            raise _Warning("The partner took the file at once, so its size was not seen.")
        if isinstance(self._written, ConnectorError):
            raise self._written
        if self._written and self._written.evidence is Evidence.ACKNOWLEDGED:
            raise _Warning("The server shows no sizes; its acknowledgment of every write is our evidence.")
        return f"The server holds {len(_CONTENT)} bytes."

    def _rename(self) -> str:
        if self._target.publish is Publish.DIRECT:
            return "Not used: files are written under their final name."
        try:
            self.session.rename(self._temporary, self._final)
        except ConnectorError:
            with contextlib.suppress(ConnectorError):
                self.session.remove(self._temporary)
            raise
        return "The file has its final name."

    def _delete(self) -> str:
        try:
            self.session.remove(self._final)
        except SftpNoFile:
            return "The partner took the file at once."
        except ConnectorError as error:
            raise _Warning(f"The test file {self._final} stays: {error.sentence}") from error
        return "The test file is gone."


def fetch_host_keys(target: Target, *, deadline_seconds: float = 30) -> tuple[HostKeyPin, ...]:
    """Fetch every host key that the server shows, without any credential, for a person to compare and approve.

    Raises SftpUnreachable, SftpTimedOut, SftpOutdated or AddressRefused when there is none to be had.
    """
    watchdog = Watchdog(deadline_seconds)
    shown: list[HostKeyPin] = []
    signatures = ALL_SIGNATURES
    try:
        dial = partial(open_socket, find(target, watchdog=watchdog), target=target, watchdog=watchdog)
        while signatures:
            transport = shake_hands(dial, target=target, watchdog=watchdog, signatures=signatures)
            key = pin_of(transport.get_remote_server_key())
            hang_up(transport)
            shown.append(key)
            signatures = tuple(name for name in signatures if name not in SIGNATURES[key.key_type])
    except NoCommonHostKey:
        pass
    except ConnectorError:
        # some servers limit connections; the keys already seen are good enough to approve one
        if not shown:
            raise
    finally:
        watchdog.stop()
    return tuple(shown)
