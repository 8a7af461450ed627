"""A mapping as typed plain values: what `resolve` makes of a definition and everything else works from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core.errors import Finding


class Origin(StrEnum):
    """Where a field or an option comes from, seen from the partner's own mapping."""

    OWN = "own"
    INHERITED = "inherited"
    OVERRIDDEN = "overridden"
    ADDED = "added"


class RecordKind(StrEnum):
    """The record types of a flat file: once at its start, per document, per line, per document again behind
    its lines, once at its end."""

    HEADER = "header"
    DOCUMENT = "document"
    LINE = "line"
    DOCUMENT_END = "document_end"
    TRAILER = "trailer"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One output field. `place` is where its words stand, for messages; lengths are 0 where unlimited."""

    name: str
    source: str = ""
    transform: str = ""
    default: str = ""
    required: bool = False
    min: int = 0
    max: int = 0
    overflow: str = "error"
    on_miss: str = "error"
    repeat: bool | None = None
    note: str = ""
    start: int = 0
    width: int = 0
    align: str = ""
    pad: str = ""
    decimals: int | None = None
    sign: str = ""
    origin: Origin = Origin.OWN
    place: str = ""


@dataclass(frozen=True, slots=True)
class MappingSpec:
    """One mapping, base and overrides merged. `findings` are what was wrong with its shape."""

    format: str
    base: str = ""
    title: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    option_origins: Mapping[str, Origin] = field(default_factory=dict)
    records: Mapping[RecordKind, tuple[FieldSpec, ...]] = field(default_factory=dict)
    has_record_types: bool = False
    tables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
