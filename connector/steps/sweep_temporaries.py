"""Sweep temporaries: what attempts that died have left on a server goes after a day.

Removed is only what an attempt of ours recorded, under exactly that name, in the folder it was written to, when the
file is not one that may be out already. Whatever else lies there is not even listed.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from connector.steps.companions import Role, companion_name
from connector.steps.paths import within
from core import leftovers
from core.errors import ConnectorError
from core.models import Attempt, Server
from sftp_app.errors import SftpNoFile, SftpNoFolder
from sftp_app.session import Session

AT_A_TIME = 200
LOOK_AGAIN = timedelta(hours=24)
GO_ON = timedelta(minutes=1)


def has_leftovers(server: Server, *, now: datetime) -> bool:
    """Say whether there may be something to remove on a server now; a switch of the server turns this off."""
    is_due = server.next_sweep_at is None or server.next_sweep_at <= now
    wanted = server.options.get("sweep_temporaries", True)
    return bool(is_due and wanted and leftovers.leftovers(server, now=now, limit=1))


def sweep_temporaries(session: Session, server: Server, *, now: datetime) -> None:
    """Remove what old attempts left; what cannot be removed today is tried again tomorrow."""
    attempts = leftovers.leftovers(server, now=now, limit=AT_A_TIME)
    removed: list[tuple[Attempt, str]] = []
    gone = [attempt for attempt in attempts if session.is_open and _remove(session, attempt, removed)]
    is_more = len(gone) == AT_A_TIME
    leftovers.swept(server, gone, removed, again_at=now + (GO_ON if is_more else LOOK_AGAIN), now=now)


def _remove(session: Session, attempt: Attempt, removed: list[tuple[Attempt, str]]) -> bool:
    """Remove an attempt's files; False when one of them may still be there."""
    try:
        for path in _paths(attempt):
            if _remove_file(session, path):
                removed.append((attempt, path))
    except SftpNoFolder:
        return True
    except ConnectorError:
        return False
    return True


def _paths(attempt: Attempt) -> Iterator[str]:
    own = within(attempt.temp_folder or attempt.file.folder, attempt.temp_name)
    yield own
    for role in Role:
        yield companion_name(own, role)


def _remove_file(session: Session, path: str) -> bool:
    try:
        session.remove(path)
    except SftpNoFile:
        return False
    return True
