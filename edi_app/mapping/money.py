"""The money check of flat files: a document's lines add up to its total before anything leaves.

Figures are Xero's own. Lines are exclusive, inclusive or without tax (LineAmountTypes); tax is rounded per line
and then summed, and people may change a total by a few cents, so a small tolerance is an option.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from core.document_fields import LINES_FIELD
from core.documents import Document, Stream
from core.errors import Finding
from edi_app.mapping.findings import TOTAL_MISMATCH
from edi_app.mapping.plain_text import EXACT

_ENDED = frozenset({"VOIDED", "DELETED"})
_ZERO = Decimal(0)


def check_money(document: Document, *, tolerance: Decimal, needs_lines: bool) -> Finding | None:
    """Compare the lines of a document with its total; None when they agree or there is nothing to compare.

    Voided and deleted documents keep stale totals in Xero and are left out; drafts of journals need not
    balance. With `needs_lines`, a total without any line is a mismatch too.
    """
    if document.stream not in LINES_FIELD or document.status in _ENDED:
        return None
    lines = document.values.get(LINES_FIELD[document.stream])
    if not isinstance(lines, list) or (not lines and not needs_lines):
        return None
    if document.stream == Stream.MANUAL_JOURNALS:
        return _check_journal(document, lines)
    return _check_trade(document, lines, tolerance)


def _sum(lines: Iterable[Mapping[str, Any]], name: str) -> Decimal:
    total = _ZERO
    for line in lines:
        amount = line.get(name)
        if amount is not None:
            total = EXACT.add(total, amount)
    return total


def _check_trade(document: Document, lines: list[Mapping[str, Any]], tolerance: Decimal) -> Finding | None:
    total = document.values.get("Total")
    if total is None:
        return None
    added = _sum(lines, "LineAmount")
    if document.values.get("LineAmountTypes") == "Exclusive":
        tax = document.values.get("TotalTax")
        added = EXACT.add(added, _sum(lines, "TaxAmount") if tax is None else tax)
    if abs(added - total) <= tolerance:
        return None
    return _mismatch(document, f"Lines add up to {added:f}, {document.number or 'the document'} says {total:f}.")


def _check_journal(document: Document, lines: list[Mapping[str, Any]]) -> Finding | None:
    if document.status == "DRAFT":
        return None
    names = ["LineAmount"]
    if document.values.get("LineAmountTypes") == "Exclusive":
        names.append("TaxAmount")
    debits = _one_side(lines, names, lambda amount: amount > 0)
    credits_ = -_one_side(lines, names, lambda amount: amount < 0)
    if debits == credits_:
        return None
    return _mismatch(document, f"Debits add up to {debits:f}, credits to {credits_:f}.")


def _one_side(lines: list[Mapping[str, Any]], names: list[str], belongs: Callable[[Decimal], bool]) -> Decimal:
    amounts = [line[name] for line in lines for name in names if line.get(name) is not None]
    return _sum([{"it": amount} for amount in amounts if belongs(amount)], "it")


def _mismatch(document: Document, reason: str) -> Finding:
    return Finding(document.number or document.xero_id, reason, "Show the sum.", TOTAL_MISMATCH)
