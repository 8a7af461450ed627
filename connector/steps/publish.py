"""Publish: files that the server holds completely get their final names, each once, with what belongs to them.

First it is noted under which temporary names they are complete; from then on only the recovery table decides about
them. A checksum file has its name before the file, a trigger file after it.
"""

import contextlib
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from connector.steps.companions import Role, companions_of, publish
from connector.steps.paths import final_path, temporary_path, upload_path
from connector.steps.recover import SftpGone
from connector.steps.upload import SetBack
from core import deliveries, failpoints
from core.clock import database_now
from core.errors import ConnectorError
from core.models import File, Publish, Server
from sftp_app.errors import SftpNameTaken, SftpNoFile
from sftp_app.rename import Renamed
from sftp_app.session import Session

Recover = Callable[[Session, File], bool]


class Publisher:
    """Publishes the files of one round; what fails is handed to `set_back`, what is unclear to `recover`."""

    def __init__(self, session: Session, server: Server, *, set_back: SetBack, recover: Recover) -> None:
        self.session, self.server = session, server
        self.set_back, self.recover = set_back, recover
        self.is_direct = server.publish == Publish.DIRECT
        self.started = time.monotonic()

    def publish(self, files: Sequence[File], evidence: dict[int, str]) -> None:
        """Bring files to DELIVERED; `evidence` says how we know of those that are out already."""
        ours = deliveries.publishing(files, now=database_now())
        still = {file.pk for file in ours}
        self._tidy([file for file in files if file.pk not in still])
        failpoints.hit("deliver.before_rename")
        if self.is_direct:
            named = [file for file in ours if self._may_be_gone(file, evidence)]
        else:
            named = self._rename([file for file in ours if self._companion(file, Role.CHECKSUM)])
        failpoints.hit("deliver.before_trigger")
        self._delivered([file for file in named if self._companion(file, Role.TRIGGER)], evidence)

    def _tidy(self, lost: Sequence[File]) -> None:
        """Take back what this worker uploaded for files that are another's by now: nobody else uses those names."""
        for file in [] if self.is_direct else lost:
            for path in (upload_path(file), *(item.temporary for item in companions_of(file))):
                with contextlib.suppress(ConnectorError):
                    self.session.remove(path)

    def _may_be_gone(self, file: File, evidence: dict[int, str]) -> bool:
        if evidence.get(file.pk) == "consumed" and self.server.options.get("absent_means") == "hold":
            self.set_back(file, SftpGone(f"{file.name} was written to {self.server.name} and is not there any more."))
            return False
        return True

    def _companion(self, file: File, role: Role) -> bool:
        try:
            publish(self.session, file, role)
        except ConnectorError as error:
            self.set_back(file, error)
            return False
        return True

    def _rename(self, files: Sequence[File]) -> list[File]:
        pairs = [(temporary_path(file), final_path(file)) for file in files]
        outcomes = zip(files, self.session.rename_many(pairs), strict=True)
        return [file for file, renamed in outcomes if self._is_named(file, renamed)]

    def _is_named(self, file: File, renamed: Renamed) -> bool:
        if renamed.error is None:
            return True
        if isinstance(renamed.error, (SftpNameTaken, SftpNoFile)) and self.session.is_open:
            self.recover(self.session, file)
        else:
            # after a lost answer the file stays PUBLISHING, and the recovery table decides what happened
            self.set_back(file, renamed.error)
        return False

    def _delivered(self, files: Sequence[File], evidence: dict[int, str]) -> None:
        failpoints.hit("deliver.before_delivered")
        facts = {
            "host_key": self.session.host_key.fingerprint,
            "duration_ms": int((time.monotonic() - self.started) * 1000),
            "remote": self._look(files),
        }
        usual = "written" if self.is_direct else "renamed"
        for known in sorted({evidence.get(file.pk, usual) for file in files}):
            same = [file for file in files if evidence.get(file.pk, usual) == known]
            deliveries.delivered(same, evidence=known, session=facts, now=database_now())
        failpoints.hit("deliver.after_delivered")

    def _look(self, files: Sequence[File]) -> dict[int, tuple[int | None, datetime | None]]:
        """What the server shows of the published files; a partner may have taken them already."""
        if not files:
            return {}
        try:
            found = self.session.stat_many([final_path(file) for file in files])
        except ConnectorError:
            return {}
        return {file.pk: (entry.size, entry.modified_at) for file, entry in zip(files, found, strict=True) if entry}
