"""The places of fixed-width fields: filled in where left out, checked for overlaps and gaps."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.errors import Finding
from edi_app.mapping.findings import BAD_LAYOUT, BAD_LENGTH
from edi_app.mapping.options import is_encodable
from edi_app.mapping.spec import FieldSpec


def with_places(fields: Sequence[FieldSpec]) -> tuple[FieldSpec, ...]:
    """Let a field without a start follow the one before it."""
    placed: list[FieldSpec] = []
    end = 1
    for field in fields:
        placed.append(field if field.start else replace(field, start=end))
        end = placed[-1].start + field.width
    return tuple(placed)


def check_layout(fields: Sequence[FieldSpec], *, options: Mapping[str, Any]) -> list[Finding]:
    """Find fields without a width, overlaps, gaps that nobody asked for, and rows that are too long."""
    missing = [field for field in fields if not field.width]
    if missing:
        return [_finding(field, "width", "The field needs a width.", code=BAD_LENGTH) for field in missing]
    findings = []
    end, before = 1, ""
    for field in sorted(fields, key=lambda field: field.start):
        if field.start < end:
            findings.append(_finding(field, "start", f"It begins at {field.start}, inside {before}."))
        elif field.start > end and options["gaps"] == "refuse":
            reason = f"Nothing stands from {end} to {field.start - 1}."
            findings.append(_finding(field, "start", reason, hint="Set gaps: blank if that is meant."))
        end, before = max(end, field.start + field.width), field.name
    length = options["record_length"]
    if length and end - 1 > length:
        reason = f"The fields take {end - 1} characters; the record has {length}."
        findings.append(Finding("options.record_length", reason, code=BAD_LENGTH))
    return findings + _check_bytes(fields, options)


def _check_bytes(fields: Sequence[FieldSpec], options: Mapping[str, Any]) -> list[Finding]:
    """Every filling character must be one that the encoding has, and one byte where places are bytes."""
    encoding = options["encoding"]
    unknown = [field for field in fields if not is_encodable(field.pad, encoding)]
    if unknown or options["width_unit"] != "bytes":
        return [_finding(field, "pad", f"{encoding} does not have it.") for field in unknown]
    if len(" ".encode(encoding)) != 1:
        reason = f"In {encoding} a blank takes several bytes, so places cannot be counted in bytes."
        return [Finding("options.width_unit", reason, code=BAD_LAYOUT)]
    wide = [field for field in fields if len(field.pad.encode(encoding)) > 1]
    return [_finding(field, "pad", "It takes more than one byte.") for field in wide]


def _finding(field: FieldSpec, key: str, reason: str, *, hint: str = "", code: str = BAD_LAYOUT) -> Finding:
    return Finding(f"{field.place}.{key}", reason, hint, code)
