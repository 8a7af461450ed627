"""CSV: how a value is written, how a row is quoted (RFC 4180, with the options of the mapping)."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from edi_app.flat.characters import Characters
from edi_app.flat.formulas import guard_formula, is_formula
from edi_app.mapping.columns import Column, Fit, Notes, Quick, Write, quick_day, too_long, too_short
from edi_app.mapping.findings import BAD_CHAR, FORMULA, ValueRefused
from edi_app.mapping.options import NEWLINES
from edi_app.mapping.plain_text import number_text, plain_text
from edi_app.mapping.spec import FieldSpec
from edi_app.mapping.transforms import Transform


class CsvStyle:
    """Writes the values and rows of one CSV mapping."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self.newline = NEWLINES[options["newline"]]
        self.characters = Characters(options["encoding"], options["on_bad_char"], options["line_breaks"])
        self._decimal: str = options["decimal"]
        self._delimiter: str = options["delimiter"]
        self._quote: str = options["quote"]
        self._quoting: str = options["quoting"]
        self._guard: str = options["formula_guard"]
        self._special = frozenset((self._delimiter, self._quote, "\r", "\n"))
        self._always_careful = options["line_breaks"] != "keep" or options["quoting"] != "minimal"

    def write(self, spec: FieldSpec) -> Write:
        """Write plain values, numbers with the mapping's decimal mark."""
        mark = self._decimal
        if mark == ".":
            return plain_text
        return lambda value: number_text(value).replace(".", mark) if isinstance(value, Decimal) else plain_text(value)

    def fit(self, spec: FieldSpec, *, is_number: bool) -> Fit | None:
        """Check the lengths in characters, and guard against formulas where the mapping asks for it."""
        guard = _guarded(spec, reject=self._guard == "reject") if self._is_guarded(is_number) else None
        lengths = _within_lengths(spec) if spec.min or spec.max else None
        if guard and lengths:
            return lambda text, notes: lengths(guard(text, notes), notes)
        return guard or lengths

    def _is_guarded(self, is_number: bool) -> bool:
        return self._guard != "off" and not is_number

    def quick(self, spec: FieldSpec, transform: Transform) -> tuple[Quick, ...]:
        """Texts that fit, dates, numbers as Xero writes them, and amounts that have their decimals already."""
        if spec.min or self._guard != "off" or (transform.steps and spec.max):
            return ()
        if not transform.steps:
            return (_quick_text(spec), *([_QUICK_NUMBER] if self._decimal == "." and not spec.max else ()))
        if transform.date_pattern:
            return (Quick("v.__class__ is date", quick_day(transform.date_pattern)),)
        return (_quick_amount(transform.amount_places),) if transform.amount_places and self._decimal == "." else ()

    def row(self, cells: Sequence[str], columns: Sequence[Column], notes: Notes, careful: bool) -> str:
        """Join the cells of one row. Raises ValueRefused (MAP_BAD_CHAR)."""
        text = self._delimiter.join(cells)
        if careful or self._always_careful or text.count(self._delimiter) != len(cells) - 1 or not text:
            return self._careful_row(cells, columns, notes)
        if self._quote in text or "\n" in text or "\r" in text or "\0" in text:
            return self._careful_row(cells, columns, notes)
        return text + self.newline

    def names_row(self, columns: Sequence[Column]) -> str:
        """Write the row of column names."""
        return self._careful_row([column.spec.name for column in columns], columns, [])

    def _careful_row(self, cells: Sequence[str], columns: Sequence[Column], notes: Notes) -> str:
        quote_cell: Callable[[str, bool], str] = getattr(self, f"_quoted_{self._quoting}")
        quoted = []
        for cell, column in zip(cells, columns, strict=True):
            text = self.characters.clean(cell, target=column.spec.name, notes=notes)
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
        for character in sorted(self._special):
            if character in text:
                shown = repr(character).strip("'")
                reason = f"A value has {shown}, which a file without quotes cannot carry."
                raise ValueRefused(reason, hint="Use another delimiter, or allow quotes.", code=BAD_CHAR)
        return text


_QUICK_NUMBER = Quick("v.__class__ is Decimal and '0' <= (s := str(v))[0] <= '9' and 'E' not in s", "s")


def _quick_text(spec: FieldSpec) -> Quick:
    fits = f" and len(v) <= {spec.max:d}" if spec.max else ""
    says_something = " and v.strip()" if spec.required or spec.default else ""
    return Quick(f"v.__class__ is str{fits}{says_something}", "v")


def _quick_amount(places: int) -> Quick:
    point, zero = f"[{-places - 1:d}:{-places:d}] == '.'", f"-0.{'0' * places}"
    return Quick(f"v.__class__ is Decimal and (s := str(v)){point} and s != {zero!r}", "s")


def _within_lengths(spec: FieldSpec) -> Fit:
    least, most = spec.min, spec.max

    def fit(text: str, notes: Notes) -> str:
        length = len(text)
        if most and length > most:
            too_long(spec, notes, length=length, most=most)
            return text[:most]
        if text and length < least:
            raise too_short(spec, length=length)
        return text

    return fit


def _guarded(spec: FieldSpec, *, reject: bool) -> Fit:
    def fit(text: str, _: Notes) -> str:
        if reject and is_formula(text):
            reason = f"{spec.name} begins like a formula of a spreadsheet."
            raise ValueRefused(reason, hint="Correct it in Xero, or let the guard prefix it.", code=FORMULA)
        return guard_formula(text)

    return fit
