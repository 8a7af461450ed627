"""Fields as compiled columns: one function from scope to text each, and the explanation when one refuses."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from core.errors import Finding
from core.field_shapes import Kind, Shape
from edi_app.mapping.expressions import Expression, check_expression, compile_expression
from edi_app.mapping.findings import REQUIRED_EMPTY, TOO_LONG, TOO_SHORT, LookupMissed, ValueRefused, shortened
from edi_app.mapping.functions import Tables
from edi_app.mapping.scope import Scope
from edi_app.mapping.spec import FieldSpec
from edi_app.mapping.steps import as_amount, as_number
from edi_app.mapping.transforms import Transform, compile_transform

Cell = Callable[[Scope], str]
Read = Callable[[Scope], Any]
Write = Callable[[Any], str]
Fit = Callable[[str, Scope], str]


class Style(Protocol):
    """How one format writes: a value as text, and a text fitted into its place."""

    decimal: str

    def write(self, spec: FieldSpec, *, is_number: bool) -> Write:
        """Give the function that writes a value that is no text yet."""

    def fit(self, spec: FieldSpec, *, is_number: bool) -> Fit | None:
        """Give the function that checks, cuts or pads a text; None where there is nothing to do."""


@dataclass(frozen=True, slots=True)
class Column:
    """One compiled field. `read` gives the mapped value, `cell` its final text."""

    spec: FieldSpec
    expression: Expression
    read: Read
    cell: Cell
    is_number: bool

    @property
    def is_constant(self) -> bool:
        """Say whether the text is the same in every row."""
        return self.expression.constant is not None

    @property
    def reads_line(self) -> bool:
        """Say whether the value belongs to the line, not to the document."""
        return "Line" in self.expression.roots


def compile_column(spec: FieldSpec, *, shape: Shape, tables: Tables, style: Style) -> Column:
    """Compile one field. Raises ValueRefused when source or transform cannot be read."""
    expression = compile_expression(spec.source, tables=tables)
    transform = compile_transform(spec.transform, tables=tables)
    is_number = transform.gives_number
    if not transform.steps:
        _, kinds = check_expression(spec.source, shapes=[shape], tables=tables, path=spec.place)
        is_number = kinds == {Kind.NUMBER}
    read = _reader(spec, expression, transform)
    write, fit = style.write(spec, is_number=is_number), style.fit(spec, is_number=is_number)
    cell = _cell(spec, read, write, fit, is_number=is_number)
    if fit is None and spec.on_miss == "error" and style.decimal == "." and transform.only_amount:
        cell = _money_cell(expression.evaluate, transform.only_amount, cell)
    return Column(spec, expression, read, cell, is_number)


def _reader(spec: FieldSpec, expression: Expression, transform: Transform) -> Read:
    evaluate = expression.evaluate
    read: Read = (lambda scope: transform(evaluate(scope))) if transform.steps else evaluate
    if spec.on_miss == "error":
        return read

    def read_or_miss(scope: Scope) -> Any:
        try:
            return read(scope)
        except LookupMissed as missed:
            return missed.key if spec.on_miss == "keep" else None

    return read_or_miss


def _cell(spec: FieldSpec, read: Read, write: Write, fit: Fit | None, *, is_number: bool) -> Cell:
    default = _default(spec, write) if is_number else spec.default
    required = spec.required

    def cell(scope: Scope) -> str:
        value = read(scope)
        text = value if value.__class__ is str else write(value)
        if not text:
            text = default
        if required and (not text or text.isspace()):
            raise ValueRefused(f"{spec.name} is required, but {source_name(spec)} is empty", code=REQUIRED_EMPTY)
        return fit(text, scope) if fit else text

    return cell


def _default(spec: FieldSpec, write: Write) -> str:
    try:
        return write(as_number(spec.default))
    except ValueRefused:
        return spec.default


def _money_cell(evaluate: Callable[[Scope], Any], places: int, other: Cell) -> Cell:
    """Take the short way for an amount that has the wanted decimals already, as Xero's money has."""
    start, end = -places - 1, -places

    def cell(scope: Scope) -> str:
        value = evaluate(scope)
        if value.__class__ is Decimal and value:
            text = str(value)
            if text[start:end] == ".":
                return text
        return other(scope)

    return cell


def source_name(spec: FieldSpec) -> str:
    """Give a field's source as a message shows it."""
    return shortened(spec.source, limit=80)


def too_long(spec: FieldSpec, scope: Scope, *, length: int, most: int) -> None:
    """Note a declared cut; refuse the text where none is declared. Raises ValueRefused."""
    reason = f'"{source_name(spec)}" has {length} characters; {spec.name} allows {most}.'
    if spec.overflow != "cut":
        raise ValueRefused(reason, hint="Allow more, cut it, or shorten the value in Xero.", code=TOO_LONG)
    scope.notes.append(Finding(spec.name, f"{reason} It was cut.", code=TOO_LONG))


def too_short(spec: FieldSpec, *, length: int) -> ValueRefused:
    """Build the refusal of a text that is shorter than `min`."""
    reason = f'"{source_name(spec)}" has {length} characters; {spec.name} needs {spec.min}.'
    return ValueRefused(reason, code=TOO_SHORT)


def column_number(column: Column, scope: Scope) -> Decimal:
    """Give a column's number as the file shows it, for the sums of the trailer; nothing counts as zero."""
    value = column.read(scope)
    if not isinstance(value, Decimal):
        return Decimal(0)
    return value if column.spec.decimals is None else as_amount(value, column.spec.decimals)
