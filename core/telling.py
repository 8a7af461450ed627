"""Telling: which rule has to be told of which problem, once, and what its next message says.

The problem's own row is the outbox: `told` says how far its story was passed on, so whatever was committed as a
problem is found here, however long nobody looked. A rule gets its first message at once and no further one within its
`every_minutes`; what comes meanwhile waits and goes together.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from core.models import (
    AlertItem,
    AlertKind,
    AlertMessage,
    AlertRule,
    Integration,
    Problem,
    ProblemState,
    Told,
)
from core.states import AlertState

AT_A_TIME = 500
MOST_BATCHES = 20
MOST_GROUPS = 20
"""Groups that one message names; the others are counted."""
LINKS = ("integration_id", "partner_id", "server_id", "organisation_id")


def subject(rule_id: UUID) -> str:
    """Name what a problem with a rule itself is about."""
    return f"alert:{rule_id}"


def note_problems() -> int:
    """Give every rule its items for what began and what is over since the last look; give how many problems."""
    noted = 0
    for note in (_note_opened, _note_ended):
        for _ in range(MOST_BATCHES):
            with transaction.atomic():
                count = note()
            noted += count
            if count < AT_A_TIME:
                break
    return noted


def _note_opened() -> int:
    fresh = _next(Problem.objects.filter(told=Told.NEW))
    rules = _rules_by_tenant({problem.tenant_id for problem in fresh})
    items = [
        AlertItem(tenant_id=problem.tenant_id, rule_id=rule.pk, problem=problem, kind=AlertKind.OPENED)
        for problem in fresh
        if problem.state == ProblemState.OPEN
        for rule in rules[problem.tenant_id]
        if rule.wants(problem)
    ]
    AlertItem.objects.bulk_create(items, batch_size=AT_A_TIME, ignore_conflicts=True)
    Problem.objects.filter(pk__in=[problem.pk for problem in fresh]).update(told=Told.OPENED)
    return len(fresh)


def _note_ended() -> int:
    """What a person ignored is not called over; it just is not told of again."""
    over = _next(Problem.objects.filter(told=Told.OPENED, state__in=[ProblemState.RESOLVED, ProblemState.IGNORED]))
    resolved = [problem.pk for problem in over if problem.state == ProblemState.RESOLVED]
    told = AlertItem.objects.filter(problem__in=resolved, kind=AlertKind.OPENED, rule__tells_recovered=True)
    items = [
        AlertItem(tenant_id=tenant_id, rule_id=rule_id, problem_id=problem_id, kind=AlertKind.ENDED)
        for tenant_id, rule_id, problem_id in told.values_list("tenant_id", "rule_id", "problem_id")
    ]
    AlertItem.objects.bulk_create(items, batch_size=AT_A_TIME, ignore_conflicts=True)
    Problem.objects.filter(pk__in=[problem.pk for problem in over]).update(told=Told.ENDED)
    return len(over)


def _next(rows: "QuerySet[Problem]") -> list[Problem]:
    return list(rows.select_for_update(skip_locked=True).order_by("pk")[:AT_A_TIME])


@dataclass(frozen=True, slots=True)
class _Wish:
    """A rule as it is compared with problems; `scope` is None where it is about everything."""

    pk: UUID
    codes: tuple[str, ...]
    scope: frozenset[tuple[str, UUID]] | None

    def wants(self, problem: Problem) -> bool:
        """Say whether the rule is about this problem. Nobody is told by the very rule that does not work."""
        if problem.subject == subject(self.pk):
            return False
        return self._is_of_code(problem.code) and self._is_in_scope(problem)

    def _is_of_code(self, code: str) -> bool:
        return not self.codes or any(
            code.startswith(wanted[:-1]) if wanted.endswith("*") else code == wanted for wanted in self.codes
        )

    def _is_in_scope(self, problem: Problem) -> bool:
        """The most exact thing that a problem is about decides; one about nothing of the sort is for everyone."""
        if self.scope is None:
            return True
        for name in LINKS:
            if found := getattr(problem, name):
                return (name, found) in self.scope
        return True


def _rules_by_tenant(tenant_ids: Iterable[UUID]) -> dict[UUID, list[_Wish]]:
    found: dict[UUID, list[_Wish]] = defaultdict(list)
    for rule in AlertRule.objects.filter(tenant__in=list(tenant_ids), is_enabled=True).order_by("pk"):
        scope = _scope(rule) if rule.integrations else None
        found[rule.tenant_id].append(_Wish(rule.pk, tuple(rule.codes), scope))
    return found


def _scope(rule: AlertRule) -> frozenset[tuple[str, UUID]]:
    """Everything that the rule's integrations stand on."""
    rows = Integration.objects.filter(tenant=rule.tenant_id, name__in=rule.integrations)
    found: set[tuple[str, UUID]] = set()
    for row in rows.select_related("partner"):
        found |= {("integration_id", row.pk), ("partner_id", row.partner_id)}
        servers = (row.partner.server_id, row.partner.test_server_id)
        found |= {("server_id", server_id) for server_id in servers if server_id}
        found.add(("organisation_id", row.organisation_id))
    return frozenset(found)


