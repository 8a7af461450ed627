"""Recover: decide about a file that was left PUBLISHING, from what the server shows.

The rename can take effect only once, whoever does it, and only we delete temporary names. So the temporary and
the final name together tell what happened:

    temporary     final           meaning                        what is done
    right size    absent          not renamed                    rename it now
    absent        same size       renamed                        delivered (found)
    absent        absent          renamed, the partner took it   delivered (consumed), or held as set
    there         other content   the name is taken              held
    there         same content    already there                  remove the temporary, delivered (found)
    absent        other size      the name is taken              held
    wrong size    absent          damaged, never published       upload again

Where the account may not look at all, the rename itself is the question: done now, it was not done before; refused
since the temporary name is gone, it was.
"""

import contextlib
from datetime import datetime

from connector.steps.companions import Role, publish
from connector.steps.paths import final_path, is_direct, temporary_path
from core import deliveries, failpoints
from core.clock import database_now
from core.errors import ConnectorError
from core.models import File, Server
from sftp_app.errors import SftpHold, SftpNameTaken, SftpNoFile, SftpPermissionDenied, SftpUnsupported
from sftp_app.packets import RemoteFile
from sftp_app.session import Session

MAY_BE_DAMAGED = 3


class SftpGone(SftpHold):
    """The file is not there any more, and the server's setting says that a person decides then."""

    code = "SFTP_GONE"
    next_step = "Ask the partner whether the file arrived, then mark it as delivered or replay it."


class TouchedUnnamed(SftpHold):
    """Something changes files under their temporary names, again and again."""

    code = "SFTP_TOUCHED"
    next_step = "Ask the partner what changes files in this folder; a staging folder keeps them apart."


def recover(session: Session, file: File, server: Server) -> bool:
    """Bring a PUBLISHING file to its end; False when it has to be uploaded again.

    Raises `SftpNameTaken`, `SftpGone` and `TouchedUnnamed`, which hold the file, and the temporary errors of the
    session."""
    evidence = _evidence(session, file, server)
    if evidence is None:
        if file.attempts > MAY_BE_DAMAGED:
            raise TouchedUnnamed(f"{temporary_path(file)} on {server.name} has changed its size again.")
        deliveries.upload_again(file, now=database_now())
        return False
    publish(session, file, Role.TRIGGER)
    failpoints.hit("recover.before_delivered")
    facts = {"host_key": session.host_key.fingerprint, "remote": _shown(session, file)}
    deliveries.delivered([file], evidence=evidence, session=facts, now=database_now())
    return True


def _shown(session: Session, file: File) -> dict[int, tuple[int | None, datetime | None]]:
    """What the server shows of the published file, where it is still there and may be looked at."""
    with contextlib.suppress(ConnectorError):
        if entry := session.stat(final_path(file)):
            return {file.pk: (entry.size, entry.modified_at)}
    return {}


def _evidence(session: Session, file: File, server: Server) -> str | None:
    """Read the table; None when nothing was published and the temporary file is of no use."""
    try:
        temporary, final = session.stat_many([temporary_path(file), final_path(file)])
    except (SftpPermissionDenied, SftpUnsupported):
        return _blind(session, file, server)
    if temporary is None:
        return _without_temporary(file, server, final)
    if final is not None:
        return _both(session, file, server, final)
    if temporary.size is not None and temporary.size != file.size:
        return None
    return _rename(session, file, server)


def _rename(session: Session, file: File, server: Server) -> str:
    publish(session, file, Role.CHECKSUM)
    failpoints.hit("recover.before_rename")
    session.rename(temporary_path(file), final_path(file))
    return "renamed"


def _blind(session: Session, file: File, server: Server) -> str:
    if is_direct(file):
        return "written"  # every byte was acknowledged before the file was noted as PUBLISHING
    try:
        return _rename(session, file, server)
    except SftpNoFile:
        return _gone(file, server)


def _without_temporary(file: File, server: Server, final: RemoteFile | None) -> str:
    if final is None:
        return _gone(file, server)
    if final.is_file and final.size in (None, file.size):
        return "found"
    raise SftpNameTaken(f"{final_path(file)} on {server.name} holds something else.")


def _gone(file: File, server: Server) -> str:
    if server.options.get("absent_means") == "hold":
        raise SftpGone(f"{file.name} was uploaded to {server.name} and is not there any more.")
    return "consumed"


def _both(session: Session, file: File, server: Server, final: RemoteFile) -> str:
    is_same = final.is_file and final.size in (None, file.size) and session.sha256(final_path(file)) == file.sha256
    if not is_same:
        raise SftpNameTaken(f"{final_path(file)} on {server.name} holds something else.")
    session.remove(temporary_path(file))
    return "found"
