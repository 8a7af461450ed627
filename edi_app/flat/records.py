"""Record types as compiled rows; what belongs to the document is worked out once for all its lines."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import attrgetter, itemgetter
from typing import Any, Protocol

from edi_app.mapping.columns import Column, Convert, Notes, Style
from edi_app.mapping.evaluation import getter
from edi_app.mapping.findings import ValueRefused
from edi_app.mapping.lines import LINE_OWN_NAMES, Pair
from edi_app.mapping.scope import OWN_NAMES, Frame
from edi_app.mapping.spec import RecordKind

Owner = Callable[[Frame], Mapping[str, Any]]
_NOTHING: dict[str, Any] = {}


class RowStyle(Style, Protocol):
    """A style that also writes whole rows."""

    newline: str

    def row(self, cells: Sequence[str], columns: Sequence[Column], notes: Notes, careful: bool) -> str:
        """Write one row from its cells; `careful` looks at every character. Raises ValueRefused."""

    def names_row(self, columns: Sequence[Column]) -> str:
        """Write the row of column names; nothing where the format has none."""


class Fill:
    """Works out some columns of a row together: plain paths straight from the objects that own them (the
    document, its contact, the line), everything else from the whole scope."""

    def __init__(self, columns: Sequence[tuple[int, Column]]) -> None:
        plain = [(index, column) for index, column in columns if column.expression.path]
        self._computed = [column for _, column in columns if not column.expression.path]
        self.indices = [index for index, _ in plain] + [i for i, column in columns if not column.expression.path]
        owners: dict[tuple[str, ...], int] = {}
        self._plan: list[tuple[int, str, int, Convert]] = []
        for _, column in plain:
            path = column.expression.path or ()
            owner = owners.setdefault(_owner_path(path), len(owners))
            self._plan.append((owner, path[-1], column.text_limit, column.convert))
        self._owners = [_owner(path) for path in owners]

    def cells(self, frame: Frame) -> list[str]:
        """Give the texts of the columns, in the order of `indices`. Raises ValueRefused."""
        owners = [owner(frame) for owner in self._owners]
        notes = frame.notes
        cells = [
            value
            if (value := owners[owner].get(name)).__class__ is str and len(value) <= limit
            else convert(value, notes)
            for owner, name, limit, convert in self._plan
        ]
        if self._computed:
            scope = frame.scope()
            cells += [column.convert(column.evaluate(scope), notes) for column in self._computed]
        return cells


_VALUES = "\0values"
_OWN = "\0own"
_LINE_OWN = "\0line"
_DIRECT: Mapping[tuple[str, ...], Owner] = {
    (_VALUES,): attrgetter("values"),
    (_OWN,): attrgetter("own"),
    (_LINE_OWN,): attrgetter("line_own"),
    ("Line",): attrgetter("line"),
}


def _owner_path(path: tuple[str, ...]) -> tuple[str, ...]:
    """Name the object that owns the last name of a path."""
    if path[0] == "Line" and len(path) == 2 and path[1] in LINE_OWN_NAMES:
        return (_LINE_OWN,)
    if len(path) == 1:
        return (_OWN,) if path[0] in OWN_NAMES else (_VALUES,)
    return path[:-1]


def _owner(path: tuple[str, ...]) -> Owner:
    """Give the function that finds the object whose fields are read; what is no object has no fields."""
    if path in _DIRECT:
        return _DIRECT[path]
    if path[0] == "Line":
        source, get = attrgetter("line"), getter(path[1:])
    else:
        source, get = attrgetter("own" if path[0] in OWN_NAMES else "values"), getter(path)

    def find(frame: Frame) -> Mapping[str, Any]:
        found = get(source(frame))
        return found if isinstance(found, dict) else _NOTHING

    return find


class Record:
    """One record type with its columns in the order of the file."""

    def __init__(self, kind: RecordKind, columns: Sequence[Column], style: RowStyle, *, repeats: bool) -> None:
        self.kind = kind
        self.columns = tuple(columns)
        self.style = style
        numbered = list(enumerate(self.columns))
        self._once = Fill([(index, column) for index, column in numbered if not column.reads_line])
        self._per_line = Fill([(index, column) for index, column in numbered if column.reads_line])
        indices = self._once.indices + self._per_line.indices
        places = [indices.index(index) for index in range(len(indices))]
        self._in_order: Callable[[list[str]], Sequence[str]] = (
            itemgetter(*places) if len(places) > 1 and places != sorted(places) else tuple
        )
        self._blanked = [
            place for place, index in enumerate(self._once.indices) if _is_blanked(columns[index], repeats)
        ]

    def row(self, frame: Frame, *, careful: bool = False) -> str:
        """Write the one row of a record that has no lines. Raises ValueRefused."""
        cells = self._in_order(self._once.cells(frame) + self._per_line.cells(frame))
        return self.style.row(cells, self.columns, frame.notes, careful)

    def line_rows(self, lines: Sequence[Pair], frame: Frame, *, careful: bool = False) -> Iterator[str]:
        """Write one row for each line. Raises ValueRefused."""
        once = self._once.cells(frame)
        write, per_line, in_order, columns = self.style.row, self._per_line.cells, self._in_order, self.columns
        notes = frame.notes
        for line, line_own in lines:
            frame.put_line(line, line_own)
            yield write(in_order(once + per_line(frame)), columns, notes, careful)
            for place in self._blanked:
                once[place] = ""

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
