"""Record types as compiled rows; what belongs to the document is worked out once for all its lines."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from core.field_shapes import Shape
from edi_app.mapping.columns import Cell, Column, Style, compile_column
from edi_app.mapping.findings import ValueRefused
from edi_app.mapping.functions import Tables
from edi_app.mapping.scope import Scope
from edi_app.mapping.spec import FieldSpec, RecordKind


class RowStyle(Style, Protocol):
    """A style that also writes whole rows."""

    newline: str

    def row(self, cells: list[str], columns: Sequence[Column], scope: Scope, *, careful: bool) -> str:
        """Write one row from its cells."""

    def names_row(self, columns: Sequence[Column], scope: Scope) -> str:
        """Write the row of column names."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record type with its columns in the order of the file."""

    kind: RecordKind
    columns: tuple[Column, ...]
    style: RowStyle
    repeats: bool = True
    once: tuple[tuple[int, Cell], ...] = field(init=False)
    per_line: tuple[tuple[int, Cell], ...] = field(init=False)
    blanked: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        numbered = list(enumerate(self.columns))
        once = [(index, column.cell) for index, column in numbered if not column.reads_line]
        per_line = [(index, column.cell) for index, column in numbered if column.reads_line]
        object.__setattr__(self, "once", tuple(once))
        object.__setattr__(self, "per_line", tuple(per_line))
        object.__setattr__(self, "blanked", tuple(index for index, column in numbered if self._is_blanked(column)))

    def _is_blanked(self, column: Column) -> bool:
        repeats = column.spec.repeat
        if repeats is None:
            repeats = self.repeats or column.is_constant
        return not repeats and not column.reads_line

    def row(self, scope: Scope, *, careful: bool = False) -> str:
        """Write the one row of a record that has no lines. Raises ValueRefused."""
        cells = [column.cell(scope) for column in self.columns]
        return self.style.row(cells, self.columns, scope, careful=careful)

    def line_rows(
        self, lines: Sequence[dict[str, object]], scope: Scope, *, careful: bool = False
    ) -> Iterator[str]:
        """Write one row for each line. Raises ValueRefused; `scope["Line"]` is then the line that refused."""
        template = [""] * len(self.columns)
        for index, cell in self.once:
            template[index] = cell(scope)
        write, columns, per_line = self.style.row, self.columns, self.per_line
        for line in lines:
            scope["Line"] = line
            cells = template.copy()
            for index, cell in per_line:
                cells[index] = cell(scope)
            yield write(cells, columns, scope, careful=careful)
            for index in self.blanked:
                template[index] = ""


def compile_record(
    kind: RecordKind,
    specs: Sequence[FieldSpec],
    *,
    shape: Shape,
    tables: Tables,
    style: RowStyle,
    repeats: bool,
) -> Record:
    """Compile one record type. Raises ValueRefused; a definition that passed its check never does."""
    columns = tuple(compile_column(spec, shape=shape, tables=tables, style=style) for spec in specs)
    return Record(kind, columns, style, repeats)


def refused_columns(record: Record, scope: Scope) -> list[tuple[Column, ValueRefused]]:
    """Find every column of a record that refuses the scope as it stands, characters included."""
    refused = []
    for column in record.columns:
        try:
            record.style.row([column.cell(scope)], [column], scope, careful=True)
        except ValueRefused as error:
            refused.append((column, error))
    return refused
