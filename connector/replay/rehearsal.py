"""Rehearsal: a replay that is carried out up to the sealed files and then taken back, to the last number."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from connector import pipeline
from connector.replay.choosing import Choice, ReplayRefused
from connector.replay.starting import start_replay
from connector.steps.format import build_files
from connector.sync import IntegrationBusy, file_object
from core import leases, runs
from core.models import Export, Integration, MappingVersion, Run
from core.states import ExportState, RunState

MOST = 1000
WORDS = "rehearsal"


@dataclass(slots=True)
class Rehearsed:
    """The files that would be built, as `sync --json` shows files, and the records that would not get into one."""

    files: list[dict[str, Any]] = field(default_factory=list)
    left: list[dict[str, str]] = field(default_factory=list)


def rehearse(
    picked: "QuerySet[Export]", *, mode: str, version: MappingVersion | None = None, now: datetime
) -> Rehearsed:
    """Try a replay of up to 1,000 exports: nothing is kept, read or sent, and no number is used. What would be read
    again from Xero is tried with what is stored.

    Raises what `start_replay` raises, and `IntegrationBusy` while its files are being built."""
    count = Choice(picked, mode=mode).going().count()
    if count > MOST:
        raise ReplayRefused(f"{count} exports are too many to try; {MOST} can be.", next_step="Choose fewer.")
    found = Rehearsed()
    with transaction.atomic():
        for run in start_replay(picked, mode=mode, reason=WORDS, version=version, now=now):
            _build(run, found, now)
        transaction.set_rollback(True)
    return found


def _build(run: Run, found: Rehearsed, now: datetime) -> None:
    lease = leases.claim(Integration, run.integration_id)
    if lease is None:
        raise IntegrationBusy(f"{run.integration.name} is being formatted at the moment.")
    for state in (RunState.FETCHING, RunState.FORMATTING):
        runs.to_state(run, state, now=now)
    integration = pipeline.load_integration(run.integration_id)
    files = build_files(integration, lease, [run], now=now)
    found.files += [file_object(file) | {"state": "dry_run"} for file in files]
    failed = Export.objects.filter(run=run).exclude(state=ExportState.FORMATTED).order_by("pk")
    for export in failed:
        found.left.append({"number": export.number, "state": export.state, "sentence": export.sentence})
