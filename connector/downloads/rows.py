"""The rows of a download: one for each export, read a bounded number at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet

from connector.steps.pinned import document_of
from core.errors import PermanentError
from core.models import Export, Problem

ROWS_AT_A_TIME = 200
COLUMNS = (
    "export", "tenant", "integration", "partner", "stream", "number", "xero_id", "version", "kind", "status", "date",
    "contact", "currency", "total", "state", "code", "sentence", "next_step", "created_at", "ended_at", "file",
    "replay_of",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One export: its columns as plain texts and numbers, Xero's own JSON, and what it became in a file."""

    columns: dict[str, Any]
    record: bytes | None
    content: bytes | None


def rows_of(exports: "QuerySet[Export]", *, whole: bool) -> Iterator[list[Row]]:
    """Give rows in the order in which the exports were made; `whole` rows have Xero's JSON and their content."""
    last = 0
    while True:
        related = ("tenant", "integration__partner", "record", "file", *(("content",) if whole else ()))
        chunk = list(exports.filter(pk__gt=last).select_related(*related).order_by("pk")[:ROWS_AT_A_TIME])
        if chunk:
            steps = _next_steps(chunk)
            yield [_row(export, steps.get(export.pk, ""), whole=whole) for export in chunk]
        if len(chunk) < ROWS_AT_A_TIME:
            return
        last = chunk[-1].pk


def _next_steps(chunk: Sequence[Export]) -> dict[int, str]:
    rows = Problem.objects.filter(export__in=[export.pk for export in chunk]).order_by("pk")
    return {pk: step for pk, step in rows.values_list("export_id", "next_step") if pk is not None}


def _row(export: Export, next_step: str, *, whole: bool) -> Row:
    record, content = export.record, getattr(export, "content", None) if whole else None
    values = (
        export.pk,
        export.tenant.slug,
        export.integration.name,
        export.integration.partner.name,
        export.stream,
        export.number,
        export.xero_id,
        record.version,
        record.kind,
        record.status,
        record.dated_on.isoformat() if record.dated_on else "",
        _contact(export),
        record.currency,
        str(record.total) if record.total is not None else "",
        export.state,
        export.problem_code,
        export.sentence,
        next_step,
        _moment(export.created_at),
        _moment(export.ended_at),
        export.file.name if export.file else "",
        export.replay_of_id or "",
    )
    payload = bytes(record.payload) if whole and record.payload is not None else None
    data = bytes(content.data) if content is not None and content.data is not None else None
    return Row(dict(zip(COLUMNS, values, strict=True)), payload, data)


def _contact(export: Export) -> str:
    """Name the contact as the document itself has it; empty where that cannot be read any more."""
    try:
        values = document_of(export).values
    except PermanentError:
        return ""
    return str((values.get("Contact") or {}).get("Name") or values.get("Name") or "")


def _moment(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if moment else ""
