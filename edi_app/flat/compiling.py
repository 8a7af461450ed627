"""From a resolved mapping to a flat formatter."""

from core.errors import Invalid
from core.field_shapes import Shape
from edi_app.flat.csv import CsvStyle
from edi_app.flat.fixed_width import FixedStyle, in_places
from edi_app.flat.formatter import FlatFormatter
from edi_app.flat.records import RowStyle, compile_record
from edi_app.mapping.findings import ValueRefused, refusal
from edi_app.mapping.functions import Tables
from edi_app.mapping.scope import FILE_SHAPE, document_shape
from edi_app.mapping.spec import FieldSpec, MappingSpec, RecordKind


def compile_flat(spec: MappingSpec, *, stream: str, tables: Tables) -> FlatFormatter:
    """Compile a mapping that has passed its check, for one stream. Raises Invalid for one that has not."""
    if spec.findings:
        raise Invalid(spec.findings, code=spec.findings[0].code)
    style: RowStyle = CsvStyle(spec.options) if spec.format == "csv" else FixedStyle(spec.options)
    shape = document_shape(stream)
    repeats = spec.options.get("document_values", "every_line") == "every_line"
    records = {}
    for kind, fields in spec.records.items():
        try:
            records[kind] = compile_record(
                kind,
                _in_order(fields, spec),
                shape=_shape_of(kind, shape),
                tables={**tables, **spec.tables},
                style=style,
                repeats=repeats,
            )
        except ValueRefused as refused:
            raise refusal([refused.finding(str(kind))]) from None
    return FlatFormatter(spec, records, style, stream=stream)


def _in_order(fields: tuple[FieldSpec, ...], spec: MappingSpec) -> tuple[FieldSpec, ...]:
    if spec.format != "fixed":
        return fields
    return in_places(fields, record_length=spec.options["record_length"])


def _shape_of(kind: RecordKind, shape: Shape) -> Shape:
    return FILE_SHAPE if kind in (RecordKind.HEADER, RecordKind.TRAILER) else shape
