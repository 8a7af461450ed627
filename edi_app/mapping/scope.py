"""What expressions see: a document's values with `Export`, `Document`, `File`, `Totals` and `Line` beside them."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from core.document_fields import FIELDS, LINES_FIELD
from core.documents import Document
from core.errors import Finding
from core.field_shapes import Field, Kind, Shape, merged, shape
from core.formats import Envelope, ExportFacts, Totals
from edi_app.mapping.plain_text import EXACT

# `Document` says the same few things about an object of any stream; `Content` is everything that was read.
_DOCUMENT = shape(
    text="Stream ID Number Type Status CurrencyCode",
    number="Total",
    date="Date",
    moment="UpdatedDateUTC",
    objects={"Content": {}},
)
_FILE = shape(text="Sender Partner", number="Sequence", moment="Moment", flag="Test")
_TOTALS = merged(shape(number="Exports Groups Rows"), {"Sums": Field(Kind.OBJECT)})

FILE_SHAPE: Shape = shape(objects={"File": _FILE, "Totals": _TOTALS})
"""What the header and trailer of a file may name; `Totals` stays empty in the header."""


def document_shape(stream: str) -> Shape:
    """Give everything that a mapping of one stream may name in a document's records."""
    return merged(FIELDS[stream], shape(objects={"Document": _DOCUMENT, "File": _FILE}))


class Scope(dict[str, Any]):
    """One document's values on the way through a mapping, and the declared cuts and replacements met."""

    notes: list[Finding]


Extra = Callable[[Document, ExportFacts, Envelope], Any]


def _document(document: Document, _: ExportFacts, __: Envelope) -> dict[str, Any]:
    return {
        "Stream": str(document.stream),
        "ID": document.xero_id,
        "Number": document.number,
        "Type": document.kind,
        "Status": document.status,
        "CurrencyCode": document.currency,
        "Total": document.total,
        "Date": document.dated_on,
        "UpdatedDateUTC": document.updated_at,
        "Content": document.values,
    }


def _export(_: Document, facts: ExportFacts, __: Envelope) -> dict[str, Any]:
    return {
        "Action": facts.action,
        "Version": Decimal(facts.version),
        "Sequence": Decimal(facts.sequence),
        "Key": facts.key,
        "Position": Decimal(facts.position),
    }


def _file(_: Document | None, __: ExportFacts | None, envelope: Envelope) -> dict[str, Any]:
    return {
        "Sender": envelope.sender,
        "Partner": envelope.partner,
        "Sequence": Decimal(envelope.sequence),
        "Moment": envelope.moment,
        "Test": envelope.test,
    }


_EXTRAS: Mapping[str, Extra] = MappingProxyType({"Document": _document, "Export": _export, "File": _file})


def extras_for(roots: frozenset[str]) -> tuple[tuple[str, Extra], ...]:
    """Choose which of our own names a mapping needs, so that nothing is built that nobody reads."""
    return tuple((name, extra) for name, extra in _EXTRAS.items() if name in roots)


def document_scope(
    document: Document, facts: ExportFacts, envelope: Envelope, *, extras: tuple[tuple[str, Extra], ...]
) -> Scope:
    """Build the scope of a document's records; `Line` is put in row by row."""
    scope = Scope(document.values)
    scope.notes = []
    for name, extra in extras:
        scope[name] = extra(document, facts, envelope)
    return scope


def file_scope(envelope: Envelope, totals: Totals | None) -> Scope:
    """Build the scope of a file's header (without totals) or trailer."""
    scope = Scope(File=_file(None, None, envelope))
    scope.notes = []
    if totals is not None:
        counts = {"Exports": totals.exports, "Groups": totals.groups, "Rows": totals.rows}
        scope["Totals"] = {name: Decimal(count) for name, count in counts.items()} | {"Sums": dict(totals.sums)}
    return scope


def lines_of(document: Document) -> list[dict[str, Any]]:
    """Give a document's own lines as Xero lists them; none for a stream that has no lines."""
    lines = document.values.get(LINES_FIELD.get(document.stream, ""))
    return lines if isinstance(lines, list) else []


def numbered_lines(document: Document, *, tax_lines: bool) -> Iterator[dict[str, Any]]:
    """Give the lines with `Number`, `NetAmount` and `IsTax`; with `tax_lines`, tax follows as a line of its own.

    In an inclusive document a line's amount contains its tax (Xero: LineAmountTypes); elsewhere it does not.
    """
    inclusive = document.values.get("LineAmountTypes") == "Inclusive"
    number = 0
    for line in lines_of(document):
        number += 1
        amount, tax = line.get("LineAmount"), line.get("TaxAmount")
        net = EXACT.subtract(amount, tax) if inclusive and amount is not None and tax is not None else amount
        yield line | {"Number": Decimal(number), "NetAmount": net, "IsTax": False}
        if tax_lines and tax:
            number += 1
            own = {"Number": Decimal(number), "LineAmount": tax, "NetAmount": tax, "IsTax": True}
            yield {name: line[name] for name in _TAX_LINE_KEEPS if name in line} | own


_TAX_LINE_KEEPS = ("Description", "TaxType", "TaxRate", "Tracking")
