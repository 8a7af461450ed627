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
"""

from connector.steps.paths import final_path, temporary_path
from core import outbox
from core.clock import database_now
from core.models import File, Server
from core.states import FileState
from sftp_app.errors import SftpHold, SftpNameTaken
from sftp_app.session import Session


class SftpGone(SftpHold):
    """Neither name is there, and the server's setting says that a person decides then."""

    code = "SFTP_GONE"
    next_step = "Ask the partner whether the file arrived, then mark it as delivered or replay it."


def recover(session: Session, file: File, server: Server) -> bool:
    """Bring a PUBLISHING file to its end; False when it has to be uploaded again.

    Raises `SftpNameTaken` and `SftpGone`, which hold the file, and the temporary errors of the session."""
    temporary, final = session.stat_many([temporary_path(file, server), final_path(file)])
    if temporary is None:
        evidence = _without_temporary(file, server, final_size=final.size if final else None, is_there=bool(final))
        return _delivered(session, file, evidence)
    if final is not None:
        if final.size != file.size or session.sha256(final_path(file)) != file.sha256:
            raise SftpNameTaken(f"{final_path(file)} on {server.name} holds something else.")
        session.remove(temporary_path(file, server))
        return _delivered(session, file, "found")
    if temporary.size is not None and temporary.size != file.size:
        outbox.upload_again(file, now=database_now())
        file.state = FileState.UPLOADING
        return False
    session.rename(temporary_path(file, server), final_path(file))
    return _delivered(session, file, "renamed")


def _without_temporary(file: File, server: Server, *, final_size: int | None, is_there: bool) -> str:
    if is_there and final_size in (None, file.size):
        return "found"
    if is_there:
        raise SftpNameTaken(f"{final_path(file)} on {server.name} holds something else.")
    if server.options.get("absent_means") == "hold":
        raise SftpGone(f"{file.name} was uploaded to {server.name} and is not there any more.")
    return "consumed"


def _delivered(session: Session, file: File, evidence: str) -> bool:
    facts = {"host_key": session.host_key.fingerprint}
    outbox.delivered([file], evidence=evidence, session=facts, now=database_now())
    return True
