"""Record types as compiled rows; what belongs to the document is worked out once for all its lines."""

from collections.abc import Callable, Mapping, Sequence
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
    """Works out some columns of a row together: constants beforehand, plain paths straight from the objects that
    own them (the document, its contact, the line), everything else from the whole scope."""

    def __init__(self, columns: Sequence[tuple[int, Column]]) -> None:
        fixed = [(index, column, text) for index, column in columns if (text := _fixed_text(column)) is not None]
        rest = [pair for pair in columns if pair[0] not in {index for index, _, _ in fixed}]
        plain = [pair for pair in rest if _is_plain(pair[1])]
        computed = [pair for pair in rest if not _is_plain(pair[1])]
        self.indices: list[int] = [index for index, _, _ in fixed] + [index for index, _ in (*plain, *computed)]
        self._fixed = [text for _, _, text in fixed]
        self._computed = [column for _, column in computed]
        owners: dict[tuple[str, ...], int] = {_LINE: 0, _LINE_OWN: 1}
        self._plan: list[tuple[int, str, int, Convert]] = []
        for _, column in plain:
            path = column.expression.path or ()
            owner = owners.setdefault(_owner_path(path), len(owners))
            self._plan.append((owner, path[-1], column.text_limit, column.convert))
        self._owners = [_owner(path) for path in owners]
        self.needs_only_line = len(owners) == len((_LINE, _LINE_OWN)) and not self._computed

    def cells(self, frame: Frame, owners: Sequence[Mapping[str, Any]] | None = None) -> list[str]:
        """Give the texts of the columns, in the order of `indices`. Raises ValueRefused.

        `owners` may be the line and what we worked out for it, where `needs_only_line`.
        """
        if owners is None:
            owners = [owner(frame) for owner in self._owners]
        notes = frame.notes
        cells = [
            value
            if (value := owners[owner].get(name)).__class__ is str and len(value) <= limit
            else convert(value, notes)
            for owner, name, limit, convert in self._plan
        ]
        if self._fixed:
            cells = self._fixed + cells
        if self._computed:
            scope = frame.scope()
            cells += [column.convert(column.evaluate(scope), notes) for column in self._computed]
        return cells


def _fixed_text(column: Column) -> str | None:
    """Give the text of a constant; None for anything that depends on the document, or needs a note."""
    notes: Notes = []
    try:
        text = column.cell({}, notes) if column.is_constant else None
    except ValueRefused:
        return None
    return None if notes else text


def _is_plain(column: Column) -> bool:
    return column.expression.path not in (None, ("Line",))


_VALUES = ("\0values",)
_OWN = ("\0own",)
_LINE = ("Line",)
_LINE_OWN = ("\0line",)
_DIRECT: Mapping[tuple[str, ...], Owner] = {
    _VALUES: attrgetter("values"),
    _OWN: attrgetter("own"),
    _LINE: attrgetter("line"),
    _LINE_OWN: attrgetter("line_own"),
}


def _owner_path(path: tuple[str, ...]) -> tuple[str, ...]:
    """Name the object that owns the last name of a path."""
    if path[0] == "Line" and len(path) == 2 and path[1] in LINE_OWN_NAMES:
        return _LINE_OWN
    if len(path) == 1:
        return _OWN if path[0] in OWN_NAMES else _VALUES
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
        cells = self._once.cells(frame)
        if self._per_line.indices:
            cells += self._per_line.cells(frame)
        return self.style.row(self._in_order(cells), self.columns, frame.notes, careful)

    def line_rows(self, lines: Sequence[Pair], frame: Frame, *, careful: bool = False) -> list[str]:
        """Write one row for each line. Raises ValueRefused."""
        once = self._once.cells(frame)
        write, per_line, in_order, columns = self.style.row, self._per_line.cells, self._in_order, self.columns
        only_line, blanked, notes = self._per_line.needs_only_line, self._blanked, frame.notes
        rows = []
        for pair in lines:
            if only_line:
                cells = per_line(frame, pair)
            else:
                frame.put_line(*pair)
                cells = per_line(frame)
            rows.append(write(in_order(once + cells), columns, notes, careful))
            for place in blanked:
                once[place] = ""
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
