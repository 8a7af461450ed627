"""A syntax tree as one function: JMESPath's rules over plain values, with `Decimal` and dates compared exactly.

Every node becomes a closure once; evaluating allocates nothing but results. Rules: the JMESPath specification.
"""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Any

from edi_app.mapping.findings import UNKNOWN_FUNCTION, ValueRefused
from edi_app.mapping.functions import FUNCTION_NAMES, MappingFunctions, Reference, check_call
from edi_app.mapping.nearest import did_you_mean
from edi_app.mapping.syntax import Node

Evaluate = Callable[[Any], Any]

_ORDER: dict[str, Callable[[Any, Any], bool]] = {"lt": lt, "gt": gt, "lte": le, "gte": ge}


def compile_node(node: Node, functions: MappingFunctions) -> Evaluate:
    """Turn a syntax tree into a function of the document. Raises ValueRefused for an unknown function."""
    return _BUILDERS[node["type"]](node, functions)


def plain_path(node: Node) -> tuple[str, ...] | None:
    """Give the names of a path such as `Contact.Name`; None when the node is anything else."""
    if node["type"] == "field":
        return (node["value"],)
    if node["type"] == "subexpression" and all(child["type"] == "field" for child in node["children"]):
        return tuple(child["value"] for child in node["children"])
    return None


def getter(names: tuple[str, ...]) -> Evaluate:
    """Compile a plain path; it gives exactly what JMESPath gives, at the cost of the look-ups."""
    first, *rest = names
    if not rest:
        return lambda scope: scope.get(first)
    if len(rest) == 1:
        second = rest[0]

        def get_two(scope: Any) -> Any:
            try:
                return scope[first][second]
            except (KeyError, TypeError):
                return None

        return get_two

    def get_many(scope: Any) -> Any:
        try:
            for name in names:
                scope = scope[name]
        except (KeyError, TypeError):
            return None
        return scope

    return get_many


def is_false(value: Any) -> bool:
    """JMESPath's falsehood: missing, false, empty text, empty list, empty object; zero is true."""
    return value is None or value is False or (isinstance(value, (str, list, dict)) and not value)


