"""Work never crosses tenants: what queries see to and the database refuses is checked once more before it counts."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from core import audit, problems
from core.audit import EventDraft
from core.errors import PermanentError
from core.models import ExportContent, File, Server
from core.moves import move
from core.problems import ProblemDraft
from core.states import FILE_MOVES, FileState

NOT_OUT_YET = (FileState.READY, FileState.RETRY_WAIT, FileState.UPLOADING, FileState.PUBLISHING)


class TenantMismatch(PermanentError):
    """Rows that must belong to one tenant belong to several."""

    code = "TENANT_MISMATCH"
    holds = True
    next_step = "Nothing was sent. Find out who changed the rows: run manage.py verify_audit, and tell us."


def refuse_mixed(*rows: Any) -> None:
    """Make sure that all these rows belong to one tenant. Raises `TenantMismatch`."""
    tenants = {row.tenant_id for row in rows}
    if len(tenants) > 1:
        names = ", ".join(f"{row._meta.verbose_name} {row}" for row in rows)
        raise TenantMismatch(f"These belong to different tenants: {names}.")


def hold_foreign_files(server: Server, *, now: datetime) -> int:
    """Put files on hold that would go to this server and are not its tenant's, or hold something of another tenant;
    give how many. A worker calls it before it opens a session."""
    contents = ExportContent.objects.filter(file=OuterRef("pk")).exclude(export__tenant=server.tenant_id)
    is_foreign = ~Q(tenant=server.tenant_id) | ~Q(partner__tenant=server.tenant_id) | Exists(contents)
    foreign = list(File.objects.filter(is_foreign, server=server, state__in=NOT_OUT_YET).select_related("integration"))
    for file in foreign:
        _hold(file, server, now)
    return len(foreign)


def _hold(file: File, server: Server, now: datetime) -> None:
    error = TenantMismatch(f"{file.name} and the server {server.name} do not belong to the same tenant throughout.")
    with transaction.atomic():
        rows = File.objects.filter(pk=file.pk)
        if not move(rows, moves=FILE_MOVES, to=FileState.HELD, problem_code=error.code, next_attempt_at=None):
            return
        draft = ProblemDraft(
            tenant_id=file.tenant_id,
            code=error.code,
            subject=f"file:{file.pk}",
            sentence=error.sentence,
            next_step=error.next_step,
            links={"file_id": file.pk},
        )
        problems.report([draft], now=now)
        event = EventDraft(
            tenant_id=file.tenant_id,
            event="file.held",
            file=file.name,
            state=FileState.HELD,
            file_id=file.pk,
            detail={"code": error.code},
        )
        audit.append([event], now=now)
