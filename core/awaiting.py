"""Awaiting: from when an answer is due, when the clock says that it is overdue, and what a person says instead."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from core import acks, audit, problems
from core.audit import EventDraft
from core.models import Export, File, FileKind, Partner
from core.moves import move
from core.problems import ProblemDraft
from core.states import ACK_MOVES, AckOutcome

USUAL_HOURS = 24
_AT_A_TIME = 500
_X12_BASE = "x12-"


def await_answers(files: Sequence[File], *, now: datetime) -> list[EventDraft]:
    """Let delivered files await the partner's answer, where it has to give one (`acks.want`); the caller holds the
    transaction that delivers them. What was answered before the delivery was known stays answered."""
    rows = File.objects.filter(pk__in=[file.pk for file in files], kind=FileKind.DATA).exclude(interchange_number="")
    return [
        draft
        for file in rows.select_related("partner", "mapping_version", "integration").order_by("pk")
        for draft in _await(file, now)
    ]


def wanted(file: File) -> str:
    """Say which answer a file's partner has to give (997, 999, TA1, CONTRL); empty for none."""
    want = str(file.partner.acks.get("want") or "")
    return "" if want == "none" else want


def _await(file: File, now: datetime) -> list[EventDraft]:
    want = wanted(file)
    if not want:
        return []
    due_at = now + timedelta(hours=hours_for(file))
    waits: dict[str, Any] = {"to": AckOutcome.AWAITED, "only_from": [AckOutcome.NONE], "column": "ack_outcome"}
    move(Export.objects.filter(file=file), moves=ACK_MOVES, **waits)
    if not move(File.objects.filter(pk=file.pk), moves=ACK_MOVES, ack_due_at=due_at, **waits):
        return []
    return [acks.event(file, "awaited", want=want, due_at=due_at.isoformat())]


def document_of(file: File) -> str:
    """Name the document that a file holds (810, 820), by its mapping's base; empty when that is not known."""
    base = str(file.mapping_version.definition.get("base", "")) if file.mapping_version else ""
    return base.removeprefix(_X12_BASE) if base.startswith(_X12_BASE) else ""


def hours_for(file: File) -> int:
    """Give the hours that the partner has for an answer to this kind of document."""
    by_document = file.partner.acks.get("overdue_hours") or {}
    return int(by_document.get(document_of(file), USUAL_HOURS))


def mark_overdue(*, now: datetime) -> int:
    """Let the clock decide: files whose answer is overdue get one problem each. Gives how many there were."""
    due = File.objects.filter(ack_outcome=AckOutcome.AWAITED, ack_due_at__lte=now)
    files = due.select_related("partner", "mapping_version", "integration").order_by("ack_due_at")[:_AT_A_TIME]
    return sum(_mark(file, now) for file in files)


def _mark(file: File, now: datetime) -> int:
    overdue: dict[str, Any] = {"moves": ACK_MOVES, "to": AckOutcome.OVERDUE, "column": "ack_outcome"}
    with transaction.atomic():
        if not move(File.objects.filter(pk=file.pk, ack_due_at__lte=now), **overdue):
            return 0
        move(Export.objects.filter(file=file), **overdue)
        problems.report([_overdue_problem(file)], now=now)
        audit.append([acks.event(file, "overdue", want=wanted(file))], now=now)
    return 1


def _overdue_problem(file: File) -> ProblemDraft:
    hours = hours_for(file)
    return ProblemDraft(
        tenant_id=file.tenant_id,
        code=acks.OVERDUE,
        subject=acks.subject(file),
        sentence=f"No {wanted(file) or 'answer'} from {file.partner.name} for {file.name} "
        f"(interchange {file.interchange_number}) after {hours} hours.",
        next_step="Ask the partner whether the file arrived. Then replay it, or mark it as accepted.",
        links={"file_id": file.pk, "integration_id": file.integration_id, "partner_id": file.partner_id},
    )


def awaited_files(*, partner: Partner | None = None, only_overdue: bool = False) -> QuerySet[File]:
    """Give the files that wait for an answer, the longest due first."""
    waiting = [AckOutcome.OVERDUE] if only_overdue else [AckOutcome.OVERDUE, AckOutcome.AWAITED]
    rows = File.objects.filter(ack_outcome__in=waiting, **({"partner": partner} if partner else {}))
    related = rows.select_related("partner", "tenant", "mapping_version").defer("header", "trailer")
    return related.order_by(F("ack_due_at").asc(nulls_last=True), "pk")


def review(file: File, *, outcome: str, comment: str, actor: str, now: datetime) -> bool:
    """Take a person's word for what the partner never answered, or answered wrongly: sets the outcome of the file
    and of all exports in it, and ends the problems about its answer. False when there was nothing to answer."""
    sources = [state for state in ACK_MOVES if state != AckOutcome.NONE]
    to: dict[str, Any] = {"moves": ACK_MOVES, "to": outcome, "only_from": sources, "column": "ack_outcome"}
    with transaction.atomic():
        if not move(File.objects.filter(pk=file.pk), **to):
            return False
        move(Export.objects.filter(file=file), **to)
        about = [acks.subject(file), *(f"export:{pk}" for pk in file.exports.values_list("pk", flat=True))]
        problems.resolve(file.tenant_id, about, codes=[acks.OVERDUE, acks.REJECTED], now=now)
        draft = acks.event(file, "reviewed", outcome=outcome, comment=comment)
        audit.append([replace(draft, actor=actor)], now=now)
    return True
