"""Drafts: saved whole, by whoever saw the newest one, with an audit event."""

from collections.abc import Mapping as Definition
from datetime import datetime
from typing import Any

from django.db import transaction

from core import audit
from core.audit import EventDraft
from core.errors import TemporaryError
from core.mappings import definition_hash
from core.models import Mapping, Tenant


class DraftMoved(TemporaryError):
    """Somebody else saved the draft since this page was opened."""

    code = "DRAFT_MOVED"
    next_step = "Open the mapping again and repeat your change."


def create_draft(tenant: Tenant, name: str, definition: Definition[str, Any], *, actor: str, now: datetime) -> Mapping:
    """Begin a mapping; nothing is published by this."""
    with transaction.atomic():
        mapping = Mapping.objects.create(tenant=tenant, name=name, draft=dict(definition))
        audit.append([_event(mapping, "mapping.created", actor)], now=now)
    return mapping


def save_draft(mapping: Mapping, definition: Definition[str, Any], *, seen: str, actor: str, now: datetime) -> None:
    """Save a draft. Raises `DraftMoved` when the stored one is not the one that was `seen` (its hash)."""
    with transaction.atomic():
        stored = Mapping.objects.select_for_update().get(pk=mapping.pk)
        if definition_hash(stored.draft) != seen:
            raise DraftMoved("Somebody else saved this mapping in the meantime.")
        if stored.draft == definition:
            return
        Mapping.objects.filter(pk=mapping.pk).update(draft=dict(definition))
        audit.append([_event(mapping, "mapping.draft_saved", actor)], now=now)


def _event(mapping: Mapping, name: str, actor: str) -> EventDraft:
    detail = {"mapping": mapping.name, "draft": definition_hash(mapping.draft)}
    return EventDraft(tenant_id=mapping.tenant_id, event=name, actor=actor, detail=detail)
