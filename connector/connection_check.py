"""Test connection: what a delivery or a fetch does, tried step by step, each with its time and a plain cause."""

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime

from connector.naming import NameFacts, render_folder
from connector.targets import target_of
from core import cursors, servers
from core.clock import database_now
from core.errors import ConnectorError
from core.models import Organisation, Server
from sftp_app import capabilities, probe
from sftp_app.capabilities import Profile
from sftp_app.probe import Outcome
from sftp_app.session import open_session
from xero_app import checks

ACTOR = "connection test"
PROBE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried: `outcome` is ok, warning or failed; `seconds` it took; what was seen, or why not."""

    name: str
    outcome: str
    seconds: float
    detail: str
    next_step: str = ""
    code: str = ""

    @property
    def is_failed(self) -> bool:
        """Say whether this step stands in the way."""
        return self.outcome == Outcome.FAILED


def check_server(server: Server, *, folder: str = "", now: datetime) -> Iterator[Step]:
    """Try a server with a small file of our own; without a folder, where its first partner's files go.

    A server that passes comes off hold, so that the files that waited go on. Raises nothing that is expected.
    """
    try:
        target = target_of(server)
    except ConnectorError as error:
        yield Step("secrets", Outcome.FAILED, 0.0, error.sentence, error.next_step, error.code)
        return
    failed = False
    for step in probe.check(target, folder=folder or usual_folder(server, now=now), now=now):
        failed = failed or step.outcome == Outcome.FAILED
        yield Step(step.name, step.outcome, step.seconds, step.detail, step.next_step, step.code)
    Server.objects.filter(pk=server.pk).update(tested_at=now)
    if not failed:
        servers.release(server, actor=ACTOR, now=now)


def probe_server(server: Server, *, folder: str = "", now: datetime) -> Profile:
    """Find out with small files what a server can do, keep it, and give the way of publishing that suits it.

    The files are seen by whoever watches the folder. Raises the errors of a session, and of unreadable secrets."""
    folder = folder or usual_folder(server, now=now)
    with open_session(target_of(server), now=now, deadline_seconds=PROBE_SECONDS) as session:
        seen = capabilities.probe(session, folder=folder)
    profile = capabilities.suggest(seen)
    servers.learned(server, {"folder": folder, **asdict(seen), "suggested": asdict(profile)}, now=now)
    return profile


def usual_folder(server: Server, *, now: datetime) -> str:
    """Give the folder that the first partner's files go to, as it is called today; else the account's own."""
    for partner in server.partners.select_related("tenant").order_by("name"):
        if folder := partner.folders.get("send_to"):
            names = NameFacts(moment=now, tenant=partner.tenant.slug, partner=partner.name)
            return render_folder(folder, names)
    return "."


def check_xero(organisation: Organisation) -> Iterator[Step]:
    """Try a Xero connection with about ten calls. Streams that could be read are no longer blocked.

    Raises nothing that is expected."""
    began = time.monotonic()
    for step in checks.check_connection(organisation):
        seconds, began = time.monotonic() - began, time.monotonic()
        outcome = Outcome.OK if step.ok else Outcome.FAILED
        if step.ok and step.name in checks.STREAMS:
            cursors.unblock([organisation], streams=[step.name], actor=ACTOR, now=database_now())
        yield Step(step.name, outcome, seconds, step.detail, step.next_step, step.code)
