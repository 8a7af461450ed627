"""Replays: child exports that send an object again. The parent stays as it is."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max

from core.audit import EventDraft
from core.models import Export, ExportReason


def create_replays(
    parents: Sequence[Export],
    *,
    mode: str,
    why: str,
    requested_by: Any = None,
    request_id: UUID | None = None,
    now: datetime,
) -> list[EventDraft]:
    """Make one pending child per export; a request that was made already makes nothing new.

    The caller holds a transaction and appends the returned events last."""
    ids = [parent.pk for parent in parents]
    done = Export.objects.filter(replay_of__in=ids, request_id=request_id) if request_id else Export.objects.none()
    skip = set(done.values_list("replay_of_id", flat=True))
    highest = _highest_replay_numbers(parents)
    children = [
        Export(
            tenant_id=parent.tenant_id,
            integration=parent.integration,
            record_id=parent.record_id,
            stream=parent.stream,
            xero_id=parent.xero_id,
            number=parent.number,
            reason=ExportReason.REPLAY,
            replay_of=parent,
            replay_number=highest[parent.integration_id, parent.record_id] + 1,
            replay_mode=mode,
            replay_reason=why,
            requested_by=requested_by,
            request_id=request_id,
            created_at=now,
        )
        for parent in parents
        if parent.pk not in skip
    ]
    Export.objects.bulk_create(children, batch_size=500)
    actor = requested_by.get_username() if requested_by is not None else ""
    return [_replay_event(child, actor) for child in children]


def _highest_replay_numbers(parents: Sequence[Export]) -> dict[tuple[Any, int], int]:
    rows = Export.objects.filter(record__in=[parent.record_id for parent in parents])
    highest = rows.values_list("integration_id", "record_id").annotate(highest=Max("replay_number"))
    return {(integration_id, record_id): number for integration_id, record_id, number in highest}


def _replay_event(child: Export, actor: str) -> EventDraft:
    return EventDraft(
        tenant_id=child.tenant_id,
        event="export.replay",
        actor=actor,
        integration=child.integration.name,
        stream=child.stream,
        xero_id=child.xero_id,
        number=child.number,
        state=child.state,
        export_id=child.pk,
        detail={"of": child.replay_of_id, "mode": child.replay_mode, "why": child.replay_reason},
    )
