"""Preview: what one document becomes under a mapping, saved or not, and where each output field comes from.

Nothing is sent and no number is used; the pipeline's own formatter renders, so the text is what would be sent.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.documents import Document
from core.errors import Finding, Invalid
from core.formats import Envelope, ExportFacts, Totals
from edi_app.flat.compiling import field_columns
from edi_app.formatter import NO_TABLES, check_definition, compile_formatter, is_x12
from edi_app.mapping.columns import Column
from edi_app.mapping.definition import resolve
from edi_app.mapping.findings import ValueRefused
from edi_app.mapping.functions import Tables
from edi_app.mapping.lines import Lines
from edi_app.mapping.plain_text import plain_text
from edi_app.mapping.scope import Frame, OwnNames, file_frame
from edi_app.mapping.spec import FieldSpec, MappingSpec, Origin, RecordKind
from edi_app.x12.formatter import X12Formatter
from edi_app.x12.plan import Trace
from edi_app.x12.tracing import trace_elements

MOST_LINES = 20
"""How many lines of a long document are shown field by field."""

_OF_THE_FILE = (RecordKind.HEADER, RecordKind.TRAILER)


@dataclass(frozen=True, slots=True)
class PreviewField:
    """One output field of one row: the source as written, its value in the document, and the final text.

    In X12 a row is a segment: `record` is its path (`N1[BT]/N3`), `line` its position (ST = 1; 0 where it was not
    written), `name` the element (`BIG02`), and `xero` says in Xero's words what a worked-out source is made of."""

    record: str
    line: int
    name: str
    source: str
    transform: str
    origin: Origin
    value: str = ""
    text: str = ""
    findings: tuple[Finding, ...] = ()
    xero: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """`text` is the whole file as it would be with this one document; empty when it cannot be made."""

    text: str
    fields: tuple[PreviewField, ...]
    findings: tuple[Finding, ...]


def preview(
    definition: Mapping[str, Any],
    *,
    document: Document,
    envelope: Envelope,
    facts: ExportFacts | None = None,
    tables: Tables = NO_TABLES,
) -> Preview:
    """Show what a document becomes. Never raises for a mapping or document that is wrong: see `findings`."""
    facts = facts or ExportFacts(key=document.xero_id[:12])
    findings = check_definition(definition, streams=[document.stream], tables=tables)
    text, totals, trace = "", Totals(), list[Trace]()
    if not findings:
        text, totals, findings, trace = _render(definition, document, facts, envelope, tables)
    if is_x12(definition):
        return Preview(text, tuple(_elements(definition, document, trace, findings)), tuple(findings))
    shown = _Shown(resolve(definition), document, facts, envelope, totals, tables, findings)
    return Preview(text, tuple(shown.fields()), tuple(findings))


def _render(
    definition: Mapping[str, Any], document: Document, facts: ExportFacts, envelope: Envelope, tables: Tables
) -> tuple[str, Totals, list[Finding], list[Trace]]:
    """Make the file of one document; declared cuts and replacements come back as findings, X12 segments as a trace."""
    trace: list[Trace] = []
    try:
        formatter = compile_formatter(definition, stream=document.stream, tables=tables)
        if isinstance(formatter, X12Formatter):
            trace = formatter.trace(envelope)
        header, content = formatter.header(envelope), formatter.content(document, facts, envelope)
        head = formatter.group_head([document], [facts], envelope) if formatter.group_key(document) else b""
        if head:
            trace.clear()  # the tail looks at the whole set again
        tail = formatter.group_tail([document], [facts], envelope) if head else b""
        totals = Totals(exports=1, groups=1 if head else 0, rows=content.rows, sums=content.sums)
        parts = (header, head, content.data, tail, formatter.trailer(envelope, totals))
    except Invalid as refused:
        return "", Totals(), list(refused.findings), trace
    encoding = resolve(definition).options.get("encoding", "utf-8")
    return b"".join(parts).decode(encoding, "replace"), totals, list(content.warnings), trace


def _elements(
    definition: Mapping[str, Any], document: Document, trace: list[Trace], findings: list[Finding]
) -> Iterator[PreviewField]:
    """Show a set element by element; a finding of the document names it in front of the place."""
    number = f"{document.number or document.xero_id} "
    for item in trace_elements(definition, trace):
        own = [finding for finding in findings if item.is_about(finding.path.removeprefix(number))]
        names = (item.path, item.row.source, item.row.transform, item.row.origin)
        value = plain_text(item.value)
        yield PreviewField(item.record, item.segment, *names, value, item.text, tuple(dict.fromkeys(own)), item.xero)


@dataclass(frozen=True, slots=True)
class _Shown:
    """One preview's material, from which its fields are worked out row by row."""

    spec: MappingSpec
    document: Document
    facts: ExportFacts
    envelope: Envelope
    totals: Totals
    tables: Tables
    findings: list[Finding]

    def fields(self) -> Iterator[PreviewField]:
        for kind in RecordKind:
            columns = list(field_columns(self.spec, kind, stream=self.document.stream, tables=self.tables))
            for line, frame in self._frames(kind, columns):
                for field, column in columns:
                    yield self._field(field, column, frame, record=str(kind), line=line)

    def _frames(self, kind: RecordKind, columns: list[tuple[FieldSpec, Column | None]]) -> Iterator[tuple[int, Frame]]:
        """Give the rows of one record: the line's number, 0 where there is none, and what it reads."""
        if kind in _OF_THE_FILE:
            yield 0, file_frame(self.envelope, self.totals, summed=tuple(self.totals.sums))
            return
        paths = frozenset(path for _, column in columns if column for path in column.expression.paths)
        frame = OwnNames(paths).frame(self.document, self.facts, self.envelope)
        if kind is not RecordKind.LINE:
            yield 0, frame
            return
        lines = Lines(paths=paths, tax_lines=bool(self.spec.options.get("tax_lines"))).of(self.document)
        for number, pair in enumerate(lines[:MOST_LINES], start=1):
            frame.put_line(*pair)
            yield number, frame

    def _field(self, field: FieldSpec, column: Column | None, frame: Frame, *, record: str, line: int) -> PreviewField:
        own = [finding for finding in self.findings if _is_about(finding, field)]
        value = text = ""
        if column is not None:
            try:
                value = plain_text(column.evaluate(frame.scope()))
                text = column.cell(frame.scope(), frame.notes)
            except ValueRefused as refused:
                own.append(refused.finding(field.name))
        names = (field.name, field.source, field.transform, field.origin)
        return PreviewField(record, line, *names, value, text, tuple(dict.fromkeys(own)))


def _is_about(finding: Finding, field: FieldSpec) -> bool:
    return finding.path == field.place or finding.path.startswith(f"{field.place}.")
