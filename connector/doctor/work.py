"""The work: what should have moved by now and has not, and what waits for a person."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q

from connector import health
from connector.alerts import mail
from connector.doctor.checks import Check, fail, ok, warn
from core.leases import free
from core.models import (
    AlertChannel,
    AlertMessage,
    AlertRule,
    Export,
    Fetch,
    File,
    Grant,
    GrantState,
    Integration,
    Problem,
    ProblemState,
    Run,
    Server,
)
from core.runs import ACTIVE
from core.states import AlertState, ExportState, FetchState, FileState

LATE = timedelta(minutes=15)
VERY_LATE = timedelta(days=2)
SWEEP = "The sweep should have taken it up: do beat and a worker run? See their logs."
SHOWN = 5


def heartbeat_checks() -> Iterator[Check]:
    """Say whether beat's tick reaches a worker, and whether due files wait."""
    words = {"tick": "Beat's tick reaches a worker.", "files": "No due file waits for a worker."}
    for name, answer in health.pipeline().items():
        yield ok(name, words[name]) if answer == health.OK else fail(name, f"{answer[:1].upper()}{answer[1:]}")


def stuck_checks(*, now: datetime) -> Iterator[Check]:
    """Name work that is due for long and that nobody holds."""
    late = Q(next_attempt_at__lt=now - LATE)
    stuck = {
        "readings": Fetch.objects.filter(late, free(), state__in=[FetchState.DUE, FetchState.READING]),
        "runs": Run.objects.filter(late, state__in=ACTIVE, created_at__lt=now - LATE),
        "slots": Integration.objects.filter(is_enabled=True, next_due_at__lt=now - LATE),
        "unfinished files": File.objects.filter(state=FileState.BUILDING, created_at__lt=now - LATE).filter(
            Q(integration__lease_until__isnull=True) | Q(integration__lease_until__lt=now)
        ),
    }
    counts = {name: rows.count() for name, rows in stuck.items()}
    for name, count in counts.items():
        if count:
            yield fail("stuck", f"{count} {name} are due for more than 15 minutes and do not move.", SWEEP)
    if not any(counts.values()):
        yield ok("stuck", "Nothing that is due stands still.")


def waiting_checks(*, now: datetime) -> Iterator[Check]:
    """Name the integrations whose records have waited for days, though they are enabled."""
    rows = Export.objects.filter(
        state=ExportState.PENDING, created_at__lt=now - VERY_LATE, integration__is_enabled=True
    ).order_by()
    names = ("integration__tenant__slug", "integration__name")
    for tenant, name, count, since in rows.values_list(*names).annotate(Count("pk"), Min("created_at"))[:SHOWN]:
        sentence = f"{count} records of {tenant}/{name} have waited since {since:%Y-%m-%d}."
        yield warn("waiting", sentence, "Does it have a schedule? Is a batch payment incomplete?")


def people_checks() -> Iterator[Check]:
    """Name what goes on only when a person has acted."""
    for server in Server.objects.exclude(hold_code="").select_related("tenant")[:SHOWN]:
        sentence = f"The server {server.tenant.slug}/{server.name} is on hold ({server.hold_code})."
        yield warn("servers", sentence, "See its problem; releasing it lets its files go on.")
    for grant in Grant.objects.filter(state=GrantState.NEEDS_RECONNECT).select_related("tenant")[:SHOWN]:
        yield warn("xero", f"Xero asks to reconnect {grant.tenant.slug}/{grant.name}.", "Reconnect it in the console.")
    count = Problem.objects.filter(state=ProblemState.OPEN).count()
    yield ok("problems", f"{count} problems are open." if count else "No problem is open.")


def alert_checks() -> Iterator[Check]:
    """Say whether somebody is told of problems, and whether the messages get through."""
    rules = AlertRule.objects.filter(is_enabled=True)
    by_mail = rules.filter(channel=AlertChannel.EMAIL).count()
    if by_mail and not mail.is_set_up():
        sentence = f"{by_mail} alert rules send e-mail, but this installation has no mail server."
        yield fail("alerts", sentence, "Set EMAIL_URL and ALERT_FROM.")
    if not rules.exists():
        step = "Add an alert rule to each tenant, and watch /healthz/pipeline from outside."
        yield warn("alerts", "Nobody is told of problems: there is no alert rule.", step)
    failed = AlertMessage.objects.filter(state=AlertState.FAILED, rule__is_enabled=True)
    for rule in AlertRule.objects.filter(messages__in=failed).select_related("tenant").distinct()[:SHOWN]:
        sentence = f"Messages of the alert rule {rule.tenant.slug}/{rule.name} did not get through."
        yield warn("alerts", sentence, "Test it on its page, then send them again.")
    if rules.exists() and not failed.exists():
        yield ok("alerts", f"{rules.count()} alert rules tell of problems.")
