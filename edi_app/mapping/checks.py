"""The check of a mapping: everything that can be known to be wrong before a record is there."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.document_fields import LINES_FIELD
from core.errors import Finding
from core.field_shapes import Shape
from edi_app.mapping.definition import resolve
from edi_app.mapping.field_checks import check_field
from edi_app.mapping.findings import BAD_LAYOUT, BAD_OPTION, DUPLICATE_COLUMN, UNKNOWN_FIELD
from edi_app.mapping.functions import Tables
from edi_app.mapping.layout import check_layout
from edi_app.mapping.nearest import did_you_mean
from edi_app.mapping.scope import FILE_SHAPE, document_shape
from edi_app.mapping.spec import FieldSpec, MappingSpec, RecordKind

_FILE_RECORDS = (RecordKind.HEADER, RecordKind.TRAILER)
_SUMS = "Totals.Sums."


def check(definition: Mapping[str, Any], *, streams: Sequence[str], tables: Tables) -> list[Finding]:
    """Find what is wrong in a mapping for these streams, in the order of the definition."""
    return check_spec(resolve(definition), streams=streams, tables=tables)


def check_spec(spec: MappingSpec, *, streams: Sequence[str], tables: Tables) -> list[Finding]:
    """Find what is wrong in a resolved mapping."""
    findings = [*spec.findings, *_check_records(spec, streams)]
    known_tables = {**tables, **spec.tables}
    for kind, fields in spec.records.items():
        shapes = _shapes(kind, streams)
        for field in fields:
            findings += check_field(field, shapes=shapes, tables=known_tables, kind=kind, spec=spec)
        findings += _duplicates(fields)
        if spec.format == "fixed":
            findings += check_layout(fields, options=spec.options)
    return findings + _check_sums(spec)


def _shapes(kind: RecordKind, streams: Sequence[str]) -> list[Shape]:
    return [FILE_SHAPE] if kind in _FILE_RECORDS else [document_shape(stream) for stream in streams]


def _check_records(spec: MappingSpec, streams: Sequence[str]) -> list[Finding]:
    findings = []
    content = [kind for kind in spec.records if kind not in _FILE_RECORDS and spec.records[kind]]
    if not content and not spec.findings:
        findings.append(Finding("fields", "The mapping has no fields.", "Add some, or name a base.", BAD_LAYOUT))
    if RecordKind.LINE in content and not any(stream in LINES_FIELD for stream in streams):
        hint = "Set rows: document."
        findings.append(Finding("options.rows", f"{', '.join(streams)} have no lines.", hint, BAD_LAYOUT))
    if spec.has_record_types and spec.options.get("header"):
        reason = "A row of column names cannot stand before record types."
        findings.append(Finding("options.header", reason, "Leave it out.", BAD_OPTION))
    return findings


def _duplicates(fields: Sequence[FieldSpec]) -> list[Finding]:
    findings = []
    seen: dict[str, FieldSpec] = {}
    for field in fields:
        first = seen.setdefault(field.name, field)
        if field.name and first is not field:
            reason = f"The column {field.name} stands at {first.place} already."
            findings.append(Finding(f"{field.place}.name", reason, "Give it another name.", DUPLICATE_COLUMN))
    return findings


def _check_sums(spec: MappingSpec) -> list[Finding]:
    """A trailer may only sum columns that the file has."""
    findings = []
    columns = {f.name for kind, fields in spec.records.items() if kind not in _FILE_RECORDS for f in fields}
    for field in spec.records.get(RecordKind.TRAILER, ()):
        name = field.source.removeprefix(_SUMS)
        if field.source.startswith(_SUMS) and name not in columns:
            hint = did_you_mean(name, columns)
            reason = f"There is no column {name} to sum."
            findings.append(Finding(f"{field.place}.source", reason, hint, UNKNOWN_FIELD))
    return findings
