"""Schedule: which integrations and streams are due, and what a lost message left behind.

Schedules are rows: a cron expression, an IANA zone, and the next due time in UTC. A tick looks at due rows
only, so it costs no more with 100,000 integrations. Moving the due time on is a conditional update and a slot
opens one run at most, so two beats do no harm. After an outage the last missed slot runs once.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from connector.broken_schedules import open_each
from connector.cron import last_slot, next_slot
from connector.due_times import next_pickup
from connector.pipeline import needed_streams
from connector.steps.news import organisations_with_news
from core import cursors, fetches, leftovers, outbox, runs
from core.leases import free
from core.models import Fetch, FetchTrigger, File, Heartbeat, Integration, Organisation, Partner, Run, RunTrigger
from core.states import FetchState, FileState
from xero_app.grants import GONE

AT_A_TIME = 500


def zone_of(integration: Integration) -> str:
    """Give the IANA zone in which an integration's slots, names and envelopes are."""
    return integration.time_zone or integration.tenant.time_zone


def open_run(
    integration: Integration, *, trigger: str = RunTrigger.MANUAL, now: datetime, **details: Any
) -> Run | None:
    """Open a run now; the caller rings for it. `details` are those of `core.runs.open_run`."""
    return runs.open_run(integration, trigger=trigger, now=now, **details)


def beat_seen(*, now: datetime) -> None:
    """Note that beat's tick reached a worker: the whole way through the broker works."""
    Heartbeat.objects.update_or_create(name="tick", defaults={"seen_at": now})


def open_due_runs(*, now: datetime) -> list[Run]:
    """Open a run for each integration whose slot has come, and move its due time on."""
    due = Integration.objects.filter(is_enabled=True, next_due_at__lte=now).select_related("tenant")
    due = due.order_by("next_due_at")[:AT_A_TIME]
    opened = open_each(due, "next_due_at", lambda integration: _open_slot(integration, now), now=now)
    return [run for run in opened if run is not None]


def _open_slot(integration: Integration, now: datetime) -> Run | None:
    zone = zone_of(integration)
    slot_at = last_slot(integration.cron, zone=zone, now=now)
    following = next_slot(integration.cron, zone=zone, after=now)
    with transaction.atomic():
        moved = Integration.objects.filter(
            pk=integration.pk, is_enabled=True, next_due_at=integration.next_due_at
        ).update(next_due_at=following)
        if not moved:
            return None
        runs.note_overdue(integration, slot_at=slot_at, now=now)
        return runs.open_run(integration, trigger=RunTrigger.SCHEDULE, slot_at=slot_at, now=now)


def open_due_polls(*, now: datetime) -> list[Fetch]:
    """Open the fetches of each organisation whose poll has come, for the streams that are in use.

    Nothing is opened where a person has to connect again first; once that is done the poll is due at once."""
    due = Organisation.objects.filter(next_poll_at__lte=now).exclude(grant__state__in=GONE).select_related("tenant")
    due = due.filter(cursors.not_blocked(now=now))
    due = due.order_by("next_poll_at")[:AT_A_TIME]
    opened = open_each(due, "next_poll_at", lambda organisation: _open_poll(organisation, now), now=now)
    return [fetch for of_one in opened for fetch in of_one]


def _open_poll(organisation: Organisation, now: datetime) -> list[Fetch]:
    zone = organisation.tenant.time_zone
    slot_at = last_slot(organisation.poll, zone=zone, now=now)
    following = next_slot(organisation.poll, zone=zone, after=now)
    with transaction.atomic():
        moved = Organisation.objects.filter(pk=organisation.pk, next_poll_at=organisation.next_poll_at).update(
            next_poll_at=following
        )
        if not moved:
            return []
        needs_from = max(slot_at, organisation.next_poll_at or slot_at)
        return [
            fetches.join_or_open(organisation, stream, trigger=FetchTrigger.POLL, needs_from=needs_from, now=now)
            for stream in streams_in_use(organisation)
            if not cursors.blocked_code(organisation, stream, now=now)
        ]


def take_due_pickups(*, now: datetime) -> list[Any]:
    """Move the due time of each partner on whose folder has to be visited; give their ids, the caller rings."""
    due = Partner.objects.filter(next_pickup_at__lte=now).select_related("tenant").order_by("next_pickup_at")
    taken = open_each(due[:AT_A_TIME], "next_pickup_at", lambda partner: _take_pickup(partner, now), now=now)
    return [partner_id for partner_id in taken if partner_id is not None]


def _take_pickup(partner: Partner, now: datetime) -> Any:
    row = Partner.objects.filter(pk=partner.pk, next_pickup_at=partner.next_pickup_at)
    return partner.pk if row.update(next_pickup_at=next_pickup(partner, now=now)) else None


def hurry_pickup(partner_id: Any, *, now: datetime) -> None:
    """Bring a partner's next visit forward: something in its folder has not settled, or was left for later."""
    soon = now + timedelta(seconds=settings.PICKUP_SETTLE_SECONDS)
    Partner.objects.filter(pk=partner_id, next_pickup_at__gt=soon).update(next_pickup_at=soon)


def streams_in_use(organisation: Organisation) -> list[str]:
    """Name the streams that live integrations of an organisation need, in reading order."""
    live = Integration.objects.filter(organisation=organisation, enabled_at__isnull=False)
    return list(dict.fromkeys(stream for integration in live for stream in needed_streams(integration)))


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """The work units that are due and that nobody works on."""

    fetches: list[int] = field(default_factory=list)
    runs: list[int] = field(default_factory=list)
    integrations: list[Any] = field(default_factory=list)
    servers: list[Any] = field(default_factory=list)
    organisations: list[Any] = field(default_factory=list)


def left_behind(*, now: datetime) -> LeftBehind:
    """Find due units, a bounded number of each kind. What is rung for twice is claimed once."""
    due = Q(next_attempt_at__lte=Now())
    fetching = Fetch.objects.filter(due, free(), state__in=[FetchState.DUE, FetchState.READING])
    active = Run.objects.filter(due, state__in=runs.ACTIVE)
    return LeftBehind(
        fetches=list(fetching.order_by("next_attempt_at").values_list("pk", flat=True)[:AT_A_TIME]),
        runs=list(active.order_by("pk").values_list("pk", flat=True)[:AT_A_TIME]),
        integrations=_unfinished_integrations(),
        servers=list({*outbox.servers_with_due_files(AT_A_TIME), *leftovers.servers_with_leftovers(AT_A_TIME)}),
        organisations=organisations_with_news(AT_A_TIME),
    )


def _unfinished_integrations() -> list[Any]:
    """Integrations whose builder died: their file is still being built and nobody holds the lease."""
    building = File.objects.filter(
        Q(integration__lease_until__isnull=True) | Q(integration__lease_until__lt=Now()),
        state=FileState.BUILDING,
    )
    return list(building.values_list("integration_id", flat=True)[:AT_A_TIME])
