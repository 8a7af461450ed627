"""Upkeep, once an hour: sign-ins that lie idle are renewed, what no poll can see is looked for, and dry runs that were
left behind are ended.

Some changes leave Xero's update time alone: the due date of an invoice that is partly paid, a contact's balances,
whether it is a supplier (Xero's page "Requests and responses"). So contacts and open invoices are read whole, by
default once a week.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from connector.schedule import streams_in_use
from connector.xero_connection import days_left
from core import cursors, fetches, problems, runs
from core.documents import Stream
from core.errors import ConnectorError
from core.models import Fetch, FetchTrigger, Grant, Heartbeat, Organisation, Run, RunTrigger, StreamCursor
from core.problems import ProblemDraft
from core.states import FetchState, RunState
from xero_app.grants import GONE
from xero_app.tokens import access_token, idle_grants

EVERY = timedelta(hours=1)
NAME = "upkeep"
SWEPT = (Stream.CONTACTS, Stream.INVOICES)
MOST_SWEEPS = 100
"""Sweeps that one hour may open: they are spread over the week by themselves."""
FEW_DAYS = 20
LONGEST_DRY_RUN = timedelta(days=1)
DRY_RUN_LEFT = "DRY_RUN_LEFT"


def take_turn(*, now: datetime) -> bool:
    """Say whether this hour's upkeep is ours to do; of any number of callers one is told so."""
    if Heartbeat.objects.filter(name=NAME, seen_at__lte=now - EVERY).update(seen_at=now):
        return True
    return Heartbeat.objects.get_or_create(name=NAME, defaults={"seen_at": now})[1]


def renew_idle_grants(*, now: datetime) -> int:
    """Renew the sign-ins that nobody used for a month, long before Xero's 60 days; give how many were renewed."""
    return sum(_renew(grant_id, now) for grant_id in idle_grants())


def _renew(grant_id: UUID, now: datetime) -> bool:
    grant = Grant.objects.get(pk=grant_id)
    try:
        access_token(grant.pk)
    except ConnectorError as error:
        _report(grant, error, now)
        return False
    problems.resolve(grant.tenant_id, [f"grant:{grant.pk}"], now=now)
    return True


def _report(grant: Grant, error: ConnectorError, now: datetime) -> None:
    """A sign-in that is dead is a problem at once; one that only could not be renewed, when few days are left."""
    left = days_left(grant, now=now)
    grant.refresh_from_db(fields=["state"])
    is_dead = grant.state in GONE
    if not is_dead and (left is None or left > FEW_DAYS):
        return
    draft = ProblemDraft(
        tenant_id=grant.tenant_id,
        code=error.code if is_dead else "XERO_GRANT_EXPIRING",
        subject=f"grant:{grant.pk}",
        sentence=error.sentence if is_dead else f"The sign-in {grant.name} ends in {left} days. {error.sentence}",
        next_step=error.next_step if is_dead else "Nothing to do if it works within days; else reconnect Xero.",
        links={"organisation_id": grant.organisations.values_list("pk", flat=True).first()},
    )
    with transaction.atomic():
        problems.report([draft], now=now)


def open_due_sweeps(*, now: datetime) -> list[Fetch]:
    """Open a reading of the whole stream where the last one is older than `XERO_SWEEP_DAYS`; 0 days: never."""
    if not settings.XERO_SWEEP_DAYS:
        return []
    old = now - timedelta(days=settings.XERO_SWEEP_DAYS)
    readable = Organisation.objects.filter(cursors.not_blocked(now=now)).exclude(grant__state__in=GONE)
    due = StreamCursor.objects.filter(organisation__in=readable, stream__in=SWEPT, swept_at__lte=old, blocked_code="")
    chosen = due.select_related("organisation__tenant").order_by("swept_at")[:MOST_SWEEPS]
    return [fetch for cursor in chosen if (fetch := _open_sweep(cursor, now)) is not None]


def _open_sweep(cursor: StreamCursor, now: datetime) -> Fetch | None:
    organisation = cursor.organisation
    if cursor.stream not in streams_in_use(organisation):
        return None
    with transaction.atomic():
        StreamCursor.objects.select_for_update().get(pk=cursor.pk)
        under_way = Fetch.objects.filter(
            organisation=organisation,
            stream=cursor.stream,
            trigger=FetchTrigger.SWEEP,
            state__in=[FetchState.DUE, FetchState.READING],
        )
        if under_way.exists():
            return None
        return fetches.open_fetch(organisation, cursor.stream, trigger=FetchTrigger.SWEEP, now=now)


def end_left_dry_runs(*, now: datetime) -> int:
    """End the dry runs whose process died, which no worker takes up; give how many there were."""
    left = Run.objects.filter(
        trigger=RunTrigger.DRY_RUN, state=RunState.FORMATTING, created_at__lte=now - LONGEST_DRY_RUN
    )
    return sum(runs.to_state(run, RunState.FAILED, now=now, problem_code=DRY_RUN_LEFT) for run in left)
