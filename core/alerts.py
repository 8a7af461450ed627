"""Alert messages: the only writer of where they stand. `core/telling.py` makes them."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from core import audit, leases, problems, telling
from core.audit import EventDraft
from core.errors import ConnectorError
from core.leases import Lease, LeaseLost, free
from core.models import AlertMessage, AlertRule
from core.moves import move
from core.problems import ProblemDraft
from core.states import ALERT_MOVES, AlertState

NOT_SENT = "ALERT_NOT_SENT"
TRIES_IN_SILENCE = 2
"""Failed tries that are no problem yet: a chat service that hiccups is not news."""


def due_messages(most: int) -> list[int]:
    """Name messages that are due and that nobody sends."""
    rows = AlertMessage.objects.filter(free(), state=AlertState.PENDING, next_attempt_at__lte=Now())
    return list(rows.order_by("next_attempt_at").values_list("pk", flat=True)[:most])


def test_message(rule: AlertRule, *, actor: str, now: datetime) -> AlertMessage:
    """Make a message that tells of nothing, to see whether messages arrive; it is sent like any other."""
    with transaction.atomic():
        message = AlertMessage(
            tenant_id=rule.tenant_id, rule=rule, content={"test": True}, created_at=now, next_attempt_at=now
        )
        message.save(force_insert=True)
        audit.append([_event(message, "alert.tested", actor=actor)], now=now)
    return message


def begin(message_id: int, *, now: datetime) -> tuple[AlertMessage, Lease] | None:
    """Claim a due message and count the attempt; None when it is sent, early or worked on."""
    lease = leases.claim(AlertMessage, message_id, state=AlertState.PENDING, next_attempt_at__lte=now)
    if lease is None:
        return None
    if not lease.rows().update(attempts=F("attempts") + 1):
        raise LeaseLost(f"The message {message_id} is sent elsewhere.")
    return AlertMessage.objects.select_related("rule__tenant").get(pk=message_id), lease


def sent(message: AlertMessage, lease: Lease, *, now: datetime) -> None:
    """Note that a message was taken by the other side: the rule works. Raises `LeaseLost`."""
    with transaction.atomic():
        lease.check()
        changes: dict[str, Any] = {"sent_at": now, "problem_code": "", "sentence": "", "lease_until": None}
        move(lease.rows(), moves=ALERT_MOVES, to=AlertState.SENT, **changes)
        problems.resolve(message.tenant_id, [telling.subject(message.rule_id)], now=now)
        audit.append([_event(message, "alert.sent", state=AlertState.SENT, **_counts(message))], now=now)


def set_back(
    message: AlertMessage, lease: Lease, error: ConnectorError, *, retry_at: datetime | None, now: datetime
) -> None:
    """Let a message wait until `retry_at`, or end it as failed; after a few tries that is a problem of its own."""
    with transaction.atomic():
        changes: dict[str, Any] = {"problem_code": error.code, "sentence": error.sentence, "lease_until": None}
        if retry_at is not None:
            kept = lease.rows().filter(state=AlertState.PENDING).update(next_attempt_at=retry_at, **changes)
        else:
            kept = move(lease.rows(), moves=ALERT_MOVES, to=AlertState.FAILED, **changes)
        if not kept:
            return
        if retry_at is None or message.attempts > TRIES_IN_SILENCE:
            problems.report([_problem(message, error)], now=now)
        if retry_at is None:
            event = _event(message, "alert.failed", state=AlertState.FAILED, code=error.code, **_counts(message))
            audit.append([event], now=now)


def send_again(rule: AlertRule, *, actor: str, now: datetime) -> int:
    """Let a rule's failed messages be sent once more (a person has acted); give how many."""
    with transaction.atomic():
        failed = AlertMessage.objects.filter(rule=rule)
        again: dict[str, Any] = {"next_attempt_at": now, "created_at": now, "attempts": 0}
        count = move(failed, moves=ALERT_MOVES, to=AlertState.PENDING, only_from=[AlertState.FAILED], **again)
        if count:
            detail = {"rule": rule.name, "messages": count}
            audit.append([EventDraft(rule.tenant_id, "alert.again", actor=actor, detail=detail)], now=now)
    return count


def _problem(message: AlertMessage, error: ConnectorError) -> ProblemDraft:
    return ProblemDraft(
        tenant_id=message.tenant_id,
        code=NOT_SENT,
        subject=telling.subject(message.rule_id),
        sentence=f"The alert rule {message.rule.name} does not get its messages through. {error.sentence}",
        next_step=error.next_step or "Test the rule on its page.",
    )


def _counts(message: AlertMessage) -> dict[str, Any]:
    return {kind: part["count"] for kind, part in message.content.items() if isinstance(part, dict)}


def _event(message: AlertMessage, name: str, *, state: str = "", actor: str = "", **detail: object) -> EventDraft:
    shown = {"rule": message.rule.name, "channel": message.rule.channel, "message": message.pk, **detail}
    return EventDraft(message.tenant_id, name, actor=actor, state=state, detail=shown)
