"""What a format is asked and what it answers: plain values between the pipeline and `edi_app`.

A file's bytes are exactly `header + (group head + exports' contents + group tail)* + trailer`. The pipeline
asks a `Formatter` (one compiled mapping version) for each part and stores it, so the audit trail is the file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from core.documents import Document
from core.errors import Finding


class ExportFacts(NamedTuple):
    """What mappings see as `Export`: the action, the object's version, the integration's running sequence,
    a stable key of the object, and the position in the file counted from 1. `follows_contact` is the contact id
    of the export before it in the same group; empty for the first one and for documents that stand alone. A tuple,
    because one is made for every document."""

    action: str = "new"
    version: int = 1
    sequence: int = 1
    key: str = ""
    position: int = 1
    follows_contact: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What belongs to the file as a whole.

    `moment` is aware and in the integration's zone. `profile` holds the partner's settings as configured
    (`x12`, `edifact`, ... blocks, test block already applied). `numbers` are the allocated control numbers by
    level (`ISA`, `GS`, `UNB`); empty for flat files. `sequence` counts the integration's files from 1.
    """

    moment: datetime
    profile: Mapping[str, Any] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)
    test: bool = False
    sequence: int = 1
    sender: str = ""
    partner: str = ""


class Content(NamedTuple):
    """One export's part of the file, a tuple as its facts are. `rows` and `sums` feed the trailer;
    `warnings` are declared cuts and replacements that the audit trail shows; `control_number` is the
    document's own (X12 ST02)."""

    data: bytes
    rows: int = 1
    sums: Mapping[str, Decimal] = MappingProxyType({})
    control_number: str = ""
    warnings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Totals:
    """What the trailer may count: exports, groups (those with a key; a document that stands alone is none), rows,
    and sums by field name."""

    exports: int = 0
    groups: int = 0
    rows: int = 0
    sums: Mapping[str, Decimal] = field(default_factory=dict)


class Formatter(Protocol):
    """One compiled mapping version: pure, reusable for any number of files, safe across threads.

    Every method raises `core.errors.Invalid` (or a child with a stable code such as MAP_REQUIRED_EMPTY) with
    the place and the reason when a document cannot be expressed; nothing is ever cut or shifted silently.
    """

    extension: str
    document: str
    """The transaction set that a file holds (`810`); empty for flat files."""
    numbers: tuple[str, ...]
    """The control number levels that a file of this format takes, outermost first; empty for flat files."""

    def header(self, envelope: Envelope) -> bytes:
        """Render what stands before the first group."""

    def group_key(self, document: Document) -> str:
        """Name the group that a document belongs to; empty when it stands alone."""

    def group_complete(self, documents: list[Document]) -> bool:
        """Say whether these documents are the whole group (a batch whose payments add up)."""

    def group_head(self, documents: list[Document], facts: list[ExportFacts], envelope: Envelope) -> bytes:
        """Render what stands before the first content of a group."""

    def content(self, document: Document, facts: ExportFacts, envelope: Envelope) -> Content:
        """Map, check and render one document."""

    def group_tail(self, documents: list[Document], facts: list[ExportFacts], envelope: Envelope) -> bytes:
        """Render what stands behind the last content of a group."""

    def trailer(self, envelope: Envelope, totals: Totals) -> bytes:
        """Render what stands behind the last group."""

    def values(self, document: Document) -> bytes:
        """Give the mapped values in one canonical form, without anything of `Export` or the envelope.

        Two versions of an object with equal values say the same to the partner."""

    def supports(self, action: str) -> bool:
        """Say whether a file of this format can tell the partner about a change or a cancellation."""
