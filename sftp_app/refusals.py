"""What a server's refusal means, in our errors. Version 3 of SFTP says little, so the text and the place help."""

import re
from dataclasses import dataclass

from core.errors import ConnectorError
from sftp_app.connect import peer_text
from sftp_app.errors import (
    SftpDiskFull,
    SftpFailed,
    SftpNameTaken,
    SftpNoFile,
    SftpNoFolder,
    SftpPermissionDenied,
    SftpUnsupported,
)
from sftp_app.packets import Status
from sftp_app.wire import Refused

_NO_ROOM = re.compile(r"no space|disk.{0,10}full|quota|out of space|insufficient.{0,10}space", re.IGNORECASE)

_NOT_THERE = re.compile(r"no such (file|path|dir|folder)|not found|does not exist", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """Who does what where, for sentences."""

    host: str
    username: str

    def explain(self, refused: Refused, *, doing: str, path: str, creates: bool = False) -> ConnectorError:
        """Give the error for a refusal. With `creates`, a missing path means a missing folder."""
        match refused.status:
            case Status.NO_SUCH_FILE | Status.NO_SUCH_PATH:
                return self._missing(path, creates=creates)
            case Status.PERMISSION_DENIED | Status.WRITE_PROTECT:
                return SftpPermissionDenied(f"{self.username} may not {doing} {path} on {self.host}.")
            case Status.ALREADY_EXISTS:
                return name_taken(path)
            case Status.NO_SPACE | Status.QUOTA_EXCEEDED:
                return self.no_room()
            case Status.UNSUPPORTED:
                return SftpUnsupported(f"{self.host} does not know how to {doing} {path}.")
        if _NO_ROOM.search(refused.text):
            return self.no_room()
        if _NOT_THERE.search(refused.text):
            return self._missing(path, creates=creates)
        return SftpFailed(f"{self.host} refused to {doing} {path} ({peer_text(refused.text) or 'no reason given'}).")

    def _missing(self, path: str, *, creates: bool) -> ConnectorError:
        if creates:
            return SftpNoFolder(f"There is no folder {folder_of(path)} on {self.host}.")
        return SftpNoFile(f"{path} is not there on {self.host}.")

    def no_room(self) -> SftpDiskFull:
        """Give the error for a full disk or a used-up quota."""
        return SftpDiskFull(f"{self.host} has no room for {self.username}.")


def name_taken(path: str) -> SftpNameTaken:
    """Give the error for a final name that another file has."""
    return SftpNameTaken(f"{path} is already there. It was not overwritten.")


def folder_of(path: str) -> str:
    """Give the folder part of a path, `.` for the account's own folder."""
    folder, slash, _ = path.rpartition("/")
    return folder or ("/" if slash else ".")


def name_of(path: str) -> str:
    """Give the last part of a path."""
    return path.rpartition("/")[2]
