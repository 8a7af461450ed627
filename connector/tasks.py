"""Celery tasks: thin, around the pipeline. The only place that queues.

A task takes the id of one work unit, lets the pipeline work on it, and rings for what can go on next. A late or
doubled task finds that its unit has moved on, and does nothing. Messages that cannot be sent are no loss: the
sweep finds the rows.
"""

import logging
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

from celery import Task, shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from connector import pipeline, schedule, upkeep
from connector.alerts import sending
from connector.steps import news, turns
from core import alerts, awaiting, telling
from core.clock import database_now
from core.models import Fetch, FetchTrigger, File, Run, RunTrigger
from core.states import FileState, RunState

log = logging.getLogger(__name__)


def ring(task: Task, **ids: Any) -> None:
    """Queue a task once the transaction is committed; without a broker the sweep will find the work."""
    transaction.on_commit(partial(_send, task, ids))


def ring_at_once(task: Task, **ids: Any) -> None:
    """Queue a task now, from a thread that holds no transaction and needs no database."""
    _send(task, ids)


def _send(task: Task, ids: dict[str, Any]) -> None:
    try:
        task.apply_async(kwargs={name: str(value) for name, value in ids.items()}, retry=False)
    except OperationalError as error:
        log.warning("no broker to ring %s: %s", task.name, error)


@shared_task
def tick(**_: Any) -> None:
    """Open the runs and polls that are due, and leave a sign of life."""
    now = database_now()
    schedule.beat_seen(now=now)
    for run in schedule.open_due_runs(now=now):
        ring(advance, run_id=run.pk)
    for due in schedule.open_due_polls(now=now):
        ring(fetch, fetch_id=due.pk)
    for partner_id in schedule.take_due_pickups(now=now):
        ring(pick_up, partner_id=partner_id)
    if upkeep.take_turn(now=now):
        ring(keep_up)


@shared_task
def keep_up(**_: Any) -> None:
    """Renew idle sign-ins, read whole what has to be, and end what was left behind."""
    now = database_now()
    for due in upkeep.open_due_sweeps(now=now):
        ring(fetch, fetch_id=due.pk)
    upkeep.renew_idle_grants(now=now)
    upkeep.end_left_dry_runs(now=now)


@shared_task
def sweep(**_: Any) -> None:
    """Ring again for every unit that is due and that nobody works on, and note whose answers are overdue."""
    now = database_now()
    awaiting.mark_overdue(now=now)
    found = schedule.left_behind(now=now)
    for fetch_id in found.fetches:
        ring(fetch, fetch_id=fetch_id)
    for run_id in found.runs:
        ring(advance, run_id=run_id)
    for integration_id in found.integrations:
        ring(format_files, integration_id=integration_id)
    for server_id in found.servers:
        ring(deliver, server_id=server_id)
    for organisation_id in found.organisations:
        ring(take_news, organisation_id=organisation_id)
    _ring_webhook_runs()
    _tell(now)


def _tell(now: datetime) -> None:
    """Pass on to the alert rules what has become a problem, or is none any more."""
    telling.note_problems()
    telling.compose_messages(now=now)
    for message_id in alerts.due_messages(schedule.AT_A_TIME):
        ring(send_alert, message_id=message_id)


@shared_task
def send_alert(*, message_id: int, **_: Any) -> None:
    """Send one message of an alert rule."""
    sending.send(int(message_id), now=database_now())


@shared_task
def advance(*, run_id: int, **_: Any) -> None:
    """Move a run on and ring for what it waits for."""
    now = database_now()
    run = pipeline.advance(int(run_id), now=now)
    if run is not None:
        _ring_for(run)


def _ring_for(run: Run) -> None:
    if run.state == RunState.FETCHING:
        for fetch_id in run.fetches.exclude(state="done").order_by("pk").values_list("pk", flat=True):
            ring(fetch, fetch_id=fetch_id)
    elif run.state == RunState.FORMATTING and run.trigger != RunTrigger.DRY_RUN:
        ring(format_files, integration_id=run.integration_id)
    elif run.state == RunState.DELIVERING:
        _ring_servers(File.objects.filter(run=run, state__in=[FileState.READY, FileState.RETRY_WAIT]))


def _ring_servers(files: Iterable[File]) -> None:
    for server_id in {file.server_id for file in files}:
        ring(deliver, server_id=server_id)


@shared_task
def fetch(*, fetch_id: int, **_: Any) -> None:
    """Read one stream, then let its runs go on; what a webhook brought goes out at once where that is set."""
    for run_id in pipeline.fetch(int(fetch_id), now=database_now(), in_turn=True):
        ring(advance, run_id=run_id)
    for waiting_id in turns.waiting_for(int(fetch_id), now=database_now()):
        ring(fetch, fetch_id=waiting_id)
    read = Fetch.objects.filter(pk=fetch_id, trigger=FetchTrigger.WEBHOOK).first()
    if read is not None:
        _ring_webhook_runs(organisation_id=read.organisation_id)
        ring(take_news, organisation_id=read.organisation_id)


def _ring_webhook_runs(**scope: Any) -> None:
    for run in news.open_webhook_runs(now=database_now(), **scope):
        ring(advance, run_id=run.pk)


@shared_task
def take_news(*, organisation_id: str, **_: Any) -> None:
    """Read what Xero announced for an organisation."""
    for opened in news.take_news(organisation_id, now=database_now()):
        ring(fetch, fetch_id=opened.pk)


@shared_task
def format_files(*, integration_id: str, **_: Any) -> None:
    """Build an integration's files, then deliver them and let its runs go on."""
    _ring_servers(pipeline.format_files(integration_id, now=database_now()))
    going_on = Run.objects.filter(integration_id=integration_id, state=RunState.DELIVERING)
    for run_id in going_on.values_list("pk", flat=True):
        ring(advance, run_id=run_id)


@shared_task
def deliver(*, server_id: str, **_: Any) -> None:
    """Deliver what is due for a server, then let the files' runs end."""
    for run_id in pipeline.deliver(server_id, now=database_now()):
        ring(advance, run_id=run_id)


@shared_task
def pick_up(*, partner_id: str, **_: Any) -> None:
    """Take what a partner left, deliver our answers, and come again soon where a file has not settled."""
    now = database_now()
    picked = pipeline.pick_up(partner_id, now=now)
    _ring_servers(picked.files)
    if picked.again:
        schedule.hurry_pickup(partner_id, now=now)
