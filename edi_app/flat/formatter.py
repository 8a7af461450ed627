"""The formatter of flat files: one compiled mapping over one stream, from documents to the file's bytes."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from core.documents import Action, Document
from core.errors import Finding, Invalid
from core.formats import Content, Envelope, ExportFacts, Totals
from edi_app.flat.records import Record, RowStyle
from edi_app.mapping.columns import Column, Notes
from edi_app.mapping.findings import REQUIRED_EMPTY, WRONG_STATUS, ValueRefused, refusal
from edi_app.mapping.lines import Lines, Pair
from edi_app.mapping.money import money_check
from edi_app.mapping.plain_text import EXACT, plain_text
from edi_app.mapping.scope import Frame, OwnNames, file_frame
from edi_app.mapping.spec import MappingSpec, RecordKind

_CONTENT = (RecordKind.DOCUMENT, RecordKind.LINE, RecordKind.DOCUMENT_END)
_OF_THE_FILE = frozenset({"Export", "File"})
_SUMS = "Totals.Sums."
_MOST_FINDINGS = 50
_NO_SUMS: Mapping[str, Decimal] = MappingProxyType({})
_ONE_ROW: list[Pair] = [({}, {})]


class FlatFormatter:
    """Formats documents of one stream as CSV or fixed width; see `core.formats.Formatter`."""

    document: str = ""
    numbers: tuple[str, ...] = ()

    def __init__(
        self, spec: MappingSpec, records: Mapping[RecordKind, Record], style: RowStyle, *, stream: str
    ) -> None:
        self.extension: str = spec.options["extension"]
        self._options = spec.options
        self._statuses: tuple[str, ...] = spec.options["statuses"]
        self._has_names = bool(spec.options.get("header")) and not spec.has_record_types
        self._records = records
        self._content = [records[kind] for kind in _CONTENT if kind in records]
        self._summed = _summed(records)
        is_plain = not self._summed and [record.kind for record in self._content] == [RecordKind.DOCUMENT]
        self._only_row = self._content[0] if is_plain else None
        self._style = style
        self._encoding: str = spec.options["encoding"]
        self._paths = _paths(self._content)
        self._own = OwnNames(self._paths)
        self._lines = Lines(paths=self._paths, tax_lines=spec.options["tax_lines"])
        self._value_cells = [(record, [_value_cell(column) for column in record.columns]) for record in self._content]
        self._money_finding = money_check(
            stream=stream, tolerance=spec.options["total_tolerance"], needs_lines=RecordKind.LINE in records
        )

    def header(self, envelope: Envelope) -> bytes:
        """Render the byte order mark, the column names and the header record, as far as the mapping has them."""
        mark = "\ufeff" if self._options["bom"] else ""
        names = self._names_row() if self._has_names else ""
        record = self._file_row(RecordKind.HEADER, file_frame(envelope, None))
        return f"{mark}{names}{record}".encode(self._encoding)

    def trailer(self, envelope: Envelope, totals: Totals) -> bytes:
        """Render the trailer record, with counts and sums."""
        frame = file_frame(envelope, totals, summed=tuple(name for name, _, _ in self._summed))
        return self._file_row(RecordKind.TRAILER, frame).encode(self._encoding)

    def _names_row(self) -> str:
        try:
            return self._style.names_row(self._content[0].columns)
        except ValueRefused as refused:
            raise refusal([refused.finding("the row of column names")]) from None

    def _file_row(self, kind: RecordKind, frame: Frame) -> str:
        record = self._records.get(kind)
        if record is None:
            return ""
        try:
            return record.row(frame, careful=True)
        except ValueRefused:
            raise refusal(_findings(record, frame, label=f"the {kind}", row=str(kind))) from None

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
        self._check(document, facts)
        frame = self._own.frame(document, facts, envelope)
        try:
            rows, sums = self._render(document, frame, careful=False)
            data = "".join(rows).encode(self._encoding)
        except (ValueRefused, UnicodeEncodeError):
            frame.notes.clear()
            rows, sums = self._render_carefully(document, frame)
            data = "".join(rows).encode(self._encoding)
        return Content(data, len(rows), sums, "", tuple(dict.fromkeys(frame.notes)) if frame.notes else ())

    def _check(self, document: Document, facts: ExportFacts) -> None:
        """Refuse a state that the format is not for (a cancellation may have any), and money that differs."""
        if self._statuses and document.status not in self._statuses and facts.action != Action.CANCEL:
            status = document.status or "without a status"
            reason = f"{_label(document)} is {status}; this format takes {_any(self._statuses)}."
            raise refusal([Finding(_label(document), reason, "Filter the integration by status.", WRONG_STATUS)])
        if finding := self._money_finding(document):
            raise refusal([finding])

    def _render(self, document: Document, frame: Frame, *, careful: bool) -> tuple[list[str], Mapping[str, Decimal]]:
        if self._only_row is not None:
            return [self._only_row.row(frame, careful=careful)], _NO_SUMS
        rows: list[str] = []
        sums: dict[str, Decimal] = {}
        for record in self._content:
            lines: list[Pair] = _ONE_ROW
            if record.kind is RecordKind.LINE:
                lines = self._lines.of(document)
                rows.extend(record.line_rows(lines, frame, careful=careful))
            else:
                rows.append(record.row(frame, careful=careful))
            if self._summed:
                self._add_up(record.kind, lines, frame, sums)
        return rows, sums

    def _add_up(self, kind: RecordKind, lines: Iterable[Pair], frame: Frame, sums: dict[str, Decimal]) -> None:
        for line in lines:
            frame.put_line(*line)
            for name, column, of_kind in self._summed:
                if of_kind is kind:
                    sums[name] = EXACT.add(sums.get(name, Decimal(0)), column.number(frame.scope()))

    def _render_carefully(self, document: Document, frame: Frame) -> tuple[list[str], Mapping[str, Decimal]]:
        try:
            return self._render(document, frame, careful=True)
        except ValueRefused:
            raise Invalid(self._refusals(document, frame)) from None

    def _refusals(self, document: Document, frame: Frame) -> list[Finding]:
        """Look at every column of every row again and name what refuses, up to a bound."""
        findings: dict[Finding, None] = {}
        for record in self._content:
            is_line = record.kind is RecordKind.LINE
            for number, line in enumerate(self._lines.of(document) if is_line else _ONE_ROW, start=1):
                frame.put_line(*line)
                row = f"line {number}" if is_line else ""
                findings |= dict.fromkeys(_findings(record, frame, label=_label(document), row=row))
                if len(findings) >= _MOST_FINDINGS:
                    break
        return list(findings)[:_MOST_FINDINGS]

    def values(self, document: Document) -> bytes:
        """Give the mapped values in one canonical form, without what only `Export` or the file says."""
        frame = self._own.frame(document, None, None)
        rows = []
        try:
            for record, cells in self._value_cells:
                for line in self._lines.of(document) if record.kind is RecordKind.LINE else _ONE_ROW:
                    frame.put_line(*line)
                    scope = frame.scope()
                    rows.append("\x1f".join([cell(scope, frame.notes) for cell in cells]))
        except ValueRefused:
            raise Invalid(self._refusals(document, frame)) from None
        return "\x1e".join(rows).encode("utf-8", "surrogatepass")

    def supports(self, action: str) -> bool:
        """Say whether a column tells the partner about the action; every file can carry what is new."""
        if action == Action.CHANGE:
            return bool(self._paths & {"Export.Action", "Export.Version"})
        return action == Action.NEW or bool(self._paths & {"Export.Action", "Status", "Document.Status"})


def _value_cell(column: Column) -> Callable[[dict[str, Any], Notes], str]:
    """Give the canonical text of a column: nothing for what only `Export` or the file says."""
    roots = column.expression.roots
    if not roots & _OF_THE_FILE:
        return column.cell
    if roots <= _OF_THE_FILE:
        return lambda _, __: ""

    def mixed(scope: dict[str, Any], _: Notes) -> str:
        try:
            return plain_text(column.read(scope))
        except ValueRefused:
            return ""

    return mixed


def _paths(records: Iterable[Record]) -> frozenset[str]:
    return frozenset(path for record in records for column in record.columns for path in column.expression.paths)


def _summed(records: Mapping[RecordKind, Record]) -> tuple[tuple[str, Column, RecordKind], ...]:
    """Find the columns that the trailer sums, by the names behind `Totals.Sums`."""
    trailer = records.get(RecordKind.TRAILER)
    paths = _paths([trailer]) if trailer else ()
    names = {path.removeprefix(_SUMS) for path in paths if path.startswith(_SUMS)}
    content = [records[kind] for kind in _CONTENT if kind in records]
    return tuple(
        (column.spec.name, column, record.kind)
        for record in content
        for column in record.columns
        if column.spec.name in names
    )


def _findings(record: Record, frame: Frame, *, label: str, row: str = "") -> list[Finding]:
    findings = []
    for column, refused in record.refusals(frame):
        reason = f"{refused.reason} in {label}." if refused.code == REQUIRED_EMPTY else refused.reason
        findings.append(Finding(f"{row} {column.spec.name}".strip(), reason, refused.hint, refused.code))
    return findings


def _label(document: Document) -> str:
    return document.number or document.xero_id


def _any(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
