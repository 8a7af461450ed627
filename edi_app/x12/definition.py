"""Merges a shipped X12 base with a partner's overrides into rows, in the guide's order; names every mistake."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from importlib.resources import files
from operator import itemgetter
from typing import Any

from core.errors import Finding
from edi_app.mapping.field_reading import read_tables
from edi_app.mapping.findings import BAD_LAYOUT, BAD_OPTION, UNKNOWN_BASE, UNKNOWN_KEY
from edi_app.mapping.nearest import did_you_mean
from edi_app.mapping.spec import Origin
from edi_app.x12.dictionary import Element, load_data
from edi_app.x12.guide import Guide, Node, find_guide
from edi_app.x12.rows import ElementPath, ElementRow, SegmentRow, element_path, parse_path, walk_rows
from edi_app.x12.settings import check_options

KEYS = ("name", "note", "title", "base", "options", "set", "drop", "order", "tables")
_ELEMENT_KEYS = ("source", "as", "default", "required", "max", "overflow", "on_miss", "note")
_SEGMENT_KEYS = ("elements", "each", "as", "when")
_LABEL = re.compile(r"\[[^\]]*\]")
_NO_ELEMENT = "There is no element or segment of that name."


@dataclass(slots=True)
class X12Mapping:
    """One X12 mapping, base and overrides merged. `findings` are what was wrong with its shape."""

    base: str = ""
    set_code: str = ""
    title: str = ""
    streams: tuple[str, ...] = ()
    rows: list[SegmentRow] = field(default_factory=list)
    options: Mapping[str, Any] = field(default_factory=dict)
    tables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


@cache
def shipped_bases() -> tuple[str, ...]:
    """Name the X12 bases that are shipped."""
    names = files("edi_app.x12").joinpath("data", "bases").iterdir()
    return tuple(sorted(item.name.removesuffix(".yaml") for item in names if item.name.endswith(".yaml")))


def resolve_x12(definition: Mapping[str, Any], *, release: str = "005010") -> X12Mapping:
    """Merge base and overrides for a release. Never raises: mistakes are in the mapping's `findings`."""
    if not isinstance(definition, Mapping):
        return X12Mapping(findings=[Finding("mapping", "A mapping is names with values.", code=BAD_LAYOUT)])
    name = str(definition.get("base", ""))
    if name not in shipped_bases():
        hint = did_you_mean(name, shipped_bases())
        return X12Mapping(findings=[Finding("base", f"There is no base {name}.", hint, UNKNOWN_BASE)])
    merge = _Merge(definition, name, release)
    merge.run()
    return merge.mapping


