"""Trying a mapping: one record in full, or the newest hundred for what fails."""

from collections.abc import Mapping as Definition
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.console.mapping_editor import samples
from connector.console.mapping_editor.rows import Row, rows_of
from core.errors import Finding
from core.models import Mapping
from edi_app.bases.shipped import shipped_base
from edi_app.preview import Preview, preview
from edi_app.x12.definition import resolve_x12

MOST_TEXT = 64 * 1024
TRIED = 100


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


@dataclass(frozen=True, slots=True)
class Failure:
    """One record that a mapping cannot express."""

    number: str
    reasons: list[str]


def show(mapping: Mapping, definition: Definition[str, Any], *, number: str, now: datetime) -> Shown:
    """Preview a definition, saved or not, on the record with this number or the newest one."""
    sample = samples.find_sample(mapping, number=number, preferred=preferred_stream(definition), now=now)
    tables = samples.tables_of(mapping)
    found = preview(definition, document=sample.document, envelope=sample.envelope, tables=tables)
    complaints = at_rows(found.findings, rows_of(definition))
    return Shown(found, found.text[:MOST_TEXT], len(found.text) > MOST_TEXT, complaints, sample.words)


def preferred_stream(definition: Definition[str, Any]) -> str:
    """Say which stream a definition is made for, by its base."""
    name = str(definition.get("base", ""))
    streams = (shipped_base(name) or {}).get("streams") or resolve_x12({"base": name}).streams
    return str(next(iter(streams), "invoices"))


def at_rows(findings: tuple[Finding, ...], rows: list[Row]) -> list[Complaint]:
    """Put findings at the rows that they are about."""
    return [_at_row(finding, rows) for finding in dict.fromkeys(findings)]


def _at_row(finding: Finding, rows: list[Row]) -> Complaint:
    text = f"{finding.reason} {finding.hint}".strip()
    for number, row in enumerate(rows, start=1):
        places = [place for place in (row.place, row.key, f"set.{row.key}") if place]
        if any(finding.path == place or finding.path.startswith(f"{place}.") for place in places):
            return Complaint(number, row.name, text)
    return Complaint(0, finding.path, text)


def try_many(mapping: Mapping, definition: Definition[str, Any], *, now: datetime) -> tuple[int, list[Failure]]:
    """Run a definition over the newest records of the mapping's integrations: how many were tried, which failed."""
    tried, failures = 0, []
    tables = samples.tables_of(mapping)
    for integration in samples.integrations_of(mapping):
        records = samples.newest_records(integration, most=TRIED - tried)
        envelope = samples.envelope_of(integration, now=now)
        for document in samples.whole_documents(integration, records):
            tried += 1
            found = preview(definition, document=document, envelope=envelope, tables=tables)
            if found.findings and not found.text:
                failures.append(
                    Failure(document.number or document.xero_id, [str(item) for item in found.findings[:3]])
                )
    return tried, failures
