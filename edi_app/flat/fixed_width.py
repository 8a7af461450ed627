"""Fixed width: every value padded into its place; nothing is ever shifted."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from edi_app.flat.characters import Characters
from edi_app.mapping.columns import Column, Fit, Write, source_name, too_long, too_short
from edi_app.mapping.findings import BAD_VALUE, TOO_LONG, ValueRefused
from edi_app.mapping.options import NEWLINES
from edi_app.mapping.plain_text import number_text, plain_text
from edi_app.mapping.scope import Scope
from edi_app.mapping.spec import FieldSpec
from edi_app.mapping.steps import as_scaled

# Zoned decimals as COBOL writes them: the last digit carries the sign.
_OVERPUNCH = {"+": "{ABCDEFGHI", "-": "}JKLMNOPQR"}


FILLER = ""
"""The name of the blanks between two fields."""


def in_places(fields: Sequence[FieldSpec], *, record_length: int) -> tuple[FieldSpec, ...]:
    """Put the fields of a record in the order of their places, with blanks where nothing stands."""
    placed: list[FieldSpec] = []
    end = 1
    for field in sorted(fields, key=lambda field: field.start):
        if field.start > end:
            placed.append(_blanks(end, field.start - end))
        placed.append(field)
        end = field.start + field.width
    if record_length >= end:
        placed.append(_blanks(end, record_length + 1 - end))
    return tuple(placed)


def _blanks(start: int, width: int) -> FieldSpec:
    return FieldSpec(name=FILLER, source="''", start=start, width=width)


class FixedStyle:
    """Writes the values and rows of one fixed-width mapping."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self.decimal: str = options["decimal"]
        self.newline = NEWLINES[options["newline"]]
        self.characters = Characters(options["encoding"], options["on_bad_char"], options["line_breaks"])
        self._encoding: str = options["encoding"]
        self._in_bytes = options["width_unit"] == "bytes"

    def write(self, spec: FieldSpec, *, is_number: bool) -> Write:
        """Write plain values; with `decimals` a number loses its point (12.34 becomes 1234)."""
        places = spec.decimals
        if places is not None:
            return lambda value: "" if value is None else number_text(as_scaled(value, places))
        return lambda value: (
            number_text(value).replace(".", self.decimal) if value.__class__ is Decimal else plain_text(value)
        )

    def fit(self, spec: FieldSpec, *, is_number: bool) -> Fit:
        """Pad a text into its width; a text that is too long is refused, or cut where that is declared."""
        if is_number or spec.decimals is not None or spec.sign:
            return _number_fit(spec)
        return self._text_fit(spec)

    def _text_fit(self, spec: FieldSpec) -> Fit:
        width, most, pad = spec.width, min(spec.max or spec.width, spec.width), spec.pad or " "
        is_harmless, clean, measure = self.characters.is_harmless, self.characters.clean, self.measure
        to_right = spec.align == "right"

        def fit(text: str, scope: Scope) -> str:
            if not is_harmless(text):
                text = clean(text, target=spec.name, scope=scope)
            length = measure(text)
            if length > most:
                too_long(spec, scope, length=length, most=most)
                text = self._cut(text, most)
                length = measure(text)
            if text and length < spec.min:
                raise too_short(spec, length=length)
            fill = pad * (width - length)
            return fill + text if to_right else text + fill

        return fit

    def measure(self, text: str) -> int:
        """Measure a text in the mapping's unit: code points, or bytes of its encoding."""
        return len(text.encode(self._encoding)) if self._in_bytes and not text.isascii() else len(text)

    def _cut(self, text: str, most: int) -> str:
        """Cut to the width without ever splitting a character."""
        if not self._in_bytes:
            return text[:most]
        return text.encode(self._encoding)[:most].decode(self._encoding, "ignore")

    def row(self, cells: list[str], columns: Sequence[Column], scope: Scope, *, careful: bool) -> str:
        """Put the padded cells behind each other."""
        return "".join(cells) + self.newline

    def names_row(self, columns: Sequence[Column], scope: Scope) -> str:
        """Fixed-width files have no row of names."""
        return ""


def _number_fit(spec: FieldSpec) -> Fit:
    place: Callable[[FieldSpec, str, str], str] = _PLACES[
        spec.sign or ("leading" if _pad(spec) == "0" else "floating")
    ]

    def fit(text: str, _: Scope) -> str:
        if not text:
            return " " * spec.width
        sign, body = ("-", text[1:]) if text[0] == "-" else ("+", text)
        placed = place(spec, sign, body)
        if len(placed) > spec.width:
            reason = f'"{source_name(spec)}" has {len(placed)} characters; {spec.name} allows {spec.width}.'
            raise ValueRefused(reason, hint="A number is never cut; make the field wider.", code=TOO_LONG)
        return placed

    return fit


def _pad(spec: FieldSpec) -> str:
    return spec.pad or ("0" if spec.decimals is not None else " ")


def _floating(spec: FieldSpec, sign: str, body: str) -> str:
    text = body if sign == "+" else f"-{body}"
    return text.ljust(spec.width, _pad(spec)) if spec.align == "left" else text.rjust(spec.width, _pad(spec))


def _leading(spec: FieldSpec, sign: str, body: str) -> str:
    return body.rjust(spec.width, _pad(spec)) if sign == "+" else "-" + body.rjust(spec.width - 1, _pad(spec))


def _leading_plus(spec: FieldSpec, sign: str, body: str) -> str:
    return sign + body.rjust(spec.width - 1, _pad(spec))


def _trailing(spec: FieldSpec, sign: str, body: str) -> str:
    return body.rjust(spec.width - 1, _pad(spec)) + ("-" if sign == "-" else " ")


def _trailing_plus(spec: FieldSpec, sign: str, body: str) -> str:
    return body.rjust(spec.width - 1, _pad(spec)) + sign


def _overpunched(spec: FieldSpec, sign: str, body: str) -> str:
    return (body[:-1] + _OVERPUNCH[sign][int(body[-1])]).rjust(spec.width, _pad(spec))


def _unsigned(spec: FieldSpec, sign: str, body: str) -> str:
    if sign == "-":
        reason = f'"{source_name(spec)}" is negative; {spec.name} has no place for a sign.'
        raise ValueRefused(reason, hint="Choose a sign style, or use as: abs.", code=BAD_VALUE)
    return body.rjust(spec.width, _pad(spec))


_PLACES: Mapping[str, Callable[[FieldSpec, str, str], str]] = {
    "floating": _floating,
    "leading": _leading,
    "leading_plus": _leading_plus,
    "trailing": _trailing,
    "trailing_plus": _trailing_plus,
    "overpunch": _overpunched,
    "none": _unsigned,
}
