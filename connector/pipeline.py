"""The pipeline, from Xero to the partner's folder: fetch, format, deliver, acknowledge, in that order.

A run of an integration goes through these functions; each takes the id of one work unit, claims it, works,
commits, and says by what it returns what can go on. A message that is lost or comes twice does no harm: the rows
say what is due, a claim is a conditional update, and the sweep (`connector/schedule.py`) finds what was left.

    open_run ──> advance ──> fetch ──> advance ──> format_files ──> deliver ──> advance (the run ends)
                   fetches store records and fan out exports        pick_up ──> acknowledgments ──> deliver
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from connector import backfill
from connector.retry import Decision, settled
from connector.steps import deliver as delivering
from connector.steps import fetch as fetching
from connector.steps.children import give_up_replay, give_up_unread
from connector.steps.fan_out import fan_out_window
from connector.steps.format import build_files, count_attempt, refuse_poison
from connector.steps.join import NEEDS
from connector.steps.mailbox import mailbox_of
from connector.steps.pick_up import PickedUp, note_mistake, pick_up_from
from connector.steps.turns import must_wait
from core import fetches, leases, row_security, runs
from core.errors import ConnectorError
from core.models import Fetch, FetchTrigger, File, Integration, Partner, Run, RunTrigger, Server
from core.states import FetchState, RunState
from core.tenancy import hold_foreign_files, refuse_mixed

Runs = list[int]


def advance(run_id: int, *, now: datetime) -> Run | None:
    """Move a run to its next state if what it waits for has happened; give the run."""
    run = Run.objects.select_related("integration__organisation", "integration__tenant").filter(pk=run_id).first()
    if run is None:
        return None
    if run.state == RunState.DUE:
        _start(run, now=now)
    if run.state == RunState.FETCHING and not (run.trigger == RunTrigger.BACKFILL and backfill.go_on(run, now=now)):
        _when_fetched(run, now=now)
    if run.state == RunState.DELIVERING and (outcome := runs.outcome(run)):
        runs.to_state(run, outcome, now=now)
    return run


def _start(run: Run, *, now: datetime) -> None:
    """Join the fetches that the run needs, one per stream in reading order, or open them."""
    with transaction.atomic():
        if runs.to_state(run, RunState.FETCHING, now=now, started_at=now) and run.needs_fetch_from is not None:
            parts = backfill.part_streams(run)
            for stream in (name for name in needed_streams(run.integration) if name not in parts):
                run.fetches.add(_fetch_for(run, stream, run.needs_fetch_from, now=now))


def _fetch_for(run: Run, stream: str, needs_from: datetime, *, now: datetime) -> Fetch:
    organisation = run.integration.organisation
    window = runs.fetch_window(run)
    if window and stream in backfill.windowed_streams(run):
        return fetches.open_fetch(organisation, stream, trigger=FetchTrigger.BACKFILL, now=now, **window)
    return fetches.join_or_open(organisation, stream, trigger=FetchTrigger.RUN, needs_from=needs_from, now=now)


def needed_streams(integration: Integration) -> list[str]:
    """Name what must be read for an integration: first what its documents need, then its own streams."""
    wanted = [need for stream in integration.streams for need in NEEDS[stream]] + list(integration.streams)
    return [stream for stream in dict.fromkeys(wanted) if stream != "allocations"]


def _when_fetched(run: Run, *, now: datetime) -> None:
    states = set(run.fetches.values_list("state", flat=True))
    if states & {FetchState.DUE, FetchState.READING}:
        return
    changes = {"problem_code": runs.FETCH_FAILED} if states - {FetchState.DONE} else {}
    if changes and run.trigger == RunTrigger.REPLAY:
        give_up_unread(run, now=now)
        return
    if (runs.fetch_window(run) or run.resend) and run.trigger != RunTrigger.DRY_RUN:
        parts = backfill.part_streams(run)  # these made their exports as they were read
        fan_out_window(run, streams=[name for name in run.integration.streams if name not in parts], now=now)
    runs.to_state(run, RunState.FORMATTING, now=now, **changes)


def fetch(fetch_id: int, *, now: datetime, in_turn: bool = False) -> Runs:
    """Read one stream of one organisation from Xero, store new record versions, make their exports.

    `in_turn` leaves it while what its documents need is being read; the end of that reading rings again."""
    if in_turn and must_wait(fetch_id, now=now):
        return []
    claimed = fetches.begin(fetch_id, now=now)
    if claimed is None:
        return []
    read, lease = claimed

    def set_back(error: ConnectorError, decision: Decision) -> None:
        fetches.set_back(read, lease, error, retry_at=decision.retry_at, now=now)

    with settled(set_back, attempts=read.attempts, now=now, since=read.created_at):
        fetching.refuse_poison(read)
        refuse_mixed(read.organisation, read.organisation.grant)
        fetching.read_stream(read, lease)
    return list(Fetch.objects.get(pk=fetch_id).runs.values_list("pk", flat=True))


def format_files(integration_id: Any, *, now: datetime) -> list[File]:
    """Build and seal files from an integration's pending exports; its waiting runs go on to delivering."""
    lease = leases.claim(Integration, integration_id)
    if lease is None:
        return []
    integration = load_integration(integration_id)
    waiting = list(_waiting_for(integration))
    files: list[File] = []

    def set_back(error: ConnectorError, decision: Decision) -> None:
        if decision.retry_at is None:
            lease.rows().update(format_attempts=0)
        for run in waiting:
            runs.set_back(run, error, retry_at=decision.retry_at, now=now)
            if decision.retry_at is None:
                give_up_replay(run, error, now=now)

    try:
        with settled(set_back, attempts=count_attempt(lease), now=now):
            refuse_poison(lease)
            refuse_mixed(integration, integration.organisation, integration.mapping, integration.partner)
            refuse_mixed(integration.partner, integration.partner.server)
            files = build_files(integration, lease, waiting, now=now)
            lease.rows().update(format_attempts=0)
            for run in waiting:
                runs.to_state(run, RunState.DELIVERING, now=now)
    finally:
        lease.release()
    return files


