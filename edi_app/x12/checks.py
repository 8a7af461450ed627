"""Everything that can be known to be wrong in an X12 mapping before a record is there."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.errors import Finding
from core.field_shapes import Field, Kind, Shape, merged
from edi_app.mapping.expressions import check_expression, compile_expression
from edi_app.mapping.findings import BAD_LAYOUT, BAD_LENGTH, BAD_OPTION, TOO_LONG, ValueRefused
from edi_app.mapping.functions import Tables
from edi_app.mapping.nearest import did_you_mean
from edi_app.mapping.paths import walk_expression
from edi_app.mapping.syntax import parse
from edi_app.mapping.transforms import compile_transform
from edi_app.x12.computed import COMPUTED, x12_shape
from edi_app.x12.definition import X12Mapping, resolve_x12
from edi_app.x12.dictionary import BASE, LATER, Dictionary, Element, dictionary
from edi_app.x12.elements import value_fault
from edi_app.x12.rows import ElementRow, SegmentRow, element_path

_NO_STREAM = "A mapping of this base cannot hold that stream."


def check_x12(definition: Mapping[str, Any], *, streams: Sequence[str], tables: Tables) -> list[Finding]:
    """Find every mistake of a mapping, for both releases: shape, paths, fields, transforms, constants, options.

    With several streams, a field must exist in one of them at least.
    """
    mapping = resolve_x12(definition, release=LATER)
    findings = list(mapping.findings)
    if not mapping.base:
        return findings
    for stream in streams:
        if stream not in mapping.streams:
            hint = f"It holds {', '.join(mapping.streams)}."
            findings.append(Finding("base", f"{_NO_STREAM} ({stream})", hint, BAD_OPTION))
    known = [stream for stream in streams if stream in COMPUTED and stream in mapping.streams]
    if known:
        checker = _Checker(mapping, [x12_shape(stream) for stream in known], tables, dictionary(LATER))
        findings += checker.run()
    return list(dict.fromkeys(findings))


def check_rows(mapping: X12Mapping, *, stream: str, tables: Tables, release: str) -> list[Finding]:
    """Find what is wrong with rows in the release that a partner uses."""
    if not mapping.base or stream not in mapping.streams:
        return []
    used = dictionary(release if release >= BASE else BASE)
    return _Checker(mapping, [x12_shape(stream)], tables, used).run()


class _Checker:
    def __init__(self, mapping: X12Mapping, shapes: Sequence[Shape], tables: Tables, used: Dictionary) -> None:
        self._mapping = mapping
        self._shapes = shapes
        self._tables: Tables = {**tables, **mapping.tables}
        self._dictionary = used

    def run(self) -> list[Finding]:
        return [finding for row in self._mapping.rows for finding in self._row(row, (), self._shapes)]

    def _row(self, row: SegmentRow, outer: tuple[str, ...], shapes: Sequence[Shape]) -> Iterator[Finding]:
        path = "/".join((*outer, row.key))
        where = row.where or path
        if row.when:
            yield from self._expression(row.when, shapes, f"{where}.when")
        if row.each:
            yield from self._expression(row.each, shapes, f"{where}.each")
            shapes = [self._bound(row, shape) for shape in shapes]
        if bool(row.each) != bool(row.bind):
            yield Finding(where, "`each` needs a name for its items in `as`, and the other way round.", code=BAD_OPTION)
        yield from self._elements(row, path, where, shapes)
        for child in row.children:
            yield from self._row(child, (*outer, row.key), shapes)

    def _elements(self, row: SegmentRow, path: str, where: str, shapes: Sequence[Shape]) -> Iterator[Finding]:
        described = self._dictionary.segments.get(row.tag)
        if described is None:
            yield Finding(where, f"Segment {row.tag} cannot be mapped in this release.", code=BAD_LAYOUT)
            return
        for place, element in sorted(row.elements.items()):
            name = element.where or element_path(path, row, place)
            item = described.uses[place - 1].item if 1 <= place <= len(described.uses) else None
            if item is None:
                yield Finding(name, f"{row.tag} has {len(described.uses)} elements.", code=BAD_LAYOUT)
            elif isinstance(item, Element):
                yield from self._element(element, item, name, shapes)
            else:
                yield Finding(name, f"{row.tag}{place:02d} is made of components.", code=BAD_LAYOUT)

    def _bound(self, row: SegmentRow, shape: Shape) -> Shape:
        """Add what `each` names: the items of a list, and Xero's own line beside a worked-out one."""
        try:
            _, found = walk_expression(parse(row.each), shape=shape, tables=self._tables)
        except ValueRefused:
            found = None
        fields = found.fields if found is not None and found.kind is Kind.LIST else {}
        extra = {row.bind: Field(Kind.OBJECT, fields)}
        lines = shape.get("LineItems")
        if row.bind == "Item" and lines is not None:
            extra["Line"] = Field(Kind.OBJECT, lines.fields)
        return merged(shape, extra)

    def _element(self, row: ElementRow, item: Element, name: str, shapes: Sequence[Shape]) -> Iterator[Finding]:
        if not row.source:
            yield Finding(name, "It has no source.", code=BAD_OPTION)
            return
        findings = self._expression(row.source, shapes, name)
        yield from findings
        if row.max and not item.shortest <= row.max <= item.longest:
            reason = f"{name} holds {item.shortest} to {item.longest} characters."
            yield Finding(f"{name}.max", reason, code=BAD_LENGTH)
        try:
            compile_transform(row.transform, tables=self._tables)
        except ValueRefused as refused:
            yield refused.finding(f"{name}.as")
        if not findings and not row.transform:
            yield from _constant(compile_expression(row.source, tables=self._tables).constant, item, name)
        if row.default:
            yield from _constant(row.default, item, f"{name}.default")

    def _expression(self, text: str, shapes: Sequence[Shape], path: str) -> list[Finding]:
        findings, _ = check_expression(text, shapes=shapes, tables=self._tables, path=path)
        return findings


def _constant(value: Any, item: Element, name: str) -> Iterator[Finding]:
    if not isinstance(value, str):
        return
    wrong = value_fault(item, value)
    if wrong:
        hint = did_you_mean(value, sorted(item.codes)) if item.codes else ""
        yield Finding(name, f"The constant {wrong[1]}", hint, TOO_LONG if wrong[0] == "5" else BAD_OPTION)
