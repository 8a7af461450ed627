"""CSV: how a value is written, how a row is quoted (RFC 4180, with the options of the mapping)."""

import csv
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from edi_app.flat.characters import Characters
from edi_app.flat.formulas import guard_formula, is_formula
from edi_app.mapping.columns import Column, Fit, Write, too_long, too_short
from edi_app.mapping.findings import BAD_CHAR, FORMULA, ValueRefused
from edi_app.mapping.options import NEWLINES
from edi_app.mapping.plain_text import number_text, plain_text
from edi_app.mapping.scope import Scope
from edi_app.mapping.spec import FieldSpec

QUOTING = {"minimal": csv.QUOTE_MINIMAL, "all": csv.QUOTE_ALL, "nonnumeric": csv.QUOTE_NONNUMERIC}


class CsvStyle:
    """Writes the values and rows of one CSV mapping."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self.decimal: str = options["decimal"]
        self.newline = NEWLINES[options["newline"]]
        self.characters = Characters(options["encoding"], options["on_bad_char"], options["line_breaks"])
        self._delimiter: str = options["delimiter"]
        self._quote: str = options["quote"]
        self._quoting: str = options["quoting"]
        self._guard: str = options["formula_guard"]
        self._looks_at_all = options["line_breaks"] != "keep"
        self._special = frozenset((self._delimiter, self._quote, "\r", "\n"))

    def write(self, spec: FieldSpec, *, is_number: bool) -> Write:
        """Write plain values, numbers with the mapping's decimal mark."""
        if self.decimal == ".":
            return plain_text
        return lambda value: (
            number_text(value).replace(".", self.decimal) if value.__class__ is Decimal else plain_text(value)
        )

    def fit(self, spec: FieldSpec, *, is_number: bool) -> Fit | None:
        """Check the lengths in characters, and guard against formulas where the mapping asks for it."""
        checks: list[Fit] = []
        if self._guard != "off" and not is_number:
            checks.append(_guarded(spec, reject=self._guard == "reject"))
        if spec.min or spec.max:
            checks.append(_within_lengths(spec))
        if len(checks) < 2:
            return checks[0] if checks else None
        return lambda text, scope: checks[1](checks[0](text, scope), scope)

    def row(self, cells: list[str], columns: Sequence[Column], scope: Scope, *, careful: bool) -> str:
        """Join the cells of one row; `careful` looks at every character. Raises ValueRefused (MAP_BAD_CHAR)."""
        text = self._delimiter.join(cells)
        if careful or not self._is_plain(text, len(cells)):
            return self._careful_row(cells, columns, scope)
        return text + self.newline

    def _is_plain(self, text: str, count: int) -> bool:
        if text.count(self._delimiter) != count - 1 or not text or self._quoting != "minimal":
            return False
        return not (self._quote in text or "\n" in text or "\r" in text or "\0" in text or self._looks_at_all)

    def names_row(self, columns: Sequence[Column], scope: Scope) -> str:
        """Write the row of column names."""
        return self.row([column.spec.name for column in columns], columns, scope, careful=True)

    def _careful_row(self, cells: list[str], columns: Sequence[Column], scope: Scope) -> str:
        quote_cell: Callable[[str, bool], str] = getattr(self, f"_quoted_{self._quoting}")
        quoted = []
        for cell, column in zip(cells, columns, strict=True):
            text = self.characters.clean(cell, target=column.spec.name, scope=scope)
            quoted.append(quote_cell(text, column.is_number))
        if quoted == [""] and self._quoting != "none":
            quoted = [self._quote * 2]
        return self._delimiter.join(quoted) + self.newline

    def _quoted_minimal(self, text: str, _: bool) -> str:
        return text if self._special.isdisjoint(text) else self._quoted_all(text, False)

    def _quoted_all(self, text: str, _: bool) -> str:
        return f"{self._quote}{text.replace(self._quote, self._quote * 2)}{self._quote}"

    def _quoted_nonnumeric(self, text: str, is_number: bool) -> str:
        return self._quoted_minimal(text, False) if is_number and text else self._quoted_all(text, False)

    def _quoted_none(self, text: str, _: bool) -> str:
        for character in self._special:
            if character in text:
                shown = repr(character).strip("'")
                reason = f"A value has {shown}, which a file without quotes cannot carry."
                raise ValueRefused(reason, hint="Use another delimiter, or allow quotes.", code=BAD_CHAR)
        return text


def _within_lengths(spec: FieldSpec) -> Fit:
    least, most = spec.min, spec.max

    def fit(text: str, scope: Scope) -> str:
        length = len(text)
        if most and length > most:
            too_long(spec, scope, length=length, most=most)
            return text[:most]
        if text and length < least:
            raise too_short(spec, length=length)
        return text

    return fit


def _guarded(spec: FieldSpec, *, reject: bool) -> Fit:
    def fit(text: str, _: Scope) -> str:
        if reject and is_formula(text):
            reason = f"{spec.name} begins like a formula of a spreadsheet."
            raise ValueRefused(reason, hint="Correct it in Xero, or let the guard prefix it.", code=FORMULA)
        return guard_formula(text)

    return fit
