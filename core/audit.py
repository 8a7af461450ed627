"""The audit trail's only writer: chained per tenant, appended as the last statement of the transaction.

`hash = sha256(prev_hash + canonical JSON of the line)`. The tenant's chain head is locked by an update, so two
transactions of one tenant queue up here and nowhere earlier; that is why appending comes last.
"""

import contextlib
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from core import bulk
from core.models.audit import INSTALLATION, ChainHead, Event

__all__ = ["INSTALLATION", "PURGED", "EventDraft", "acting_from", "append", "line_hash", "retention_open"]

HASHED = (
    "tenant_id", "sequence", "at", "event", "actor", "integration", "stream", "xero_id", "number", "file", "state",
    "fetch_id", "run_id", "export_id", "file_id", "detail",
)  # fmt: skip

PURGED = "audit.purged"
"""The event that a purge leaves: `through` and `hash` say where the lines ended that are gone."""

_address: ContextVar[str] = ContextVar("audit_address", default="")


@contextlib.contextmanager
def acting_from(address: str) -> Iterator[None]:
    """Note, on every line that names an actor meanwhile, from which network address they act."""
    token = _address.set(address)
    try:
        yield
    finally:
        _address.reset(token)


@dataclass(frozen=True, slots=True)
class EventDraft:
    """One line to be written. `detail` holds plain JSON values without floats, never a secret or a payload."""

    tenant_id: UUID
    event: str
    actor: str = ""
    integration: str = ""
    stream: str = ""
    xero_id: str = ""
    number: str = ""
    file: str = ""
    state: str = ""
    fetch_id: int | None = None
    run_id: int | None = None
    export_id: int | None = None
    file_id: int | None = None
    detail: dict[str, Any] = field(default_factory=dict)


def append(drafts: Iterable[EventDraft], *, now: datetime) -> None:
    """Chain and write events. Call it last inside the transaction that made the change."""
    by_tenant: dict[UUID, list[EventDraft]] = defaultdict(list)
    for draft in drafts:
        by_tenant[draft.tenant_id].append(draft)
    for tenant_id in sorted(by_tenant):
        _append_chain(tenant_id, by_tenant[tenant_id], now)


def _append_chain(tenant_id: UUID, drafts: list[EventDraft], now: datetime) -> None:
    head = _lock_head(tenant_id, len(drafts))
    sequence, last = head.sequence - len(drafts), head.hash
    events = []
    for draft in drafts:
        sequence += 1
        columns = {name: getattr(draft, name) for name in draft.__dataclass_fields__}
        if draft.actor and (address := _address.get()):
            columns["detail"] = {**draft.detail, "address": address}
        event = Event(**columns, sequence=sequence, at=now, prev_hash=last)
        last = event.hash = line_hash(event)
        events.append(event)
    bulk.insert(events)
    ChainHead.objects.filter(pk=tenant_id).update(hash=last)


def _lock_head(tenant_id: UUID, count: int) -> ChainHead:
    moved = ChainHead.objects.filter(pk=tenant_id).update(sequence=F("sequence") + count)
    if not moved:
        ChainHead.objects.bulk_create([ChainHead(tenant_id=tenant_id)], ignore_conflicts=True)
        ChainHead.objects.filter(pk=tenant_id).update(sequence=F("sequence") + count)
    return ChainHead.objects.get(pk=tenant_id)


def line_hash(event: Event) -> str:
    """Hash one line together with the hash before it; the same for a line read back from the database."""
    line = {name: getattr(event, name) for name in HASHED}
    line["tenant_id"] = str(event.tenant_id)
    line["at"] = event.at.astimezone(UTC).isoformat(timespec="microseconds")
    text = json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256((event.prev_hash + text).encode()).hexdigest()


@contextlib.contextmanager
def retention_open() -> Iterator[None]:
    """Open the one switch that lets lines be deleted, inside the caller's transaction: no other transaction ever
    sees it open, and it is closed again with whatever happens. The caller appends `PURGED` about it."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("the retention switch is opened inside a transaction only")
    _set_switch("2999-01-01 00:00:00")
    try:
        yield
    finally:
        if not connection.needs_rollback:
            _set_switch("1970-01-01 00:00:00")


def _set_switch(until: str) -> None:
    zone = "Z" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_retention SET open_until = %s", [until + zone])
