"""Control numbers: per sender, receiver and level; gaps are allowed, giving one twice is not."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from core import audit
from core.actors import actor_name
from core.audit import EventDraft
from core.models import ControlNumber

LARGEST = 999_999_999
"""ISA13 has nine digits (X12); after the largest number the count starts at 1 again."""


def allocate(tenant_id: UUID, *, sender: str, receiver: str, level: str) -> int:
    """Take the next control number. The caller holds the transaction that stores what carries it."""
    rows = ControlNumber.objects.filter(tenant_id=tenant_id, sender=sender, receiver=receiver, level=level)
    if not rows.update(last=F("last") + 1):
        ControlNumber.objects.bulk_create(
            [ControlNumber(tenant_id=tenant_id, sender=sender, receiver=receiver, level=level)],
            ignore_conflicts=True,
        )
        rows.update(last=F("last") + 1)
    number = rows.get().last
    if number > LARGEST:
        rows.update(last=1)
        return 1
    return number


def peek(tenant_id: UUID, *, sender: str, receiver: str, level: str) -> int:
    """Say which number would come next. Nothing is taken; somebody else may take it first."""
    rows = ControlNumber.objects.filter(tenant_id=tenant_id, sender=sender, receiver=receiver, level=level)
    last = rows.values_list("last", flat=True).first() or 0
    return last + 1 if last < LARGEST else 1


def set_next(
    tenant_id: UUID,
    *,
    sender: str,
    receiver: str,
    level: str,
    to: int,
    seen: int,
    reason: str,
    actor: Any,
    now: datetime,
) -> bool:
    """Let a count go on with the number `to` (1 to 999999999); False when the next one is not the one `seen`.

    Going back gives numbers twice, which receivers refuse as duplicates: the caller has warned of that."""
    ids = {"sender": sender, "receiver": receiver, "level": level}
    detail = {**ids, "before": seen, "next": to, "reason": reason}
    before = [seen - 1, LARGEST] if seen == 1 else [seen - 1]
    with transaction.atomic():
        ControlNumber.objects.bulk_create([ControlNumber(tenant_id=tenant_id, **ids)], ignore_conflicts=True)
        counters = ControlNumber.objects.filter(tenant_id=tenant_id, **ids, last__in=before)
        if not counters.update(last=to - 1):
            return False
        audit.append([EventDraft(tenant_id, "control_number.set", actor_name(actor), detail=detail)], now=now)
    return True
