"""Upload: files and their companions under names that nobody else uses, whole and checked, or not at all."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence

from connector.steps.companions import Role, companions_of, is_the_same, publish
from connector.steps.file_bytes import bytes_of
from connector.steps.paths import final_path, upload_path
from core import deliveries, failpoints
from core.errors import ConnectorError, PermanentError, TemporaryError
from core.leases import Lease, LeaseLost
from core.models import File, Publish, Server
from sftp_app.bulk import SMALL_FILE, Upload, Written
from sftp_app.errors import (
    SftpFailed,
    SftpHold,
    SftpNameTaken,
    SftpNoFile,
    SftpPermissionDenied,
    SftpUnsupported,
    SftpVanished,
)
from sftp_app.session import Session

SetBack = Callable[[File, ConnectorError], None]
MAY_VANISH = 3
"""Tries after which a file that vanishes under its temporary name waits for a person."""

CANNOT_LOOK = (SftpPermissionDenied, SftpUnsupported, SftpFailed)


class NotAsSealed(PermanentError):
    """The stored bytes are not those that were sealed: nothing of them may leave."""

    code = "FILE_NOT_AS_SEALED"
    holds = True
    next_step = "Replay its records into a new file, and tell us."


class ReadBackDiffers(TemporaryError):
    """The server gave back other bytes than it was sent."""

    code = "SFTP_READ_BACK"
    next_step = "The file is not visible to the partner. We try again by ourselves."


class TakenUnnamed(SftpHold):
    """Something takes files before they have their final name, again and again."""

    code = "SFTP_VANISHED"
    next_step = "Ask the partner what takes files out of this folder; a staging folder keeps them apart."


class Uploader:
    """Uploads the files of one round through an open session; what fails is handed to `set_back`."""

    def __init__(self, session: Session, server: Server, lease: Lease, *, set_back: SetBack) -> None:
        self.session, self.server, self.lease = session, server, lease
        self.set_back = set_back
        self.is_direct = server.publish == Publish.DIRECT
        self.evidence: dict[int, str] = {}
        """How we know of files that are out already: `found` there, or `consumed` the moment they were written."""

    def upload(self, files: Sequence[File]) -> list[File]:
        """Upload what may be uploaded; give the files that the server holds completely."""
        free = self._free(files)
        failpoints.hit("deliver.after_look")
        done = [file for file in free if file.pk in self.evidence]
        fresh = [file for file in free if file.pk not in self.evidence]
        if self.is_direct:
            deliveries.note_begun(fresh)
            fresh = [file for file in fresh if self._write_checksum(file)]
        return done + [file for file in self._write(fresh) if self._reads_back(file)]

    def _free(self, files: Sequence[File]) -> list[File]:
        """Leave out what would meet another file. Nothing that is there is ever overwritten, unless it is what an
        earlier attempt of ours left half-written."""
        names = {file.pk: [final_path(file), *(item.final for item in companions_of(file))] for file in files}
        there = look(self.session, [path for paths in names.values() for path in paths])
        begun = deliveries.begun_before(files) if self.is_direct else set()
        return [file for file in files if self._is_free(file, there, is_begun=file.pk in begun)]

    def _is_free(self, file: File, there: set[str], *, is_begun: bool) -> bool:
        try:
            if final_path(file) in there:
                if not is_begun:
                    raise _taken(file, self.server)
                self._settle_half_written(file)
            for item in companions_of(file):
                if item.final in there:
                    is_the_same(self.session, item)
        except ConnectorError as error:
            self.set_back(file, error)
            return False
        return True

    def _settle_half_written(self, file: File) -> None:
        """Without rename an attempt that died leaves the final name: whole, then it is out; or a part, which goes."""
        if self.session.sha256(final_path(file)) == file.sha256:
            self.evidence[file.pk] = "found"
        else:
            self.session.remove(final_path(file))

    def _write_checksum(self, file: File) -> bool:
        try:
            publish(self.session, file, Role.CHECKSUM)
        except ConnectorError as error:
            self.set_back(file, error)
            return False
        return True

    def _write(self, files: Sequence[File]) -> list[File]:
        """Write all with overlapping requests; give the files of which every part arrived."""
        owners: list[File] = []
        failed: dict[int, ConnectorError] = {}
        for position, written in enumerate(
            self.session.write_many(self._uploads(files, owners), exclusive=self.is_direct)
        ):
            file = owners[position]
            if (error := self._judged(file, written)) is not None:
                failed.setdefault(file.pk, error)
        for file in files:
            if file.pk in failed:
                self.set_back(file, failed[file.pk])
        tried = dict.fromkeys(file.pk for file in owners)
        return [file for file in files if file.pk in tried and file.pk not in failed]

    def _uploads(self, files: Sequence[File], owners: list[File]) -> Iterator[Upload]:
        for file, pieces in bytes_of(files):
            chunks = self._checked(file, pieces)
            if (file.size or 0) <= SMALL_FILE:
                try:
                    chunks = iter([b"".join(chunks)])
                except PermanentError as error:  # about this file alone, before anything of it is sent
                    self.set_back(file, error)
                    continue
            owners.append(file)
            yield Upload(upload_path(file), chunks, file.size or 0)
            for item in [] if self.is_direct else companions_of(file):
                owners.append(file)
                yield Upload(item.temporary, [item.content], len(item.content))

    def _checked(self, file: File, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Give the file's bytes, and refuse at the end what is not what was sealed."""
        digest, size = hashlib.sha256(), 0
        for chunk in pieces:
            self.lease.keep()
            failpoints.hit("deliver.in_upload")
            digest.update(chunk)
            size += len(chunk)
            yield chunk
        if (digest.hexdigest(), size) != (file.sha256, file.size):
            raise NotAsSealed(f"The stored content of {file.name} is not what was sealed.")

    def _judged(self, file: File, written: Written) -> ConnectorError | None:
        if isinstance(written.error, LeaseLost):
            raise written.error
        if not isinstance(written.error, SftpVanished):
            return written.error
        if self.is_direct:
            self.evidence[file.pk] = "consumed"
            return None
        return TakenUnnamed(written.error.sentence) if file.attempts >= MAY_VANISH else written.error

    def _reads_back(self, file: File) -> bool:
        """Compare what the server gives back, where that is asked for."""
        if not self.server.options.get("read_back") or file.pk in self.evidence:
            return True
        path = upload_path(file)
        try:
            if self.session.sha256(path) == file.sha256:
                return True
            self.session.remove(path)
            raise ReadBackDiffers(f"{self.server.name} gave back other bytes of {file.name} than it was sent.")
        except SftpNoFile as gone:
            if self.is_direct:
                self.evidence[file.pk] = "consumed"
                return True
            self.set_back(file, gone)
        except ConnectorError as error:
            self.set_back(file, error)
        return False


def look(session: Session, paths: Sequence[str]) -> set[str]:
    """Say which paths are there. Where the account may not look, nothing is said to be there: plain rename and
    exclusive writing are the guards then."""
    if not paths:
        return set()
    try:
        return {path for path, entry in zip(paths, session.stat_many(paths), strict=True) if entry}
    except CANNOT_LOOK:
        return {path for path in paths if _is_seen(session, path)}


def _is_seen(session: Session, path: str) -> bool:
    try:
        return session.stat(path) is not None
    except CANNOT_LOOK:
        return False


def _taken(file: File, server: Server) -> SftpNameTaken:
    where = f"{final_path(file)} is on {server.name}"
    if file.replay_of_id is None:
        return SftpNameTaken(f"{where} already, and not from us.")
    step = "Let the partner take the old one, or remove it; then let this file go on, or cancel it."
    return SftpNameTaken(f"{where} still; what is sent again does not overwrite it.", next_step=step)
