"""The money check: what the finished segments say adds up to the cent, and to Xero's own figures.

It reads the rendered segments, not the values they were made of, so that a mapping cannot break the sum either.
"""

from collections.abc import Sequence
from decimal import Decimal

from edi_app.mapping.findings import TOTAL_MISMATCH, ValueRefused
from edi_app.mapping.plain_text import number_text
from edi_app.x12.invoice import TAX
from edi_app.x12.numbers import CENT, ZERO

_HUNDRED = Decimal(100)
_SIGNS = {"C": 1, "A": -1}


class _Sums:
    """What the segments of an 810 say, added up."""

    __slots__ = ("charged_tax", "charges", "lines", "stated", "taxed")

    def __init__(self, segments: Sequence[Sequence[str]]) -> None:
        self.lines = self.taxed = self.charges = self.charged_tax = ZERO
        self.stated: Decimal | None = None
        for parts in segments:
            tag = parts[0]
            if tag == "IT1":
                self.lines += (_at(parts, 2) * _at(parts, 4)).quantize(CENT)
            elif tag == "TXI":
                self.taxed += _at(parts, 2)
            elif tag == "SAC":
                self._charge(parts)
            elif tag == "TDS":
                self.stated = _at(parts, 1) / _HUNDRED

    def _charge(self, parts: Sequence[str]) -> None:
        amount = _SIGNS.get(parts[1], 0) * _at(parts, 5) / _HUNDRED
        self.charges += amount
        self.charged_tax += amount if parts[2:3] == [TAX] else ZERO


def check_invoice(segments: Sequence[Sequence[str]], *, total: Decimal, tax: Decimal | None) -> None:
    """Check an 810: IT1 + SAC charges - SAC allowances + TXI = TDS01 = `total`, and tax = `tax` where given.

    Raises ValueRefused (EDI_TOTAL_MISMATCH) with both figures.
    """
    sums = _Sums(segments)
    added, stated = sums.lines + sums.charges + sums.taxed, sums.stated
    if stated is None or added != stated:
        raise _mismatch("Lines, charges and tax add", added, "TDS01", stated)
    if stated != total:
        raise _mismatch("TDS01 adds", stated, "invoice in Xero", total)
    if tax is not None and sums.taxed + sums.charged_tax != tax:
        raise _mismatch("The tax sent adds", sums.taxed + sums.charged_tax, "total tax in Xero", tax)


def check_remittance(segments: Sequence[Sequence[str]]) -> None:
    """Check an 820: BPR02 = the sum of RMR04 and of adjustments that stand under ENT alone (ADX01).

    Raises ValueRefused (EDI_TOTAL_MISMATCH) with both figures.
    """
    added = ZERO
    stated: Decimal | None = None
    under_item = False
    for parts in segments:
        match parts[0]:
            case "BPR":
                stated = _at(parts, 2)
            case "ENT":
                under_item = False
            case "RMR":
                under_item = True
                added += _at(parts, 4)
            case "ADX" if not under_item:
                added += _at(parts, 1)
    if stated is None or stated != added:
        raise _mismatch("The remittances add", added, "payment (BPR02)", stated)
    if stated < 0:
        raise ValueRefused(f"BPR02 is {number_text(stated)}; a payment is not negative.", code=TOTAL_MISMATCH)


def _at(parts: Sequence[str], place: int) -> Decimal:
    return Decimal(parts[place]) if len(parts) > place and parts[place] else ZERO


def _mismatch(what: str, one: Decimal, name: str, other: Decimal | None) -> ValueRefused:
    said = "is missing" if other is None else f"says {number_text(other)}"
    reason = f"{what} up to {number_text(one)}, the {name} {said}."
    return ValueRefused(reason, hint="Show the sum.", code=TOTAL_MISMATCH)
