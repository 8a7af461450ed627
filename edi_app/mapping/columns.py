"""Fields as compiled columns: where the value comes from, and one function from the value to its text."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from core.errors import Finding
from core.field_shapes import Kind, Shape
from edi_app.mapping.expressions import Expression, check_expression, compile_expression
from edi_app.mapping.findings import REQUIRED_EMPTY, TOO_LONG, TOO_SHORT, LookupMissed, ValueRefused, shortened
from edi_app.mapping.functions import Tables
from edi_app.mapping.spec import FieldSpec
from edi_app.mapping.steps import as_amount, as_number
from edi_app.mapping.transforms import Transform, compile_transform

Notes = list[Finding]
Write = Callable[[Any], str]
Fit = Callable[[str, Notes], str]
Convert = Callable[[Any, Notes], str]
Change = Callable[[Any], Any]


class Quick(NamedTuple):
    """A short way for a usual value, as Python over the value `v`: the `test` that it is one, and then its `text`.

    Both are expressions that go into a row's source (`edi_app/flat/row_source.py`), which knows `Decimal`, `date` and
    `date_text`; what passes no test takes the long way and comes out the same."""

    test: str
    text: str


def quick_day(pattern: str) -> str:
    """Write how a calendar date becomes text."""
    return "v.isoformat()" if pattern == "%Y-%m-%d" else f"date_text(v, {pattern!r})"


class Style(Protocol):
    """How one format writes: a value as text, and a text fitted into its place."""

    def write(self, spec: FieldSpec) -> Write:
        """Give the function that writes a value that is no text yet."""

    def fit(self, spec: FieldSpec, *, is_number: bool) -> Fit | None:
        """Give the function that checks, cuts or pads a text; None where there is nothing to do."""

    def quick(self, spec: FieldSpec, transform: Transform) -> tuple[Quick, ...]:
        """Give the short ways for a field's usual values, the most usual first."""


@dataclass(frozen=True, slots=True)
class Column:
    """One compiled field. `evaluate` gives what the source says, `change` what `as` makes of it, and `convert`
    the final text of what the source says; `quick` are the short ways to the same text."""

    spec: FieldSpec
    expression: Expression
    evaluate: Change
    change: Change
    convert: Convert
    quick: tuple[Quick, ...]
    is_number: bool

    @property
    def is_constant(self) -> bool:
        """Say whether the text is the same in every row."""
        return self.expression.constant is not None

    @property
    def reads_line(self) -> bool:
        """Say whether the value belongs to the line, not to the document."""
        return "Line" in self.expression.roots

    def read(self, scope: dict[str, Any]) -> Any:
        """Give the mapped value before it is written as text. Raises ValueRefused."""
        return self.change(self.evaluate(scope))

    def cell(self, scope: dict[str, Any], notes: Notes) -> str:
        """Give the final text. Raises ValueRefused."""
        return self.convert(self.evaluate(scope), notes)

    def number(self, scope: dict[str, Any]) -> Decimal:
        """Give the number as the file shows it, for the sums of the trailer; nothing counts as zero.

        Raises ValueRefused when the column holds no number.
        """
        value = self.read(scope)
        if value is None or value == "":
            return Decimal(0)
        return as_number(value) if self.spec.decimals is None else as_amount(value, self.spec.decimals)


def compile_column(spec: FieldSpec, *, shape: Shape, tables: Tables, style: Style) -> Column:
    """Compile one field. Raises ValueRefused when source or transform cannot be read."""
    expression = compile_expression(spec.source, tables=tables)
    transform = compile_transform(spec.transform, tables=tables)
    is_number = transform.gives_number
    if not transform.steps:
        _, kinds = check_expression(spec.source, shapes=[shape], tables=tables, path=spec.place)
        is_number = kinds == {Kind.NUMBER}
    change, evaluate = _or_miss(transform, spec), _or_miss(expression.evaluate, spec)
    convert = _converter(spec, change if transform.steps else None, style, is_number=is_number)
    quick = style.quick(spec, transform) if spec.on_miss == "error" else ()
    return Column(spec, expression, evaluate, change, convert, quick, is_number)


def _or_miss(change: Change, spec: FieldSpec) -> Change:
    """Do what the field declares where a lookup has no entry: keep the key, or go on with nothing."""
    if spec.on_miss == "error":
        return change

    def change_or_miss(value: Any) -> Any:
        try:
            return change(value)
        except LookupMissed as missed:
            return missed.key if spec.on_miss == "keep" else None

    return change_or_miss


def _converter(spec: FieldSpec, change: Change | None, style: Style, *, is_number: bool) -> Convert:
    write, fit = style.write(spec), style.fit(spec, is_number=is_number)
    default = _default(spec, write) if is_number else spec.default
    required = spec.required
    takes_text = spec.decimals is None

    def convert(value: Any, notes: Notes) -> str:
        if change is not None:
            value = change(value)
        text = value if value.__class__ is str and takes_text else write(value)
        if not text:
            text = default
        if required and (not text or text.isspace()):
            raise ValueRefused(f"{spec.name} is required, but {source_name(spec)} is empty", code=REQUIRED_EMPTY)
        return fit(text, notes) if fit is not None else text

    return convert


def _default(spec: FieldSpec, write: Write) -> str:
    try:
        return write(as_number(spec.default))
    except ValueRefused:
        return spec.default


def source_name(spec: FieldSpec) -> str:
    """Give a field's source as a message shows it."""
    return shortened(spec.source, limit=80)


def too_long(spec: FieldSpec, notes: Notes, *, length: int, most: int) -> None:
    """Note a declared cut; refuse the text where none is declared. Raises ValueRefused."""
    reason = f'"{source_name(spec)}" has {length} characters; {spec.name} allows {most}.'
    if spec.overflow != "cut":
        raise ValueRefused(reason, hint="Allow more, cut it, or shorten the value in Xero.", code=TOO_LONG)
    notes.append(Finding(spec.name, f"{reason} It was cut.", code=TOO_LONG))


def too_short(spec: FieldSpec, *, length: int) -> ValueRefused:
    """Build the refusal of a text that is shorter than `min`."""
    reason = f'"{source_name(spec)}" has {length} characters; {spec.name} needs {spec.min}.'
    return ValueRefused(reason, code=TOO_SHORT)
