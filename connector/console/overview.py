"""The overview: four figures, two weeks of work, how each integration stands, and what needs attention."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Min, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.http import HttpRequest

from connector.console import chart, second_person
from connector.console.access import Access, access_of
from connector.console.going_live import next_task
from connector.console.moments import zone
from connector.console.navigation import open_problems
from connector.console.setup import first_steps
from connector.console.standing import standing_of, with_standing
from connector.console.words import RUN, Look
from core.models import Export, File, Integration, Problem, ProblemState, Role, Run
from core.states import AckOutcome, ExportState, FileState

DAYS = 14
MOST_INTEGRATIONS = 30
MOST_RUNS = 1500
TRACKED = 30
LOOKED_AT, SHOWN_PROBLEMS = 60, 10


@dataclass(frozen=True, slots=True)
class Line:
    """One integration on the overview."""

    integration: Any
    look: Look
    runs: list[tuple[int, Look]] = field(default_factory=list)

    @property
    def zone(self) -> str:
        """Name the integration's zone."""
        return str(self.integration.time_zone or self.integration.tenant.time_zone)


def overview(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the overview's figures to the index page: twelve queries with those of the frame, none without a bound."""
    access = access_of(request)
    rows = integrations_of(access)
    if not rows:
        tasks = first_steps(access)
        may_change = access.may(Role.INTEGRATOR)
        return {**context, "lines": [], "tasks": tasks, "next_task": next_task(tasks), "may_change": may_change}
    now = rows[0].judged_at
    tracked = newest_runs(access, now=now)
    lines = [Line(row, standing_of(row), tracked[row.pk]) for row in rows]
    shown_zone = common_zone(lines)
    days, last_day = work_by_day(access, now=now, zone_name=shown_zone)
    return {
        **context,
        "now": now,
        "zone": shown_zone,
        "lines": lines[:MOST_INTEGRATIONS],
        "more_lines": len(lines) > MOST_INTEGRATIONS,
        "days": days,
        "chart": chart.stacked_bars(days),
        "delivered_last_day": last_day,
        "waiting": waiting_to_retry(access),
        "awaited": awaited_answers(access),
        "open_problems": open_problems(request),
        "problems": newest_problems(access),
        "approvals": approvals(access, rows, now=now),
    }


def integrations_of(access: Access) -> list[Any]:
    """Read the reader's integrations, live ones first, with what their standing rests on."""
    rows = with_standing(access.scope(Integration.objects.all()))
    rows = rows.select_related("tenant", "partner__server", "organisation__grant")
    return list(rows.order_by("-is_enabled", "tenant__slug", "name")[: MOST_INTEGRATIONS + 1])


def newest_runs(access: Access, *, now: datetime) -> dict[UUID, list[tuple[int, Look]]]:
    """Give the newest runs of each integration, oldest first, from one bounded read of the newest of all."""
    recent = Run.objects.filter(created_at__gte=now - timedelta(days=DAYS))
    rows = access.scope(recent).order_by("-created_at").values_list("integration_id", "pk", "state")[:MOST_RUNS]
    found: dict[UUID, list[tuple[int, Look]]] = defaultdict(list)
    for integration_id, pk, state in rows:
        if len(found[integration_id]) < TRACKED:
            found[integration_id].append((pk, RUN[state]))
    for runs in found.values():
        runs.reverse()
    return found


def approvals(access: Access, rows: list[Any], *, now: datetime) -> list[second_person.Asked]:
    """List the decisions that wait for a second person; nothing is read where nobody wants two."""
    wanted = any(second_person.is_wanted(row.tenant) for row in rows)
    return second_person.waiting(access, now=now) if wanted else []


def common_zone(lines: list[Line]) -> str:
    """Name the zone that all shown tenants share; UTC when they differ."""
    zones = {line.integration.tenant.time_zone for line in lines}
    return zones.pop() if len(zones) == 1 else "UTC"


def work_by_day(access: Access, *, now: datetime, zone_name: str) -> tuple[list[chart.Day], dict[str, int]]:
    """Count records delivered and failed on each of the last two weeks' days, in a zone; and what was delivered in
    the last 24 hours, from the same reading."""
    today = now.astimezone(zone(zone_name)).date()
    first = today - timedelta(days=DAYS - 1)
    start = datetime(first.year, first.month, first.day, tzinfo=zone(zone_name))
    sent = access.scope(File.objects.filter(created_at__gte=start, state=FileState.DELIVERED, is_test=False))
    recent = Q(delivered_at__gte=now - timedelta(hours=24))
    counts = {"total": Sum("record_count"), "records": Sum("record_count", filter=recent)}
    found = _by_day(sent, "delivered_at", zone(zone_name), files=Count("pk", filter=recent), **counts)
    lost = access.scope(Export.objects.filter(created_at__gte=start, state=ExportState.FAILED))
    failed = {row["day"]: row["total"] for row in _by_day(lost, "created_at", zone(zone_name), total=Count("pk"))}
    delivered = {row["day"]: row["total"] or 0 for row in found}
    last_day = {name: sum(row[name] or 0 for row in found) for name in ("files", "records")}
    days = [first + timedelta(days=number) for number in range(DAYS)]
    return [chart.Day(day, delivered.get(day, 0), failed.get(day, 0)) for day in days], last_day


def _by_day(rows: QuerySet[Any], column: str, in_zone: ZoneInfo, **counts: Any) -> list[dict[str, Any]]:
    by_day = rows.annotate(day=TruncDate(column, tzinfo=in_zone)).values("day").annotate(**counts)
    return list(by_day.order_by("day"))


def waiting_to_retry(access: Access) -> dict[str, Any]:
    """Count the files that wait for another try, and say when the next one is."""
    rows = access.scope(File.objects.filter(state=FileState.RETRY_WAIT))
    return rows.aggregate(files=Count("pk"), next_at=Min("next_attempt_at"))


def awaited_answers(access: Access) -> dict[str, Any]:
    """Count the files whose acknowledgment is awaited, and those for which it is overdue."""
    rows = access.scope(File.objects.filter(ack_outcome__in=[AckOutcome.AWAITED, AckOutcome.OVERDUE]))
    return rows.aggregate(files=Count("pk"), overdue=Count("pk", filter=Q(ack_outcome=AckOutcome.OVERDUE)))


@dataclass(slots=True)
class Alike:
    """The newest of problems that are alike, and how many more there are among the newest."""

    problem: Problem
    more: int = 0


def newest_problems(access: Access) -> list[Alike]:
    """Give the open problems that happened last, those of a kind about one integration together."""
    rows = access.scope(Problem.objects.filter(state=ProblemState.OPEN))
    alike: dict[tuple[str, Any], Alike] = {}
    for problem in rows.select_related("tenant", "integration", "export").order_by("-last_seen_at")[:LOOKED_AT]:
        key = (problem.code, problem.integration_id or problem.subject)
        if key in alike:
            alike[key].more += 1
        else:
            alike[key] = Alike(problem)
    return list(alike.values())[:SHOWN_PROBLEMS]
