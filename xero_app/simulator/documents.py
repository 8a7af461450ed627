"""How the simulator keeps what it holds: a small row for each object, its full document made when needed.

A row is what lists sort and filter by. Seeded documents are written from their bundle's seed on demand and
kept only for a while, so that 200,000 invoices fit in a small process; whatever is changed is kept for good.
"""

from collections import OrderedDict
from collections.abc import Callable
from datetime import date
from typing import Any

Doc = dict[str, Any]
NO_DATE = date(1970, 1, 1)
"""What Xero writes as `/Date(0+0000)/`: no date."""


class Bundle:
    """Rows whose documents belong together (an invoice, its payments, its credit) and are written at once."""

    __slots__ = ("currency", "number", "rows", "shape", "write")

    def __init__(
        self, *, number: int, shape: str, write: Callable[["Bundle"], dict[str, Doc]], currency: str = ""
    ) -> None:
        self.number = number
        self.currency = currency
        self.shape = shape
        self.write = write
        self.rows: list[Row] = []


class Row:
    """One object as lists see it. `doc` is set once the document is kept; else `bundle` writes it."""

    __slots__ = (
        "before", "bundle", "contact_id", "dated", "doc", "id", "kind", "number", "status", "stream",
        "updated_ms", "visible_ms",
    )  # fmt: skip

    def __init__(
        self,
        *,
        stream: str,
        xero_id: str,
        updated_ms: int,
        kind: str = "",
        status: str = "",
        number: str = "",
        dated: date | None = None,
        contact_id: str = "",
        doc: Doc | None = None,
        bundle: Bundle | None = None,
    ) -> None:
        self.stream = stream
        self.id = xero_id
        self.updated_ms = updated_ms
        self.kind = kind
        self.status = status
        self.number = number
        self.dated = dated
        self.contact_id = contact_id
        self.doc = doc
        self.bundle = bundle
        self.before: Row | None = None
        self.visible_ms = 0

    def copy(self, *, doc: Doc) -> "Row":
        """The row as it is now, holding its own document: what readers see while a change is not visible."""
        twin = Row(
            stream=self.stream, xero_id=self.id, updated_ms=self.updated_ms, kind=self.kind, status=self.status,
            number=self.number, dated=self.dated, contact_id=self.contact_id, doc=doc,
        )  # fmt: skip
        twin.before, twin.visible_ms = self.before, self.visible_ms
        return twin


class Written:
    """The documents written lately, by bundle; the oldest are forgotten."""

    def __init__(self, *, keep: int = 3000) -> None:
        self._keep = keep
        self._docs: OrderedDict[int, dict[str, Doc]] = OrderedDict()

    def document(self, row: Row) -> Doc:
        """The row's document; the same object for every caller as long as it is kept."""
        if row.doc is not None:
            return row.doc
        return self._bundle_docs(row)[row.id]

    def pin(self, row: Row) -> Doc:
        """The row's document, kept for good together with all documents of its bundle, ready to be changed."""
        if row.doc is None:
            docs = self._bundle_docs(row)
            for other in row.bundle.rows if row.bundle else ():
                other.doc = docs[other.id]
        return self.document(row)

    def _bundle_docs(self, row: Row) -> dict[str, Doc]:
        bundle = row.bundle
        if bundle is None:
            msg = f"{row.stream} {row.id} has neither a document nor a bundle."
            raise LookupError(msg)
        docs = self._docs.get(bundle.number)
        if docs is None:
            docs = self._docs[bundle.number] = bundle.write(bundle)
            if len(self._docs) > self._keep:
                self._docs.popitem(last=False)
        else:
            self._docs.move_to_end(bundle.number)
        return docs
