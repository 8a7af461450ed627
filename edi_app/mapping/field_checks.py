"""The check of one field: its source, what is done to the value, and its lengths."""

from collections.abc import Sequence

from core.errors import Finding
from core.field_shapes import Kind, Shape
from edi_app.mapping.expressions import check_expression, compile_expression
from edi_app.mapping.findings import BAD_LAYOUT, BAD_LENGTH, BAD_OPTION, BAD_TRANSFORM, ValueRefused
from edi_app.mapping.functions import Tables
from edi_app.mapping.spec import FieldSpec, MappingSpec, RecordKind
from edi_app.mapping.transforms import Transform, compile_transform

_COLLECTIONS = frozenset({Kind.LIST, Kind.OBJECT})
_WORDS = {
    Kind.TEXT: "a text",
    Kind.NUMBER: "a number",
    Kind.DATE: "a date",
    Kind.MOMENT: "a moment",
    Kind.FLAG: "yes or no",
    Kind.LIST: "a list",
    Kind.OBJECT: "a group of fields",
}


def check_field(
    field: FieldSpec, *, shapes: Sequence[Shape], tables: Tables, kind: RecordKind, spec: MappingSpec
) -> list[Finding]:
    """Find what is wrong in one field of a record."""
    if not field.source:
        hint = "Name a Xero field, or a text in single quotes."
        return [Finding(f"{field.place}.source", f"{field.name or 'The field'} has no source.", hint, BAD_OPTION)]
    place = field.place if field.place.startswith("set.") else f"{field.place}.source"
    findings, kinds = check_expression(field.source, shapes=shapes, tables=tables, path=place)
    if findings:
        return findings
    if kind is not RecordKind.LINE and "Line" in compile_expression(field.source, tables=tables).roots:
        hint = "Set rows: line, or put the field into the line record."
        return [Finding(place, "Line stands only where rows are lines.", hint, BAD_LAYOUT)]
    try:
        transform = compile_transform(field.transform, tables=tables)
    except ValueRefused as refused:
        return [refused.finding(f"{field.place}.as"), *_check_lengths(field)]
    findings += _check_kinds(field, transform, kinds)
    if spec.format == "fixed" and _is_number(field, transform, kinds):
        findings += _check_number_place(field)
    return findings + _check_lengths(field)


def _check_kinds(field: FieldSpec, transform: Transform, kinds: frozenset[Kind]) -> list[Finding]:
    if not kinds or kinds & transform.takes:
        return []
    is_what = " or ".join(_WORDS[kind] for kind in sorted(kinds))
    if not transform.steps and kinds <= _COLLECTIONS:
        hint = "Choose one field of it, join() a list, or use as: json."
        return [Finding(f"{field.place}.source", f"{field.source} is {is_what}.", hint, BAD_TRANSFORM)]
    reason = f"{field.source} is {is_what}; {field.transform} cannot work with that."
    return [Finding(f"{field.place}.as", reason, code=BAD_TRANSFORM)]


def _is_number(field: FieldSpec, transform: Transform, kinds: frozenset[Kind]) -> bool:
    by_value = transform.gives_number if transform.steps else kinds == {Kind.NUMBER}
    return by_value or field.decimals is not None or bool(field.sign)


def _check_number_place(field: FieldSpec) -> list[Finding]:
    """A number in fixed width keeps its digits and its sign, whatever the field asks for."""
    pad = field.pad or ("0" if field.decimals is not None else " ")
    refused = []
    if field.overflow == "cut":
        refused.append(("overflow", "A number is never cut.", BAD_LENGTH))
    if field.align == "left" and (pad == "0" or field.sign not in ("", "floating")):
        refused.append(("align", "A number padded on the right would read as another number.", BAD_LAYOUT))
    if pad not in "0 ":
        refused.append(("pad", "A number is padded with zeros or blanks.", BAD_OPTION))
    if field.sign == "overpunch" and field.decimals is None:
        refused.append(("sign", "An overpunched sign needs implied decimals.", BAD_OPTION))
    if field.sign == "floating" and pad == "0":
        refused.append(("sign", "A floating sign cannot stand behind zeros.", BAD_OPTION))
    return [Finding(f"{field.place}.{key}", reason, code=code) for key, reason, code in refused]


def _check_lengths(field: FieldSpec) -> list[Finding]:
    most = min(length for length in (field.max, field.width, 10**9) if length)
    refused = []
    if field.min > most:
        refused.append(("min", f"The least length {field.min} is more than the greatest, {most}."))
    if field.width and field.max > field.width:
        refused.append(("max", f"The greatest length {field.max} is more than the width, {field.width}."))
    if len(field.default) > most:
        refused.append(("default", f"The default has {len(field.default)} characters; {most} are allowed."))
    constant = field.source[1:-1] if field.source.startswith("'") and field.source.count("'") == 2 else ""
    if len(constant) > most and not field.transform:
        refused.append(("source", f"The text has {len(constant)} characters; {most} are allowed."))
    return [Finding(f"{field.place}.{key}", reason, code=BAD_LENGTH) for key, reason in refused]
