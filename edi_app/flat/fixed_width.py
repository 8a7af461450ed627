"""Fixed width: every value padded into its place; nothing is ever shifted."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from edi_app.flat.characters import Characters
from edi_app.flat.number_places import default_pad, number_fit
from edi_app.mapping.columns import Column, Fit, Notes, Quick, Write, quick_day, too_long, too_short
from edi_app.mapping.options import NEWLINES
from edi_app.mapping.plain_text import number_text, plain_text
from edi_app.mapping.spec import FieldSpec
from edi_app.mapping.steps import as_scaled
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

    def quick(self, spec: FieldSpec, transform: Transform) -> tuple[Quick, ...]:
        """Texts and dates that fit, and numbers as Xero usually has them."""
        if spec.decimals is not None or spec.sign:
            is_usual = default_pad(spec) == "0" and spec.sign in ("", "leading") and not transform.steps
            return (_quick_amount(spec, spec.decimals),) if spec.decimals and is_usual else ()
        if spec.align == "right" or (spec.pad or " ") != " ":
            return ()
        if transform.date_pattern and not spec.min:
            return (_quick_date(spec, transform.date_pattern),)
        return () if transform.steps or self._decimal != "." else (_quick_text(spec), _quick_number(spec))

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


def _quick_amount(spec: FieldSpec, places: int) -> Quick:
    test = f"(s := str(v))[{-places - 1:d}:{-places:d}] == '.' and s[0] != '-' and len(s) <= {spec.width:d}"
    text = f"(s[:{-places - 1:d}] + s[{-places:d}:]).zfill({spec.width:d})"
    return Quick(f"v.__class__ is Decimal and {test}", text)


def _quick_date(spec: FieldSpec, pattern: str) -> Quick:
    fits = f"len(s := {quick_day(pattern)}) <= {_most(spec):d} and s.isascii() and s.isprintable()"
    return Quick(f"v.__class__ is date and {fits}", f"s.ljust({spec.width:d})")


def _quick_text(spec: FieldSpec) -> Quick:
    """Texts go to the left when they fit and hold nothing unusual."""
    fits = f"{max(spec.min, 1):d} <= len(v) <= {_most(spec):d}"
    usual = "v.isascii() and v.isprintable() and not v.isspace()"
    return Quick(f"v.__class__ is str and {fits} and {usual}", f"v.ljust({spec.width:d})")


def _quick_number(spec: FieldSpec) -> Quick:
    """Numbers go to the right when they fit."""
    usual = f"len(s := str(v)) <= {spec.width:d} and '0' <= s[0] <= '9' and 'E' not in s"
    return Quick(f"v.__class__ is Decimal and {usual}", f"s.rjust({spec.width:d})")


def _most(spec: FieldSpec) -> int:
    return min(spec.max or spec.width, spec.width)
