"""What a server can do, found out with small files of our own, and the way of publishing that suits it."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from core.errors import ConnectorError
from sftp_app.errors import SftpNoFile, SftpVanished
from sftp_app.names import join
from sftp_app.session import Session
from sftp_app.target import Publish
from sftp_app.upload import Evidence, Stored


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What was seen. `taken_at_once` / `temporary_taken`: files vanish under their final / temporary names."""

    rename: bool = False
    overwrites_on_rename: bool = False
    posix_rename: bool = False
    tells_size: bool = False
    lists: bool = False
    fsync: bool = False
    statvfs: bool = False
    hidden_names: bool = False
    temporary_names: bool = False
    empty_files: bool = False
    deletes: bool = False
    taken_at_once: bool = False
    temporary_taken: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """How to publish on this server, and what people should know about it."""

    publish: Publish
    hidden_temporary: bool
    notes: tuple[str, ...] = ()


def probe(session: Session, *, folder: str) -> Capabilities:
    """Try the server's abilities in a folder; every file made is removed again as far as the server lets us.

    Raises only when the connection breaks. See `Capabilities` and `suggest`.
    """
    return _Probe(session, folder).run()


class _Probe:
    def __init__(self, session: Session, folder: str) -> None:
        self._session = session
        self._folder = folder
        self._word = secrets.token_hex(4)
        self._made: list[str] = []
        self._stored: dict[str, Stored] = {}

    def run(self) -> Capabilities:
        names = self._session.extensions
        hidden = self._write(".hidden.tmp")
        visible = self._write("visible.tmp")
        empty = self._write("empty.tmp", b"")
        usable = next((path for path in self._made[:2] if path in self._stored), "")
        rename, taken, overwrites = self._rename(usable) if usable else (False, False, False)
        return Capabilities(
            rename=rename,
            overwrites_on_rename=overwrites,
            posix_rename="posix-rename@openssh.com" in names,
            tells_size=any(stored.evidence is Evidence.SIZE for stored in self._stored.values()),
            lists=self._try(lambda: self._session.list(self._folder)),
            fsync="fsync@openssh.com" in names,
            statvfs="statvfs@openssh.com" in names,
            hidden_names=hidden,
            temporary_names=hidden or visible,
            empty_files=empty,
            deletes=self._remove_all(),
            taken_at_once=taken,
            temporary_taken=(hidden or visible) and not usable,
        )

    def _path(self, ending: str) -> str:
        dot = "." if ending.startswith(".") else ""
        return join(self._folder, f"{dot}server-test-{self._word}-{ending.lstrip('.')}")

    def _try(self, action: Callable[[], object]) -> bool:
        try:
            action()
        except SftpVanished:
            return True
        except ConnectorError:
            if not self._session.is_open:
                raise
            return False
        return True

    def _write(self, ending: str, content: bytes = b"test") -> bool:
        path = self._path(ending)
        self._made.append(path)

        def write() -> None:
            self._stored[path] = self._session.write(path, [content], size=len(content))

        return self._try(write)

    def _rename(self, source: str) -> tuple[bool, bool, bool]:
        final = self._path("final.txt")
        if not self._try(lambda: self._session.rename(source, final)):
            return False, False, False
        self._made.append(final)
        if self._is_gone(final):
            return True, True, False
        second = self._path("second.tmp")
        over = self._write("second.tmp") and self._session.overwrites_on_rename(second, final)
        return True, False, over

    def _is_gone(self, path: str) -> bool:
        found: list[object] = []
        return self._try(lambda: found.append(self._session.stat(path))) and found == [None]

    def _remove_all(self) -> bool:
        removed = [self._remove(path) for path in self._made]
        return all(removed)

    def _remove(self, path: str) -> bool:
        try:
            self._session.remove(path)
        except SftpNoFile:
            return True
        except ConnectorError:
            if not self._session.is_open:
                raise
            return False
        return True


def suggest(seen: Capabilities) -> Profile:
    """Give the way of publishing that is safest on a server with these abilities."""
    notes = tuple(text for applies, text in _notes(seen) if applies)
    if seen.temporary_taken:
        return Profile(Publish.STAGING, hidden_temporary=seen.hidden_names, notes=notes)
    publish = Publish.RENAME if seen.rename else Publish.DIRECT
    return Profile(publish, hidden_temporary=seen.hidden_names, notes=notes)


def _notes(seen: Capabilities) -> list[tuple[bool, str]]:
    return [
        (seen.temporary_taken, "Files are taken under any name: write them in a staging folder and move them."),
        (
            not seen.rename and not seen.temporary_taken,
            "The server does not rename: a file is seen while it is written, and may arrive twice after a break.",
        ),
        (
            not seen.tells_size and not seen.temporary_taken,
            "The server shows no sizes: the acknowledgment of each write is the only evidence.",
        ),
        (seen.overwrites_on_rename, "Its rename replaces files: we look first, so nothing of yours is replaced."),
        (
            not seen.hidden_names,
            "Names with a leading dot are refused: temporary names are visible.",
        ),
        (not seen.empty_files, "Empty files are refused: do not ask for a file when there is nothing to send."),
        (
            not seen.deletes,
            "The account may not delete: leftovers of broken attempts stay there.",
        ),
        (
            seen.taken_at_once,
            "Files are taken as soon as they have their name; a missing file counts as received.",
        ),
    ]
