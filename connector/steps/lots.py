"""Lots: pending exports that are formatted together, since they share a run and a mapping version.

What waits for its integration in the usual way is one lot, under the version that applies now. A replay or an
approval brings exports of its own: they go into files of their own run, each under the version that it asked for,
and nothing else that waits goes along.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q, QuerySet

from core import exports, runs
from core.audit import EventDraft
from core.errors import PermanentError
from core.exports import Ending
from core.formats import Formatter
from core.lookups import TableSet, newest_tables, table_names, tables_of_file
from core.models import OWN_EXPORTS, Export, File, Integration, MappingVersion, ReplayMode, Run, RunTrigger
from core.states import ExportState
from edi_app.formatter import compile_formatter

EXPORTS_AT_A_TIME = 500
IN_FLIGHT = "REPLAY_IN_FLIGHT"
INCOMPLETE = "BATCH_INCOMPLETE"


class NoMapping(PermanentError):
    """The integration's mapping has no published version."""

    code = "MAP_NOT_PUBLISHED"
    holds = True
    next_step = "Publish the mapping."


@dataclass(frozen=True, slots=True)
class Lot:
    """Exports of one run under one mapping version and its lookup tables. With `same_values` each repeats what its
    parent said."""

    version: MappingVersion
    tables: TableSet
    rows: "QuerySet[Export]" = field(repr=False)
    run: Run | None = None
    is_own: bool = False
    same_values: bool = False


def lots_of(integration: Integration, waiting: Sequence[Run]) -> Iterator[Lot]:
    """Give the lots of an integration for the runs that wait for it: replays first, as they are older versions.

    Without a run nothing is built: a late message must not send what waits while the integration is paused."""
    own = [run for run in waiting if run.trigger in OWN_EXPORTS]
    for run in own:
        yield from own_lots(integration, run)
    usual = [run for run in waiting if run.trigger not in OWN_EXPORTS]
    if usual:
        rows = Export.objects.filter(~_of_own_runs(integration), integration=integration)
        version = published_version(integration)
        yield Lot(version, tables_for(version), rows, run=usual[0])


def _of_own_runs(integration: Integration) -> Q:
    going_on = Run.objects.filter(integration=integration, trigger__in=OWN_EXPORTS, state__in=runs.ACTIVE)
    return Q(run__in=going_on)


def own_lots(integration: Integration, run: Run) -> Iterator[Lot]:
    """Give the lots of a replay or an approval, but for files that are sent again as they are."""
    rows = Export.objects.filter(integration=integration, run=run).exclude(replay_mode=ReplayMode.SAME_BYTES)
    pending = rows.filter(state=ExportState.PENDING).order_by("replay_version_id", "replay_mode")
    for version_id, mode in list(pending.values_list("replay_version_id", "replay_mode").distinct()):
        version = MappingVersion.objects.filter(pk=version_id).first() or published_version(integration)
        chosen = rows.filter(replay_version_id=version_id, replay_mode=mode)
        if mode != ReplayMode.NEW_ENVELOPE:
            yield Lot(version, tables_for(version), chosen, run=run, is_own=True)
            continue
        for tables, files in _by_tables(chosen):
            same = chosen.filter(replay_of__file__in=files)
            yield Lot(version, tables, same, run=run, is_own=True, same_values=True)


def _by_tables(rows: "QuerySet[Export]") -> list[tuple[TableSet, list[File]]]:
    """Put the files whose values are repeated together by the lookup tables that they were made with."""
    waiting = rows.filter(state=ExportState.PENDING)
    files = File.objects.filter(pk__in=waiting.values("replay_of__file")).only("tenant", "lookup_versions")
    found: dict[tuple[int, ...] | None, list[File]] = {}
    for file in files.order_by("pk"):
        noted = file.lookup_versions
        found.setdefault(None if noted is None else tuple(noted), []).append(file)
    return [(tables_of_file(some[0]), some) for some in found.values()]


def published_version(integration: Integration) -> MappingVersion:
    """Give the mapping version that applies now: the pinned one, else the newest. Raises `NoMapping`."""
    version = integration.pinned_version or integration.mapping.versions.order_by("-number").first()
    if version is None:
        raise NoMapping(f"The mapping {integration.mapping} has no published version.")
    return version


def tables_for(version: MappingVersion) -> TableSet:
    """Give the lookup tables that a mapping version names, as they are now."""
    definition, tenant_id = json.dumps(version.definition, ensure_ascii=False), version.mapping.tenant_id
    named = [name for name in table_names(tenant_id) if name in definition]
    return newest_tables(tenant_id, names=named)


def compile_formatters(integration: Integration, lot: Lot) -> Mapping[str, Formatter]:
    """Compile a lot's mapping version once per stream of the integration."""
    definition, tables = lot.version.definition, lot.tables.rows
    return {stream: compile_formatter(definition, stream=stream, tables=tables) for stream in integration.streams}


def pending_exports(lot: Lot) -> Iterator[list[Export]]:
    """Give a lot's pending exports in order, a bounded number at a time.

    Left out is an export whose object has an older one in a file that has not ended."""
    related = ("record", "replay_of__content")
    last = 0
    while True:
        rows = lot.rows.filter(state=ExportState.PENDING, pk__gt=last).select_related(*related)
        chunk = list(rows.defer("replay_of__content__data").order_by("pk")[:EXPORTS_AT_A_TIME])
        held_up = exports.on_their_way(chunk)
        if ready := [export for export in chunk if export.xero_id not in held_up]:
            yield ready
        if len(chunk) < EXPORTS_AT_A_TIME:
            return
        last = chunk[-1].pk


def end_left(run: Run, *, now: datetime) -> list[EventDraft]:
    """End some of what a run's own lots left: a replay is told why at once, an approved export waits in the usual
    way. Gives no events when nothing is left. The caller holds a transaction and appends the events last."""
    left = Export.objects.filter(run=run, state=ExportState.PENDING)
    if run.trigger != RunTrigger.REPLAY:
        left.update(run=None)
        return []
    some = list(left.select_related("integration").order_by("pk")[:EXPORTS_AT_A_TIME])
    held_up = exports.on_their_way(some)
    return exports.end([_left(export, export.xero_id in held_up) for export in some], run_id=run.pk, now=now)


def _left(export: Export, is_held_up: bool) -> Ending:
    if is_held_up:
        sentence = "Another version of it is on its way to the partner."
        return Ending(export, ExportState.FAILED, sentence, IN_FLIGHT, "Replay it when that one has ended.")
    sentence = "The payments of its batch that were replayed do not add up to the batch."
    return Ending(export, ExportState.FAILED, sentence, INCOMPLETE, "Replay all payments of the batch together.")
