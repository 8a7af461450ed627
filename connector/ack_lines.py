"""Acknowledgments as `acks --json` prints them: one object each, theirs and ours, oldest first."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from connector.ack_story import outcomes_of
from core.awaiting import awaited_files, document_of, wanted
from core.models import AckDirection, Acknowledgment, Partner


def lines(
    *, partner: Partner | None = None, since: datetime | None = None, unmatched: bool = False
) -> Iterator[dict[str, Any]]:
    """Give all acknowledgments, of one partner, since a moment, or only those that answer nothing of ours."""
    rows = Acknowledgment.objects.select_related("tenant", "partner", "file", "inbound", "interchange")
    rows = rows.defer("inbound__content", "file__header", "file__trailer")
    if partner:
        rows = rows.filter(partner=partner)
    if since:
        rows = rows.filter(created_at__gte=since)
    if unmatched:
        rows = rows.filter(is_matched=False)
    for row in rows.order_by("pk").iterator(chunk_size=500):
        yield line(row)


def awaited_lines(*, partner: Partner | None = None, only_overdue: bool = False) -> Iterator[dict[str, Any]]:
    """Give the files that wait for an answer, the longest due first; `due_at` is when it should have come."""
    for file in awaited_files(partner=partner, only_overdue=only_overdue).iterator(chunk_size=500):
        yield {
            "id": file.pk,
            "tenant": file.tenant.slug,
            "partner": file.partner.name,
            "file": file.name,
            "interchange": file.interchange_number or None,
            "document": document_of(file) or None,
            "awaited": wanted(file) or None,
            "outcome": file.ack_outcome,
            "due_at": file.ack_due_at.astimezone(UTC).isoformat().replace("+00:00", "Z") if file.ack_due_at else None,
        }


def line(row: Acknowledgment) -> dict[str, Any]:
    """Give one acknowledgment: `interchange` and `group` are the control numbers that it answers, `carried_by` those
    of the interchange that it came or went in, `answers` the name of the file that it is about."""
    is_ours = row.direction == AckDirection.OURS
    inbound = row.inbound.name if row.inbound else None
    return {
        "id": row.pk,
        "at": row.created_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "tenant": row.tenant.slug,
        "partner": row.partner.name,
        "direction": row.direction,
        "kind": row.kind,
        "outcome": row.outcome,
        "matched": row.is_matched,
        "effect": row.effect or None,
        "interchange": row.interchange_number or None,
        "group": row.group_number or None,
        "answers": inbound if is_ours else (row.file.name if row.file else None),
        "carried_by": _carrier(row, inbound, is_ours=is_ours),
        "details": row.details,
        "exports": list(_exports(row)),
    }


def _carrier(row: Acknowledgment, inbound: str | None, *, is_ours: bool) -> dict[str, Any]:
    if is_ours and row.file:
        file = row.file
        numbers = {"interchange": file.interchange_number, "group": file.group_number or None}
        return {**numbers, "file": file.name, "state": file.state}
    number = row.interchange.control_number if row.interchange else ""
    state = row.inbound.state if row.inbound else None
    return {"interchange": number or None, "group": None, "file": inbound, "state": state}


def _exports(row: Acknowledgment) -> Iterator[dict[str, Any]]:
    """Give what it says about each export; a later answer may have said something else."""
    for export, outcome in outcomes_of(row):
        yield {
            "integration": export.integration.name,
            "stream": export.stream,
            "xero_id": export.xero_id,
            "number": export.number,
            "outcome": outcome,
        }
