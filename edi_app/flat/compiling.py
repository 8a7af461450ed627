"""From a resolved mapping to a flat formatter."""

from collections.abc import Iterator

from core.errors import Invalid
from core.field_shapes import Shape
from edi_app.flat.csv import CsvStyle
from edi_app.flat.fixed_width import FixedStyle, in_places
from edi_app.flat.formatter import FlatFormatter
from edi_app.flat.records import Record, RowStyle
from edi_app.mapping.columns import Column, compile_column
from edi_app.mapping.findings import ValueRefused, refusal
from edi_app.mapping.functions import Tables
from edi_app.mapping.scope import FILE_SHAPE, document_shape
from edi_app.mapping.spec import FieldSpec, MappingSpec, RecordKind


def compile_flat(spec: MappingSpec, *, stream: str, tables: Tables) -> FlatFormatter:
    """Compile a mapping that has passed its check, for one stream. Raises Invalid for one that has not."""
    if spec.findings:
        raise Invalid(spec.findings, code=spec.findings[0].code)
    style = _style(spec)
    repeats = spec.options.get("document_values", "every_line") == "every_line"
    records = {}
    for kind, fields in spec.records.items():
        try:
            columns = [
                compile_column(field, shape=_shape(kind, stream), tables={**tables, **spec.tables}, style=style)
                for field in _in_order(fields, spec)
            ]
        except ValueRefused as refused:
            raise refusal([refused.finding(str(kind))]) from None
        records[kind] = Record(kind, columns, style, repeats=repeats)
    return FlatFormatter(spec, records, style, stream=stream)


def field_columns(
    spec: MappingSpec, kind: RecordKind, *, stream: str, tables: Tables
) -> Iterator[tuple[FieldSpec, Column | None]]:
    """Compile the fields of one record one by one, for a preview; None for a field that cannot be compiled."""
    if not spec.options:
        return
    style = _style(spec)
    for field in spec.records.get(kind, ()):
        try:
            shape = _shape(kind, stream)
            yield field, compile_column(field, shape=shape, tables={**tables, **spec.tables}, style=style)
        except ValueRefused:
            yield field, None


def _style(spec: MappingSpec) -> RowStyle:
    return CsvStyle(spec.options) if spec.format == "csv" else FixedStyle(spec.options)


def _in_order(fields: tuple[FieldSpec, ...], spec: MappingSpec) -> tuple[FieldSpec, ...]:
    if spec.format != "fixed":
        return fields
    return in_places(fields, record_length=spec.options["record_length"])


def _shape(kind: RecordKind, stream: str) -> Shape:
    return FILE_SHAPE if kind in (RecordKind.HEADER, RecordKind.TRAILER) else document_shape(stream)