def compose_messages(*, now: datetime) -> int:
    """Make the next message of every rule that has something to tell and may; give how many.

    A rule has one message on its way at most: while it cannot be sent, what comes joins the next one."""
    waiting = AlertItem.objects.filter(rule=OuterRef("pk"), message__isnull=True)
    under_way = AlertMessage.objects.filter(rule=OuterRef("pk"), state=AlertState.PENDING)
    may = Q(next_message_at__isnull=True) | Q(next_message_at__lte=now)
    rules = AlertRule.objects.filter(may, Exists(waiting), ~Exists(under_way), is_enabled=True).order_by("pk")
    return sum(_compose(rule, now) for rule in rules[:AT_A_TIME])


def _compose(rule: AlertRule, now: datetime) -> bool:
    following = now + timedelta(minutes=rule.every_minutes)
    with transaction.atomic():
        mine = AlertRule.objects.filter(pk=rule.pk, is_enabled=True, next_message_at=rule.next_message_at)
        if not mine.update(next_message_at=following):
            return False
        message = AlertMessage(tenant_id=rule.tenant_id, rule=rule, created_at=now, next_attempt_at=now)
        message.save(force_insert=True)
        AlertItem.objects.filter(rule=rule, message__isnull=True).update(message=message)
        AlertMessage.objects.filter(pk=message.pk).update(content=content_of(message))
    return True


def content_of(message: AlertMessage) -> dict[str, Any]:
    """Say what a message tells: what has begun and is not over yet, and what is over, each in groups."""
    items = AlertItem.objects.filter(message=message)
    ended = items.filter(kind=AlertKind.ENDED)
    opened = items.filter(kind=AlertKind.OPENED).exclude(problem__in=ended.values("problem"))
    return {"opened": _groups(opened), "ended": _groups(ended)}


def _groups(items: "QuerySet[AlertItem]") -> dict[str, Any]:
    """Put the same code about the same thing together: fourteen records of one integration are one line."""
    by = ["problem__code", *(f"problem__{name}" for name in LINKS)]
    rows = list(items.order_by().values(*by).annotate(count=Count("pk"), first=Min("problem_id")).order_by("first"))
    samples = Problem.objects.select_related("integration").in_bulk([row["first"] for row in rows[:MOST_GROUPS]])
    shown = [_group(samples[row["first"]], row["count"]) for row in rows[:MOST_GROUPS]]
    return {
        "count": sum(row["count"] for row in rows),
        "groups": shown,
        "more": sum(row["count"] for row in rows[MOST_GROUPS:]),
    }


def _group(problem: Problem, count: int) -> dict[str, Any]:
    return {
        "code": problem.code,
        "integration": problem.integration.name if problem.integration else "",
        "count": count,
        "sentence": problem.sentence,
        "next_step": problem.next_step,
        "problem": problem.pk,
    }
