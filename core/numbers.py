"""Control numbers: per sender, receiver and level; gaps are allowed, giving one twice is not."""

from uuid import UUID

from django.db.models import F

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
