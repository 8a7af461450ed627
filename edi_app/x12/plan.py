"""A compiled mapping's rows, and what its functions work with: from a document's scope to segments.

A segment is written when at least one of its sources has a value (or all are constants); an empty first segment
of a loop leaves out the whole loop. Empty elements at the end are never written.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from core.errors import Finding
from edi_app.mapping.findings import REQUIRED_EMPTY, ValueRefused
from edi_app.x12.computed import xero_words
from edi_app.x12.writing import Write

Segments = list[str]
"""Segments as text, without terminators."""
Held = tuple[str, ...]
"""The path of a value whose holder is always there, so that nothing can fail."""
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
    parts: Sequence[str]
    values: Mapping[int, Any]


Read = Callable[[Scope], Any]


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
    """What to do for one element: write a constant's `text`, or a `cell`. With a `path` there is a short way for the
    usual value: `quick` writes a value of `kind`, or gives nothing where a closer look is needed; `missing` stands
    for no value."""

    text: str = ""
    cell: Cell | None = None
    path: Held = ()
    kind: type[Any] | None = None
    quick: Callable[[Any], str] = str
    missing: str | None = None


@dataclass(slots=True)
class PlannedSegment:
    """One compiled row. `party` names the worked-out party that alone decides what the row and its loop say:
    the same party gives the same segments again."""

    tag: str
    steps: tuple[Step, ...]
    each: Held | Read | None = None
    bind: str = ""
    when: Held | Read | None = None
    children: tuple["PlannedSegment", ...] = ()
    party: str = ""
    path: str = ""

    @property
    def is_constant(self) -> bool:
        """Say whether nothing in the segment depends on the document."""
        return all(step.cell is None for step in self.steps)

    def keep(self, parts: Sequence[str], scope: Scope) -> None:
        """Put what was written, and what every source says, into a preview's trace; what is refused says nothing."""
        values = {}
        for place, step in enumerate(self.steps, start=1):
            if step.cell is not None:
                with suppress(ValueRefused):
                    values[place] = step.cell.read(scope)
        if scope.trace is not None:
            scope.trace.append(Trace(self.path, parts, values))


def places_written(planned: Iterable[PlannedSegment]) -> dict[str, set[int]]:
    """Say of each tag which of its elements the rows can ever fill."""
    places: dict[str, set[int]] = {}
    for segment in planned:
        filled = {place for place, step in enumerate(segment.steps, start=1) if step.text or step.cell}
        places.setdefault(segment.tag, set()).update(filled)
        for tag, inner in places_written(segment.children).items():
            places.setdefault(tag, set()).update(inner)
    return places


def slow_text(cell: Cell, value: Any, reads: bool, scope: Scope, refused: list[Finding]) -> str:
    """Write an element the long way; with `reads`, the value is what its source says. What is refused is added to
    `refused`."""
    try:
        return cell.text(cell.read(scope) if reads else value, scope.notes)
    except ValueRefused as error:
        refused.append(error.finding(cell.place))
        return _REFUSED
