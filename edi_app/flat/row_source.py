"""A record's columns as one Python function, written once for each mapping version.

A loop over columns asks the same questions again for every value of every document: which object has it, is it a text,
how long may it be. Here they are answered when the mapping is compiled. Of what a person wrote the source has only
names of Xero's fields and date patterns in it, both checked, as `repr` gives them, and whole numbers; all else is
handed over by name (docs/decisions/0012-rows-as-source.md).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from edi_app.mapping.columns import Column
from edi_app.mapping.evaluation import getter
from edi_app.mapping.findings import ValueRefused
from edi_app.mapping.lines import LINE_OWN_NAMES
from edi_app.mapping.scope import OWN_NAMES, Frame
from edi_app.mapping.steps import date_text
from edi_app.written import function_from

Line = Mapping[str, Any]
Cells = Callable[[Frame, Line, Line, Sequence[str]], tuple[str, ...]]
"""Gives the texts of a row in the order of the file: from a frame, a line with what was worked out for it, and the
texts that are ready. Raises ValueRefused."""

_NOTHING: Line = {}
_SHORT: Mapping[tuple[str, ...], str] = {("Line",): "line", ("",): "line_own", ("values",): "values", ("own",): "own"}


def compile_cells(columns: Sequence[Column], *, ready: Mapping[int, int]) -> Cells:
    """Make the function of a record's columns; `ready` says which of them come as texts, and at which place."""
    source = _Source(columns, ready)
    cells: Cells = function_from("cells(frame, line, line_own, ready)", source.body(), source.names)
    return cells


class _Source:
    """The function as text, and the names that it uses."""

    def __init__(self, columns: Sequence[Column], ready: Mapping[int, int]) -> None:
        self._columns, self._ready = columns, ready
        self._owners: dict[tuple[str, ...], str] = dict(_SHORT)
        self.names: dict[str, Any] = {"nothing": _NOTHING, "Decimal": Decimal, "date": date, "date_text": date_text}

    def body(self) -> list[str]:
        """Write the lines of the function."""
        texts, body = [], list[str]()
        for index, column in enumerate(self._columns):
            if ready := self._ready_text(index, column):
                texts.append(ready)
                continue
            if not _is_plain(column) and "scope = frame.scope()" not in body:
                body += ["frame.put_line(line, line_own)", "scope = frame.scope()"]
            body += self._column(index, column)
            texts.append(f"c{index}")
        own_names = "notes, values, own = frame.notes, frame.values, frame.own"
        return [own_names, *body, f"return ({''.join(f'{text}, ' for text in texts)})"]

    def _ready_text(self, index: int, column: Column) -> str:
        """Name a text that needs no work: one that comes ready, or a constant."""
        if index in self._ready:
            return f"ready[{self._ready[index]}]"
        fixed = _fixed_text(column)
        if fixed is None:
            return ""
        self.names[f"t{index}"] = fixed
        return f"t{index}"

    def _column(self, index: int, column: Column) -> Iterator[str]:
        self.names[f"convert{index}"] = column.convert
        if not _is_plain(column):
            self.names[f"evaluate{index}"] = column.evaluate
            yield f"c{index} = convert{index}(evaluate{index}(scope), notes)"
            return
        path = _own_path(column.expression.path or ())
        if path[:-1] not in self._owners:
            yield from self._owner(path[:-1])
        yield f"v = {self._owners[path[:-1]]}.get({path[-1]!r})"
        ways = "".join(f"{quick.text} if {quick.test} else " for quick in column.quick)
        yield f"c{index} = {ways}convert{index}(v, notes)"

    def _owner(self, path: tuple[str, ...]) -> Iterator[str]:
        """Find the object whose fields are read; what is no object has no fields."""
        name = self._owners[path] = f"o{len(self._owners)}"
        first = path[:1] if path[:1] in _SHORT else ("own",) if path[0] in OWN_NAMES else ("values",)
        rest = path[1:] if path[:1] in _SHORT else path
        if len(rest) == 1:
            yield f"{name} = {_SHORT[first]}.get({rest[0]!r})"
        else:
            self.names[f"get_{name}"] = getter(rest)
            yield f"{name} = get_{name}({_SHORT[first]})"
        yield f"if {name}.__class__ is not dict: {name} = nothing"


def _own_path(path: tuple[str, ...]) -> tuple[str, ...]:
    """Begin a path with what owns its first name."""
    if path[0] == "Line":
        return ("", path[1]) if len(path) == 2 and path[1] in LINE_OWN_NAMES else path
    if len(path) == 1:
        return ("own" if path[0] in OWN_NAMES else "values", *path)
    return path


def _fixed_text(column: Column) -> str | None:
    """Give the text of a constant; None for anything that depends on the document, or needs a note."""
    notes: list[Any] = []
    try:
        text = column.cell({}, notes) if column.is_constant else None
    except ValueRefused:
        return None
    return None if notes else text


def _is_plain(column: Column) -> bool:
    return column.expression.path not in (None, ("Line",))
