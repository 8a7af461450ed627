"""Downloading: the trail says who took what away, then the bytes come."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Count, Max, QuerySet

from connector.downloads.writing import as_csv, as_lines, as_zip
from core import audit
from core.actors import actor_name
from core.audit import EventDraft
from core.errors import Finding, Invalid
from core.models import Export


class Form(NamedTuple):
    """A form of download: its ending and its media type."""

    ending: str
    media_type: str


FORMS: Mapping[str, Form] = {
    "csv": Form("csv", "text/csv; charset=utf-8"),
    "jsonl": Form("jsonl", "application/x-ndjson"),
    "zip": Form("zip", "application/zip"),
}


def download_exports(
    exports: "QuerySet[Export]", *, form: str, actor: Any = None, what: str = "failed", now: datetime
) -> Iterator[bytes]:
    """Give exports as `csv`, `jsonl` or `zip`, piece by piece, in memory that does not depend on their number.

    The download is in the audit trail before its first byte, once for each tenant. `what` names the choice there.
    Raises `Invalid` for another form."""
    if form not in FORMS:
        raise Invalid([Finding("format", f"There is no format {form}.", f"Use one of {', '.join(FORMS)}.")])
    fixed = exports.filter(pk__lte=exports.aggregate(last=Max("pk"))["last"] or 0)
    with transaction.atomic():
        audit.append(_events(fixed, form, actor_name(actor), what), now=now)
    if form == "zip":
        return as_zip(fixed, now=now)
    return as_csv(fixed) if form == "csv" else as_lines(fixed)


def _events(exports: "QuerySet[Export]", form: str, actor: str, what: str) -> list[EventDraft]:
    counts = exports.order_by().values_list("tenant").annotate(Count("pk"))
    return [
        EventDraft(
            tenant_id=tenant_id,
            event="exports.downloaded",
            actor=actor,
            detail={"what": what, "format": form, "count": count},
        )
        for tenant_id, count in counts
    ]


def file_name(form: str, *, now: datetime, what: str = "failed") -> str:
    """Name a download."""
    return f"{what}-exports-{now:%Y%m%d-%H%M%S}.{FORMS[form].ending}"
