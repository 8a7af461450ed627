"""Format: turn an integration's pending exports into sealed files.

One worker at a time holds the integration's lease. A file whose builder died is given up and its exports are built
anew: nothing of it has left yet. Replays make their children here, under the lease, and go out in files of their own.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F

from connector.steps.build import Builder
from connector.steps.children import drop_cancelled, make_children
from connector.steps.copies import copy_files
from connector.steps.format_pass import FormatPass
from connector.steps.lots import Lot, compile_formatters, end_left, lots_of
from core import audit, outbox
from core.errors import PermanentError
from core.leases import Lease
from core.models import OWN_EXPORTS, File, Integration, Run
from core.runs import RunStopped
from core.states import FileState

MOST_DEATHS = 5


def build_files(integration: Integration, lease: Lease, waiting: Sequence[Run], *, now: datetime) -> list[File]:
    """Format what is pending for a leased integration and the runs that wait for it; give the sealed files.

    Raises `NoMapping`, `LeaseLost`."""
    _give_up_unsealed(integration, lease, now=now)
    own = [run for run in waiting if run.trigger in OWN_EXPORTS]
    files: list[File] = []
    for run in own:
        files += _prepare(integration, lease, run, now=now)
    for lot in lots_of(integration, waiting):
        files += _format_lot(integration, lease, lot, now=now)
    for run in own:
        _end_left(run, lease, now=now)
    return files


def _prepare(integration: Integration, lease: Lease, run: Run, *, now: datetime) -> list[File]:
    """Make the children of a replay, and the files that go out as they were."""
    try:
        make_children(run, lease, now=now)
        return copy_files(integration, lease, run, now=now)
    except RunStopped:
        _give_up_unsealed(integration, lease, now=now)
        return []


def _format_lot(integration: Integration, lease: Lease, lot: Lot, *, now: datetime) -> list[File]:
    formatters = compile_formatters(integration, lot)
    first = formatters[integration.streams[0]]
    builder = Builder(integration, lease, lot=lot, formatter=first, now=now)
    try:
        return FormatPass(lot, builder, formatters, now=now).work()
    except RunStopped:
        _give_up_unsealed(integration, lease, now=now)
        return builder.sealed


def _end_left(run: Run, lease: Lease, *, now: datetime) -> None:
    while True:
        with transaction.atomic():
            lease.check()
            events = end_left(run, now=now)
            audit.append(events, now=now)
        if not events:
            return


def _give_up_unsealed(integration: Integration, lease: Lease, *, now: datetime) -> None:
    with transaction.atomic():
        lease.check()
        left = File.objects.select_related("integration").filter(integration=integration, state=FileState.BUILDING)
        events = [event for file in left for event in outbox.abandon(file, now=now)]
        drop_cancelled(integration, now=now)
        audit.append(events, now=now)


class BuilderDied(PermanentError):
    """Workers died again and again while they built this integration's files."""

    code = "INTERNAL"
    next_step = "Look at the workers' memory and logs, then run the integration again."


def refuse_poison(lease: Lease) -> None:
    """Stop after too many builders that ended without a word: what kills them must not take all workers along.

    Raises `BuilderDied`; the next run begins to count anew."""
    if not lease.rows().filter(format_attempts__gt=MOST_DEATHS).exists():
        return
    lease.rows().update(format_attempts=0)
    raise BuilderDied(f"{MOST_DEATHS} workers in a row ended while they built these files.")


def count_attempt(lease: Lease) -> int:
    """Count a format attempt before the work starts; give how many there were since the last success."""
    lease.rows().update(format_attempts=F("format_attempts") + 1)
    return int(lease.rows().values_list("format_attempts", flat=True).get())
