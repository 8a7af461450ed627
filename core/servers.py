"""Servers: the writer of what sessions found out; what people configure is written elsewhere."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from core import audit, problems
from core.audit import EventDraft
from core.errors import ConnectorError, PermanentError
from core.models import File, HostKey, Server
from core.moves import move
from core.problems import ProblemDraft
from core.states import FILE_MOVES, FileState


def subject(server: Server) -> str:
    """Name what a problem of this server is about."""
    return f"server:{server.pk}"


def event(server: Server, name: str, **detail: object) -> EventDraft:
    """Draft an audit line about a server."""
    return EventDraft(tenant_id=server.tenant_id, event=name, detail={"server": server.name, **detail})


def worked(server: Server, *, fingerprint: str, now: datetime) -> None:
    """Note a session that opened: earlier trouble is over."""
    with transaction.atomic():
        Server.objects.filter(pk=server.pk).update(failures=0, auth_failures=0, next_attempt_at=None, last_ok_at=now)
        HostKey.objects.filter(server=server, fingerprint=fingerprint).update(last_seen_at=now)
        problems.resolve(server.tenant_id, [subject(server)], now=now)


def failed(server: Server, error: ConnectorError, *, retry_at: datetime | None, shown: str = "", now: datetime) -> None:
    """Note a session that did not open: no other one before `retry_at`; without it the server is on hold.

    What another try does not change, as a refused sign-in, is counted by itself. `shown` is the fingerprint of a
    host key that is not approved: it is kept as pending, to be compared."""
    hold = "" if retry_at else error.code
    with transaction.atomic():
        refused = F("auth_failures") + int(isinstance(error, PermanentError))
        Server.objects.filter(pk=server.pk).update(
            failures=F("failures") + 1, auth_failures=refused, next_attempt_at=retry_at, hold_code=hold
        )
        if shown:
            HostKey.objects.bulk_create([HostKey(server=server, fingerprint=shown)], ignore_conflicts=True)
        draft = ProblemDraft(
            tenant_id=server.tenant_id,
            code=error.code,
            subject=subject(server),
            sentence=error.sentence,
            next_step=error.next_step,
            links={"server_id": server.pk},
        )
        problems.report([draft], now=now)
        name = "server.held" if hold else "server.failed"
        detail = {"code": error.code, "retry_at": retry_at.isoformat() if retry_at else None}
        audit.append([event(server, name, **detail)], now=now)


def release(server: Server, *, actor: str, now: datetime) -> int:
    """Take a server off hold (a person has acted): its held files go on; give how many."""
    with transaction.atomic():
        code = Server.objects.values_list("hold_code", flat=True).get(pk=server.pk)
        if not code:
            return 0
        Server.objects.filter(pk=server.pk).update(hold_code="", failures=0, auth_failures=0, next_attempt_at=None)
        held = File.objects.filter(server=server, state=FileState.HELD, problem_code=code)
        was_publishing = held.exclude(temp_name="")
        go_on: dict[str, Any] = {"next_attempt_at": now, "due_since": now, "problem_code": ""}
        moved = move(was_publishing, moves=FILE_MOVES, to=FileState.PUBLISHING, **go_on)
        moved += move(held, moves=FILE_MOVES, to=FileState.READY, **go_on)
        problems.resolve(server.tenant_id, [subject(server)], now=now)
        draft = EventDraft(
            tenant_id=server.tenant_id,
            event="server.released",
            actor=actor,
            detail={"server": server.name, "files": moved},
        )
        audit.append([draft], now=now)
    return moved


def learned(server: Server, capabilities: dict[str, Any], *, now: datetime) -> None:
    """Keep what a test with small files found out about a server; plain JSON values, with its event."""
    with transaction.atomic():
        Server.objects.filter(pk=server.pk).update(capabilities=capabilities, tested_at=now)
        server.capabilities = capabilities
        audit.append([event(server, "server.probed", suggested=capabilities.get("suggested", {}))], now=now)
