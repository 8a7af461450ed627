"""Giving files their final names: plain rename, never over a file that is there, one by one or many together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.errors import ConnectorError
from sftp_app.bulk import GROUP_FILES, look_all
from sftp_app.dialogue import Dialogue
from sftp_app.errors import SftpFailed, SftpNoFile, SftpNoFolder, SftpPermissionDenied, SftpUnsupported
from sftp_app.packets import Kind, RemoteFile, string
from sftp_app.refusals import folder_of, name_taken
from sftp_app.wire import Refused


@dataclass(frozen=True, slots=True)
class Renamed:
    """What became of one rename. `uncertain`: it was asked for, and the answer was lost with the connection."""

    source: str
    final: str
    error: ConnectorError | None = None
    uncertain: bool = False


@dataclass(slots=True)
class _Try:
    source: str
    final: str
    is_taken: bool = False
    number: int = 0
    is_answered: bool = False
    refused: Refused | None = None


def rename_files(talk: Dialogue, pairs: Iterable[tuple[str, str]]) -> list[Renamed]:
    """Rename every (source, final) and give the outcomes in order; nothing is raised.

    The final name must be free: servers differ in what their rename does to a file that is there, so its
    absence is looked at first, and the refusal of servers like OpenSSH is the second guard.
    """
    tries = [_Try(source, final) for source, final in pairs]
    seen: set[str] = set()
    for item in tries:
        item.is_taken = item.final in seen
        seen.add(item.final)
    outcomes: list[Renamed] = []
    for start in range(0, len(tries), GROUP_FILES):
        outcomes += _rename_group(talk, tries[start : start + GROUP_FILES])
    return outcomes


def _rename_group(talk: Dialogue, group: Sequence[_Try]) -> list[Renamed]:
    broken: ConnectorError | None = None
    try:
        with talk.speaking("rename", f"{len(group)} files"):
            _ask_all(talk, group)
    except ConnectorError as error:
        broken = error
    return [_outcome(talk, item, broken) for item in group]


def _ask_all(talk: Dialogue, group: Sequence[_Try]) -> None:
    for item, found in zip(group, look_all(talk.wire, [item.final for item in group]), strict=True):
        item.is_taken = item.is_taken or isinstance(found, RemoteFile)
        if not item.is_taken:
            item.number = talk.wire.ask(Kind.RENAME, string(item.source), string(item.final))
    for item in group:
        if item.number:
            answer = talk.wire.answer(item.number)
            try:
                answer.expect(Kind.STATUS)
            except Refused as refused:
                item.refused = refused
            item.is_answered = True


def _outcome(talk: Dialogue, item: _Try, broken: ConnectorError | None) -> Renamed:
    if item.refused:
        return Renamed(item.source, item.final, _explain(talk, item, item.refused))
    if item.is_answered:
        return Renamed(item.source, item.final)
    if item.is_taken:
        return Renamed(item.source, item.final, name_taken(item.final))
    return Renamed(item.source, item.final, broken, uncertain=bool(item.number))


def _explain(talk: Dialogue, item: _Try, refused: Refused) -> ConnectorError:
    if not talk.is_open:
        return talk.place.explain(refused, doing="rename", path=item.source)
    try:
        return _reason(talk, item, refused)
    except ConnectorError as error:
        return error


def _reason(talk: Dialogue, item: _Try, refused: Refused) -> ConnectorError:
    plain = talk.place.explain(refused, doing="rename", path=item.source)
    if isinstance(plain, SftpNoFile) and _is_seen(talk, item.source):
        return SftpNoFolder(f"There is no folder {folder_of(item.final)} on {talk.place.host}.")
    if not isinstance(plain, SftpFailed):
        return plain
    if _is_seen(talk, item.final):
        return name_taken(item.final)
    if folder_of(item.source) != folder_of(item.final):
        return SftpUnsupported(
            f"{talk.place.host} does not move files from {folder_of(item.source)} to {folder_of(item.final)};"
            " they are probably on different disks.",
            next_step="Choose a staging folder on the same disk, or publish by rename in the folder itself.",
        )
    return plain


def _is_seen(talk: Dialogue, path: str) -> bool:
    """Say whether something is there; where the account may not look, the server's own answer stands."""
    try:
        return talk.look(path) is not None
    except (SftpPermissionDenied, SftpUnsupported):
        return False
