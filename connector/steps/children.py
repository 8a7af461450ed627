"""Children: a replay run's own exports, made under the integration's lease, a bounded number at a time."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from core import audit, replays, runs
from core.errors import ConnectorError
from core.leases import Lease
from core.models import Export, Integration, Record, ReplayItem, ReplayMode, Run, RunTrigger
from core.records import latest_records
from core.states import ExportState, RunState

CHILDREN_AT_A_TIME = 500


def make_children(run: Run, lease: Lease, *, now: datetime) -> None:
    """Make the pending children of what a replay run was asked for; what is made already is not made twice.

    Raises `LeaseLost`, and `RunStopped` when the run was cancelled meanwhile."""
    while _make_some(run, lease, now):
        lease.keep()


def _make_some(run: Run, lease: Lease, now: datetime) -> bool:
    with transaction.atomic():
        lease.check()
        items = run.replay_items.select_related("export").order_by("export_id")
        chosen = list(items[:CHILDREN_AT_A_TIME])
        if not chosen:
            return False
        runs.check_formatting(run)
        parents = [item.export for item in chosen]
        for parent in parents:
            parent.integration = run.integration
        events = replays.create_replays(
            parents,
            mode=run.replay_mode,
            why=run.replay_reason,
            requested_by=run.requested_by,
            request_id=run.replay_request,
            run=run,
            version=run.replay_version,
            newest=_newest(parents) if run.replay_mode == ReplayMode.READ_AGAIN else None,
            now=now,
        )
        ReplayItem.objects.filter(pk__in=[item.pk for item in chosen]).delete()
        audit.append(events, now=now)
    return True


def _newest(parents: Sequence[Export]) -> dict[int, Record]:
    """The latest version of each object, by parent: what was just read, or the stored one when nothing changed."""
    found: dict[int, Record] = {}
    organisation = parents[0].integration.organisation
    for stream in {parent.stream for parent in parents}:
        of_stream = [parent for parent in parents if parent.stream == stream]
        rows = latest_records(organisation, stream, [parent.xero_id for parent in of_stream]).defer("payload")
        latest = {row.xero_id: row for row in rows}
        found |= {parent.pk: latest[parent.xero_id] for parent in of_stream if parent.xero_id in latest}
    return found


def drop_cancelled(integration: Integration, *, now: datetime) -> None:
    """End what cancelled replays left pending. The caller holds a transaction in which the lease was checked."""
    left = Export.objects.filter(integration=integration, state=ExportState.PENDING, run__trigger=RunTrigger.REPLAY)
    run_ids = left.filter(run__state=RunState.CANCELLED).order_by().values_list("run_id", flat=True).distinct()
    for run in Run.objects.filter(pk__in=list(run_ids)):
        replays.end_children(run, to=ExportState.CANCELLED, sentence="The replay was cancelled.", now=now)


def give_up_replay(run: Run, error: ConnectorError, *, now: datetime) -> None:
    """End what a failed run had not built, if it is a replay: it is not sent by a run that nobody asked for."""
    if run.trigger != RunTrigger.REPLAY:
        return
    with transaction.atomic():
        replays.forget_items(run)
        replays.end_children(run, to=ExportState.FAILED, sentence=error.sentence, code=error.code, now=now)


def give_up_unread(run: Run, *, now: datetime) -> None:
    """End a replay whose objects Xero did not give: what is stored already is not what was asked for."""
    with transaction.atomic():
        if runs.to_state(run, RunState.FAILED, now=now, problem_code=runs.FETCH_FAILED):
            replays.forget_items(run)
