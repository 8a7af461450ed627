"""The `as` of a field: steps joined by `|`, read once into functions (`date:%Y%m%d`, `trim|upper`)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from core.field_shapes import Kind
from edi_app.mapping import steps
from edi_app.mapping.findings import BAD_TRANSFORM, UNKNOWN_TABLE, LookupMissed, ValueRefused
from edi_app.mapping.functions import Tables
from edi_app.mapping.nearest import did_you_mean
from edi_app.mapping.plain_text import json_text, plain_text

Step = Callable[[Any], Any]

_NUMBERS = frozenset({Kind.NUMBER, Kind.TEXT})
_DATES = frozenset({Kind.DATE, Kind.MOMENT, Kind.TEXT})
_PLAIN = frozenset({Kind.TEXT, Kind.NUMBER, Kind.DATE, Kind.MOMENT, Kind.FLAG})
_ANY = frozenset(Kind)


@dataclass(frozen=True, slots=True)
class Transform:
    """A whole `as`: its steps in order. `takes` are the kinds that the first step can work with;
    `gives_number` says whether the result is a number, which the format writes with its own decimal mark."""

    steps: tuple[Step, ...] = ()
    takes: frozenset[Kind] = _PLAIN
    gives_number: bool = False
    amount_places: int | None = None
    date_pattern: str = ""
    """Set where the whole `as` is one `amount:n` or one `date:format`, for which formats have shortcuts."""

    def __call__(self, value: Any) -> Any:
        """Run the steps; an empty value passes by. Raises ValueRefused."""
        for step in self.steps:
            if value is None or (value.__class__ is str and not value):
                return None
            value = step(value)
        return value


def _whole(argument: str, least: int, most: int) -> int:
    if argument.isascii() and argument.isdigit() and least <= int(argument[:9]) <= most:
        return int(argument)
    raise ValueRefused(f"It takes a whole number from {least} to {most}.", code=BAD_TRANSFORM)


def _date(argument: str, _: Tables) -> Step:
    steps.check_date_pattern(argument)
    return lambda value: steps.as_date(value, argument)


def _amount(argument: str, _: Tables) -> Step:
    places = _whole(argument, 0, steps.MOST_PLACES)
    return lambda value: steps.as_amount(value, places)


def _scaled(argument: str, _: Tables) -> Step:
    places = _whole(argument, 0, steps.MOST_PLACES)
    return lambda value: steps.as_scaled(value, places)


def _cut(argument: str, _: Tables, *, from_right: bool) -> Step:
    count = _whole(argument, 1, 10_000)
    if from_right:
        return lambda value: plain_text(value)[-count:]
    return lambda value: plain_text(value)[:count]


def _filled(argument: str, _: Tables) -> Step:
    width = _whole(argument, 1, 100)
    return lambda value: plain_text(value).zfill(width)


def _key(argument: str, _: Tables) -> Step:
    length = _whole(argument, 8, 52)
    return lambda value: steps.short_key(value, length)


def _flag(argument: str, _: Tables) -> Step:
    yes, slash, no = argument.partition("/")
    if not slash:
        raise ValueRefused("It takes two texts, such as yes:Y/N.", code=BAD_TRANSFORM)
    return lambda value: yes if value is True or value == "true" else no


def _codes(argument: str, _: Tables) -> Step:
    pairs = [item.partition("=") for item in argument.split(",")]
    codes = {key.strip(): code.strip() for key, _, code in pairs}
    if not all(equals for _, equals, _ in pairs) or len(codes) < len(pairs):
        raise ValueRefused("It takes pairs, each key once, such as map:ACCREC=S,ACCPAY=B.", code=BAD_TRANSFORM)
    return _mapped("in the mapping", codes)


def _lookup(argument: str, tables: Tables) -> Step:
    if argument not in tables:
        reason = f"There is no lookup table {argument}."
        raise ValueRefused(reason, hint=did_you_mean(argument, tables), code=UNKNOWN_TABLE)
    return _mapped(argument, tables[argument])


def _mapped(table: str, codes: Mapping[str, str]) -> Step:
    def replace(value: Any) -> str:
        key = plain_text(value)
        if key not in codes:
            raise LookupMissed(table, key)
        return codes[key]

    return replace


def _text(change: Callable[[str], str]) -> Step:
    return lambda value: change(plain_text(value))


Build = Callable[[str, Tables], Step]

_WITH_ARGUMENT: dict[str, tuple[Build, frozenset[Kind], bool]] = {
    "date": (_date, _DATES, False),
    "amount": (_amount, _NUMBERS, True),
    "scaled": (_scaled, _NUMBERS, True),
    "left": (partial(_cut, from_right=False), _PLAIN, False),
    "right": (partial(_cut, from_right=True), _PLAIN, False),
    "zfill": (_filled, _PLAIN, False),
    "key": (_key, _PLAIN, False),
    "yes": (_flag, _PLAIN, False),
    "map": (_codes, _PLAIN, False),
    "lookup": (_lookup, _PLAIN, False),
}
_PLAIN_STEPS: dict[str, tuple[Step, frozenset[Kind], bool]] = {
    "upper": (_text(str.upper), _PLAIN, False),
    "lower": (_text(str.lower), _PLAIN, False),
    "trim": (_text(str.strip), _PLAIN, False),
    "one_line": (steps.one_line, _PLAIN, False),
    "digits": (steps.digits_only, _PLAIN, False),
    "alnum": (steps.alphanumeric_only, _PLAIN, False),
    "ascii": (steps.ascii_only, _PLAIN, False),
    "number": (steps.as_number, _NUMBERS, True),
    "negate": (steps.negated, _NUMBERS, True),
    "abs": (lambda value: steps.as_number(value).copy_abs(), _NUMBERS, True),
    "blank_zero": (steps.zero_left_out, _NUMBERS, True),
    "strip_zeros": (steps.without_trailing_zeros, _NUMBERS, False),
    "thousands": (steps.grouped, _NUMBERS, False),
    "json": (json_text, _ANY, False),
}
STEP_NAMES = tuple(sorted((*_WITH_ARGUMENT, *_PLAIN_STEPS)))


def compile_transform(text: str, *, tables: Tables) -> Transform:
    """Read an `as`. Raises ValueRefused naming the step that is unknown or wrong."""
    if not text.strip():
        return Transform()
    parts = [part.strip() for part in text.split("|")]
    built = [_step(part, tables) for part in parts]
    for (_, _, gives_number), (_, takes, _), part in zip(built, built[1:], parts[1:], strict=False):
        if not (takes & ({Kind.NUMBER} if gives_number else {Kind.TEXT})):
            raise ValueRefused(f"{part} cannot follow what stands before it.", code=BAD_TRANSFORM)
    places, pattern = _alone(parts)
    return Transform(tuple(step for step, _, _ in built), built[0][1], built[-1][2], places, pattern)


def _alone(parts: list[str]) -> tuple[int | None, str]:
    name, _, argument = parts[0].partition(":")
    places = int(argument) if len(parts) == 1 and name == "amount" else None
    return places, argument if len(parts) == 1 and name == "date" else ""


def _step(part: str, tables: Tables) -> tuple[Step, frozenset[Kind], bool]:
    name, colon, argument = part.partition(":")
    if name in _PLAIN_STEPS and not colon:
        return _PLAIN_STEPS[name]
    if name not in _WITH_ARGUMENT or not colon:
        reason = f"{part!r} is not a way to write a value."
        raise ValueRefused(reason, hint=_examples(name, STEP_NAMES), code=BAD_TRANSFORM)
    build, takes, gives_number = _WITH_ARGUMENT[name]
    try:
        return build(argument, tables), takes, gives_number
    except ValueRefused as refused:
        raise ValueRefused(f"{name}: {refused.reason}", hint=refused.hint, code=refused.code) from None


def _examples(name: str, names: Iterable[str]) -> str:
    if name in _WITH_ARGUMENT:
        return f"Write {name}: with what it takes behind it, such as date:%Y-%m-%d or amount:2."
    return did_you_mean(name, names)
