"""Trying a mapping, saved or not: one record in full, the newest hundred for what fails, and what would change."""

from collections.abc import Mapping as Definition
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connector.console.mapping_editor import samples
from connector.console.mapping_editor.rows import Row, rows_of
from connector.previews import Changes, RecordPreview, find_records, preview_record, try_on, what_changes
from connector.previews.material import newest
from connector.steps.envelopes import envelope_of
from core.errors import ConnectorError, Finding, Invalid
from core.formats import Envelope
from core.lookups import newest_tables
from core.models import Integration, Mapping
from edi_app.preview import Preview, preview

MOST_TEXT = 64 * 1024


@dataclass(frozen=True, slots=True)
class Complaint:
    """One finding at its row, counted from 1; 0 where it belongs to no row."""

    number: int
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A preview with its complaints at their rows, and what was shown."""

    preview: Preview
    text: str
    is_cut: bool
    complaints: list[Complaint]
    words: str


@dataclass(slots=True)
class Outcome:
    """How many records were tried, and those that cannot be sent, each with its reasons."""

    tried: int = 0
    waiting: int = 0
    failures: list[tuple[str, list[str]]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def show(mapping: Mapping, definition: Definition[str, Any], *, number: str, now: datetime) -> Shown:
    """Preview a definition on the record with this number or the newest one, else on a shipped sample."""
    integrations = samples.integrations_of(mapping)
    for integration in integrations:
        if found := _on_record(integration, definition, number, now):
            return _shown(found.preview, definition, found.record.number or found.record.xero_id)
    envelope = Envelope(moment=now, profile=samples.PLAIN_PROFILE, test=True, sender="Us", partner="Them")
    if integrations:
        envelope = envelope_of(integrations[0], now=now)
    document = samples.shipped_sample(definition, integrations)
    found_preview = preview(
        definition, document=document, envelope=envelope, tables=newest_tables(mapping.tenant_id).rows
    )
    missing = f"there is no record {number}; " if number else ""
    return _shown(found_preview, definition, f"{missing}a shipped sample")


def _on_record(
    integration: Integration, definition: Definition[str, Any], number: str, now: datetime
) -> RecordPreview | None:
    try:
        if number:
            records = find_records(integration, number)
        else:
            records = [material.record for material in newest(integration, most=1)]
        return preview_record(integration, records[0], definition=definition, now=now) if records else None
    except ConnectorError:
        return None


def _shown(found: Preview, definition: Definition[str, Any], words: str) -> Shown:
    complaints = at_rows(found.findings, rows_of(definition))
    return Shown(found, found.text[:MOST_TEXT], len(found.text) > MOST_TEXT, complaints, words)


def at_rows(findings: tuple[Finding, ...], rows: list[Row]) -> list[Complaint]:
    """Put findings at the rows that they are about."""
    return [_at_row(finding, rows) for finding in dict.fromkeys(findings)]


def _at_row(finding: Finding, rows: list[Row]) -> Complaint:
    text = f"{finding.reason} {finding.hint}".strip()
    where = finding.path.rpartition(" ")[2]  # a record's finding begins with its number
    for number, row in enumerate(rows, start=1):
        places = [place for place in (row.place, row.key, f"set.{row.key}") if place]
        if any(where == place or where.startswith(f"{place}.") for place in places):
            return Complaint(number, row.name, text)
    return Complaint(0, finding.path, text)


def try_many(mapping: Mapping, definition: Definition[str, Any], *, now: datetime) -> Outcome:
    """Run a definition over the newest records of the mapping's integrations."""
    outcome = Outcome()
    for integration in samples.integrations_of(mapping):
        try:
            found = try_on(integration, definition=definition, now=now)
        except Invalid as refused:
            outcome.refused = [str(finding) for finding in refused.findings[:10]]
            return outcome
        outcome.tried += found.tried
        outcome.waiting += found.waiting
        for each in found.refused:
            name = each.record.number or each.record.xero_id
            outcome.failures.append((name, [str(finding) for finding in each.findings[:3]]))
    return outcome


def compared(mapping: Mapping, before: Definition[str, Any], *, now: datetime) -> list[tuple[Integration, Changes]]:
    """Say what publishing the draft changes for each integration that follows the newest version."""
    found = []
    for integration in samples.integrations_of(mapping):
        if integration.pinned_version_id is None:
            try:
                changes = what_changes(integration, before=before, after=mapping.draft, now=now)
            except ConnectorError:
                continue
            found.append((integration, changes))
    return found
