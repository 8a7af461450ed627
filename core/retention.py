"""Retention: what is past a tenant's own limits is purged, in bounded transactions, each with its audit event.

Payloads (what Xero said, what a file held, what a partner sent, what a webhook said) become empty; the rows stay, with
their hashes, so that the story of every record can still be told. Nothing that is still needed is purged: latest
versions, what the partner has last, and whatever has not ended. Lines of the audit trail and attempts go by whole
months; the trail stays verifiable (see `core/audit.py`). A tenant without limits keeps everything.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, Min, Model, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from core import audit
from core.audit import EventDraft
from core.models import (
    Attempt,
    AttemptResult,
    Event,
    Export,
    ExportContent,
    ExportReason,
    FileGroup,
    Inbound,
    Record,
    Tenant,
    WebhookEvent,
    WebhookMessage,
)
from core.states import AckOutcome, ExportState, FileState, InboundState

ROWS_AT_A_TIME = 2000
LINES_AT_A_TIME = 10_000
ENDED_FILES = (FileState.DELIVERED, FileState.FAILED, FileState.CANCELLED)
OPEN_EXPORTS = (ExportState.PENDING, ExportState.FORMATTED, ExportState.HELD, ExportState.FAILED)


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a tenant keeps what: payloads in days, lines of the audit trail and attempts in whole months.
    None keeps it for good."""

    payload_days: int | None = None
    content_days: int | None = None
    inbound_days: int | None = None
    webhook_days: int | None = None
    attempt_months: int | None = None
    event_months: int | None = None


KEYS = tuple(field.name for field in fields(Retention))


def retention_of(tenant: Tenant) -> Retention:
    """Read a tenant's limits."""
    stored = tenant.options.get("retention") or {}
    return Retention(**{key: stored[key] for key in KEYS if stored.get(key)})


def purge(tenant: Tenant, *, actor: str, now: datetime) -> Counter[str]:
    """Purge what is past a tenant's limits; give how much of what. It can be stopped and started again."""
    limits = retention_of(tenant)
    done: Counter[str] = Counter()
    for what, (model, column, rows) in _blanked(tenant, limits, now).items():
        done[what] += sum(_blank(tenant.pk, what, model, column, rows, actor=actor, now=now))
    if limits.attempt_months:
        before = first_of_month(now, months=limits.attempt_months)
        done["attempts"] += sum(_delete_attempts(tenant, before, actor=actor, now=now))
    if limits.event_months:
        before = first_of_month(now, months=limits.event_months)
        done["events"] += sum(delete_lines(tenant.pk, before=before, actor=actor, now=now))
    return done


def purge_installation(*, webhook_days: int, event_months: int, actor: str, now: datetime) -> Counter[str]:
    """Purge what belongs to no tenant alone: webhook bodies of nobody or of several, lines of the installation's own
    chain. A limit of 0 keeps it for good."""
    done: Counter[str] = Counter()
    if webhook_days:
        rows = _shared_webhooks(now - timedelta(days=webhook_days))
        done["webhooks"] += sum(
            _blank(audit.INSTALLATION, "webhooks", WebhookMessage, "body", rows, actor=actor, now=now)
        )
    if event_months:
        before = first_of_month(now, months=event_months)
        done["events"] += sum(delete_lines(audit.INSTALLATION, before=before, actor=actor, now=now))
    return done


def due(tenant: Tenant, *, now: datetime) -> Counter[str]:
    """Count what `purge` would purge now."""
    limits = retention_of(tenant)
    found = Counter({what: rows.count() for what, (_, _, rows) in _blanked(tenant, limits, now).items()})
    if limits.attempt_months:
        found["attempts"] = _attempts(tenant, first_of_month(now, months=limits.attempt_months)).count()
    if limits.event_months:
        last = _last_line(tenant.pk, first_of_month(now, months=limits.event_months))
        found["events"] = Event.objects.filter(tenant_id=tenant.pk, sequence__lte=last).count()
    return found


def first_of_month(now: datetime, *, months: int) -> datetime:
    """Give the first moment (UTC) of the oldest month that is kept whole, when so many whole months are kept."""
    years, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    return now.replace(year=years, month=month + 1, day=1, hour=0, minute=0, second=0, microsecond=0)


def _shared_webhooks(before: datetime) -> "QuerySet[WebhookMessage]":
    waiting = WebhookEvent.objects.filter(message=OuterRef("pk"), state="waiting")
    return WebhookMessage.objects.filter(~Exists(waiting), received_at__lt=before, body__isnull=False)


Blanked = tuple[type[Model], str, "QuerySet[Any]"]


def _blanked(tenant: Tenant, limits: Retention, now: datetime) -> dict[str, Blanked]:
    """The payloads that are past their limit: table, column and rows."""
    chosen: dict[str, tuple[int | None, type[Model], str, Any]] = {
        "payloads": (limits.payload_days, Record, "payload", _payloads),
        "contents": (limits.content_days, ExportContent, "data", _contents),
        "inbound": (limits.inbound_days, Inbound, "content", _inbound),
        "webhooks": (limits.webhook_days, WebhookMessage, "body", _webhooks),
    }
    return {
        what: (model, column, rows(tenant, now - timedelta(days=days)).filter(**{f"{column}__isnull": False}))
        for what, (days, model, column, rows) in chosen.items()
        if days
    }


