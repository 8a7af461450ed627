"""What the simulator holds, as exact text, for self-checks: a demo compares what it delivered with this."""

from collections.abc import Iterator
from typing import Any

from xero_app.simulator.books import STREAMS, Books
from xero_app.simulator.documents import Doc, Row
from xero_app.simulator.settle import amount_open
from xero_app.simulator.wire import iso_second, text

_TOTALS = ("SubTotal", "TotalTax", "Total", "Amount", "BankAmount", "TotalAmount", "CurrencyRate")
_WORDS = (
    "CurrencyCode",
    "Type",
    "PaymentType",
    "Name",
    "Narration",
    "Reference",
    "LineAmountTypes",
    "BatchPaymentID",
)


def holdings(books: Books, *, streams: list[str] | None = None) -> dict[str, Any]:
    """Every object of these streams (all by default) with its id, number, status, dates and amounts as text."""
    chosen = [name for name in streams or STREAMS if name in STREAMS]
    return {
        "tenant_id": books.tenant_id, "name": books.name, "base_currency": books.base_currency,
        "counts": {name: len(books.streams[name]) for name in STREAMS},
        **{name: list(_listed(books, name)) for name in chosen},
    }  # fmt: skip


def _listed(books: Books, stream: str) -> Iterator[dict[str, Any]]:
    for row in books.streams[stream]:
        yield held(books, row)


def held(books: Books, row: Row) -> dict[str, Any]:
    """One object as exact text."""
    doc = books.doc(row)
    found: dict[str, Any] = {"id": row.id, "number": row.number, "status": row.status}
    found |= {"updated": iso_second(row.updated_ms), "updated_ms": row.updated_ms}
    found |= {name: text(doc[name]) for name in ("Date", "DueDate", *_TOTALS, *_WORDS) if name in doc}
    if row.contact_id:
        found["contact_id"] = books.contact(row.contact_id)["ContactID"]
    if "LineItems" in doc:
        found |= _open(doc)
    if "JournalLines" in doc:
        found["debits"] = text(sum(line["LineAmount"] for line in doc["JournalLines"] if line["LineAmount"] > 0))
        found["lines"] = len(doc["JournalLines"])
    if "TargetID" in doc:
        found |= {"target_stream": doc["TargetStream"], "target_id": doc["TargetID"]}
    return found


def _open(doc: Doc) -> dict[str, Any]:
    parts = [{"to" if part["Stream"] == "invoices" else "from": part["ID"], "amount": text(part["Amount"])}
             for part in doc["Applied"]]  # fmt: skip
    return {"open": text(amount_open(doc)), "lines": len(doc["LineItems"]), "applied": parts}
