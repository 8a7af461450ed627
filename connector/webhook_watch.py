"""What is odd about Xero's webhooks: messages that never came, and messages that nobody can read.

Xero numbers the events of each app. A hole in the numbers means that changes were announced and not heard; the
organisations of that app are polled soon, since polling finds whatever a webhook missed.
"""

import logging
import threading
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Q

from core import audit, problems
from core.audit import EventDraft
from core.models import Grant, Organisation, WebhookMessage
from core.problems import ProblemDraft

REMEMBERED = 50
"""Earlier messages that are looked at: they may arrive in another order than they were numbered."""
POLLED_APART = timedelta(minutes=5)
"""However many messages are lost, an organisation is polled no sooner than this after its last poll."""
MOST_ORGANISATIONS = 500

log = logging.getLogger(__name__)


class Neighbours:
    """The last messages that this process took: one that goes on where the row before it ended leaves no hole, and
    needs no look into the database."""

    def __init__(self) -> None:
        self._ends: OrderedDict[tuple[Any, int], int] = OrderedDict()
        self._lock = threading.Lock()

    def follows(self, message: WebhookMessage) -> bool:
        """Say whether a message goes on where its neighbour ended, and remember it."""
        with self._lock:
            self._ends[message.grant_id, message.pk] = message.last_sequence or 0
            if len(self._ends) > REMEMBERED:
                self._ends.popitem(last=False)
            end = self._ends.get((message.grant_id, message.pk - 1), 0)
        return bool(end) and message.first_sequence == end + 1


def _missing_before(message: WebhookMessage) -> int:
    """Count the events that Xero numbered before a message and that no earlier message of the same app brought."""
    if not message.first_sequence:
        return 0
    earlier = WebhookMessage.objects.filter(grant=message.grant_id, pk__lt=message.pk, last_sequence__gt=0)
    heard = [number or 0 for number in earlier.order_by("-pk").values_list("last_sequence", flat=True)[:REMEMBERED]]
    return max(0, message.first_sequence - max(heard) - 1) if heard else 0


def note_gap(message: WebhookMessage, *, now: datetime) -> int:
    """Bring the polls of an app's organisations forward when events are missing; give how many were."""
    missing = _missing_before(message)
    if not missing:
        return 0
    client_id = message.grant.client_id if message.grant else ""
    rows = Organisation.objects.filter(grant__client_id=client_id).exclude(xero_tenant_id="")
    hurried = [row for row in rows.annotate(read_at=Max("cursors__read_at"))[:MOST_ORGANISATIONS] if _hurry(row, now)]
    detail = {"missing": missing, "before": message.first_sequence}
    with transaction.atomic():
        audit.append([_event(row, detail) for row in hurried], now=now)
    return len(hurried)


def _hurry(organisation: Any, now: datetime) -> bool:
    read_at: datetime | None = organisation.read_at
    when = now if read_at is None else max(now, read_at + POLLED_APART)
    later = Q(next_poll_at__gt=when) | Q(next_poll_at__isnull=True)
    return bool(Organisation.objects.filter(later, pk=organisation.pk).update(next_poll_at=when))


def _event(organisation: Organisation, detail: dict[str, Any]) -> EventDraft:
    detail = {"organisation": organisation.name, **detail}
    return EventDraft(organisation.tenant_id, "webhook.gap", detail=detail)


def note_malformed(grant_id: Any, *, now: datetime) -> None:
    """Say that a rightly signed message could not be read: sending it again would not help."""
    grant = Grant.objects.filter(pk=grant_id).first()
    sentence = "A signed webhook message of Xero's could not be read. It is kept; polling finds what it announced."
    if grant is None:
        log.error("a signed webhook message of the installation's app could not be read")
        return
    draft = ProblemDraft(
        tenant_id=grant.tenant_id,
        code="WEBHOOK_MALFORMED",
        subject=f"webhook:{grant.pk}",
        sentence=sentence,
        next_step="Report it if it stays: Xero may have changed its format.",
    )
    with transaction.atomic():
        problems.report([draft], now=now)
