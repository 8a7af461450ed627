"""What the editor offers while somebody types: Xero's field names, and the steps that change a value."""

from collections.abc import Iterator, Sequence

from core.field_shapes import Kind, Shape
from edi_app.mapping.scope import document_shape

DEEPEST = 2
TRANSFORMS = (
    "date:%Y-%m-%d", "date:%Y%m%d", "date:%d/%m/%Y", "amount:2", "scaled:2", "upper", "lower", "trim", "one_line",
    "ascii", "digits", "alnum", "left:10", "right:10", "zfill:8", "number", "negate", "abs", "blank_zero",
    "strip_zeros", "thousands", "yes:Y,N", "json",
)  # fmt: skip


def xero_paths(streams: Sequence[str]) -> list[str]:
    """Name the fields that documents of these streams have, as expressions name them."""
    found: dict[str, None] = {}
    for stream in streams:
        found |= dict.fromkeys(_paths(document_shape(stream)))
    return [*found, "Export.Action", "Export.Version", "Export.Sequence", "Export.Key"]


def _paths(shape: Shape, prefix: str = "", depth: int = 0) -> Iterator[str]:
    for name, field in shape.items():
        if field.kind is Kind.LIST and name in ("LineItems", "JournalLines"):
            yield from _paths(field.fields, "Line.", DEEPEST)
        elif field.kind is Kind.OBJECT and depth < DEEPEST:
            yield from _paths(field.fields, f"{prefix}{name}.", depth + 1)
        elif field.kind not in (Kind.LIST, Kind.OBJECT):
            yield f"{prefix}{name}"
