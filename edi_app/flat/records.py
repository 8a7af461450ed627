"""Record types as compiled rows; what belongs to the document is worked out once for all its lines."""

from collections.abc import Sequence
from typing import Protocol

from edi_app.flat.row_source import compile_cells
from edi_app.mapping.columns import Column, Notes, Style
from edi_app.mapping.findings import ValueRefused
from edi_app.mapping.lines import Pair
from edi_app.mapping.scope import Frame
from edi_app.mapping.spec import RecordKind


class RowStyle(Style, Protocol):
    """A style that also writes whole rows."""

    newline: str

    def row(self, cells: Sequence[str], columns: Sequence[Column], notes: Notes, careful: bool) -> str:
        """Write one row from its cells; `careful` looks at every character. Raises ValueRefused."""

    def names_row(self, columns: Sequence[Column]) -> str:
        """Write the row of column names; nothing where the format has none."""


class Record:
    """One record type with its columns in the order of the file."""

    def __init__(self, kind: RecordKind, columns: Sequence[Column], style: RowStyle, *, repeats: bool) -> None:
        self.kind = kind
        self.columns = tuple(columns)
        self.style = style
        once = [index for index, column in enumerate(self.columns) if not column.reads_line]
        self._once = compile_cells([self.columns[index] for index in once], ready={})
        self._row = compile_cells(self.columns, ready={})
        self._line_row = compile_cells(self.columns, ready={index: place for place, index in enumerate(once)})
        self._blanked = [place for place, index in enumerate(once) if _is_blanked(self.columns[index], repeats)]

    def row(self, frame: Frame, *, careful: bool = False) -> str:
        """Write the one row of a record that has no lines. Raises ValueRefused."""
        cells = self._row(frame, frame.line, frame.line_own, ())
        return self.style.row(cells, self.columns, frame.notes, careful)

    def line_rows(self, lines: Sequence[Pair], frame: Frame, *, careful: bool = False) -> list[str]:
        """Write one row for each line. Raises ValueRefused."""
        once: Sequence[str] = self._once(frame, frame.line, frame.line_own, ())
        write, line_row, columns, notes = self.style.row, self._line_row, self.columns, frame.notes
        rows = []
        for line, line_own in lines:
            rows.append(write(line_row(frame, line, line_own, once), columns, notes, careful))
            if self._blanked and len(rows) == 1:
                once = ["" if place in self._blanked else text for place, text in enumerate(once)]
        return rows

    def refusals(self, frame: Frame) -> list[tuple[Column, ValueRefused]]:
        """Find every column that refuses the frame as it stands, characters included."""
        refused = []
        for column in self.columns:
            try:
                cell = column.cell(frame.scope(), frame.notes)
                self.style.row([cell], [column], frame.notes, True)
            except ValueRefused as error:
                refused.append((column, error))
        return refused


def _is_blanked(column: Column, repeats: bool) -> bool:
    """Say whether a document's value stands on its first line only."""
    wanted = column.spec.repeat
    return not (repeats or column.is_constant if wanted is None else wanted)
