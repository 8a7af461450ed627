"""Pick up: a partner's files are seen, settle, are stored whole, worked on, and only then put away.

Two looks lie between seeing and reading, the second one at a later visit; a file that does not end as an interchange
does gets more time. A crash at any point changes nothing: what is stored is worked on at the next visit, and a
file that still lies in its folder is known by its name, size and time.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from connector.steps.acknowledge import work_on
from connector.steps.mailbox import Mailbox
from connector.steps.received import is_complete
from connector.steps.visit import is_reachable, note_failure, visit
from core import failpoints, inbound, problems
from core.clock import database_now
from core.errors import ConnectorError
from core.inbound import Seen
from core.leases import Lease, LeaseLost
from core.models import File, Inbound, Partner
from core.problems import ProblemDraft
from core.states import InboundState
from sftp_app import pickup
from sftp_app.errors import SftpNoFile, SftpTooLarge, SftpUnsettled
from sftp_app.names import join
from sftp_app.packets import RemoteFile
from sftp_app.session import Session

FILES_A_VISIT = 200


@dataclass(slots=True)
class PickedUp:
    """What a visit brought: `files` are our answers, ready to be delivered; `again` says that more waits there."""

    files: list[File] = field(default_factory=list)
    again: bool = False


def pick_up_from(mailbox: Mailbox, lease: Lease, *, now: datetime) -> PickedUp:
    """Visit a mailbox whose owner is leased. What goes wrong there becomes a problem, and the next visit tries again.

    Raises `LeaseLost`."""
    a_visit = _Visit(mailbox, lease)
    a_visit.work()
    if is_reachable(mailbox.server, now=now):
        try:
            with visit(mailbox.server, now=now) as session:
                a_visit.look(session)
        except LeaseLost:
            raise
        except ConnectorError as error:
            note_failure(mailbox.server, error)
        a_visit.report()
    return a_visit.result


class _Visit:
    """One visit. Troubles are kept by what they are about, so that a thousand files of one missing folder are one."""

    def __init__(self, mailbox: Mailbox, lease: Lease) -> None:
        self.mailbox, self.lease = mailbox, lease
        self.result = PickedUp()
        self.troubles: dict[str, ConnectorError] = {}
        self.fine: set[str] = set()

    def work(self) -> None:
        """Work on everything that is stored."""
        for inbound_id in inbound.waiting(self.mailbox.members):
            self.lease.keep()
            self.result.files += work_on(inbound_id, self.mailbox, self.lease, now=database_now())
            failpoints.hit("pick_up.worked")

    def look(self, session: Session) -> None:
        """Look into the folder, take what has settled, work on it, and put away what is done."""
        entries = self._entries(session)
        if entries is None:
            return
        members, folder = self.mailbox.members, self.mailbox.folder
        seen = [Seen(name, entry.size, entry.modified_at) for name, entry in entries.items()]
        inbound.note_gone(members, folder=folder, seen=seen)
        known = inbound.known(members, folder=folder, seen=seen)
        self._take(session, [item for item in seen if item.name not in known], entries)
        self.work()
        for row in inbound.known(members, folder=folder, seen=seen).values():
            if not row.put_away and row.state != InboundState.STORED:
                self._put_away(session, row, entries[row.name])

    def _entries(self, session: Session) -> dict[str, RemoteFile] | None:
        try:
            found = pickup.look(session, folder=self.mailbox.folder).files
        except ConnectorError as error:
            self._note("", error, session)
            return None
        self.fine.add("")
        return {_shown(entry.name): entry for entry in found}

    def _take(self, session: Session, seen: list[Seen], entries: dict[str, RemoteFile]) -> None:
        """Store what has settled, a bounded number of files a visit."""
        owner, seconds = self.mailbox.owner, settings.PICKUP_SETTLE_SECONDS
        settled = inbound.settle(owner, folder=self.mailbox.folder, seen=seen, seconds=seconds, now=database_now())
        self.result.again = len(settled) < len(seen) or len(settled) > FILES_A_VISIT
        for item, since in settled[:FILES_A_VISIT]:
            self.lease.keep()
            self._store(session, item, entries[item.name], since)

    def _store(self, session: Session, item: Seen, entry: RemoteFile, since: datetime) -> None:
        try:
            data = self._read(session, entry)
        except (SftpUnsettled, SftpNoFile):
            return  # it changed, or somebody took it: the next look shows what is there then
        except ConnectorError as error:
            self._note(item.name, error, session)
            return
        self.fine.add(item.name)
        now = database_now()
        if not is_complete(data) and _is_young(item, since, now=now):
            return
        inbound.store(self.mailbox.owner, self.lease, folder=self.mailbox.folder, seen=item, data=data, now=now)
        failpoints.hit("pick_up.stored")

    def _read(self, session: Session, entry: RemoteFile) -> bytes:
        limit = settings.PICKUP_MAX_BYTES
        if entry.size is not None and entry.size > limit:
            raise SftpTooLarge(f"{join(self.mailbox.folder, entry.name)} has {entry.size} bytes; {limit} are read.")
        return pickup.read_inbound(session, folder=self.mailbox.folder, file=entry, limit=limit).data

    def _put_away(self, session: Session, row: Inbound, entry: RemoteFile) -> None:
        """Move a file that has been dealt with, or leave or delete it, as the partner's rules say."""
        how, destination = self.mailbox.rules.picked_up, self.mailbox.destination(row.state)
        if how == "leave" or (how == "move" and not destination):
            inbound.put_away(row, where=inbound.LEFT)
            return
        about = destination if how == "move" else "delete"
        if about in self.troubles:
            return
        try:
            where = self._remove(session, entry, destination if how == "move" else "")
        except SftpNoFile:
            where = inbound.GONE
        except SftpUnsettled:
            return
        except ConnectorError as error:
            self._note(about, error, session)
            return
        failpoints.hit("pick_up.moved")
        inbound.put_away(row, where=where)
        self.fine.add(about)

    def _remove(self, session: Session, entry: RemoteFile, destination: str) -> str:
        folder = self.mailbox.folder
        path = join(folder, entry.name)
        there = session.stat(path)
        if there is not None and (there.size, there.modified_at) != (entry.size, entry.modified_at):
            raise SftpUnsettled(f"{path} was written anew after it was read.")
        if not destination:
            session.remove(path)
            return inbound.DELETED
        name = pickup.put_away(session, folder=folder, name=entry.name, destination=destination)
        return join(destination, _shown(name))

    def _note(self, about: str, error: ConnectorError, session: Session) -> None:
        """Keep a trouble with one folder or file; a session that broke is the server's."""
        if not session.is_open:
            raise error
        self.troubles[about] = error

    def report(self) -> None:
        """Open a problem for each trouble, and end those of what works again."""
        owner, now = self.mailbox.owner, database_now()
        links = {"partner_id": owner.pk, "server_id": self.mailbox.server.pk}
        drafts = [
            ProblemDraft(owner.tenant_id, error.code, subject(owner, about), error.sentence, error.next_step, links)
            for about, error in self.troubles.items()
        ]
        fine = [subject(owner, about) for about in sorted(self.fine - set(self.troubles))]
        with transaction.atomic():
            problems.report(drafts, now=now)
            problems.resolve(owner.tenant_id, fine, now=now)


def note_mistake(mailbox: Mailbox, error: ConnectorError, *, now: datetime) -> None:
    """Report a visit that failed in a way that no code foresaw; the next one tries again."""
    owner = mailbox.owner
    links = {"partner_id": owner.pk, "server_id": mailbox.server.pk}
    draft = ProblemDraft(owner.tenant_id, error.code, subject(owner), error.sentence, error.next_step, links)
    with transaction.atomic():
        problems.report([draft], now=now)


def subject(partner: Partner, about: str = "") -> str:
    """Name what a problem of a partner's pickup is about: its folder, or a file or folder by name."""
    return f"pickup:{partner.pk}:{about}"[:200].rstrip(":")


def _shown(name: str) -> str:
    """Give a name as it can be stored: servers send bytes, which need not be text."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _is_young(item: Seen, since: datetime, *, now: datetime) -> bool:
    """Say whether a file that has no end yet may still be written: it changed a short time ago."""
    changed_at = since if item.modified_at is None else min(since, item.modified_at)
    return now - changed_at < timedelta(seconds=settings.PICKUP_PATIENCE_SECONDS)
