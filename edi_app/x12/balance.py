"""The money check: what the finished segments say adds up to the cent, and to Xero's own figures.

It reads the rendered segments, not the values they were made of, so that a mapping cannot break the sum either.
"""

import re
from collections.abc import Iterable
from decimal import Decimal

from edi_app.mapping.findings import TOTAL_MISMATCH, ValueRefused
from edi_app.mapping.plain_text import number_text
from edi_app.x12.delimiters import Delimiters
from edi_app.x12.invoice import TAX
from edi_app.x12.numbers import CENT, ZERO

_GAPS = [""] * 4
_SIGNS = {"C": 1, "A": -1}


class InvoiceBalance:
    """Checks the money of 810s that are written with certain delimiters."""

    def __init__(self, marks: Delimiters) -> None:
        mark, end = re.escape(marks.element), re.escape(marks.terminator + marks.line_end)
        value = f"([^{mark}{re.escape(marks.terminator)}]*)"
        # The tag and the first five elements of what carries money; ST stands before all of them.
        self._find = re.compile(f"{end}(IT1|TXI|TDS|SAC){mark}{value}" + f"{mark}?{value}" * 4).findall

    def check(self, text: str, *, total: Decimal, tax: Decimal | None) -> None:
        """Check a set's text: IT1 + SAC charges - SAC allowances + TXI = TDS01 = `total`, and tax = `tax` where given.

        Raises ValueRefused (EDI_TOTAL_MISMATCH) with both figures.
        """
        lines = charged = charged_tax = taxed = ZERO
        stated = None
        for tag, first, second, _, fourth, fifth in self._find(text):
            if tag == "IT1":
                lines += (_number(second) * _number(fourth)).quantize(CENT)
            elif tag == "TXI":
                taxed += _number(second)
            elif tag == "TDS":
                stated = _number(first).scaleb(-2)
            else:
                amount = _SIGNS.get(first, 0) * _number(fifth).scaleb(-2)
                charged += amount
                charged_tax += amount if second == TAX else ZERO
        added = lines + charged + taxed
        if added != stated:
            raise _mismatch("Lines, charges and tax add", added, "TDS01", stated)
        if added != total:
            raise _mismatch("TDS01 adds", added, "invoice in Xero", total)
        if tax is not None and taxed + charged_tax != tax:
            raise _mismatch("The tax sent adds", taxed + charged_tax, "total tax in Xero", tax)


def check_remittance(segments: Iterable[str], *, mark: str) -> None:
    """Check an 820: BPR02 = the sum of RMR04 and of adjustments that stand under ENT alone (ADX01).

    Raises ValueRefused (EDI_TOTAL_MISMATCH) with both figures.
    """
    added = ZERO
    stated = None
    under_item = False
    for segment in segments:
        tag, first, second, _, fourth = (segment.split(mark, 5) + _GAPS)[:5]
        match tag:
            case "BPR":
                stated = _number(second)
            case "ENT":
                under_item = False
            case "RMR":
                under_item = True
                added += _number(fourth)
            case "ADX" if not under_item:
                added += _number(first)
    if stated is None or stated != added:
        raise _mismatch("The remittances add", added, "payment (BPR02)", stated)
    if stated < 0:
        raise ValueRefused(f"BPR02 is {number_text(stated)}; a payment is not negative.", code=TOTAL_MISMATCH)


def _number(text: str) -> Decimal:
    return Decimal(text) if text else ZERO


def _mismatch(what: str, one: Decimal, name: str, other: Decimal | None) -> ValueRefused:
    said = "is missing" if other is None else f"says {number_text(other)}"
    reason = f"{what} up to {number_text(one)}, the {name} {said}."
    return ValueRefused(reason, hint="Show the sum.", code=TOTAL_MISMATCH)
