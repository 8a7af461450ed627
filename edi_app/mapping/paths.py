"""Which fields an expression reads, checked against the fields that Xero has, before any record is there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.field_shapes import Field, Kind, Shape
from edi_app.mapping.findings import BAD_EXPRESSION, UNKNOWN_FIELD, UNKNOWN_TABLE, ValueRefused
from edi_app.mapping.functions import Tables
from edi_app.mapping.nearest import nearest
from edi_app.mapping.steps import MOST_PLACES, check_date_pattern
from edi_app.mapping.syntax import Node

_LIST_OF_ANYTHING = Field(Kind.LIST)


@dataclass(slots=True)
class Walk:
    """What a walk over one expression has found: refused places, every path read, and the paths that exist.

    The words of a refusal are made up only when they are needed, because another stream may have the field.
    """

    tables: Tables
    refused: dict[str, Callable[[], ValueRefused]] = field(default_factory=dict)
    paths: set[str] = field(default_factory=set)
    accepted: set[str] = field(default_factory=set)

    def refuse(self, path: str, reason: str, *, hint: str = "", code: str = UNKNOWN_FIELD) -> None:
        """Note one refused place."""
        self.refused.setdefault(path, lambda: ValueRefused(reason, hint=hint, code=code))


@dataclass(frozen=True, slots=True)
class Place:
    """A point in the tree of fields: what stands there (None where that cannot be known) and its path."""

    found: Field | None
    path: str = ""


def walk_expression(node: Node, *, shape: Shape, tables: Tables) -> tuple[Walk, Field | None]:
    """Follow an expression through the fields of one stream; also say what its result is, where known."""
    walk = Walk(tables)
    result = _visit(node, Place(Field(Kind.OBJECT, shape)), walk)
    return walk, result.found


def _visit(node: Node, place: Place, walk: Walk) -> Place:
    return _VISITS.get(node["type"], _visit_all)(node, place, walk)


def _visit_all(node: Node, place: Place, walk: Walk) -> Place:
    for child in node["children"]:
        _visit(child, place, walk)
    return Place(None)


def _visit_field(node: Node, place: Place, walk: Walk) -> Place:
    name = node["value"]
    path = f"{place.path}.{name}" if place.path else name
    walk.paths.add(path)
    if place.found is None or (place.found.kind is Kind.OBJECT and not place.found.fields):
        return Place(None, path)
    if place.found.kind is Kind.OBJECT:
        if name in place.found.fields:
            walk.accepted.add(path)
            return Place(place.found.fields[name], path)
        _refuse_unknown(name, path, place, walk)
    elif place.found.kind is Kind.LIST:
        hint = f"Write {place.path}[0].{name} for the first one, or {place.path}[].{name} for all."
        walk.refuse(path, f"{place.path} is a list.", hint=hint)
    else:
        walk.refuse(path, f"{place.path} is a plain value and has no fields.")
    return Place(None, path)


def _refuse_unknown(name: str, path: str, place: Place, walk: Walk) -> None:
    names = place.found.fields if place.found else {}

    def refusal() -> ValueRefused:
        near = nearest(name, names)
        full = f"{place.path}.{near}" if place.path else near
        hint = f"Did you mean {full}?" if near else ""
        return ValueRefused(f"There is no Xero field {path}.", hint=hint, code=UNKNOWN_FIELD)

    walk.refused.setdefault(path, refusal)


def _visit_sequence(node: Node, place: Place, walk: Walk) -> Place:
    for child in node["children"]:
        place = _visit(child, place, walk)
    return place


def _visit_index(_: Node, place: Place, walk: Walk) -> Place:
    return _element(place)


def _element(place: Place) -> Place:
    if place.found is not None and place.found.kind is Kind.LIST and place.found.fields:
        return Place(Field(Kind.OBJECT, place.found.fields), f"{place.path}[]")
    return Place(None, f"{place.path}[]")


def _visit_projection(node: Node, place: Place, walk: Walk) -> Place:
    base, right, *condition = node["children"]
    element = _element(_visit(base, place, walk))
    for part in condition:
        _visit(part, element, walk)
    return _list_of(_visit(right, element, walk))


def _list_of(item: Place) -> Place:
    if item.found is not None and item.found.kind in (Kind.OBJECT, Kind.LIST):
        return Place(Field(Kind.LIST, item.found.fields), item.path)
    return Place(_LIST_OF_ANYTHING, item.path)


def _visit_value_projection(node: Node, place: Place, walk: Walk) -> Place:
    base, right = node["children"]
    _visit(base, place, walk)
    _visit(right, Place(None, "*"), walk)
    return Place(_LIST_OF_ANYTHING)


def _visit_same(_: Node, place: Place, walk: Walk) -> Place:
    return place


def _visit_flatten(node: Node, place: Place, walk: Walk) -> Place:
    return _visit(node["children"][0], place, walk)


def _visit_literal(node: Node, _: Place, walk: Walk) -> Place:
    kinds: dict[type[Any], Kind] = {str: Kind.TEXT, bool: Kind.FLAG, list: Kind.LIST, dict: Kind.OBJECT}
    value = node["value"]
    return Place(None if value is None else Field(kinds.get(type(value), Kind.NUMBER)), "constant")


def _visit_flag(node: Node, place: Place, walk: Walk) -> Place:
    _visit_all(node, place, walk)
    return Place(Field(Kind.FLAG))


def _visit_or(node: Node, place: Place, walk: Walk) -> Place:
    left, right = (_visit(child, place, walk) for child in node["children"])
    same_kind = left.found is not None and right.found is not None and left.found.kind is right.found.kind
    return left if same_kind else Place(None)


def _visit_multi_dict(node: Node, place: Place, walk: Walk) -> Place:
    fields: dict[str, Field] = {}
    for child in node["children"]:
        found = _visit(child["children"][0], place, walk).found
        fields[child["value"]] = found or Field(Kind.OBJECT)
    return Place(Field(Kind.OBJECT, fields), place.path or "{}")


def _visit_multi_list(node: Node, place: Place, walk: Walk) -> Place:
    places = [_visit(child, place, walk) for child in node["children"]]
    objects = [item.found for item in places if item.found and item.found.kind is Kind.OBJECT]
    alike = len(objects) == len(places) and all(item.fields == objects[0].fields for item in objects)
    return Place(Field(Kind.LIST, objects[0].fields) if alike else _LIST_OF_ANYTHING, "[]")


def _visit_function(node: Node, place: Place, walk: Walk) -> Place:
    name = node["value"]
    plain = [child for child in node["children"] if child["type"] != "expref"]
    results = [_visit(child, place, walk) for child in plain]
    over = _element(results[0]) if results else Place(None)
    for child in node["children"]:
        if child["type"] == "expref":
            _visit(child["children"][0], over, walk)
    _check_constants(name, plain, walk)
    return _function_result(name, results)


def _function_result(name: str, results: list[Place]) -> Place:
    if name in ("sort_by", "reverse") and results:
        return results[0]
    if name in ("min_by", "max_by") and results:
        return _element(results[0])
    kind = _RESULT_KINDS.get(name)
    return Place(Field(kind) if kind else None)


def _check_constants(name: str, arguments: list[Node], walk: Walk) -> None:
    """Check what a call names in quotes: lookup tables, date formats, numbers of decimals."""
    constants = [child["value"] if child["type"] == "literal" else None for child in arguments]
    check = _CONSTANT_CHECKS.get(name)
    if check and len(constants) == 2:
        check(constants, walk)


def _check_date(constants: list[Any], walk: Walk) -> None:
    if isinstance(constants[1], str):
        try:
            check_date_pattern(constants[1])
        except ValueRefused as refused:
            walk.refuse(f"date() {constants[1]}", refused.reason, hint=refused.hint, code=refused.code)


def _check_amount(constants: list[Any], walk: Walk) -> None:
    if constants[1] not in range(MOST_PLACES + 1):
        reason = f"amount() takes 0 to {MOST_PLACES} decimals, such as amount(Total, `2`)."
        walk.refuse("amount()", reason, code=BAD_EXPRESSION)


def _check_lookup(constants: list[Any], walk: Walk) -> None:
    if constants[0] not in walk.tables:
        near = nearest(str(constants[0]), walk.tables)
        hint = f"Did you mean {near}?" if near else "Name a table of this mapping in single quotes."
        reason = f"There is no lookup table {constants[0]}."
        walk.refuse(f"lookup() {constants[0]}", reason, hint=hint, code=UNKNOWN_TABLE)


_CONSTANT_CHECKS: Mapping[str, Callable[[list[Any], Walk], None]] = {
    "date": _check_date,
    "amount": _check_amount,
    "lookup": _check_lookup,
}

_RESULT_KINDS: Mapping[str, Kind] = {
    "lookup": Kind.TEXT,
    "date": Kind.TEXT,
    "join": Kind.TEXT,
    "to_string": Kind.TEXT,
    "type": Kind.TEXT,
    "amount": Kind.NUMBER,
    "sum": Kind.NUMBER,
    "avg": Kind.NUMBER,
    "abs": Kind.NUMBER,
    "ceil": Kind.NUMBER,
    "floor": Kind.NUMBER,
    "length": Kind.NUMBER,
    "to_number": Kind.NUMBER,
    "contains": Kind.FLAG,
    "starts_with": Kind.FLAG,
    "ends_with": Kind.FLAG,
    "map": Kind.LIST,
    "sort": Kind.LIST,
    "keys": Kind.LIST,
    "values": Kind.LIST,
    "to_array": Kind.LIST,
}

_VISITS: Mapping[str, Callable[[Node, Place, Walk], Place]] = {
    "field": _visit_field,
    "subexpression": _visit_sequence,
    "index_expression": _visit_sequence,
    "pipe": _visit_sequence,
    "index": _visit_index,
    "slice": _visit_same,
    "projection": _visit_projection,
    "filter_projection": _visit_projection,
    "value_projection": _visit_value_projection,
    "flatten": _visit_flatten,
    "identity": _visit_same,
    "current": _visit_same,
    "literal": _visit_literal,
    "comparator": _visit_flag,
    "not_expression": _visit_flag,
    "or_expression": _visit_or,
    "multi_select_dict": _visit_multi_dict,
    "multi_select_list": _visit_multi_list,
    "function_expression": _visit_function,
}