def _payloads(tenant: Tenant, before: datetime) -> "QuerySet[Record]":
    exports = Export.objects.filter(record=OuterRef("pk"))
    has_arrived = Q(state=ExportState.DELIVERED) | Q(state=ExportState.SKIPPED, reason=ExportReason.BASELINE)
    newer = Export.objects.filter(
        has_arrived, integration=OuterRef("integration"), xero_id=OuterRef("xero_id"), pk__gt=OuterRef("pk")
    )
    return Record.objects.filter(
        ~Exists(exports.filter(state__in=OPEN_EXPORTS)),
        ~Exists(exports.filter(has_arrived).filter(~Exists(newer))),
        tenant=tenant,
        is_latest=False,
        read_at__lt=before,
    )


def _contents(tenant: Tenant, before: datetime) -> "QuerySet[ExportContent]":
    ended = ExportContent.objects.alias(ended_at=Coalesce("file__delivered_at", "file__created_at"))
    chosen = ended.filter(file__tenant=tenant, file__state__in=ENDED_FILES, ended_at__lt=before)
    return chosen.exclude(file__ack_outcome=AckOutcome.AWAITED)


def _inbound(tenant: Tenant, before: datetime) -> "QuerySet[Inbound]":
    return Inbound.objects.filter(tenant=tenant, created_at__lt=before).exclude(state=InboundState.STORED)


def _webhooks(tenant: Tenant, before: datetime) -> "QuerySet[WebhookMessage]":
    """Bodies whose events are all of this tenant (or of nobody) and were all read."""
    events = WebhookEvent.objects.filter(message=OuterRef("pk"))
    of_others = events.filter(organisation__isnull=False).exclude(organisation__tenant=tenant)
    return WebhookMessage.objects.filter(
        Exists(events.filter(organisation__tenant=tenant)),
        ~Exists(of_others),
        ~Exists(events.filter(state="waiting")),
        received_at__lt=before,
    )


def _blank(
    tenant_id: Any,
    what: str,
    model: type[Model],
    column: str,
    rows: "QuerySet[Any]",
    *,
    actor: str,
    now: datetime,
) -> Iterator[int]:
    last = 0
    while True:
        with transaction.atomic():
            ids = list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:ROWS_AT_A_TIME])
            if not ids:
                return
            last = ids[-1]
            model._default_manager.filter(pk__in=ids).update(**{column: None})
            if model is ExportContent:  # a group's head and tail tell of its exports, too
                FileGroup.objects.filter(exportcontent__in=ids).update(head=b"", tail=b"")
            detail = {"what": what, "count": len(ids)}
            audit.append([EventDraft(tenant_id, "payloads.purged", actor=actor, detail=detail)], now=now)
        yield len(ids)


def _attempts(tenant: Tenant, before: datetime) -> "QuerySet[Attempt]":
    """Attempts of files that have ended, whose temporary files are known to be gone."""
    is_clean = Q(is_swept=True) | Q(result=AttemptResult.DELIVERED) | Q(temp_name="")
    ended = Q(file__tenant=tenant, file__state__in=ENDED_FILES)
    return Attempt.objects.filter(is_clean, ended, finished_at__lt=before)


def _delete_attempts(tenant: Tenant, before: datetime, *, actor: str, now: datetime) -> Iterator[int]:
    rows = _attempts(tenant, before)
    while True:
        with transaction.atomic():
            ids = list(rows.order_by("pk").values_list("pk", flat=True)[:ROWS_AT_A_TIME])
            if not ids:
                return
            Attempt.objects.filter(pk__in=ids).delete()
            detail = {"count": len(ids), "before": before.isoformat()}
            audit.append([EventDraft(tenant.pk, "attempts.purged", actor=actor, detail=detail)], now=now)
        yield len(ids)


def delete_lines(
    tenant_id: Any, *, before: datetime, actor: str, now: datetime, at_a_time: int = LINES_AT_A_TIME
) -> Iterator[int]:
    """Delete the lines of a chain that were written before a moment, oldest first; give the counts.

    Each transaction leaves a line that says up to where, and with which hash, the deleted ones ended: with it the
    rest of the chain is still verifiable."""
    last = _last_line(tenant_id, before)
    while True:
        with transaction.atomic():
            first = Event.objects.filter(tenant_id=tenant_id).aggregate(first=Min("sequence"))["first"]
            if first is None or first > last:
                return
            through = min(last, first + at_a_time - 1)
            end = Event.objects.get(tenant_id=tenant_id, sequence=through)
            with audit.retention_open():
                count, _ = Event.objects.filter(tenant_id=tenant_id, sequence__lte=through).delete()
            detail = {"through": through, "hash": end.hash, "count": count, "before": before.isoformat()}
            audit.append([EventDraft(tenant_id, audit.PURGED, actor=actor, detail=detail)], now=now)
        yield count


def _last_line(tenant_id: Any, before: datetime) -> int:
    """Give the last line before which every line was written before a moment; 0 when there is none."""
    kept = Event.objects.filter(tenant_id=tenant_id, at__gte=before).aggregate(first=Min("sequence"))["first"]
    if kept is not None:
        return int(kept) - 1
    newest = Event.objects.filter(tenant_id=tenant_id).order_by("-sequence").values_list("sequence", flat=True)
    return newest.first() or 0
