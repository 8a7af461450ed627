"""Leftovers: the attempts whose temporary files may still lie on a server, and the only writer of their end."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from core import audit
from core.claims import FINAL_NAME
from core.models import Attempt, AttemptResult, Server
from core.outbox import event
from core.states import FileState

MAY_LIE = timedelta(hours=24)
"""Younger ones are left alone: an attempt that is under way anywhere has ended by then."""


def _rows() -> "QuerySet[Attempt]":
    ended = Attempt.objects.filter(is_swept=False, result__in=[AttemptResult.FAILED, AttemptResult.LOST])
    return ended.exclude(temp_name__in=["", FINAL_NAME]).exclude(file__state=FileState.PUBLISHING)


def leftovers(server: Server, *, now: datetime, limit: int) -> list[Attempt]:
    """Give old attempts of a server whose temporary files may be there still, oldest first.

    Files that may be out already are left out with all their attempts: the recovery table needs their names."""
    old = _rows().filter(file__server=server, started_at__lt=now - MAY_LIE)
    return list(old.select_related("file__integration").order_by("started_at")[:limit])


def servers_with_leftovers(limit: int) -> list[object]:
    """Name the servers where leftovers are due to go."""
    open_for_work = Q(file__server__hold_code="") & (
        Q(file__server__next_attempt_at__isnull=True) | Q(file__server__next_attempt_at__lte=Now())
    )
    due = Q(file__server__next_sweep_at__isnull=True) | Q(file__server__next_sweep_at__lte=Now())
    wanted = Q(file__server__options__sweep_temporaries__isnull=True) | Q(file__server__options__sweep_temporaries=True)
    old = _rows().filter(open_for_work, due, wanted, started_at__lt=Now() - MAY_LIE)
    return list(old.values_list("file__server_id", flat=True).distinct()[:limit])


def swept(
    server: Server,
    attempts: Sequence[Attempt],
    removed: Sequence[tuple[Attempt, str]],
    *,
    again_at: datetime,
    now: datetime,
) -> None:
    """Note whose temporary files are gone, one event for each file that was removed, and when to look again."""
    with transaction.atomic():
        Attempt.objects.filter(pk__in=[attempt.pk for attempt in attempts]).update(is_swept=True)
        Server.objects.filter(pk=server.pk).update(next_sweep_at=again_at)
        drafts = [
            event(attempt.file, "temporary.removed", path=path, attempt=attempt.number) for attempt, path in removed
        ]
        audit.append(drafts, now=now)
