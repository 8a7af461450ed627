"""Deliver: everything that is due for one server goes through one session, under the server's lease.

Per round: claim files, upload each under a temporary name of its own, note PUBLISHING, rename, note DELIVERED.
The rename of a temporary name that only this attempt uses can take effect once, so it is the fencing token.
What is found PUBLISHING goes through `connector/steps/recover.py` first. A session that does not open sets all its
files back; the server waits with them, so that a thousand files do not hammer a dead host.
"""

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings

from connector.retry import GIVE_UP_AFTER, Decision, OurMistake, decide, settled
from connector.steps.publish import Publisher
from connector.steps.recover import recover
from connector.steps.sweep_temporaries import has_leftovers, sweep_temporaries
from connector.steps.upload import Uploader
from connector.steps.waiting import hold_back
from connector.targets import target_of
from core import deliveries, failpoints, servers
from core.claims import Claimed, claim_files
from core.clock import database_now
from core.errors import ConnectorError, PermanentError, TemporaryError
from core.leases import Lease, LeaseLost
from core.models import File, Server
from core.states import FileState
from sftp_app.errors import HostKeyMismatch
from sftp_app.session import Session, open_session

FILES_A_ROUND = 256
"""Four groups of overlapping requests; what one round asks the database is shared by so many files."""

PROBE_AFTER_FAILURES = 5
"""After so many sessions in a row that did not open, one file goes first."""

CRASHES_AT_MOST = 5
LAST_ROUND = 0.25
"""No round begins when less than this part of the session's time is left: its files would be cut off."""


class ServerHeld(ConnectorError):
    """Nothing goes to the server until a person has acted on its problem."""

    code = "SERVER_HELD"
    next_step = "See the server's problem."


class GaveUp(PermanentError):
    """The file was tried for as long as it is set."""

    code = "DELIVERY_GAVE_UP"
    next_step = "Test the connection, then replay the file."


class WorkersDie(PermanentError):
    """Workers ended again and again while they had this file in hand."""

    code = "FILE_CRASHES_WORKERS"
    next_step = "Tell us; the other files go on. Replay it when the cause is gone."


def deliver_due(server: Server, lease: Lease, *, now: datetime) -> list[int]:
    """Deliver what is due for a leased server; give the ids of the files that were worked on."""
    if server.hold_code:
        return _hold_due(server, lease, now=now)
    if server.next_attempt_at is not None and server.next_attempt_at > now:
        return []
    return _Delivery(server, lease).work(now)


def _hold_due(server: Server, lease: Lease, *, now: datetime) -> list[int]:
    claimed = claim_files(server, lease, limit=FILES_A_ROUND, now=now)
    error = ServerHeld(f"The server {server.name} is on hold ({server.hold_code}).", code=server.hold_code)
    for file in claimed.files:
        deliveries.set_back(file, error, to=FileState.HELD, retry_at=None, now=now, reports=False)
    return [file.pk for file in claimed.files]


