"""Leases and fences: one worker at a time on a fetch, an integration, a server, a partner, a grant.

A claim is a conditional update by the database's clock. It raises the fence; whoever writes later names the
fence it was given, so a worker that slept past its lease changes nothing.
"""

import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from core.errors import TemporaryError
from core.models.fields import Leased


class LeaseLost(TemporaryError):
    """Another worker has taken over; this one stops without a trace."""

    code = "LEASE_LOST"


@dataclass(slots=True)
class Lease:
    """A work unit held by this worker until it is released or the time runs out."""

    model: type[Leased]
    pk: Any
    fence: int
    seconds: float
    _renew_at: float = field(default=0.0, repr=False)

    def __post_init__(self) -> None:
        self._renew_at = time.monotonic() + self.seconds / 2

    def rows(self) -> "QuerySet[Any]":
        """The leased row, while the fence is still ours: empty once another worker has claimed it."""
        return self.model._default_manager.filter(pk=self.pk, fence=self.fence)

    def keep(self) -> None:
        """Renew when more than half of the time is used. Raises `LeaseLost`."""
        if time.monotonic() >= self._renew_at:
            self.renew()

    def renew(self) -> None:
        """Start the lease's time anew. Raises `LeaseLost`."""
        if not self.rows().update(lease_until=Now() + timedelta(seconds=self.seconds)):
            raise LeaseLost(f"{self.model.__name__} {self.pk} is now worked on elsewhere.")
        self._renew_at = time.monotonic() + self.seconds / 2

    def check(self) -> None:
        """Lock the row inside a transaction and make sure that it is still ours. Raises `LeaseLost`."""
        if not self.rows().update(fence=F("fence")):
            raise LeaseLost(f"{self.model.__name__} {self.pk} is now worked on elsewhere.")

    def release(self) -> None:
        """Give the unit back; nothing happens when it is no longer ours."""
        self.rows().update(lease_until=None)


def free() -> Q:
    """The condition for a unit that nobody holds."""
    return Q(lease_until__isnull=True) | Q(lease_until__lt=Now())


def claim(model: type[Leased], pk: Any, *, seconds: float | None = None, **conditions: Any) -> Lease | None:
    """Claim a unit when it is free and the conditions hold; None when someone else has it."""
    seconds = settings.LEASE_SECONDS if seconds is None else seconds
    with transaction.atomic():
        claimed = model._default_manager.filter(free(), pk=pk, **conditions).update(
            lease_until=Now() + timedelta(seconds=seconds), fence=F("fence") + 1
        )
        if not claimed:
            return None
        fence = model._default_manager.values_list("fence", flat=True).get(pk=pk)
    return Lease(model, pk, fence, seconds)
