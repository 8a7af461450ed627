"""A compiled mapping at work: rows as functions from a document's scope to segments.

A segment is written when at least one of its sources has a value (or all are constants); an empty first segment
of a loop leaves out the whole loop. Empty elements at the end are never written.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from core.errors import Finding
from edi_app.mapping.evaluation import is_false
from edi_app.mapping.findings import REQUIRED_EMPTY, ValueRefused
from edi_app.x12.computed import xero_words
from edi_app.x12.writing import Write

Segment = list[str]
Segments = list[Segment]
_REMEMBERED = 500
# Stands in for a refused value, so that its segment still counts; the document never leaves.
_REFUSED = "?"


class Scope(dict[str, Any]):
    """What sources see of one document, and the declared cuts and replacements met so far. A preview asks for a
    `trace`: every segment as it is written, with what its sources said."""

    notes: list[Finding]
    trace: "list[Trace] | None" = None


class Trace(NamedTuple):
    """One written segment: the path of the row that made it, its elements as text, and by element what the sources
    said."""

    path: str
    parts: list[str]
    values: Mapping[int, Any]


Read = Callable[[Scope], Any]
WriteRow = Callable[[Scope, list[Finding]], Segment]
"""Gives a segment's parts, tag first; none when no source has a value. What is refused goes into the list."""
Kept = tuple[Any, Segments, list[Finding]]


@dataclass(slots=True)
class Cell:
    """One element that depends on the document."""

    read: Read
    write: Write
    place: str = ""
    source: str = ""
    required: bool = False
    default: str = ""

    def text(self, value: Any, notes: list[Finding]) -> str:
        """Write a value. Raises ValueRefused."""
        if value is None or (value.__class__ is str and not value):
            return self._empty()
        return self.write(value, notes)

    def _empty(self) -> str:
        if self.required and not self.default:
            reason = f"{self.place} is required, but {xero_words(self.source)} is empty."
            raise ValueRefused(reason, hint="Fill it in Xero, or set a default.", code=REQUIRED_EMPTY)
        return self.default


class Step(NamedTuple):
    """What to do for one element, with a short way for the usual value. `holder` is which of the segment's holders
    has the value, CONSTANT or READ; `name` is its name there, or the constant's text. `quick` writes a value of
    `kind`, or gives nothing where a closer look is needed; `missing` stands for no value."""

    holder: int
    name: str
    kind: type[Any] | None = None
    quick: Callable[[Any], str] = str
    missing: str | None = None
    cell: Cell | None = None


CONSTANT = -1
READ = -2


@dataclass(slots=True)
class PlannedSegment:
    """One compiled row. `party` names the worked-out party that alone decides what the row and its loop say:
    the same party gives the same segments again."""

    tag: str
    steps: tuple[Step, ...]
    write: WriteRow
    each: Read | None = None
    bind: str = ""
    when: Read | None = None
    children: tuple["PlannedSegment", ...] = ()
    party: str = ""
    path: str = ""
    _kept: dict[int, Kept] = field(default_factory=dict)

    def render(self, scope: Scope, out: Segments, refused: list[Finding]) -> None:
        """Append this row's segments; what cannot be written is added to `refused`."""
        if self.when is not None and is_false(self.when(scope)):
            return
        if self.party and scope.trace is None:
            self._recall(scope, out, refused)
        elif self.each is None:
            self._render_one(scope, out, refused)
        elif items := self.each(scope):
            self._render_each(items, scope, out, refused)

    def _render_each(self, items: Any, scope: Scope, out: Segments, refused: list[Finding]) -> None:
        for item in items if isinstance(items, list) else ():
            scope[self.bind] = item
            if self.bind == "Item":
                scope["Line"] = item["Line"]
            self._render_one(scope, out, refused)

    def _recall(self, scope: Scope, out: Segments, refused: list[Finding]) -> None:
        party = scope["X12"][self.party]
        kept = self._kept.get(id(party))
        if kept is None or kept[0] is not party:
            kept = self._render_fresh(party, scope, refused)
        out += kept[1]
        scope.notes += kept[2]

    def _render_fresh(self, party: Any, scope: Scope, refused: list[Finding]) -> Kept:
        apart = Scope(scope)
        apart.notes = []
        kept: Kept = (party, [], apart.notes)
        faults: list[Finding] = []
        self._render_one(apart, kept[1], faults)
        refused += faults
        if not faults:
            if len(self._kept) >= _REMEMBERED:
                self._kept.clear()
            self._kept[id(party)] = kept
        return kept

    def _render_one(self, scope: Scope, out: Segments, refused: list[Finding]) -> None:
        parts = self.write(scope, refused)
        if parts:
            self._put(parts, scope, out, refused)

    def _put(self, parts: list[str], scope: Scope, out: Segments, refused: list[Finding]) -> None:
        while not parts[-1]:
            parts.pop()
        out.append(parts)
        if scope.trace is not None:
            scope.trace.append(Trace(self.path, parts, self._values(scope)))
        for child in self.children:
            child.render(scope, out, refused)

    def _values(self, scope: Scope) -> dict[int, Any]:
        """Read every source again, for a preview; what is refused says nothing."""
        values = {}
        for place, step in enumerate(self.steps, start=1):
            if step.cell is not None:
                with suppress(ValueRefused):
                    values[place] = step.cell.read(scope)
        return values


def slow_text(cell: Cell, value: Any, reads: bool, scope: Scope, refused: list[Finding]) -> str:
    """Write an element the long way; with `reads`, the value is what its source says. What is refused is added to
    `refused`."""
    try:
        return cell.text(cell.read(scope) if reads else value, scope.notes)
    except ValueRefused as error:
        refused.append(error.finding(cell.place))
        return _REFUSED
