"""Compiles a mapping's rows under one partner's settings. The rows were checked before."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from edi_app.mapping.expressions import Expression, compile_expression
from edi_app.mapping.findings import LookupMissed
from edi_app.mapping.functions import Tables
from edi_app.mapping.transforms import compile_transform
from edi_app.x12.computed import xero_words
from edi_app.x12.dictionary import Dictionary, Element
from edi_app.x12.plan import Cell, Held, PlannedSegment, Read, Scope, Step
from edi_app.x12.rows import ElementRow, SegmentRow, element_path, walk_rows
from edi_app.x12.settings import Settings
from edi_app.x12.text import Cleaner
from edi_app.x12.writing import element_writer, quick_way

_BOUND = frozenset({"Item", "Tax", "Charge", "Text", "Note", "Street"})
_PARTIES = frozenset({"BillTo", "Seller", "Payer", "Payee"})
_GAP = Step()


@dataclass(slots=True)
class Compiler:
    """Turns rows into planned segments; `paths` collects every path that they read."""

    settings: Settings
    cleaner: Cleaner
    dictionary: Dictionary
    tables: Tables
    paths: set[str] = field(default_factory=set)

    def segments(self, rows: Sequence[SegmentRow], outer: tuple[str, ...] = ()) -> tuple[PlannedSegment, ...]:
        """Compile rows and everything in their loops."""
        return tuple(self._segment(row, outer) for row in rows)

    def _segment(self, row: SegmentRow, outer: tuple[str, ...]) -> PlannedSegment:
        path = "/".join((*outer, row.key))
        steps = []
        for place in range(1, max(row.elements, default=0) + 1):
            element = row.elements.get(place)
            steps.append(self._step(row, element, element_path(path, row, place)) if element else _GAP)
        return PlannedSegment(
            row.tag,
            tuple(steps),
            each=self._reader(row.each) if row.each else None,
            bind=row.bind,
            when=self._reader(row.when) if row.when else None,
            children=self.segments(row.children, (*outer, row.key)),
            party="" if outer else self._party(row),
            path=path,
        )

    def _step(self, row: SegmentRow, element: ElementRow, place: str) -> Step:
        item = self.dictionary.segments[row.tag].uses[element.place - 1].item
        if not isinstance(item, Element):
            raise TypeError(f"{place} is made of components")
        expression = self._expression(element.source)
        cell = self._cell(element, item, place, expression)
        if expression.constant is not None and not element.transform:
            return Step(cell.write(expression.constant, []))
        if not _is_held(expression.path) or element.transform or element.on_miss != "error":
            return Step(cell=cell)
        kind, quick = quick_way(item, self.cleaner, most=element.max)
        missing = cell.default if cell.default or not cell.required else None
        return Step("", cell, expression.path or (), kind, quick, missing)

    def _cell(self, row: ElementRow, item: Element, place: str, expression: Expression) -> Cell:
        write = element_writer(
            item,
            place=place,
            source=xero_words(row.source),
            settings=self.settings,
            cleaner=self.cleaner,
            overflow=row.overflow,
            most=row.max,
        )
        default = write(row.default, []) if row.default else ""
        read = self._transformed(row, expression)
        return Cell(read, write, place, row.source, row.required, default)

    def _transformed(self, row: ElementRow, expression: Expression) -> Read:
        transform = compile_transform(row.transform, tables=self.tables)
        evaluate = expression.evaluate
        read: Read = (lambda scope: transform(evaluate(scope))) if transform.steps else evaluate
        if row.on_miss == "error":
            return read

        def read_or_miss(scope: Scope) -> object:
            try:
                return read(scope)
            except LookupMissed as missed:
                return missed.key if row.on_miss == "keep" else None

        return read_or_miss

    def _party(self, row: SegmentRow) -> str:
        """Name the party that a row and its loop read from, when they read nothing else."""
        inner = [each for _, each in walk_rows([row])]
        if row.each or any(each.when for each in inner):
            return ""
        bound = {each.bind for each in inner if each.bind}
        paths = {tuple(path.split(".")) for each in inner for path in self._paths_of(each)}
        own = {path for path in paths if path[0] not in bound and len(path) > 2}
        parties = {path[1] for path in own if path[0] == "X12"}
        reads_else = any(path[0] not in bound and path[0] != "X12" for path in paths)
        return parties.pop() if len(parties) == 1 and parties <= _PARTIES and not reads_else else ""

    def _paths_of(self, row: SegmentRow) -> set[str]:
        texts = [element.source for element in row.elements.values()] + ([row.each] if row.each else [])
        return {path for text in texts for path in self._expression(text).paths}

    def _reader(self, text: str) -> Held | Read:
        expression = self._expression(text)
        return expression.path if expression.path and _is_held(expression.path) else expression.evaluate

    def _expression(self, text: str) -> Expression:
        expression = compile_expression(text, tables=self.tables)
        self.paths |= expression.paths
        return expression


def _is_held(path: Held | None) -> bool:
    """Say whether the object that holds a path's last name is always there, so that nothing can fail."""
    if not path:
        return False
    is_own = 2 <= len(path) <= 3 and path[0] == "X12"
    is_bound = len(path) == 2 and path[0] in _BOUND
    return len(path) == 1 or is_own or is_bound