def _waiting_for(integration: Integration) -> "QuerySet[Run]":
    """The runs whose files are to be built. A dry run is none of them: whoever asked formats it, and sends nothing."""
    rows = Run.objects.filter(integration=integration, state=RunState.FORMATTING)
    return rows.exclude(trigger=RunTrigger.DRY_RUN).order_by("pk")


def load_integration(integration_id: Any) -> Integration:
    """Load an integration with all that formatting looks at."""
    related = ("tenant", "organisation", "partner__server", "partner__test_server", "mapping", "pinned_version")
    return Integration.objects.select_related(*related).get(pk=integration_id)


def deliver(server_id: Any, *, now: datetime) -> Runs:
    """Put every file that is due for one server into its folder, whole and once."""
    lease = leases.claim(Server, server_id)
    if lease is None:
        return []
    try:
        server = Server.objects.get(pk=server_id)
        hold_foreign_files(server, now=now)
        with row_security.only([server.tenant_id]):
            touched = delivering.deliver_due(server, lease, now=now)
    finally:
        lease.release()
    files = File.objects.filter(pk__in=touched, run__isnull=False)
    return sorted(set(files.values_list("run_id", flat=True)))


def pick_up(partner_id: Any, *, now: datetime) -> PickedUp:
    """Take what partners left in a mailbox: match their acknowledgments, and write ours, ready to be delivered."""
    partner = Partner.objects.select_related("server", "test_server").filter(pk=partner_id).first()
    mailbox = mailbox_of(partner) if partner else None
    lease = leases.claim(Partner, mailbox.owner.pk) if mailbox else None
    if mailbox is None or lease is None:
        return PickedUp()

    def set_back(error: ConnectorError, _: Decision) -> None:
        note_mistake(mailbox, error, now=now)

    try:
        with settled(set_back, attempts=1, now=now):
            return pick_up_from(mailbox, lease, now=now)
    finally:
        lease.release()
    return PickedUp()