class _Merge:
    def __init__(self, definition: Mapping[str, Any], name: str, release: str) -> None:
        raw = load_data(f"bases/{name}.yaml")
        guide = find_guide(raw["set"], release)
        if guide is None:
            raise LookupError(raw["set"])
        self._definition = definition
        self._guide: Guide = guide
        options = definition.get("options") or {}
        self.mapping = X12Mapping(name, raw["set"], str(definition.get("title") or raw["title"]))
        self.mapping.streams = tuple(raw["streams"])
        self.mapping.rows = [self._base_row(row, guide.root) for row in raw["rows"]]
        self.mapping.options = options if isinstance(options, Mapping) else {}
        self.mapping.findings += check_options(options, path="options")

    def run(self) -> None:
        for key in self._definition:
            if key not in KEYS:
                self._refuse(str(key), "An X12 mapping has no such key.", did_you_mean(str(key), KEYS))
        self.mapping.tables, findings = read_tables(self._definition.get("tables"))
        self.mapping.findings += findings
        changes = self._definition.get("set") or {}
        if isinstance(changes, Mapping):
            # The order of an object's keys says nothing, and a database may not keep it; `order` says what comes first.
            for path, change in sorted(((str(key), value) for key, value in changes.items()), key=itemgetter(0)):
                self._set(path, change)
        else:
            self._refuse("set", "It is element paths, each with its new source or its new settings.")
        self._list("drop", self._drop)
        self._sort(self.mapping.rows, self._guide.root)
        self._list("order", lambda _, __: None)
        self._reorder(self._definition.get("order") or [])

    def _list(self, key: str, take: Callable[[str, str], None]) -> None:
        values = self._definition.get(key) or []
        if not isinstance(values, list) or not all(isinstance(item, str) for item in values):
            self._refuse(key, "It is a list of paths.")
            return
        for at, value in enumerate(values):
            take(value, f"{key}[{at}]")

    def _base_row(self, raw: Mapping[str, Any], parent: Node) -> SegmentRow:
        path = parse_path(raw["segment"])
        node = next((child for child in parent.children if path and child.tag == path.tag), None)
        if path is None or node is None:
            raise LookupError(raw["segment"])
        row = SegmentRow(path.tag, path.label, node, each=raw.get("each", ""), bind=raw.get("as", ""))
        row.when = raw.get("when", "")
        for place, value in raw["elements"].items():
            row.elements[int(place)] = self._element(int(place), value, "", Origin.INHERITED)
        self._label(row, Origin.INHERITED)
        row.children = [self._base_row(child, node) for child in raw.get("loop", [])]
        return row

    def _label(self, row: SegmentRow, origin: Origin) -> None:
        if row.label and 1 not in row.elements and self._is_qualifier(row):
            row.elements[1] = ElementRow(1, f"'{row.label}'", origin=origin, where=row.where)

    def _is_qualifier(self, row: SegmentRow) -> bool:
        """A label that fits the first element is its value; any other is only a name."""
        described = self._guide.dictionary.segments.get(row.tag)
        first = described.uses[0].item if described else None
        return isinstance(first, Element) and first.shortest <= len(row.label) <= first.longest

    def _element(self, place: int, value: Any, where: str, origin: Origin) -> ElementRow:
        row = ElementRow(place, origin=origin, where=where)
        self._change(row, value, where)
        return row

    def _change(self, row: ElementRow, value: Any, where: str) -> None:
        values = value if isinstance(value, Mapping) else {"source": value}
        kinds = {item.name: item.type for item in fields(ElementRow)}
        for key, item in values.items():
            name = "transform" if key == "as" else str(key)
            if key not in _ELEMENT_KEYS:
                self._refuse(f"{where}.{key}", "An element has no such key.", did_you_mean(str(key), _ELEMENT_KEYS))
            elif reason := _wrong_kind(name, item, kinds):
                self._refuse(f"{where}.{key}", reason, code=BAD_OPTION)
            else:
                setattr(row, name, item)

    def _set(self, text: str, change: Any) -> None:
        where = f"set.{text}"
        path = parse_path(text)
        row = self._row(path, where) if path else None
        if path is None or row is None:
            self._refuse(where, _NO_ELEMENT, self._nearest(text))
        elif not path.place:
            self._change_segment(row, change, where)
        elif path.place in row.elements:
            element = row.elements[path.place]
            self._change(element, change, where)
            element.origin = Origin.OVERRIDDEN if element.origin is Origin.INHERITED else element.origin
            element.where = where
        else:
            row.elements[path.place] = self._element(path.place, change, where, Origin.ADDED)

    def _change_segment(self, row: SegmentRow, change: Any, where: str) -> None:
        if not isinstance(change, Mapping):
            self._refuse(where, "A whole segment is set by elements, each, as and when.")
            return
        for key, value in change.items():
            if key not in _SEGMENT_KEYS:
                self._refuse(f"{where}.{key}", "A segment has no such key.", did_you_mean(str(key), _SEGMENT_KEYS))
            elif key == "elements" and isinstance(value, Mapping):
                for place, item in value.items():
                    self._set(f"{where.removeprefix('set.')}{str(place).zfill(2)}", item)
            elif not isinstance(value, str):
                self._refuse(f"{where}.{key}", "It is a text; put it in quotes.", code=BAD_OPTION)
            else:
                setattr(row, "bind" if key == "as" else str(key), value)
        row.where = where

    def _row(self, path: ElementPath, where: str) -> SegmentRow | None:
        """Find the row that a path names, or add it where the guide has a place for it."""
        rows, node = self.mapping.rows, self._guide.root
        steps = list(path.loops)
        # `N1[BT]/N104` names the loop's own first segment, `IT104` the row of that tag.
        if not (steps and steps[-1][0] == path.tag and not path.label):
            steps.append((path.tag, path.label))
        row: SegmentRow | None = None
        for tag, label in steps:
            row = _find(rows, tag, label)
            if row is None:
                place = next((child for child in node.children if child.tag == tag), None)
                if place is None or (not label and any(item.tag == tag for item in rows)):
                    return None
                row = SegmentRow(tag, label, place, origin=Origin.ADDED, where=where)
                self._label(row, Origin.ADDED)
                rows.append(row)
            rows, node = row.children, row.node
        return row

    def _drop(self, text: str, where: str) -> None:
        """Take out a segment with its loop (without labels: every one of that tag there), or one element."""
        found = False
        for known, row in list(walk_rows(self.mapping.rows)):
            if text in (known, _LABEL.sub("", known)):
                _remove(self.mapping.rows, row)
                found = True
            for place in list(row.elements):
                if text in (f"{known}{place:02d}", element_path(known, row, place)):
                    del row.elements[place]
                    found = True
        if not found:
            self._refuse(where, f"The base has no {text}.", self._nearest(text))

    def _sort(self, rows: list[SegmentRow], node: Node) -> None:
        order = {id(child): at for at, child in enumerate(node.children)}
        rows.sort(key=lambda row: order[id(row.node)])
        for row in rows:
            self._sort(row.children, row.node)

    def _reorder(self, keys: Any) -> None:
        wanted = [key for key in keys if isinstance(key, str)] if isinstance(keys, list) else []
        found = {row.key: row for row in self.mapping.rows}
        for at, key in enumerate(wanted):
            if key not in found:
                self._refuse(f"order[{at}]", f"There is no {key}.", did_you_mean(key, found))
        rank = {key: at for at, key in enumerate(wanted)}
        nodes = {id(child): at for at, child in enumerate(self._guide.root.children)}
        self.mapping.rows.sort(key=lambda row: (nodes[id(row.node)], rank.get(row.key, len(rank))))

    def _nearest(self, text: str) -> str:
        known = [
            element_path(path, row, place)
            for path, row in walk_rows(self.mapping.rows)
            for place in sorted(row.elements)
        ]
        inside = next((path for path in known if path.endswith(f"/{text}")), "")
        hint = did_you_mean(text, [*known, *(path for path, _ in walk_rows(self.mapping.rows))])
        return f"Did you mean {inside}?" if inside else hint

    def _refuse(self, path: str, reason: str, hint: str = "", code: str = UNKNOWN_KEY) -> None:
        self.mapping.findings.append(Finding(path, reason, hint, code))


def _wrong_kind(name: str, value: Any, kinds: Mapping[str, Any]) -> str:
    kind = kinds[name]
    if kind is bool and not isinstance(value, bool):
        return "It is either true or false."
    if kind is int and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
        return "It is a whole number."
    if kind is str and not isinstance(value, str):
        return "It is a text; put it in quotes."
    choices = {"overflow": ("error", "cut"), "on_miss": ("error", "default", "keep")}.get(name)
    return f"It is one of {', '.join(choices)}." if choices and value not in choices else ""


def _find(rows: list[SegmentRow], tag: str, label: str) -> SegmentRow | None:
    """Find a row by key; without a label, the only row of that tag will do."""
    same = [row for row in rows if row.tag == tag]
    exact = [row for row in same if row.label == label]
    if exact:
        return exact[0]
    return same[0] if not label and len(same) == 1 else None


def _remove(rows: list[SegmentRow], wanted: SegmentRow) -> None:
    """Take a row out, wherever it stands."""
    rows[:] = [row for row in rows if row is not wanted]
    for row in rows:
        _remove(row.children, wanted)
