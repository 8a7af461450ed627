"""Companions: the small files that some partners want beside each file.

A checksum file has its final name before the file has, and a trigger file after it, so a job that waits for the
trigger finds everything. Both are uploaded under temporary names of the same attempt and get their names by renames
that can take effect once, exactly like the file itself.
"""

import contextlib
import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from connector.steps.paths import is_direct, temporary_path, within
from core.errors import ConnectorError
from core.models import File
from sftp_app.errors import SftpNameTaken, SftpNoFile, SftpVanished
from sftp_app.session import Session


class Role(StrEnum):
    """What a companion is for; also the word in its temporary name."""

    CHECKSUM = "sha256"
    TRIGGER = "done"


@dataclass(frozen=True, slots=True)
class Companion:
    """One small file: both of its paths, and its bytes."""

    role: Role
    temporary: str
    final: str
    content: bytes


def companions_of(file: File) -> list[Companion]:
    """Give the companions of a file, in the order in which they are published."""
    own = temporary_path(file)
    return [
        Companion(role, companion_name(own, role), within(file.folder, name), content)
        for role, name, content in _wanted(file, file.server.options)
    ]


def _wanted(file: File, options: dict[str, Any]) -> list[tuple[Role, str, bytes]]:
    wanted = []
    if options.get("checksum"):
        # as sha256sum writes and checks it
        wanted.append((Role.CHECKSUM, f"{file.name}.sha256", f"{file.sha256}  {file.name}\n".encode()))
    if template := options.get("trigger"):
        # with something in it, since some servers refuse empty files
        wanted.append((Role.TRIGGER, trigger_name(template, file.name), f"{file.name}\n".encode()))
    return wanted


def trigger_name(template: str, name: str) -> str:
    """Give a trigger file's name: `{name}` is the file's whole name, `{stem}` the part before its last dot."""
    return template.replace("{name}", name).replace("{stem}", name.rpartition(".")[0] or name)


def companion_name(temporary: str, role: Role) -> str:
    """Give a companion's temporary name, or path, derived from the file's own, so that it is as unique."""
    return f"{temporary.removesuffix('.tmp')}.{role}.tmp"


def publish(session: Session, file: File, role: Role) -> None:
    """Give a file's companion of one role its final name; doing it again changes nothing.

    Raises `SftpNameTaken` when another file has the name, and the errors of the session."""
    for companion in companions_of(file):
        if companion.role is not role:
            continue
        if is_direct(file):
            _write(session, companion)
        else:
            _rename(session, companion)


def _rename(session: Session, companion: Companion) -> None:
    try:
        session.rename(companion.temporary, companion.final)
    except SftpNoFile:
        return  # it has its name already: only a rename of ours takes the temporary one away
    except SftpNameTaken:
        is_the_same(session, companion)
        with contextlib.suppress(ConnectorError):
            session.remove(companion.temporary)


def _write(session: Session, companion: Companion) -> None:
    try:
        session.write(companion.final, [companion.content], size=len(companion.content), exclusive=True)
    except SftpVanished:
        return  # the partner took it at once
    except SftpNameTaken:
        is_the_same(session, companion)


def is_the_same(session: Session, companion: Companion) -> None:
    """Be content with a file that says the same. Raises `SftpNameTaken` for anything else."""
    if session.sha256(companion.final) != hashlib.sha256(companion.content).hexdigest():
        raise SftpNameTaken(f"{companion.final} is already there. It was not overwritten.")
