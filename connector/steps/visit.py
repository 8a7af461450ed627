"""A visit: one session with a server, and what its success or failure means for the server."""

import contextlib
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings

from connector.retry import decide
from connector.targets import target_of
from core import servers
from core.clock import database_now
from core.errors import ConnectorError
from core.models import Server
from sftp_app.errors import HostKeyMismatch
from sftp_app.session import Session, open_session


def is_reachable(server: Server, *, now: datetime) -> bool:
    """Say whether a server may be visited now: it is neither on hold nor waited for."""
    return not server.hold_code and (server.next_attempt_at is None or server.next_attempt_at <= now)


@contextlib.contextmanager
def visit(server: Server, *, now: datetime) -> Iterator[Session]:
    """Open a session with a server, and note that it works. Raises the errors of `sftp_app.errors`."""
    deadline = settings.DELIVERY_DEADLINE_SECONDS
    with open_session(target_of(server), now=now, deadline_seconds=deadline) as session:
        servers.worked(server, fingerprint=session.host_key.fingerprint, now=database_now())
        yield session


def note_failure(server: Server, error: ConnectorError) -> None:
    """Note a session that did not open or broke: the server is waited for, or on hold until a person acts."""
    now = database_now()
    decision = decide(error, attempts=server.failures + 1, now=now)
    shown = error.shown.fingerprint if isinstance(error, HostKeyMismatch) else ""
    servers.failed(server, error, retry_at=decision.retry_at, shown=shown, now=now)
