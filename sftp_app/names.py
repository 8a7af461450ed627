"""File and folder names as they may leave here; checked before anything is sent, since servers check little."""

import re

from sftp_app.errors import NameRefused

LONGEST_NAME = 200
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def check_file_name(name: str, *, path: str = "file_name") -> str:
    """Give back a final file name that every server takes, or raise NameRefused.

    Letters, digits, `.`, `_` and `-`, at most 200 bytes (so that a temporary name fits into 255), not
    beginning with a dot or a hyphen.
    """
    if not name:
        raise NameRefused("The file name is empty.", path=path)
    if not _NAME.fullmatch(name):
        wrong = next(char for char in name if not _NAME.fullmatch(char))
        raise NameRefused(
            f"A file name may not contain {wrong!r}.",
            hint="Use letters, digits, dot, hyphen and underscore.",
            path=path,
        )
    if name[0] in ".-":
        raise NameRefused(f"A file name may not begin with {name[0]!r}.", path=path)
    if len(name) > LONGEST_NAME:
        raise NameRefused(f"The file name has {len(name)} characters; {LONGEST_NAME} are allowed.", path=path)
    return name


def check_folder(folder: str, *, path: str = "folder") -> str:
    """Give a folder in one normal form (no trailing or doubled slash), or raise NameRefused.

    Spaces are fine. `~` is refused, because SFTP servers take it for a name; so are `.` and `..` steps.
    """
    if _CONTROL.search(folder):
        raise NameRefused("A folder may not contain control characters.", path=path)
    if folder.startswith("~"):
        raise NameRefused(
            "SFTP does not know ~.", hint="Leave it out: a path without / begins at home.", path=path
        )
    if not folder.strip():
        raise NameRefused("The folder is empty.", hint="Use . for the account's own folder.", path=path)
    steps = [step for step in folder.split("/") if step]
    if ".." in steps or ("." in steps and folder != "."):
        raise NameRefused("A folder may not contain . or .. steps.", path=path)
    if any(len(step.encode()) > 255 for step in steps):
        raise NameRefused("A part of the folder is longer than 255 bytes.", path=path)
    return ("/" if folder.startswith("/") else "") + "/".join(steps)


def check_path(path: str) -> str:
    """Give back a path that is safe to send: not empty, no NUL (servers drop the connection), no line breaks."""
    if not path or _CONTROL.search(path):
        raise NameRefused("A path may be neither empty nor contain control characters.", path="path")
    return path


def temporary_name(final: str, *, fence: int) -> str:
    """Give the hidden name of one attempt: unique by its fence, so no other attempt can touch it."""
    return f".{final}.{fence}.tmp"


def join(folder: str, name: str) -> str:
    """Give the path of a name in a folder."""
    return name if folder in ("", ".") else f"{folder.rstrip('/')}/{name}"
