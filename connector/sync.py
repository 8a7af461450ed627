"""One whole run in the foreground, no worker needed: fetch, format, deliver, and the partner's pickup, by the same
pipeline and policy."""

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, Sum

from connector import pipeline
from connector.steps.fan_out import fan_out_window
from connector.steps.format import build_files
from core import leases, outbox, runs
from core.clock import database_now
from core.errors import ConnectorError, TemporaryError
from core.models import Export, File, Integration, Problem, Run, RunTrigger
from core.states import ExportState, FetchState, RunState

LONGEST_ROUND = 1000
"""Steps that one run may take; far more than any run has states and files."""
VISITS = 3
"""How often a run looks into the partner's folder: twice, and once more for what came in between."""


class IntegrationBusy(TemporaryError):
    """Another worker formats this integration at the moment."""

    code = "INTEGRATION_BUSY"
    next_step = "Try again in a moment."


@dataclass(slots=True)
class Synced:
    """What a run in the foreground did, as `sync --json` prints it."""

    run: Run
    files: list[dict[str, Any]] = field(default_factory=list)
    exports: dict[str, int] = field(default_factory=dict)

    def as_object(self) -> dict[str, Any]:
        """Give the object of the interface, every count included."""
        return {
            "run": self.run.pk,
            "state": self.run.state,
            "fetched": fetched(self.run),
            "exports": {state: self.exports.get(state, 0) for state in ExportState.values},
            "files": self.files,
            "problems": problems_of(self.run),
        }


def sync(integration: Integration, *, dry_run: bool = False, requested_by: Any = None, **window: Any) -> Synced:
    """Run an integration once, to the end or to where it has to wait. `window` limits what is sent again."""
    trigger = RunTrigger.DRY_RUN if dry_run else RunTrigger.MANUAL
    run = runs.open_run(integration, trigger=trigger, requested_by=requested_by, now=database_now(), **window)
    assert run is not None  # noqa: S101 (only a slot that has a run already gives none)
    if dry_run:
        run = _go_on(run, stops_at=RunState.FORMATTING)
        if run.state == RunState.FORMATTING:
            return _shown_or_ended(run)
    _go_on(run)
    _pick_up(integration.partner_id)
    return _done(run)


def carry_out(run: Run) -> Synced:
    """Take an open run of any kind to its end, or to where it has to wait, without a worker."""
    _go_on(run)
    return _done(run)


def _done(run: Run) -> Synced:
    run.refresh_from_db()
    return Synced(run, files=[file_object(file) for file in run.files.order_by("pk")], exports=export_counts(run))


def _go_on(run: Run, *, stops_at: str = "") -> Run:
    for _ in range(LONGEST_ROUND):
        run = pipeline.advance(run.pk, now=database_now()) or run
        if run.state == stops_at or not _step(run):
            break
    return run


def _step(run: Run) -> bool:
    """Do the next thing that a run waits for; False when nothing can be done now."""
    now = database_now()
    if run.state == RunState.FETCHING:
        due = run.fetches.filter(state=FetchState.DUE, next_attempt_at__lte=now).order_by("pk").first()
        if due is None:
            return False
        pipeline.fetch(due.pk, now=now)
        return True
    if run.state == RunState.FORMATTING:
        pipeline.format_files(run.integration_id, now=now)
        return not Run.objects.filter(pk=run.pk, state=RunState.FORMATTING).exists()
    if run.state == RunState.DELIVERING:
        due_files = run.files.filter(state__in=outbox.DUE_STATES, next_attempt_at__lte=now)
        server_ids = set(due_files.values_list("server_id", flat=True))
        worked = [pipeline.deliver(server_id, now=now) for server_id in server_ids]
        return any(worked)
    return False


def _pick_up(partner_id: Any) -> None:
    """Take what the partner left. A file has to settle between two looks, so there is a second one where one waits."""
    for visit in range(VISITS):
        picked = pipeline.pick_up(partner_id, now=database_now())
        for server_id in {file.server_id for file in picked.files}:
            pipeline.deliver(server_id, now=database_now())
        if not picked.again or visit + 1 == VISITS:
            return
        time.sleep(settings.PICKUP_SETTLE_SECONDS)


def _shown_or_ended(run: Run) -> Synced:
    """Show what would be sent. No worker takes up a dry run, so one that cannot be shown ends here."""
    try:
        return _shown(run)
    except ConnectorError as error:
        runs.to_state(run, RunState.FAILED, now=database_now(), problem_code=error.code)
        raise


def _shown(run: Run) -> Synced:
    """Format for real inside a transaction that is rolled back: nothing is sent and no number is used."""
    integration = pipeline.load_integration(run.integration_id)
    with transaction.atomic():
        lease = leases.claim(Integration, integration.pk)
        if lease is None:
            raise IntegrationBusy(f"{integration.name} is being formatted at the moment.")
        if runs.fetch_window(run) or run.resend:
            fan_out_window(run, now=database_now())
        files = build_files(integration, lease, [run], now=database_now())
        shown = [file_object(file) for file in files]
        counts = export_counts(run)
        transaction.set_rollback(True)
    for file in shown:
        file["state"] = "dry_run"
    runs.to_state(run, RunState.DONE, now=database_now())
    return Synced(run, files=shown, exports=counts)


def file_object(file: File) -> dict[str, Any]:
    """Give a file as `sync --json` prints it."""
    return {
        "name": file.name,
        "folder": file.folder,
        "state": file.state,
        "size": file.size,
        "sha256": file.sha256,
        "records": file.record_count,
    }


def fetched(run: Run) -> dict[str, int]:
    """Count the objects that were read for the integration's own streams, by stream."""
    own = run.fetches.filter(stream__in=run.integration.streams).values("stream").annotate(read=Sum("read"))
    return dict.fromkeys(run.integration.streams, 0) | {row["stream"]: row["read"] for row in own}


def export_counts(run: Run) -> dict[str, int]:
    """Count the exports of a run by state, and what still waits for its integration."""
    of_run = Q(run=run) | Q(integration=run.integration_id, state__in=[ExportState.PENDING])
    rows = Export.objects.filter(of_run).values("state").annotate(count=Count("pk"))
    return dict(Counter({row["state"]: row["count"] for row in rows}))


def problems_of(run: Run) -> list[dict[str, Any]]:
    """Give the problems that were seen while a run went on and that concern it."""
    integration = run.integration
    about = (
        Q(integration=integration)
        | Q(organisation=integration.organisation_id)
        | Q(server__in=run.files.values("server"))
        | Q(file__run=run)
    )
    rows = Problem.objects.filter(about, tenant=run.tenant_id, last_seen_at__gte=run.created_at)
    return [
        {
            "code": problem.code,
            "sentence": problem.sentence,
            "next": problem.next_step,
            "record": problem.export.xero_id if problem.export else None,
            "number": problem.export.number if problem.export else None,
        }
        for problem in rows.select_related("export").order_by("pk")
    ]
