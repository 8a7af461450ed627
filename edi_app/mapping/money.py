"""The money check of flat files: a document's lines add up to its total before anything leaves.

Figures are Xero's own. Lines are exclusive, inclusive or without tax (LineAmountTypes); tax is rounded per line
and then summed, and people may change a total by a few cents, so a small tolerance is an option.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal

from core.document_fields import LINES_FIELD
from core.documents import Document, Stream
from core.errors import Finding
from edi_app.mapping.findings import TOTAL_MISMATCH
from edi_app.mapping.plain_text import EXACT

MoneyCheck = Callable[[Document], Finding | None]

_ENDED = frozenset({"VOIDED", "DELETED"})
_ZERO = Decimal(0)


def money_check(*, stream: str, tolerance: Decimal, needs_lines: bool) -> MoneyCheck:
    """Give the test of one stream's documents: the finding with both figures, or None when they agree.

    Voided and deleted documents keep stale totals in Xero and are left out; drafts of journals need not
    balance. With `needs_lines`, a total without any line is a mismatch too.
    """
    if stream not in LINES_FIELD:
        return lambda _: None
    if stream == Stream.MANUAL_JOURNALS:
        return _check_journal
    return _trade_check(tolerance, needs_lines=needs_lines)


def _trade_check(tolerance: Decimal, *, needs_lines: bool) -> MoneyCheck:
    add = EXACT.add

    def check(document: Document) -> Finding | None:
        values = document.values
        total, lines = values.get("Total"), values.get("LineItems")
        if total is None or document.status in _ENDED or not (lines or (needs_lines and lines is not None)):
            return None
        added = _ZERO
        for line in lines:
            if (amount := line.get("LineAmount")) is not None:
                added = add(added, amount)
        if values.get("LineAmountTypes") == "Exclusive":
            tax = values.get("TotalTax")
            added = add(added, _sum(line.get("TaxAmount") or _ZERO for line in lines) if tax is None else tax)
        if added == total or abs(EXACT.subtract(added, total)) <= tolerance:
            return None
        number = document.number or "the document"
        return _mismatch(document, f"Lines add up to {added:f}, {number} says {total:f}.")

    return check


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    total = _ZERO
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total


def _check_journal(document: Document) -> Finding | None:
    lines = document.values.get("JournalLines")
    if not lines or document.status in _ENDED or document.status == "DRAFT":
        return None
    names = ["LineAmount"]
    if document.values.get("LineAmountTypes") == "Exclusive":
        names.append("TaxAmount")
    amounts = [line[name] for line in lines for name in names if line.get(name) is not None]
    debits = _sum(amount for amount in amounts if amount > 0)
    credits_ = _sum(amount.copy_negate() for amount in amounts if amount < 0)
    if debits == credits_:
        return None
    return _mismatch(document, f"Debits add up to {debits:f}, credits to {credits_:f}.")


def _mismatch(document: Document, reason: str) -> Finding:
    return Finding(document.number or document.xero_id, reason, "Show the sum.", TOTAL_MISMATCH)
