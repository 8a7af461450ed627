"""The formatter of flat files: one compiled mapping over one stream, from documents to the file's bytes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from core.documents import Action, Document
from core.errors import Finding, Invalid
from core.formats import Content, Envelope, ExportFacts, Totals
from edi_app.flat.records import Record, RowStyle, refused_columns
from edi_app.mapping.columns import Column, column_number
from edi_app.mapping.findings import REQUIRED_EMPTY, WRONG_STATUS, ValueRefused, refusal
from edi_app.mapping.money import check_money
from edi_app.mapping.plain_text import EXACT, plain_text
from edi_app.mapping.scope import Scope, document_scope, extras_for, file_scope, numbered_lines
from edi_app.mapping.spec import MappingSpec, RecordKind

_NOBODY = Envelope(moment=datetime(2000, 1, 1, tzinfo=UTC))
_OWN_NAMES = frozenset({"Export", "File"})
_SUMS = "Totals.Sums."


@dataclass(frozen=True, slots=True)
class Marks:
    """What the columns of a mapping read beside the document."""

    roots: frozenset[str]
    paths: frozenset[str]


class FlatFormatter:
    """Formats documents of one stream as CSV or fixed width; see `core.formats.Formatter`."""

    document: str = ""
    numbers: tuple[str, ...] = ()

    def __init__(self, spec: MappingSpec, records: Mapping[RecordKind, Record], style: RowStyle) -> None:
        self.extension: str = spec.options["extension"]
        self._spec = spec
        self._records = records
        self._style = style
        self._encoding: str = spec.options["encoding"]
        self._marks = _marks(records)
        self._extras = extras_for(self._marks.roots)
        self._summed = _summed(records)

    def header(self, envelope: Envelope) -> bytes:
        """Render the byte order mark, the column names and the header record, as far as the mapping has them."""
        scope = file_scope(envelope, None)
        rows = []
        content = self._records.get(RecordKind.DOCUMENT) or self._records.get(RecordKind.LINE)
        if self._spec.options.get("header") and not self._spec.has_record_types and content:
            rows.append(self._style.names_row(content.columns, scope))
        rows.append(self._file_row(RecordKind.HEADER, scope))
        text = "".join(rows)
        return ("\ufeff" + text if self._spec.options["bom"] else text).encode(self._encoding)

    def trailer(self, envelope: Envelope, totals: Totals) -> bytes:
        """Render the trailer record, with counts and sums."""
        scope = file_scope(envelope, totals)
        for name, _, _ in self._summed:
            scope["Totals"]["Sums"].setdefault(name, Decimal(0))
        return self._file_row(RecordKind.TRAILER, scope).encode(self._encoding)

    def _file_row(self, kind: RecordKind, scope: Scope) -> str:
        record = self._records.get(kind)
        if record is None:
            return ""
        try:
            return record.row(scope, careful=True)
        except ValueRefused:
            raise refusal(_findings(record, scope, label=f"the {kind} record", row=str(kind))) from None

    def group_key(self, document: Document) -> str:
        """Flat files have no groups: every document stands alone."""
        return ""

    def group_complete(self, documents: list[Document]) -> bool:
        """Say that nothing is waited for."""
        return True

    def group_head(self, documents: list[Document], facts: list[ExportFacts], envelope: Envelope) -> bytes:
        """Render nothing."""
        return b""

    def group_tail(self, documents: list[Document], facts: list[ExportFacts], envelope: Envelope) -> bytes:
        """Render nothing."""
        return b""

    def content(self, document: Document, facts: ExportFacts, envelope: Envelope) -> Content:
        """Map, check and render one document. Raises Invalid naming every column that refuses."""
        self._check(document)
        scope = document_scope(document, facts, envelope, extras=self._extras)
        try:
            rows, sums = self._render(document, scope, careful=False)
            data = "".join(rows).encode(self._encoding)
        except (ValueRefused, UnicodeEncodeError):
            scope.notes.clear()
            rows, sums = self._render_carefully(document, scope)
            data = "".join(rows).encode(self._encoding)
        return Content(data=data, rows=len(rows), sums=sums, warnings=tuple(dict.fromkeys(scope.notes)))

    def _check(self, document: Document) -> None:
        statuses = self._spec.options["statuses"]
        if statuses and document.status not in statuses:
            status = document.status or "without a status"
            reason = f"{_label(document)} is {status}; this format takes {_any(statuses)}."
            hint = "Filter the integration by status."
            raise refusal([Finding(_label(document), reason, hint, WRONG_STATUS)])
        tolerance: Decimal = self._spec.options["total_tolerance"]
        needs_lines = RecordKind.LINE in self._records
        if finding := check_money(document, tolerance=tolerance, needs_lines=needs_lines):
            raise refusal([finding])

    def _lines(self, document: Document) -> list[dict[str, object]]:
        """Give the lines that become rows; a document without lines is one row, so that it is never missing."""
        return list(numbered_lines(document, tax_lines=self._spec.options["tax_lines"])) or [{}]

    def _render(self, document: Document, scope: Scope, *, careful: bool) -> tuple[list[str], dict[str, Decimal]]:
        rows: list[str] = []
        sums = {name: Decimal(0) for name, _, _ in self._summed}
        for kind, record in self._content_records():
            lines = self._lines(document) if kind is RecordKind.LINE else []
            if kind is RecordKind.LINE:
                rows.extend(record.line_rows(lines, scope, careful=careful))
            else:
                rows.append(record.row(scope, careful=careful))
            self._add_up(kind, lines, scope, sums)
            scope.pop("Line", None)
        return rows, sums

    def _content_records(self) -> Iterator[tuple[RecordKind, Record]]:
        for kind in (RecordKind.DOCUMENT, RecordKind.LINE, RecordKind.DOCUMENT_END):
            if kind in self._records:
                yield kind, self._records[kind]

    def _add_up(
        self, kind: RecordKind, lines: list[dict[str, object]], scope: Scope, sums: dict[str, Decimal]
    ) -> None:
        for name, column, of_kind in self._summed:
            if of_kind is not kind:
                continue
            for line in lines or [{}]:
                scope["Line"] = line
                sums[name] = EXACT.add(sums[name], column_number(column, scope))

    def _render_carefully(self, document: Document, scope: Scope) -> tuple[list[str], dict[str, Decimal]]:
        try:
            return self._render(document, scope, careful=True)
        except ValueRefused:
            raise Invalid(self._refusals(document, scope)) from None

    def _refusals(self, document: Document, scope: Scope) -> list[Finding]:
        """Look at every column of every row again and name all that refuse; at most 50 of them."""
        findings: list[Finding] = []
        for kind, record in self._content_records():
            if kind is not RecordKind.LINE:
                findings += _findings(record, scope, label=_label(document))
                continue
            for number, line in enumerate(self._lines(document), start=1):
                scope["Line"] = line
                findings += _findings(record, scope, label=_label(document), row=f"line {number}")
            scope.pop("Line", None)
        return list(dict.fromkeys(findings))[:50]

    def values(self, document: Document) -> bytes:
        """Give the mapped values in one canonical form, without what only `Export` or the file says."""
        scope = document_scope(document, ExportFacts(), _NOBODY, extras=extras_for(self._marks.roots - _OWN_NAMES))
        rows = []
        try:
            for kind, record in self._content_records():
                lines = self._lines(document) if kind is RecordKind.LINE else [{}]
                for line in lines:
                    scope["Line"] = line
                    rows.append("\x1f".join(_value(column, scope) for column in record.columns))
        except ValueRefused:
            scope.pop("Line", None)
            raise Invalid(self._refusals(document, scope)) from None
        return "\x1e".join(rows).encode("utf-8", "surrogatepass")

    def supports(self, action: str) -> bool:
        """Say whether a column tells the partner about the action; every file can carry what is new."""
        paths = self._marks.paths
        if action == Action.CHANGE:
            return bool(paths & {"Export.Action", "Export.Version"})
        return action == Action.NEW or bool(paths & {"Export.Action", "Status", "Document.Status"})


def _value(column: Column, scope: Scope) -> str:
    if not column.expression.roots & _OWN_NAMES:
        return column.cell(scope)
    if column.expression.roots <= _OWN_NAMES:
        return ""
    try:
        return plain_text(column.read(scope))
    except ValueRefused:
        return ""


def _marks(records: Mapping[RecordKind, Record]) -> Marks:
    columns = [
        column
        for kind, record in records.items()
        for column in record.columns
        if kind not in (RecordKind.HEADER, RecordKind.TRAILER)
    ]
    paths = frozenset(path for column in columns for path in column.expression.paths)
    return Marks(frozenset(root for column in columns for root in column.expression.roots), paths)


def _summed(records: Mapping[RecordKind, Record]) -> tuple[tuple[str, Column, RecordKind], ...]:
    """Find the columns that the trailer sums, by the names behind `Totals.Sums`."""
    trailer = records.get(RecordKind.TRAILER)
    if trailer is None:
        return ()
    paths = {path for column in trailer.columns for path in column.expression.paths}
    names = {path.removeprefix(_SUMS) for path in paths if path.startswith(_SUMS)}
    return tuple(
        (column.spec.name, column, kind)
        for kind, record in records.items()
        for column in record.columns
        if column.spec.name in names and kind in (RecordKind.DOCUMENT, RecordKind.LINE, RecordKind.DOCUMENT_END)
    )


def _findings(record: Record, scope: Scope, *, label: str, row: str = "") -> list[Finding]:
    findings = []
    for column, refused in refused_columns(record, scope):
        reason = f"{refused.reason} in {label}." if refused.code == REQUIRED_EMPTY else refused.reason
        findings.append(Finding(f"{row} {column.spec.name}".strip(), reason, refused.hint, refused.code))
    return findings


def _label(document: Document) -> str:
    return document.number or document.xero_id


def _any(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
