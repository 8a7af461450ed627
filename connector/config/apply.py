"""Apply: make the database say what a file says, all of it or nothing, with an audit event for every change."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from connector.config.changes import CHANGED, CREATED, REMOVED, Change, changes_of
from connector.config.entries import SECTIONS, Entry, Identity, World, by_identity
from connector.config.kinds.all_kinds import KINDS
from connector.config.kinds.kind import FILE, Author, Writing
from connector.config.overlaps import check_overlaps
from connector.config.read import read_file
from connector.config.stored import Rows, load
from connector.due_times import reschedule
from core import audit
from core.audit import EventDraft
from core.errors import Finding, Invalid, TemporaryError

INVALID = "CONFIG_INVALID"
HISTORY = "CONFIG_HAS_HISTORY"


class ChangedMeanwhile(TemporaryError):
    """Somebody else changed the configuration in the same moment."""

    code = "CONFIG_CHANGED_MEANWHILE"
    next_step = "Apply the file again."


def apply_file(
    path: Path, *, environment: Mapping[str, str], dry_run: bool = False, prune: bool = False, now: datetime
) -> list[Change]:
    """Apply a file and give what changed; with `dry_run` all of it is tried and taken back.

    Only tenants that the file names are touched, and nothing is removed without `prune`. Raises `Invalid` with
    every finding, after which nothing is changed.
    """
    entries, findings = read_file(path, environment=environment)
    return apply_entries(entries, findings, dry_run=dry_run, prune=prune, now=now)


def apply_entries(
    entries: list[Entry],
    findings: list[Finding],
    *,
    author: Author = FILE,
    dry_run: bool = False,
    prune: bool = False,
    may_wait: Callable[[Finding], bool] = lambda _: False,
    now: datetime,
) -> list[Change]:
    """Apply entries that were read already, with what was found while reading them, as `apply_file` does.

    `may_wait` names findings that do not stand in the way yet (a server whose host key is approved later).
    """
    try:
        with transaction.atomic():
            stored, rows = load({entry.tenant for entry in entries})
            world = World(stored=stored, wanted=by_identity(entries), prune=prune)
            _refuse([finding for finding in findings + _check(world, findings) if not may_wait(finding)])
            changes = changes_of(world)
            _Writer(rows, author=author, now=now).write(changes)
            if dry_run:
                transaction.set_rollback(True)
    except IntegrityError as error:
        raise ChangedMeanwhile("The configuration was changed by somebody else in this moment.") from error
    return changes


def _check(world: World, earlier: Iterable[Finding]) -> list[Finding]:
    """Check every entry within the whole; a place that was refused already is not refused twice."""
    wanted = [entry for kind in KINDS for entry in world.wanted.values() if entry.kind == kind]
    findings = [finding for entry in wanted for finding in KINDS[entry.kind].check(entry, world)]
    for tenant in {entry.tenant: None for entry in wanted}:
        findings += check_overlaps(world, tenant)
    refused = [finding.path for finding in earlier]
    return [finding for finding in findings if not any(_is_about(finding.path, path) for path in refused)]


def _is_about(path: str, other: str) -> bool:
    outer, inner = sorted((path, other), key=len)
    return inner == outer or inner.startswith((f"{outer}.", f"{outer}["))


def _refuse(findings: list[Finding]) -> None:
    if findings:
        raise Invalid(list(dict.fromkeys(findings)), code=INVALID)


class _Writer:
    """Writes changes in their order, then removes, then lets every entry finish; events come last."""

    def __init__(self, rows: Rows, *, author: Author, now: datetime) -> None:
        self.rows, self.author, self.now = rows, author, now
        self.events: list[EventDraft] = []

    def write(self, changes: list[Change]) -> None:
        """Write everything, inside the caller's transaction. Raises `Invalid` for what has history and stays."""
        different = [change for change in changes if change.action in (CREATED, CHANGED)]
        for change in different:
            self._write(change)
        _refuse([finding for change in changes if change.action == REMOVED for finding in self._remove(change)])
        for change in different:
            self._finish(change)
        audit.append(self.events, now=self.now)

    def _write(self, change: Change) -> None:
        entry = change.entry
        row = self.rows.get(entry.identity)
        self.rows[entry.identity] = KINDS[entry.kind].write(row, entry, self._writing(change))
        self._note(change)

    def _writing(self, change: Change) -> Writing:
        tenant: Any = self.rows.get(_tenant_of(change.entry))  # nothing yet when the tenant itself is new
        return Writing(tenant, self.rows, change.blocks, self.events, self.now, self.author)

    def _note(self, change: Change) -> None:
        entry = change.entry
        self.events.append(
            EventDraft(
                tenant_id=self.rows[_tenant_of(entry)].pk,
                event=f"config.{change.action}",
                actor=self.author.name,
                integration=entry.name if entry.kind == "integration" else "",
                detail={"kind": entry.kind, "name": entry.name, "keys": dict(change.keys)},
            )
        )

    def _remove(self, change: Change) -> list[Finding]:
        entry = change.entry
        try:
            with transaction.atomic():
                KINDS[entry.kind].remove(self.rows[entry.identity])
        except ProtectedError as error:
            kept = sorted({str(item._meta.verbose_name_plural) for item in error.protected_objects})
            reason = f"It stays, because {' and '.join(kept)} belong to it."
            return [Finding(f"{entry.tenant}/{entry.name}", reason, _way_out(entry), HISTORY)]
        self._note(change)
        return []

    def _finish(self, change: Change) -> None:
        entry = change.entry
        kind, row = KINDS[entry.kind], self.rows[entry.identity]
        if kind.finish is not None:
            change.notes.extend(kind.finish(row, entry, self._writing(change)))
        if entry.kind == "tenant" and "time_zone" in change.blocks:
            reschedule(row, now=self.now)


def _tenant_of(entry: Entry) -> Identity:
    return "tenant", entry.tenant, entry.tenant


def _way_out(entry: Entry) -> str:
    section = SECTIONS[entry.kind]
    if entry.kind == "integration":
        return f"Put it back under {section} with `enabled: false`."
    return f"Put it back under {section}, and disable what uses it."
