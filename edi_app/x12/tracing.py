"""Which mapping row made which element: for previews, editors, and for rejections that lead back to a field."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edi_app.mapping.spec import Origin
from edi_app.x12.computed import xero_words
from edi_app.x12.definition import X12Mapping, resolve_x12
from edi_app.x12.delimiters import Delimiters
from edi_app.x12.dictionary import LATER, Dictionary, dictionary
from edi_app.x12.plan import Trace
from edi_app.x12.rows import ElementRow, SegmentRow, element_path, walk_rows
from edi_app.x12.validator import validator_for


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One row of a mapping as an editor shows it. `kind` and lengths are the dictionary's, `xero` says in Xero's
    words where the source comes from (empty for a constant)."""

    path: str
    name: str
    source: str
    transform: str
    xero: str
    origin: Origin
    mandatory: bool
    kind: str
    shortest: int
    longest: int


@dataclass(frozen=True, slots=True)
class TracedElement:
    """One element of a set: its row's path (`N1[BT]`) and its own (`N1[BT]/N104`), the segment's position (ST = 1; 0
    for a row that wrote none), what the source said, and the text."""

    record: str
    path: str
    segment: int
    row: ElementRow
    value: Any = None
    text: str = ""

    @property
    def xero(self) -> str:
        """Say in Xero's words where the source comes from; empty for a constant."""
        return _xero(self.row.source)

    def is_about(self, finding_path: str) -> bool:
        """Say whether a finding at this place is about this element."""
        where, tag = self.row.where, self.record.rpartition("/")[2].partition("[")[0]
        if finding_path in (self.path, f"{tag}{self.row.place:02d} (segment {self.segment})"):
            return True
        return bool(where) and (finding_path == where or finding_path.startswith(f"{where}."))


def list_rows(definition: Mapping[str, Any], *, release: str = LATER) -> list[FieldRow]:
    """List a mapping's rows in the order of the set, inherited and overridden ones alike."""
    mapping, used = resolve_x12(definition, release=release), dictionary(release)
    return [
        found
        for path, row in walk_rows(mapping.rows)
        for place in sorted(row.elements)
        if (found := _field_row(path, row, row.elements[place], used)) is not None
    ]


def _field_row(path: str, row: SegmentRow, element: ElementRow, used: Dictionary) -> FieldRow | None:
    described = used.segments.get(row.tag)
    if described is None or not 1 <= element.place <= len(described.uses):
        return None
    use = described.uses[element.place - 1]
    return FieldRow(
        path=element_path(path, row, element.place),
        name=use.item.name,
        source=element.source,
        transform=element.transform,
        xero=_xero(element.source),
        origin=element.origin,
        mandatory=use.mandatory,
        kind=getattr(use.item, "type", ""),
        shortest=getattr(use.item, "shortest", 0),
        longest=getattr(use.item, "longest", 0),
    )


def trace_elements(definition: Mapping[str, Any], trace: Sequence[Trace]) -> Iterator[TracedElement]:
    """Say of each element of a set, empty ones too, which row it comes from; then the rows that wrote nothing."""
    rows = dict(walk_rows(resolve_x12(definition).rows))
    for position, written in enumerate(trace, start=2):
        row = rows[written.path]
        for place in sorted(row.elements):
            text = written.parts[place] if place < len(written.parts) else ""
            value = written.values.get(place, text)
            yield _traced(written.path, row, place, position, value, text)
    for path in [path for path in rows if path not in {written.path for written in trace}]:
        for place in sorted(rows[path].elements):
            yield _traced(path, rows[path], place, 0, None, "")


def _traced(path: str, row: SegmentRow, place: int, position: int, value: Any, text: str) -> TracedElement:
    return TracedElement(path, element_path(path, row, place), position, row.elements[place], value, text)


def _xero(source: str) -> str:
    return "" if source.startswith("'") else xero_words(source)


class RowFinder:
    """Finds the row behind an element of one rendered set: same place in the guide, same label."""

    def __init__(self, segments: Sequence[str], *, marks: Delimiters, definition: Mapping[str, Any]) -> None:
        self._segments = segments
        self._mark = marks.element
        mapping: X12Mapping = resolve_x12(definition)
        self._rows = list(walk_rows(mapping.rows))
        validator = validator_for(mapping.set_code, LATER, marks)
        self._places: tuple[str, ...] = validator.placement(segments).paths if validator else ()

    def find(self, position: int, element: int) -> tuple[str, str]:
        """Give the path and source of the row; both empty where no row made the element."""
        at = position - 1
        if not 0 <= at < len(self._places) or not element:
            return "", ""
        for path, row in self._rows:
            if row.node.path == self._places[at] and self._made(path, row, at):
                found = row.elements.get(element)
                return element_path(path, row, element), found.source if found else ""
        return "", ""

    def _made(self, path: str, row: SegmentRow, at: int) -> bool:
        """Compare labels: the row's own with the segment, its loop's with the loop's first segment."""
        outer = path.rpartition("/")[0]
        around = next((other for known, other in self._rows if known == outer), None)
        return self._has_label(row, self._segments[at]) and (
            around is None or self._has_label(around, self._loop_start(at))
        )

    def _has_label(self, row: SegmentRow, segment: str) -> bool:
        first = row.elements.get(1)
        is_qualifier = bool(row.label) and first is not None and first.source == f"'{row.label}'"
        return not is_qualifier or segment.split(self._mark)[1:2] == [row.label]

    def _loop_start(self, at: int) -> str:
        loop = self._places[at].rpartition("/")[0]
        return next((self._segments[back] for back in range(at, -1, -1) if self._places[back] == loop), "")
