"""The last gate for paths: what no server may ever be sent, whatever was configured."""

import re

from sftp_app.errors import NameRefused

LONGEST_PART = 255
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def check_path(path: str) -> str:
    """Give back a path that is safe to send, or raise NameRefused.

    Servers check little: OpenSSH drops the connection at a NUL, takes a line break as part of a name, and
    follows `..` wherever it leads.
    """
    if not path:
        raise NameRefused("The path is empty.", hint="Use . for the account's own folder.", path="path")
    if _CONTROL.search(path):
        raise NameRefused("A path may not contain control characters.", path="path")
    if path.startswith("~"):
        raise NameRefused("SFTP does not know ~.", hint="Leave it out: paths without / begin at home.", path="path")
    parts = path.split("/")
    if ".." in parts:
        raise NameRefused("A path may not contain .. steps.", path="path")
    if any(len(part.encode("utf-8", "surrogateescape")) > LONGEST_PART for part in parts):
        raise NameRefused(f"A name may not be longer than {LONGEST_PART} bytes.", path="path")
    return path


def temporary_name(final: str, *, fence: int, hidden: bool = True) -> str:
    """Give the name of one attempt, unique by its fence, so that no other attempt can touch it.

    `hidden` puts a dot in front, which partners' jobs skip; some servers refuse such names.
    """
    return f"{'.' if hidden else ''}{final}.{fence}.tmp"


def join(folder: str, name: str) -> str:
    """Give the path of a name in a folder."""
    return name if folder in ("", ".") else f"{folder.rstrip('/')}/{name}"
