"""A dry run in the console: the files of the next run, built for real and taken back to the last number.

Nothing is read from Xero, sent, or numbered; for an integration that is not live yet it is tried as if it were.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from connector import pipeline
from connector.steps.fan_out import open_integration
from connector.steps.format import build_files
from connector.sync import IntegrationBusy
from core import leases, runs
from core.errors import PermanentError
from core.models import Export, File, Integration, Record, Run, RunTrigger
from core.states import ExportState, RunState

MOST = 1000
"""How many records a dry run takes while somebody waits for its page."""


class TooManyToTry(PermanentError):
    """More records wait than a page can wait for."""

    code = "DRY_RUN_TOO_LARGE"
    next_step = "Let whoever runs the server try it: manage.py sync TENANT/INTEGRATION --dry-run."


@dataclass(slots=True)
class DryRun:
    """What was built: each file with what `show` made of it; the records that got into none, with the reason."""

    files: list[tuple[File, Any]] = field(default_factory=list)
    left: list[tuple[str, str, str]] = field(default_factory=list)
    total: int = 0


def dry_run(
    integration: Integration, *, show: Callable[[File], Any], requested_by: Any, request_id: Any, now: datetime
) -> DryRun:
    """Try the next run on what is stored, and note that somebody did. `show` reads a file before it is taken back.

    Raises `TooManyToTry`, and `IntegrationBusy` while the integration's files are being built."""
    with transaction.atomic():
        found = _tried(integration, show, now)
        transaction.set_rollback(True)
    with transaction.atomic():
        _noted(integration, now, requested_by=requested_by, request_id=request_id)
    return found


def _tried(integration: Integration, show: Callable[[File], Any], now: datetime) -> DryRun:
    lease = leases.claim(Integration, integration.pk)
    if lease is None:
        raise IntegrationBusy(f"{integration.name} is being formatted at the moment.")
    if integration.enabled_at is None:
        _refuse_many(Record.objects.filter(organisation=integration.organisation_id, stream__in=integration.streams))
        Integration.objects.filter(pk=integration.pk).update(enabled_at=now, is_enabled=True)
        open_integration(integration, now=now)
    waiting = Export.objects.filter(integration=integration, state=ExportState.PENDING)
    _refuse_many(waiting)
    keys = list(waiting.values_list("pk", flat=True))
    run = _noted(integration, now, ends=False)
    built = build_files(pipeline.load_integration(integration.pk), lease, [run], now=now)
    files = File.objects.filter(pk__in=[file.pk for file in built]).order_by("pk")
    left = Export.objects.filter(pk__in=keys).exclude(state=ExportState.FORMATTED).order_by("pk")
    return DryRun(
        files=[(file, show(file)) for file in files],
        left=[(export.number or export.xero_id, export.state, export.sentence) for export in left],
        total=len(keys),
    )


def _refuse_many(rows: Any) -> None:
    if len(rows.values_list("pk")[: MOST + 1]) > MOST:
        raise TooManyToTry(f"More than {MOST:,} records would be looked at.")


def _noted(integration: Integration, now: datetime, *, ends: bool = True, **details: Any) -> Run:
    """Open a run that no worker sees before it has ended, or before it is taken back."""
    run = runs.open_run(integration, trigger=RunTrigger.DRY_RUN, fetches=False, now=now, **details)
    assert run is not None  # noqa: S101 (only a slot that has a run already gives none)
    for state in (RunState.FETCHING, RunState.FORMATTING, *([RunState.DONE] if ends else [])):
        runs.to_state(run, state, now=now)
    return run