def same(left: Any, right: Any) -> bool:
    """Compare two values exactly; a date also equals its ISO text; true is never 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    left, right = _alike(left, right)
    return bool(left == right)


def _alike(left: Any, right: Any) -> tuple[Any, Any]:
    """Bring a date and a text, or a date and a moment, to the same kind where that is possible."""
    for one, other, swapped in ((left, right, False), (right, left, True)):
        if isinstance(one, date) and (converted := _as_kind_of(one, other)) is not None:
            return (converted, one) if swapped else (one, converted)
    return left, right


def _as_kind_of(wanted: date, value: Any) -> date | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime) and not isinstance(wanted, datetime):
        return value.date()
    if isinstance(value, datetime) and isinstance(wanted, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=wanted.tzinfo)
    return value if isinstance(value, datetime) and isinstance(wanted, datetime) else None


def _ordered(compare: Callable[[Any, Any], bool], left: Any, right: Any) -> bool | None:
    left, right = _alike(left, right)
    for kinds in ((Decimal, int), (str,), (datetime,), (date,)):
        if isinstance(left, kinds) and isinstance(right, kinds):
            return None if isinstance(left, bool) or isinstance(right, bool) else compare(left, right)
    return None


def _field(node: Node, _: MappingFunctions) -> Evaluate:
    name = node["value"]

    def get(value: Any) -> Any:
        try:
            return value.get(name)
        except AttributeError:
            return None

    return get


def _sequence(node: Node, functions: MappingFunctions) -> Evaluate:
    parts = [compile_node(child, functions) for child in node["children"]]

    def run(value: Any) -> Any:
        for part in parts:
            value = part(value)
        return value

    return run


def _comparator(node: Node, functions: MappingFunctions) -> Evaluate:
    left, right = (compile_node(child, functions) for child in node["children"])
    if node["value"] == "eq":
        return lambda value: same(left(value), right(value))
    if node["value"] == "ne":
        return lambda value: not same(left(value), right(value))
    compare = _ORDER[node["value"]]
    return lambda value: _ordered(compare, left(value), right(value))


def _function(node: Node, functions: MappingFunctions) -> Evaluate:
    name = node["value"]
    if name not in FUNCTION_NAMES:
        reason = f"There is no function {name}()."
        raise ValueRefused(reason, hint=did_you_mean(name, FUNCTION_NAMES), code=UNKNOWN_FUNCTION)
    check_call(name, len(node["children"]))
    arguments = [compile_node(child, functions) for child in node["children"]]
    return lambda value: functions.call(name, [argument(value) for argument in arguments])


def _projection(node: Node, functions: MappingFunctions) -> Evaluate:
    base, right = (compile_node(child, functions) for child in node["children"])

    def run(value: Any) -> Any:
        items = base(value)
        return _present(right, items) if isinstance(items, list) else None

    return run


def _value_projection(node: Node, functions: MappingFunctions) -> Evaluate:
    base, right = (compile_node(child, functions) for child in node["children"])

    def run(value: Any) -> Any:
        items = base(value)
        return _present(right, list(items.values())) if isinstance(items, dict) else None

    return run


def _filter(node: Node, functions: MappingFunctions) -> Evaluate:
    base, right, condition = (compile_node(child, functions) for child in node["children"])

    def run(value: Any) -> Any:
        items = base(value)
        if not isinstance(items, list):
            return None
        return _present(right, [item for item in items if not is_false(condition(item))])

    return run


def _present(right: Evaluate, items: list[Any]) -> list[Any]:
    return [result for item in items if (result := right(item)) is not None]


def _flatten(node: Node, functions: MappingFunctions) -> Evaluate:
    base = compile_node(node["children"][0], functions)

    def run(value: Any) -> Any:
        items = base(value)
        if not isinstance(items, list):
            return None
        return [part for item in items for part in (item if isinstance(item, list) else [item])]

    return run


def _index(node: Node, _: MappingFunctions) -> Evaluate:
    position = node["value"]

    def run(value: Any) -> Any:
        inside = isinstance(value, list) and -len(value) <= position < len(value)
        return value[position] if inside else None

    return run


def _slice(node: Node, _: MappingFunctions) -> Evaluate:
    start, stop, step = node["children"]
    if step == 0:
        raise ValueRefused("The step of a slice cannot be 0.")
    return lambda value: value[start:stop:step] if isinstance(value, list) else None


def _multi_list(node: Node, functions: MappingFunctions) -> Evaluate:
    parts = [compile_node(child, functions) for child in node["children"]]
    return lambda value: None if value is None else [part(value) for part in parts]


def _multi_dict(node: Node, functions: MappingFunctions) -> Evaluate:
    parts = {child["value"]: compile_node(child["children"][0], functions) for child in node["children"]}
    return lambda value: None if value is None else {name: part(value) for name, part in parts.items()}


def _or(node: Node, functions: MappingFunctions) -> Evaluate:
    left, right = (compile_node(child, functions) for child in node["children"])
    return lambda value: right(value) if is_false(found := left(value)) else found


def _and(node: Node, functions: MappingFunctions) -> Evaluate:
    left, right = (compile_node(child, functions) for child in node["children"])
    return lambda value: found if is_false(found := left(value)) else right(value)


def _not(node: Node, functions: MappingFunctions) -> Evaluate:
    inner = compile_node(node["children"][0], functions)
    return lambda value: is_false(inner(value))


def _literal(node: Node, _: MappingFunctions) -> Evaluate:
    constant = node["value"]
    return lambda _: constant


def _current(_: Node, __: MappingFunctions) -> Evaluate:
    return lambda value: value


def _reference(node: Node, functions: MappingFunctions) -> Evaluate:
    reference = Reference(compile_node(node["children"][0], functions))
    return lambda _: reference


_BUILDERS: dict[str, Callable[[Node, MappingFunctions], Evaluate]] = {
    "field": _field,
    "subexpression": _sequence,
    "index_expression": _sequence,
    "pipe": _sequence,
    "comparator": _comparator,
    "function_expression": _function,
    "projection": _projection,
    "value_projection": _value_projection,
    "filter_projection": _filter,
    "flatten": _flatten,
    "index": _index,
    "slice": _slice,
    "multi_select_list": _multi_list,
    "multi_select_dict": _multi_dict,
    "or_expression": _or,
    "and_expression": _and,
    "not_expression": _not,
    "literal": _literal,
    "current": _current,
    "identity": _current,
    "expref": _reference,
}
