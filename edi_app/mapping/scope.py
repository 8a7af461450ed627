"""What expressions see: a document's values with `Export`, `Document`, `File`, `Totals` and `Line` beside them."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from core.document_fields import FIELDS
from core.documents import Document
from core.errors import Finding
from core.field_shapes import Field, Kind, Shape, merged, shape
from core.formats import Envelope, ExportFacts, Totals

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

OWN_NAMES = frozenset({"Export", "Document", "File", "Totals", "Line"})
"""The first names that are ours and not Xero's; they stand beside the document's values."""


def document_shape(stream: str) -> Shape:
    """Give everything that a mapping of one stream may name in a document's records."""
    return merged(FIELDS[stream], shape(objects={"Document": _DOCUMENT, "File": _FILE}))


_NO_VALUES: Mapping[str, Any] = MappingProxyType({})


class Frame:
    """One document on its way through a mapping: its values, our own names beside them, and the declared cuts
    and replacements met so far."""

    __slots__ = ("_scope", "line", "line_own", "notes", "own", "values")

    def __init__(self, values: Mapping[str, Any], own: dict[str, Any]) -> None:
        self.values = values
        self.own = own
        self.line: Mapping[str, Any] = _NO_VALUES
        self.line_own: Mapping[str, Any] = _NO_VALUES
        self.notes: list[Finding] = []
        self._scope: dict[str, Any] | None = None

    def scope(self) -> dict[str, Any]:
        """Give everything in one dict, as expressions read it; built when the first expression asks."""
        if self._scope is None:
            self._scope = {**self.values, **self.own}
            self._scope["Line"] = {**self.line, **self.line_own}
        return self._scope

    def put_line(self, line: Mapping[str, Any], line_own: Mapping[str, Any]) -> None:
        """Make a line the current `Line`, with what we worked out for it."""
        self.line = line
        self.line_own = line_own
        if self._scope is not None:
            self._scope["Line"] = {**line, **line_own}


_DOCUMENT_FACTS: Mapping[str, Callable[[Document], Any]] = {
    "Stream": lambda document: str(document.stream),
    "ID": lambda document: document.xero_id,
    "Number": lambda document: document.number,
    "Type": lambda document: document.kind,
    "Status": lambda document: document.status,
    "CurrencyCode": lambda document: document.currency,
    "Total": lambda document: document.total,
    "Date": lambda document: document.dated_on,
    "UpdatedDateUTC": lambda document: document.updated_at,
    "Content": lambda document: document.values,
}
_EXPORT_FACTS: Mapping[str, Callable[[ExportFacts], Any]] = {
    "Action": lambda facts: facts.action,
    "Version": lambda facts: Decimal(facts.version),
    "Sequence": lambda facts: Decimal(facts.sequence),
    "Key": lambda facts: facts.key,
    "Position": lambda facts: Decimal(facts.position),
}


class OwnNames:
    """Builds what a mapping reads beside the document, and nothing that it does not read."""

    def __init__(self, paths: frozenset[str]) -> None:
        self._document = self._wanted("Document", _DOCUMENT_FACTS, paths)
        self._export = self._wanted("Export", _EXPORT_FACTS, paths)
        self._file = any(path.startswith("File") for path in paths)

    @staticmethod
    def _wanted(root: str, facts: Mapping[str, Any], paths: frozenset[str]) -> tuple[tuple[str, Any], ...]:
        """Choose the facts named by a path; all of them where the group as a whole is read."""
        named = {path.split(".")[1] for path in paths if path.startswith(f"{root}.")}
        everything = root in paths and not named
        return tuple((name, get) for name, get in facts.items() if everything or name in named)

    def frame(self, document: Document, facts: ExportFacts | None, envelope: Envelope | None) -> Frame:
        """Build the frame of one document; without facts or envelope, what they say is missing."""
        return Frame(document.values, self.values(document, facts, envelope))

    def values(self, document: Document, facts: ExportFacts | None, envelope: Envelope | None) -> dict[str, Any]:
        """Give our own names for one document."""
        own: dict[str, Any] = {}
        if self._document:
            own["Document"] = {name: get(document) for name, get in self._document}
        if self._export and facts is not None:
            export = own["Export"] = {}
            for name, get in self._export:
                export[name] = get(facts)
        if self._file and envelope is not None:
            own["File"] = file_facts(envelope)
        return own


def file_facts(envelope: Envelope) -> dict[str, Any]:
    """Give what mappings see as `File`."""
    return {
        "Sender": envelope.sender,
        "Partner": envelope.partner,
        "Sequence": Decimal(envelope.sequence),
        "Moment": envelope.moment,
        "Test": envelope.test,
    }


def file_frame(envelope: Envelope, totals: Totals | None, *, summed: tuple[str, ...] = ()) -> Frame:
    """Build the frame of a file's header (without totals) or trailer; a sum of nothing is zero."""
    own: dict[str, Any] = {"File": file_facts(envelope)}
    if totals is not None:
        counts = {"Exports": totals.exports, "Groups": totals.groups, "Rows": totals.rows}
        sums = {name: totals.sums.get(name, Decimal(0)) for name in summed}
        own["Totals"] = {name: Decimal(count) for name, count in counts.items()} | {"Sums": sums}
    return Frame(_NO_VALUES, own)
