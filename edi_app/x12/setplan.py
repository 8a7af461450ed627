"""One transaction set under one partner's settings: compiled rows, validator, and the way from document to text."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from core.documents import Document
from core.errors import Finding
from core.formats import Envelope, ExportFacts
from edi_app.mapping.findings import BAD_LAYOUT, ValueRefused, refusal
from edi_app.mapping.functions import Tables
from edi_app.mapping.scope import OwnNames
from edi_app.x12.checks import check_rows
from edi_app.x12.compiling import Compiler
from edi_app.x12.definition import resolve_x12
from edi_app.x12.delimiters import Delimiters
from edi_app.x12.errors import DeletedPayment, DocumentRefused
from edi_app.x12.faults import place_of
from edi_app.x12.payment import DELETED
from edi_app.x12.plan import PlannedSegment, Scope, Segments, Trace, places_written
from edi_app.x12.rows import walk_rows
from edi_app.x12.set_pattern import sure_set
from edi_app.x12.set_source import RowWriter
from edi_app.x12.settings import Settings, check_values, read_settings
from edi_app.x12.text import Cleaner
from edi_app.x12.validator import Validator, validator_for

INVALID = "EDI_INVALID"
NEUTRAL_ENVELOPE = Envelope(moment=datetime(2000, 1, 1, tzinfo=UTC))
"""An envelope that says nothing: what is rendered in it depends on the document alone."""


class SetPlan:
    """A mapping compiled for one partner block; safe across threads."""

    def __init__(self, definition: Mapping[str, Any], block: Mapping[str, Any], *, stream: str, tables: Tables) -> None:
        options = definition.get("options") or {}
        if wrong := check_values(block, path="x12"):
            raise refusal(wrong)
        self.settings: Settings = read_settings(block, options)
        mapping = resolve_x12(definition, release=self.settings.release)
        findings = [
            *mapping.findings,
            *check_rows(mapping, stream=stream, tables=tables, release=self.settings.release),
        ]
        if findings:
            raise refusal(findings)
        self.marks: Delimiters = self.settings.structure()
        self.set_code = mapping.set_code
        self.cleaner = Cleaner(self.settings)
        self.validator: Validator = _validator(mapping.set_code, self.settings, self.marks)
        compiler = Compiler(self.settings, self.cleaner, self.validator.guide.dictionary, {**tables, **mapping.tables})
        self.segments: tuple[PlannedSegment, ...] = compiler.segments(mapping.rows)
        self.trace: list[Trace] | None = None
        self._own = OwnNames(frozenset(compiler.paths))
        self._sources = {element.source for _, row in walk_rows(mapping.rows) for element in row.elements.values()}

    @property
    def functional_id(self) -> str:
        """Give GS01."""
        return self.validator.guide.functional_id

    def has_source(self, source: str) -> bool:
        """Say whether a row has just this source."""
        return source in self._sources

    def control(self, facts: ExportFacts) -> str:
        """Give ST02: the position in the file, so it is unique in the group."""
        return str(facts.position).zfill(self.settings.st_width)

    def start(self, control: str) -> str:
        """Give ST."""
        parts = ["ST", self.set_code, control]
        if self.settings.implementation and self.settings.release >= "005010":
            parts.append(self.settings.implementation)
        return self.marks.element.join(parts)

    def end(self, out: Segments, control: str) -> str:
        """Give SE, which counts itself."""
        return self.marks.element.join(("SE", str(len(out) + 1), control))

    def scope(self, document: Document, facts: ExportFacts, envelope: Envelope) -> Scope:
        """Give what sources see, without the worked-out names."""
        scope = Scope(document.values)
        scope.update(self._own.values(document, facts, envelope))
        scope.notes, scope.trace = [], self.trace
        return scope

    def writer(self, planned: Sequence[PlannedSegment]) -> RowWriter:
        """Compile the function that writes these rows."""
        return RowWriter(planned, mark=self.marks.element)

    def render(self, rows: RowWriter, scope: Scope, out: Segments, *, number: str) -> None:
        """Append segments. Raises DocumentRefused naming everything that could not be written."""
        refused: list[Finding] = []
        rows.write(scope, out, refused)
        if refused:
            raise refuse_document(refused, number)

    def text(self, segments: Segments) -> str:
        """Terminate segments and put them together."""
        end = self.marks.terminator + self.marks.line_end
        return end.join(segments) + end

    def check(self, text: str, out: Segments, *, number: str) -> None:
        """Check the text of a whole set against its guide. Raises DocumentRefused."""
        if text.count(self.marks.terminator) != len(out):
            # What would be read is not what was written.
            raise refuse_document([Finding("SE01", "A value holds the segment terminator.", code=INVALID)], number)
        if not self._is_sure(text):
            self._look_closer(out, number)

    def encode(self, text: str) -> bytes:
        """Give the bytes of a text."""
        return text.encode(self.settings.charset)

    @cached_property
    def _is_sure(self) -> Callable[[str], object]:
        places = places_written(self.segments) | {"ST": {1, 2, 3}, "SE": {1, 2}}
        return sure_set(self.validator.guide, self.marks, places)

    def _look_closer(self, out: Segments, number: str) -> None:
        faults = [
            Finding(f"{place_of(item)} (segment {item.segment})", item.sentence, code=INVALID)
            for item in self.validator.faults(out)
        ]
        if faults:
            raise refuse_document(faults, number)


def without_moment(document: Document) -> Document:
    """Give a document that does not say when it was last touched: that alone is no change to a partner."""
    values = dict(document.values)
    if "UpdatedDateUTC" in values:
        values["UpdatedDateUTC"] = NEUTRAL_ENVELOPE.moment
    return replace(document, values=values, updated_at=NEUTRAL_ENVELOPE.moment)


def refuse_document(findings: Sequence[Finding], number: str) -> DocumentRefused:
    """Build the error for a document; every finding says which one it is about."""
    about = f"{number} " if number else ""
    named = [Finding(f"{about}{item.path}".strip(), item.reason, item.hint, item.code) for item in findings]
    return DocumentRefused(named, code=findings[0].code or INVALID)


def refuse_value(error: ValueRefused, number: str) -> DocumentRefused:
    """Build the error for a document that one value stops."""
    finding = error.finding(number or "document")
    if error.code == DELETED:
        return DeletedPayment([finding], code=DELETED)
    return DocumentRefused([finding], code=error.code)


def _validator(code: str, settings: Settings, marks: Delimiters) -> Validator:
    found = validator_for(code, settings.version, marks)
    if found is None:
        raise refusal([Finding("base", f"There is no guide for a {code}.", code=BAD_LAYOUT)])
    return found
