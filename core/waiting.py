"""Waiting files: the writer of why a due file is not sent yet, although nothing is wrong with it.

A file that waits keeps its state; it has a code, and the moment when it is looked at again.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from core import audit, problems
from core.audit import EventDraft
from core.models import Export, File, Integration, Server
from core.outbox import DUE_STATES
from core.problems import ProblemDraft
from core.states import ExportState, FileState

FOR_WINDOW = "WAITS_FOR_WINDOW"
FOR_ORDER = "WAITS_FOR_ORDER"
FOR_RECORDS = "WAITS_FOR_RECORDS"
CODES = (FOR_WINDOW, FOR_ORDER, FOR_RECORDS)

UNDER_WAY = (*DUE_STATES, FileState.HELD)


def with_rules(server: Server) -> list[Integration]:
    """Give the integrations with open files for a server whose files may have to wait."""
    rows = Integration.objects.filter(files__server=server, files__state__in=DUE_STATES)
    rules = Q(options__delivery__isnull=False) | Q(after__isnull=False)
    return list(rows.filter(rules).select_related("tenant").prefetch_related("after").distinct())


def open_files(integration: Integration, server: Server, *, limit: int) -> list[File]:
    """Give the first files of an integration that are on their way to a server, in order."""
    rows = File.objects.filter(integration=integration, server=server, state__in=DUE_STATES)
    return list(rows.select_related("integration").order_by("pk")[:limit])


def head(integration: Integration) -> File | None:
    """Give the first file of an integration that has not arrived: on its way, held, or failed while nobody has
    replayed or ignored what was in it."""
    open_failures = Export.objects.filter(file=OuterRef("pk"), state=ExportState.FAILED, replays__isnull=True)
    not_over = Q(state__in=UNDER_WAY) | (Q(state=FileState.FAILED) & Exists(open_failures))
    return File.objects.filter(not_over, integration=integration).order_by("pk").first()


def postpone(files: Sequence[File], code: str, *, until: datetime, now: datetime) -> None:
    """Let files wait until a moment. One event tells about those that did not wait for this before."""
    with transaction.atomic():
        ids = [file.pk for file in files]
        File.objects.filter(pk__in=ids, state__in=DUE_STATES).update(next_attempt_at=until, problem_code=code)
        fresh = [file for file in files if file.problem_code != code]
        if fresh:
            detail = {"code": code, "until": until.isoformat(), "count": len(fresh)}
            audit.append([_event(fresh[0], "files.waiting", **detail)], now=now)


def wake(files: Sequence[File], *, now: datetime) -> None:
    """Let files go on that wait no longer; what they waited for is not held against them."""
    if not files:
        return
    with transaction.atomic():
        rows = File.objects.filter(pk__in=[file.pk for file in files], problem_code__in=CODES, state__in=DUE_STATES)
        rows.update(next_attempt_at=now, due_since=now, problem_code="")
        problems.resolve(files[0].tenant_id, [subject(file) for file in files], now=now)


def subject(file: File) -> str:
    """Name what a problem about a file's waiting is about."""
    return f"waiting:{file.pk}"


def overdue(file: File, sentence: str, *, now: datetime) -> None:
    """Report that a file has waited longer than is set for what must arrive first."""
    links = {"file_id": file.pk, "integration_id": file.integration_id}
    draft = ProblemDraft(
        tenant_id=file.tenant_id,
        code="WAITS_TOO_LONG",
        subject=subject(file),
        sentence=sentence,
        next_step="Deliver or ignore what it waits for, or take `after` off the integration.",
        links=links,
    )
    with transaction.atomic():
        problems.report([draft], now=now)


def blocked(first: File, count: int, *, now: datetime) -> None:
    """Report that files wait behind one that needs a person."""
    draft = ProblemDraft(
        tenant_id=first.tenant_id,
        code="ORDER_BLOCKED",
        subject=f"order:{first.pk}",
        sentence=f"{count} files of {first.integration} wait behind {first.name}, which is {first.state}.",
        next_step="Release that file, replay it, or ignore what is in it.",
        links={"file_id": first.pk, "integration_id": first.integration_id},
    )
    with transaction.atomic():
        problems.report([draft], now=now)


def unblocked(integration: Integration, *, first: File | None, now: datetime) -> None:
    """End the problems about files that block nothing any more."""
    stuck = integration.problem_set.filter(code="ORDER_BLOCKED", state="open")
    over = stuck.exclude(subject=f"order:{first.pk}") if first else stuck
    if subjects := list(over.values_list("subject", flat=True)):
        problems.resolve(integration.tenant_id, subjects, now=now)


def _event(file: File, name: str, **detail: object) -> EventDraft:
    return EventDraft(
        tenant_id=file.tenant_id,
        event=name,
        integration=file.integration.name if file.integration else "",
        file=file.name,
        state=file.state,
        file_id=file.pk,
        detail=detail,
    )
