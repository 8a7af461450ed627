"""Deliver: everything that is due for one server goes through one session, under the server's lease.

Per round: claim files, upload each under a temporary name of its own, note PUBLISHING, rename, note DELIVERED.
The rename of a temporary name that only this attempt uses can take effect once, so it is the fencing token.
What is found PUBLISHING goes through `connector/steps/recover.py` first. A session that does not open sets all its
files back; the server waits with them, so that a thousand files do not hammer a dead host.
"""

import contextlib
import time
from collections.abc import Iterator, Sequence
from datetime import datetime

from django.conf import settings

from connector.retry import OurMistake, decide
from connector.steps.paths import final_path, temporary_path, upload_path
from connector.steps.recover import recover
from connector.targets import target_of
from core import failpoints, outbox, servers
from core.clock import database_now
from core.errors import ConnectorError
from core.leases import Lease
from core.models import File, Publish, Server
from core.states import FileState
from sftp_app.bulk import Upload
from sftp_app.errors import HostKeyMismatch, SftpNameTaken, SftpNoFile
from sftp_app.session import Session, open_session

FILES_A_ROUND = 50
PROBE_AFTER_FAILURES = 5
"""After so many sessions in a row that did not open, one file goes first."""


def deliver_due(server: Server, lease: Lease, *, now: datetime) -> list[int]:
    """Deliver what is due for a leased server; give the ids of the files that were worked on."""
    if server.hold_code:
        return _hold_due(server, lease, now=now)
    if server.next_attempt_at is not None and server.next_attempt_at > now:
        return []
    return _Delivery(server, lease).work(now)


def _hold_due(server: Server, lease: Lease, *, now: datetime) -> list[int]:
    upload, publishing = outbox.claim_files(server, lease, limit=FILES_A_ROUND, now=now)
    error = ServerHeld(f"The server {server.name} is on hold ({server.hold_code}).", code=server.hold_code)
    for file in (*upload, *publishing):
        outbox.set_back(file, error, to=FileState.HELD, retry_at=None, now=now)
    return [file.pk for file in (*upload, *publishing)]


class ServerHeld(ConnectorError):
    """Nothing goes to the server until a person has acted on its problem."""

    code = "SERVER_HELD"
    next_step = "See the server's problem."


