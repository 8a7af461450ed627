"""From Xero's bytes to plain values: exact decimals, dates never shifted, moments in UTC, missing things absent.

The kinds of `core/document_fields.py` decide what a JSON value becomes; fields that they do not name are left out.
"""

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any, TypedDict

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


def read_values(stream: str, payload: bytes) -> dict[str, Any]:
    """Read one object's fields. Raises `Unreadable`."""
    decoder, shape = _decoder(stream)
    try:
        values = decoder.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        reason, _, place = str(error).partition(" - at `$")
        raise Unreadable(place.strip("`."), reason) from error
    _tidy(values, shape, "")
    return values


@cache
def _decoder(stream: str) -> tuple[msgspec.json.Decoder[dict[str, Any]], Shape]:
    shape = {name: item for name, item in _SHAPES[stream].items() if name not in _JOINED}
    return msgspec.json.Decoder(_structure(shape, stream), strict=False), shape


def _structure(shape: Shape, name: str) -> Any:
    hints = {key: _hint(item, f"{name}_{key}") | None for key, item in shape.items()}
    return _make_typed_dict(name, hints, total=False)


def _hint(item: Field, name: str) -> Any:
    if item.kind is Kind.LIST:
        return list[_structure(item.fields, name)]  # type: ignore[misc]
    if item.kind is Kind.OBJECT:
        return _structure(item.fields, name)
    return {Kind.NUMBER: Decimal, Kind.FLAG: bool}.get(item.kind, str)


def _tidy(values: dict[str, Any], shape: Shape, place: str) -> None:
    for name, value in list(values.items()):
        convert = _CONVERT.get(shape[name].kind)
        if value is not None and convert is not None:
            value = convert(value, shape[name], f"{place}.{name}" if place else name)
        if value is None:
            del values[name]
        elif convert is not None:
            values[name] = value
    for text, name in _WRITTEN_OUT:
        if name in shape and values.get(text):
            values[name] = _date(values[text], shape[name], f"{place}.{text}" if place else text)


def _number(value: Decimal, _item: Field, place: str) -> Decimal:
    if not value.is_finite():
        raise Unreadable(place, f"{value} is no amount")
    if value.adjusted() > LARGEST or value.as_tuple().exponent < -LARGEST:  # type: ignore[operator]
        raise Unreadable(place, f"the number has more than {LARGEST} digits before or after its point")
    return value


def _date(value: str, _item: Field, place: str) -> Any:
    return _dated(parse_date, value, place)


def _moment(value: str, _item: Field, place: str) -> Any:
    return _dated(parse_moment, value, place)


def _dated(parse: Callable[[str], Any], value: str, place: str) -> Any:
    if not value:
        return None
    try:
        return parse(value)
    except ValueError as error:
        raise Unreadable(place, str(error)) from error


def _list(value: list[dict[str, Any]], item: Field, place: str) -> list[dict[str, Any]]:
    for position, inner in enumerate(value):
        _tidy(inner, item.fields, f"{place}[{position}]")
    return value


def _object(value: dict[str, Any], item: Field, place: str) -> dict[str, Any]:
    _tidy(value, item.fields, place)
    return value


_CONVERT: dict[Kind, Callable[[Any, Field, str], Any]] = {
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.MOMENT: _moment,
    Kind.LIST: _list,
    Kind.OBJECT: _object,
}
