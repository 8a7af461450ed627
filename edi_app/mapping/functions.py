"""The functions that expressions may call: JMESPath's own, made safe for `Decimal` and dates, and ours.

Ours: `lookup(table, key)`, `date(x, fmt)`, `amount(x, n)`. Where JMESPath's own would fail on a missing
value, the result is missing too, and missing items of a list are passed over: a value that one record lacks
is just empty.
"""

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions, signature

from edi_app.mapping.findings import BAD_EXPRESSION, LookupMissed, ValueRefused, shortened
from edi_app.mapping.plain_text import EXACT, plain_text
from edi_app.mapping.steps import as_amount, as_date

Tables = Mapping[str, Mapping[str, str]]

_NUMBER = re.compile(r"\s*-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?\s*")
_LONGEST = 1_000_000
_PYTHON_TYPES = {
    "string": ("str",),
    "number": ("Decimal", "int"),
    "boolean": ("bool",),
    "array": ("list",),
    "object": ("dict",),
    "null": ("NoneType",),
    "expref": ("Reference",),
}
_ITEM_TYPES = _PYTHON_TYPES | {"string": ("str", "date", "datetime")}
_NAMES = {
    "str": "string",
    "date": "string",
    "datetime": "string",
    "Decimal": "number",
    "int": "number",
    "bool": "boolean",
    "list": "array",
    "dict": "object",
    "NoneType": "null",
}


class Reference:
    """An expression handed to a function (`&Date`)."""

    def __init__(self, evaluate: Callable[[Any], Any]) -> None:
        self.expression = evaluate

    def visit(self, expression: Callable[[Any], Any], value: Any) -> Any:
        """Evaluate for one item, under the name that the library's functions call."""
        return expression(value)


class MappingFunctions(Functions):
    """One function table bound to one mapping's lookup tables."""

    def __init__(self, tables: Tables) -> None:
        super().__init__()
        self._tables = tables

    def call(self, name: str, arguments: list[Any]) -> Any:
        """Call a known function with the right number of arguments. Raises ValueRefused on a wrong kind."""
        spec = self.FUNCTION_TABLE[name]
        for position, rule in enumerate(spec["signature"]):
            types = rule["types"]
            if not types:
                continue
            if arguments[position] is None:
                return None
            if "array-" in types[0] and isinstance(arguments[position], list):
                arguments[position] = [item for item in arguments[position] if item is not None]
        try:
            self._validate_arguments(arguments, spec["signature"], name)  # type: ignore[attr-defined]
            return spec["function"](self, *arguments)
        except (JMESPathError, TypeError):
            shown = ", ".join(shortened(plain_text(item), limit=30) for item in arguments)
            raise ValueRefused(f"{name}() cannot work with ({shown}).") from None

    def _get_allowed_pytypes(self, types: list[str]) -> tuple[list[str], list[tuple[str, ...]]]:
        allowed = [name for kind in types for name in _PYTHON_TYPES[kind.split("-")[0]]]
        return allowed, [_ITEM_TYPES[kind.split("-")[1]] for kind in types if "-" in kind]

    def _convert_to_jmespath_type(self, python_type: str) -> str:
        return _NAMES.get(python_type, "unknown")

    @signature({"types": []})
    def _func_to_number(self, value: Any) -> Decimal | None:
        if isinstance(value, Decimal):
            return value
        return Decimal(value.strip()) if isinstance(value, str) and _NUMBER.fullmatch(value) else None

    @signature({"types": []})
    def _func_to_string(self, value: Any) -> str | None:
        return None if value is None else plain_text(value)

    @signature({"types": []})
    def _func_type(self, value: Any) -> str:
        return self._convert_to_jmespath_type(type(value).__name__)

    @signature({"types": ["array", "string"]}, {"types": []})
    def _func_contains(self, subject: Any, search: Any) -> bool:
        if isinstance(subject, str):
            return isinstance(search, str) and search in subject
        return search in subject

    @signature({"types": ["array-number"]})
    def _func_sum(self, numbers: list[Decimal]) -> Decimal:
        total = Decimal(0)
        for number in numbers:
            total = EXACT.add(total, number)
        return total

    @signature({"types": ["array-number"]})
    def _func_avg(self, numbers: list[Decimal]) -> Decimal | None:
        return EXACT.divide(self._func_sum(numbers), Decimal(len(numbers))) if numbers else None

    @signature({"types": ["number"]})
    def _func_abs(self, number: Decimal) -> Decimal:
        return Decimal(number).copy_abs()

    @signature({"types": ["number"]})
    def _func_ceil(self, number: Decimal) -> Decimal:
        return Decimal(math.ceil(number))

    @signature({"types": ["number"]})
    def _func_floor(self, number: Decimal) -> Decimal:
        return Decimal(math.floor(number))

    @signature({"types": ["string", "array", "object"]})
    def _func_length(self, value: Any) -> Decimal:
        return Decimal(len(value))

    @signature({"types": ["string"]}, {"types": ["array"]})
    def _func_join(self, glue: str, items: list[Any]) -> str:
        texts = [plain_text(item) for item in items if item is not None]
        if sum(map(len, texts)) + len(glue) * len(texts) > _LONGEST:
            raise ValueRefused("join() would make a text of more than a million characters.")
        return glue.join(texts)

    @signature({"types": ["string"]}, {"types": []})
    def _func_lookup(self, table: str, key: Any) -> str | None:
        text = plain_text(key)
        if not text:
            return None
        entries = self._tables.get(table, {})
        if text not in entries:
            raise LookupMissed(table, text)
        return entries[text]

    @signature({"types": []}, {"types": ["string"]})
    def _func_date(self, value: date | datetime | str | None, pattern: str) -> str | None:
        return None if value in (None, "") else as_date(value, pattern)

    @signature({"types": []}, {"types": ["number"]})
    def _func_amount(self, value: Any, places: Decimal) -> Decimal | None:
        return None if value in (None, "") else as_amount(value, int(places))


def check_call(name: str, count: int) -> None:
    """Refuse a wrong number of arguments. Raises ValueRefused. `name` is a known function."""
    rules = MappingFunctions.FUNCTION_TABLE[name]["signature"]
    enough = count >= len(rules) if rules[-1].get("variadic") else count == len(rules)
    if not enough:
        raise ValueRefused(f"{name}() takes {len(rules)} values, not {count}.", code=BAD_EXPRESSION)


FUNCTION_NAMES = tuple(sorted(MappingFunctions.FUNCTION_TABLE))