class _Delivery:
    """One delivery to one server: rounds of files through one session."""

    def __init__(self, server: Server, lease: Lease) -> None:
        self.server, self.lease = server, lease
        self.touched: list[int] = []

    def work(self, now: datetime) -> list[int]:
        claimed = self._claim(now)
        if not any(claimed):
            return []
        try:
            with self._session(now) as session:
                while any(claimed):
                    self._round(session, *claimed)
                    claimed = self._claim(database_now()) if session.is_open else ([], [])
        except ConnectorError as error:
            self._session_failed(error, [*claimed[0], *claimed[1]])
        return self.touched

    def _claim(self, now: datetime) -> tuple[list[File], list[File]]:
        limit = 1 if self.server.failures >= PROBE_AFTER_FAILURES and not self.touched else FILES_A_ROUND
        upload, publishing = outbox.claim_files(self.server, self.lease, limit=limit, now=now, without=self.touched)
        self.touched += [file.pk for file in (*upload, *publishing)]
        return upload, publishing

    @contextlib.contextmanager
    def _session(self, now: datetime) -> Iterator[Session]:
        deadline = settings.DELIVERY_DEADLINE_SECONDS
        with open_session(target_of(self.server), now=now, deadline_seconds=deadline) as session:
            servers.worked(self.server, fingerprint=session.host_key.fingerprint, now=database_now())
            self.server.failures = 0
            yield session

    def _session_failed(self, error: ConnectorError, files: Sequence[File]) -> None:
        now = database_now()
        decision = decide(error, attempts=self.server.failures + 1, now=now)
        shown = error.shown.fingerprint if isinstance(error, HostKeyMismatch) else ""
        servers.failed(self.server, error, retry_at=decision.retry_at, shown=shown, now=now)
        to = FileState.RETRY_WAIT if decision.retry_at else FileState.HELD
        for file in files:
            outbox.set_back(file, error, to=to, retry_at=decision.retry_at, now=now)

    def _round(self, session: Session, upload: Sequence[File], publishing: Sequence[File]) -> None:
        started = time.monotonic()
        again = [file for file in publishing if not self._recovered(session, file)]
        uploaded = self._upload(session, [*upload, *again])
        failpoints.hit("deliver.before_publishing")
        ours = outbox.publishing(uploaded, now=database_now())
        failpoints.hit("deliver.before_rename")
        renamed = self._rename(session, ours)
        failpoints.hit("deliver.before_delivered")
        self._delivered(session, renamed, started)

    def _recovered(self, session: Session, file: File) -> bool:
        """Decide about a file that may be out already; False when it has to be uploaded again."""
        try:
            return recover(session, file, self.server)
        except ConnectorError as error:
            self._set_back(file, error)
            return True

    def _upload(self, session: Session, files: Sequence[File]) -> list[File]:
        free = [file for file in files if self._is_name_free(session, file)]
        direct = self.server.publish == Publish.DIRECT
        uploads = (Upload(upload_path(file, self.server), self._chunks(file), file.size or 0) for file in free)
        complete = []
        for file, written in zip(free, session.write_many(uploads, exclusive=direct), strict=True):
            if written.error is not None:
                self._set_back(file, written.error)
            else:
                complete.append(file)
        return complete

    def _chunks(self, file: File) -> Iterator[bytes]:
        for chunk in outbox.read(file):
            self.lease.keep()
            failpoints.hit("deliver.in_upload")
            yield chunk

    def _is_name_free(self, session: Session, file: File) -> bool:
        """Nothing that is there is ever overwritten, unless it is what an earlier attempt left half-written."""
        try:
            there = session.stat(final_path(file))
            if there is None:
                return True
            if self.server.publish == Publish.DIRECT and file.attempts > 1:
                return self._is_ours_half_written(session, file)
            raise SftpNameTaken(f"{final_path(file)} is on {self.server.name} already, and not from us.")
        except ConnectorError as error:
            self._set_back(file, error)
            return False

    def _is_ours_half_written(self, session: Session, file: File) -> bool:
        """Without rename an attempt that died leaves the final name: whole, then it is delivered; or a part."""
        if session.sha256(final_path(file)) == file.sha256:
            outbox.publishing([file], now=database_now())
            outbox.delivered([file], evidence="found", session={}, now=database_now())
            return False
        session.remove(final_path(file))
        return True

    def _rename(self, session: Session, files: Sequence[File]) -> list[File]:
        if self.server.publish == Publish.DIRECT:
            return list(files)
        pairs = [(temporary_path(file, self.server), final_path(file)) for file in files]
        done = []
        for file, renamed in zip(files, session.rename_many(pairs), strict=True):
            if renamed.error is None and not renamed.uncertain:
                done.append(file)
            elif isinstance(renamed.error, (SftpNameTaken, SftpNoFile)):
                self._recovered(session, file)
            else:
                self._set_back(file, renamed.error or OurMistake("The answer to the rename was lost."))
        return done

    def _delivered(self, session: Session, files: Sequence[File], started: float) -> None:
        if not files:
            return
        facts = {
            "host_key": session.host_key.fingerprint,
            "duration_ms": int((time.monotonic() - started) * 1000),
            "remote": self._look(session, files),
        }
        outbox.delivered(files, evidence="renamed", session=facts, now=database_now())

    def _look(self, session: Session, files: Sequence[File]) -> dict[int, tuple[int | None, datetime | None]]:
        """What the server shows of the published files; a partner may have taken them already."""
        try:
            found = session.stat_many([final_path(file) for file in files])
        except ConnectorError:
            return {}
        return {file.pk: (entry.size, entry.modified_at) for file, entry in zip(files, found, strict=True) if entry}

    def _set_back(self, file: File, error: ConnectorError) -> None:
        now = database_now()
        decision = decide(error, attempts=file.attempts, now=now, since=file.sealed_at)
        may_be_out = file.state == FileState.PUBLISHING
        to = FileState.HELD if decision.holds or may_be_out else FileState.FAILED
        to = FileState.RETRY_WAIT if decision.retry_at else to
        outbox.set_back(file, error, to=to, retry_at=decision.retry_at, now=now)
