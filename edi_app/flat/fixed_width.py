"""Fixed width: every value padded into its place; nothing is ever shifted."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from edi_app.flat.characters import Characters
from edi_app.flat.number_places import default_pad, number_fit
from edi_app.mapping.columns import Column, Convert, Fit, Notes, Write, too_long, too_short
from edi_app.mapping.options import NEWLINES
from edi_app.mapping.plain_text import number_text, plain_text
from edi_app.mapping.spec import FieldSpec
from edi_app.mapping.steps import as_scaled, date_text
from edi_app.mapping.transforms import Transform


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
    return FieldSpec(name="", source="''", start=start, width=width)


class FixedStyle:
    """Writes the values and rows of one fixed-width mapping."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self.newline = NEWLINES[options["newline"]]
        self.characters = Characters(options["encoding"], options["on_bad_char"], options["line_breaks"])
        self._decimal: str = options["decimal"]
        self._encoding: str = options["encoding"]
        self._in_bytes = options["width_unit"] == "bytes"

    def write(self, spec: FieldSpec) -> Write:
        """Write plain values; with `decimals` a number loses its point (12.34 becomes 1234)."""
        places, mark = spec.decimals, self._decimal
        if places is not None:
            return lambda value: "" if value in (None, "") else number_text(as_scaled(value, places))
        return lambda value: number_text(value).replace(".", mark) if isinstance(value, Decimal) else plain_text(value)

    def fit(self, spec: FieldSpec, *, is_number: bool) -> Fit:
        """Pad a text into its width; a text that is too long is refused, or cut where that is declared."""
        if is_number or spec.decimals is not None or spec.sign:
            return number_fit(spec)
        return self._text_fit(spec)

    def text_limit(self, spec: FieldSpec, *, is_number: bool) -> int:
        """Look at every text: each one is padded."""
        return -1

    def shortcut(self, spec: FieldSpec, transform: Transform, convert: Convert) -> Convert:
        """Take the short way for texts and dates that fit, and for numbers as Xero usually has them."""
        if spec.decimals is not None or spec.sign:
            is_usual = default_pad(spec) == "0" and spec.sign in ("", "leading") and not transform.steps
            return _short_amount(spec, convert) if spec.decimals and is_usual else convert
        if spec.align == "right" or (spec.pad or " ") != " ":
            return convert
        if transform.date_pattern and not spec.min:
            return _short_date(spec, transform.date_pattern, convert)
        return convert if transform.steps or self._decimal != "." else _short_plain(spec, convert)

    def row(self, cells: Sequence[str], columns: Sequence[Column], notes: Notes, careful: bool) -> str:
        """Put the padded cells behind each other."""
        return "".join(cells) + self.newline

    def names_row(self, columns: Sequence[Column]) -> str:
        """Fixed-width files have no row of names."""
        return ""

    def _text_fit(self, spec: FieldSpec) -> Fit:
        width, most, pad = spec.width, min(spec.max or spec.width, spec.width), spec.pad or " "
        is_harmless, clean = self.characters.is_harmless, self.characters.clean
        measure, cut, to_right = self._measure, self._cut, spec.align == "right"

        def fit(text: str, notes: Notes) -> str:
            if not is_harmless(text):
                text = clean(text, target=spec.name, notes=notes)
            length = measure(text)
            if length > most:
                too_long(spec, notes, length=length, most=most)
                text = cut(text, most)
                length = measure(text)
            if text and length < spec.min:
                raise too_short(spec, length=length)
            fill = pad * (width - length)
            return fill + text if to_right else text + fill

        return fit

    def _measure(self, text: str) -> int:
        """Measure a text in the mapping's unit: code points, or bytes of its encoding."""
        return len(text.encode(self._encoding)) if self._in_bytes and not text.isascii() else len(text)

    def _cut(self, text: str, most: int) -> str:
        """Cut to the width without ever splitting a character."""
        if not self._in_bytes:
            return text[:most]
        return text.encode(self._encoding)[:most].decode(self._encoding, "ignore")


def _short_amount(spec: FieldSpec, convert: Convert) -> Convert:
    width, places = spec.width, spec.decimals or 0
    point = -places - 1

    def amount(value: Any, notes: Notes) -> str:
        if value.__class__ is Decimal:
            text = str(value)
            if text[point : point + 1] == "." and text[0] != "-" and len(text) <= width:
                return (text[:point] + text[point + 1 :]).zfill(width)
        return convert(value, notes)

    return amount


def _short_date(spec: FieldSpec, pattern: str, convert: Convert) -> Convert:
    width, most = spec.width, min(spec.max or spec.width, spec.width)

    def day(value: Any, notes: Notes) -> str:
        if value.__class__ is date:
            text = date_text(value, pattern)
            if len(text) <= most and text.isascii() and text.isprintable():
                return text.ljust(width)
        return convert(value, notes)

    return day


def _short_plain(spec: FieldSpec, convert: Convert) -> Convert:
    """Texts go to the left, numbers to the right; both only when they fit and hold nothing unusual."""
    width, most = spec.width, min(spec.max or spec.width, spec.width)
    least = max(spec.min, 1)

    def plain(value: Any, notes: Notes) -> str:
        if value.__class__ is str:
            if least <= len(value) <= most and value.isascii() and value.isprintable() and not value.isspace():
                return value.ljust(width)
        elif value.__class__ is Decimal:
            text = str(value)
            if len(text) <= width and "0" <= text[0] <= "9" and "E" not in text:
                return text.rjust(width)
        return convert(value, notes)

    return plain
