"""From Xero's bytes to plain values: exact decimals, dates never shifted, moments in UTC, missing things absent.

The kinds of `core/document_fields.py` decide what a JSON value becomes; fields that they do not name are left out.
"""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, TypedDict, TypeVar

import msgspec

from core.document_fields import FIELDS, MIRRORS, Field, Kind, Shape
from xero_app.moments import parse_date, parse_moment

LARGEST = 18
"""Digits of a number before and after its point; Xero's own limits are 10 and 6."""

_SHAPES: dict[str, Shape] = {**FIELDS, **MIRRORS}
# Joined in later by the pipeline, never read from Xero's bytes.
_JOINED = ("Organisation", "Export", "Line")

# Xero writes these dates a second time as text, which needs no conversion.
_WRITTEN_OUT = (("DateString", "Date"), ("DueDateString", "DueDate"))

_make_typed_dict: Any = TypedDict


class Unreadable(ValueError):
    """A value is not of its field's kind; `place` is the path to it."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(reason)
        self.place = place

    def within(self, name: str) -> "Unreadable":
        """The same trouble, seen from one level further out."""
        dot = "." if self.place and not self.place.startswith("[") else ""
        return Unreadable(f"{name}{dot}{self.place}", str(self))


Tidy = Callable[[dict[str, Any]], None]
Convert = Callable[[Any], Any]
Moment = TypeVar("Moment", date, datetime)


def read_values(stream: str, payload: bytes) -> dict[str, Any]:
    """Read one object's fields. Raises `Unreadable`."""
    decoder, tidy = _reader(stream)
    try:
        values = decoder.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        reason, _, place = str(error).partition(" - at `$")
        raise Unreadable(place.strip("`."), reason) from error
    tidy(values)
    return values


@cache
def _reader(stream: str) -> tuple[msgspec.json.Decoder[dict[str, Any]], Tidy]:
    shape = {name: item for name, item in _SHAPES[stream].items() if name not in _JOINED}
    return msgspec.json.Decoder(_structure(shape, stream), strict=False), _tidier(shape)


def _structure(shape: Shape, name: str) -> Any:
    hints = {key: _hint(item, f"{name}_{key}") | None for key, item in shape.items()}
    return _make_typed_dict(name, hints, total=False)


def _hint(item: Field, name: str) -> Any:
    if item.kind is Kind.LIST:
        return list[_structure(item.fields, name)]  # type: ignore[misc]
    if item.kind is Kind.OBJECT:
        return _structure(item.fields, name)
    return {Kind.NUMBER: Decimal, Kind.FLAG: bool}.get(item.kind, str)


def _tidier(shape: Shape) -> Tidy:
    """Make the function that takes an object's empty fields out and gives the others their final kind."""
    conversions = {name: convert for name, item in shape.items() if (convert := _conversion(item)) is not None}
    written_out = [(text, name) for text, name in _WRITTEN_OUT if name in shape]

    def tidy(values: dict[str, Any]) -> None:
        name = ""
        try:
            for name, value in values.items():
                if name in conversions and value is not None:
                    values[name] = conversions[name](value)
            for name, into in written_out:
                if values.get(name):
                    values[into] = _date(values[name])
        except Unreadable as error:
            raise error.within(name) from error
        _drop_empty(values)

    return tidy


def _drop_empty(values: dict[str, Any]) -> None:
    for name in [name for name, value in values.items() if value is None]:
        del values[name]


def _conversion(item: Field) -> Convert | None:
    if item.kind is Kind.LIST:
        return _list_conversion(_tidier(item.fields))
    if item.kind is Kind.OBJECT:
        return _object_conversion(_tidier(item.fields))
    plain: dict[Kind, Convert] = {Kind.NUMBER: _number, Kind.DATE: _date, Kind.MOMENT: _moment}
    return plain.get(item.kind)


def _list_conversion(tidy: Tidy) -> Convert:
    def convert(values: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for position, inner in enumerate(values):
            try:
                tidy(inner)
            except Unreadable as error:
                raise Unreadable(f"[{position}].{error.place}", str(error)) from error
        return values

    return convert


def _object_conversion(tidy: Tidy) -> Convert:
    def convert(values: dict[str, Any]) -> dict[str, Any]:
        tidy(values)
        return values

    return convert


def _number(value: Decimal) -> Decimal:
    if not value.is_finite():
        raise Unreadable("", f"{value} is no amount")
    if not -LARGEST <= value.adjusted() <= LARGEST:
        raise Unreadable("", f"the number has more than {LARGEST} digits before or after its point")
    return value


def _date(value: str) -> date | None:
    return _dated(parse_date, value)


def _moment(value: str) -> datetime | None:
    return _dated(parse_moment, value)


def _dated(parse: Callable[[str], Moment | None], value: str) -> Moment | None:
    if not value:
        return None
    try:
        return parse(value)
    except ValueError as error:
        raise Unreadable("", str(error)) from error