class _Delivery:
    """One delivery to one server: rounds of files through one session."""

    def __init__(self, server: Server, lease: Lease) -> None:
        self.server, self.lease = server, lease
        self.touched: list[int] = []
        self.claimed = Claimed()
        self.stage = "claiming"
        self.give_up_after = timedelta(days=days) if (days := server.options.get("give_up_days")) else GIVE_UP_AFTER

    def work(self, now: datetime) -> list[int]:
        with settled(self._stopped, attempts=self.server.failures + 1, now=now):
            self.claimed = self._claim(now)
            sweeps = has_leftovers(self.server, now=now)
            if self.claimed or sweeps:
                with self._session(now) as session:
                    self._rounds(session)
                    if sweeps and session.is_open:
                        sweep_temporaries(session, self.server, now=database_now())
        return self.touched

    def _rounds(self, session: Session) -> None:
        enough = settings.DELIVERY_DEADLINE_SECONDS * LAST_ROUND
        while self.claimed:
            self._round(session, self.claimed)
            self.claimed = Claimed()
            if session.is_open and session.seconds_left > enough:
                self.claimed = self._claim(database_now())

    def _claim(self, now: datetime) -> Claimed:
        self.lease.keep()
        hold_back(self.server, now=now)
        limit = 1 if self.server.failures >= PROBE_AFTER_FAILURES and not self.touched else FILES_A_ROUND
        claimed = claim_files(self.server, self.lease, limit=limit, now=now, without=self.touched)
        self.touched += [file.pk for file in claimed.files]
        failpoints.hit("deliver.after_claim")
        return claimed

    @contextlib.contextmanager
    def _session(self, now: datetime) -> Iterator[Session]:
        deadline = settings.DELIVERY_DEADLINE_SECONDS
        self.stage = "opening"
        with open_session(target_of(self.server), now=now, deadline_seconds=deadline) as session:
            servers.worked(self.server, fingerprint=session.host_key.fingerprint, now=database_now())
            self.server.failures, self.stage = 0, "working"
            yield session

    def _stopped(self, error: ConnectorError, decision: Decision) -> None:
        """The whole delivery ended early: the server is to blame when it did not let us in, else the round is.

        After a mistake of ours in the middle the files stay as they are, like those of a worker that died."""
        if self.stage == "opening":
            self._kept_out(error, self._refusal(error) or decision)
        elif not isinstance(error, OurMistake):
            for file in self.claimed.files:
                self._set_back(file, error)

    def _refusal(self, error: ConnectorError) -> Decision | None:
        """A refused sign-in has its own count: a server that was down before has not refused anybody."""
        if not isinstance(error, PermanentError):
            return None
        return decide(error, attempts=self.server.auth_failures + 1, now=database_now())

    def _kept_out(self, error: ConnectorError, decision: Decision) -> None:
        now = database_now()
        shown = error.shown.fingerprint if isinstance(error, HostKeyMismatch) else ""
        servers.failed(self.server, error, retry_at=decision.retry_at, shown=shown, now=now)
        to = FileState.RETRY_WAIT if decision.retry_at else FileState.HELD
        for file in self.claimed.files:
            deliveries.set_back(file, error, to=to, retry_at=decision.retry_at, now=now, reports=False)
        given_up = GaveUp(
            f"{self.server.name} could not be reached for {self.give_up_after.days} days. {error.sentence}"
        )
        while deliveries.give_up_old(self.server, given_up, older_than=self.give_up_after, now=now):
            self.lease.keep()

    def _round(self, session: Session, claimed: Claimed) -> None:
        alive = [file for file in claimed.files if self._is_harmless(file, claimed.crashes.get(file.pk, 0))]
        upload = [file for file in alive if file.state == FileState.UPLOADING]
        may_be_out = [file for file in alive if file.state != FileState.UPLOADING]
        again = [file for file in may_be_out if not self._recovered(session, file)]
        uploader = Uploader(session, self.server, self.lease, set_back=self._set_back)
        complete = uploader.upload([*upload, *again])
        failpoints.hit("deliver.before_publishing")
        publisher = Publisher(session, self.server, set_back=self._set_back, recover=self._recovered)
        publisher.publish(complete, uploader.evidence)

    def _is_harmless(self, file: File, crashes: int) -> bool:
        if crashes < CRASHES_AT_MOST:
            return True
        self._set_back(file, WorkersDie(f"{crashes} workers ended while they delivered {file.name}."))
        return False

    def _recovered(self, session: Session, file: File) -> bool:
        """Decide about a file that may be out already; False when it has to be uploaded again."""
        try:
            self.lease.keep()
            return recover(session, file, self.server)
        except ConnectorError as error:
            self._set_back(file, error)
            return True

    def _set_back(self, file: File, error: ConnectorError) -> None:
        if isinstance(error, LeaseLost):
            raise error
        now = database_now()
        since = file.due_since or file.sealed_at
        decision = decide(error, attempts=file.attempts, now=now, since=since, give_up_after=self.give_up_after)
        may_be_out = file.state == FileState.PUBLISHING
        to = FileState.HELD if decision.holds or may_be_out else FileState.FAILED
        to = FileState.RETRY_WAIT if decision.retry_at else to
        if to == FileState.FAILED and isinstance(error, TemporaryError) and not isinstance(error, OurMistake):
            error = GaveUp(f"{file.name} could not be delivered in {self.give_up_after.days} days. {error.sentence}")
        deliveries.set_back(file, error, to=to, retry_at=decision.retry_at, now=now)
