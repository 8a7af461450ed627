"""Problems in people's hands: resolved, ignored, assigned, commented on. Each leaves an event with its actor."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from connector import holds
from connector.reasons import needed_reason
from core import audit, problem_care
from core.actors import actor_name
from core.errors import Finding, Invalid
from core.models import Export, Problem, ProblemState, TenantAccess

AT_A_TIME = 500


def resolve_problems(problems: "QuerySet[Problem]", *, actor: Any = None, comment: str = "", now: datetime) -> int:
    """End open problems: a person has dealt with them; give how many. The same trouble again opens a new one."""
    return _end(problems, ProblemState.RESOLVED, actor, comment.strip(), now)


def ignore_problems(problems: "QuerySet[Problem]", *, actor: Any = None, reason: str, now: datetime) -> int:
    """End open problems without dealing with them; give how many. A record that failed or is held is left out with
    its problem. Raises `Invalid` without a reason."""
    why = needed_reason(reason, what="Ignoring problems")
    about = problems.filter(state=ProblemState.OPEN, export__isnull=False).values_list("export_id", flat=True)
    with transaction.atomic():
        exports = Export.objects.filter(pk__in=list(about))
        ended = _end(problems, ProblemState.IGNORED, actor, why, now)
        holds.ignore_exports(exports, actor=actor, reason=why, now=now)
    return ended


def assign_problems(problems: "QuerySet[Problem]", *, to: Any, actor: Any = None, now: datetime) -> int:
    """Give open problems to a person, or take them back with None; give how many changed hands.

    Raises `Invalid` for a person who may not see one of their tenants."""
    count = 0
    with transaction.atomic():
        rows = list(_open(problems))
        for tenant_id in {row.tenant_id for row in rows}:
            _check_access(to, tenant_id)
        events = problem_care.assign(rows, to=to, actor=actor_name(actor))
        count += len(events)
        audit.append(events, now=now)
    return count


def comment_problem(problem: Problem, *, text: str, actor: Any = None, now: datetime) -> None:
    """Add a comment. Raises `Invalid` for an empty one."""
    words = text.strip()
    if not words:
        raise Invalid([Finding("comment", "A comment needs words.")])
    with transaction.atomic():
        audit.append(problem_care.comment(problem, text=words, actor=actor_name(actor), now=now), now=now)


def _end(problems: "QuerySet[Problem]", to: str, actor: Any, why: str, now: datetime) -> int:
    count = 0
    ids = list(problems.filter(state=ProblemState.OPEN).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), AT_A_TIME):
        with transaction.atomic():
            rows = Problem.objects.filter(pk__in=ids[start : start + AT_A_TIME]).select_related("integration")
            events = problem_care.end(list(rows), to=to, actor=actor_name(actor), why=why, now=now)
            count += len(events)
            audit.append(events, now=now)
    return count


def _open(problems: "QuerySet[Problem]") -> "QuerySet[Problem]":
    return problems.filter(state=ProblemState.OPEN).select_related("integration").order_by("pk")


def _check_access(person: Any, tenant_id: Any) -> None:
    if person is None or person.is_superuser:
        return
    if not (person.is_active and TenantAccess.objects.filter(user=person, tenant=tenant_id).exists()):
        reason = f"{person.get_username()} does not work for this tenant."
        raise Invalid([Finding("assignee", reason, "Choose somebody who does.")])
