"""Host keys of stored servers: approving and rejecting them is a decision, so each leaves an audit event."""

import base64
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from core.audit import EventDraft
from core.models import HostKey, HostKeyState, Server
from core.servers import event
from sftp_app.target import HostKeyPin

Dates = tuple[datetime | None, datetime | None]
"""From when a key counts and up to when; None where that is open."""


def note_pending(server: Server, pins: Iterable[HostKeyPin]) -> None:
    """Keep keys that a server has shown, to be compared and approved; known ones get what was not known of them."""
    for pin in pins:
        HostKey.objects.update_or_create(server=server, fingerprint=pin.fingerprint, defaults=_columns(pin))


def approve(
    server: Server,
    pins: Iterable[HostKeyPin],
    *,
    actor: str,
    by: Any = None,
    dates: Dates | None = None,
    now: datetime,
) -> list[EventDraft]:
    """Approve keys of a server and give the events to be appended; keys that are approved already give none.

    With `dates` they count between two moments, each of which may be open; without, dates stay as they are."""
    events = []
    for pin in pins:
        row, _ = HostKey.objects.update_or_create(server=server, fingerprint=pin.fingerprint, defaults=_columns(pin))
        is_new = row.state != HostKeyState.APPROVED
        if is_new:
            row.state, row.approved_at, row.approved_by = HostKeyState.APPROVED, now, by
            row.save(update_fields=["state", "approved_at", "approved_by"])
        is_dated = dates is not None and _set_dates(row, dates)
        if is_new or is_dated:
            events.append(_event("hostkey.approved" if is_new else "hostkey.dated", server, row, actor))
    return events


def _set_dates(row: HostKey, dates: Dates) -> bool:
    if (row.valid_from, row.valid_until) == dates:
        return False
    row.valid_from, row.valid_until = dates
    row.save(update_fields=["valid_from", "valid_until"])
    return True


def reject(server: Server, fingerprints: Iterable[str], *, actor: str) -> list[EventDraft]:
    """Reject keys of a server, approved ones too, and give the events to be appended."""
    events = []
    for row in HostKey.objects.filter(server=server, fingerprint__in=list(fingerprints)):
        if row.state != HostKeyState.REJECTED:
            row.state = HostKeyState.REJECTED
            row.save(update_fields=["state"])
            events.append(_event("hostkey.rejected", server, row, actor))
    return events


def _columns(pin: HostKeyPin) -> dict[str, str]:
    return {"key_type": pin.key_type, "key": base64.b64encode(pin.key).decode()} if pin.key else {}


def _event(name: str, server: Server, row: HostKey, actor: str) -> EventDraft:
    dates = {
        key: at.isoformat() for key, at in (("from", row.valid_from), ("until", row.valid_until)) if at is not None
    }
    draft = event(server, name, fingerprint=row.fingerprint, key_type=row.key_type, **dates)
    return EventDraft(tenant_id=draft.tenant_id, event=draft.event, actor=actor, detail=draft.detail)
