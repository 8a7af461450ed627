"""The lines of a document as rows need them: numbered, with the amount without tax, tax split off if wanted."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from core.document_fields import LINES_FIELD
from core.documents import Document
from edi_app.mapping.plain_text import EXACT

LINE_OWN_NAMES = frozenset({"Number", "NetAmount", "IsTax"})
"""What we work out for a line, beside what Xero says about it."""

Line = Mapping[str, Any]
Pair = tuple[Line, Line]
"""A line as Xero has it, and what we worked out for it."""

_NOTHING: Line = MappingProxyType({})
_NUMBERED = tuple({"Number": Decimal(number)} for number in range(1, 1001))
_TAX_LINE_KEEPS = ("Description", "TaxType", "TaxRate", "Tracking")


class Lines:
    """Gives the lines of one mapping's documents, no more worked out than its columns read."""

    def __init__(self, *, paths: frozenset[str], tax_lines: bool) -> None:
        own = {name for name in LINE_OWN_NAMES if f"Line.{name}" in paths}
        self._tax_lines = tax_lines
        self._as_they_are = not tax_lines and not own
        self._only_numbered = not tax_lines and own == {"Number"}

    def of(self, document: Document) -> list[Pair]:
        """Give the lines that become rows; a document without lines is one empty line, so it is never missing."""
        lines = document.values.get(LINES_FIELD.get(document.stream, ""))
        if not isinstance(lines, list) or not lines:
            return [({}, _NOTHING)]
        if self._as_they_are:
            return [(line, _NOTHING) for line in lines]
        if self._only_numbered and len(lines) <= len(_NUMBERED):
            return list(zip(lines, _NUMBERED, strict=False))
        return list(self._worked_out(lines, inclusive=document.values.get("LineAmountTypes") == "Inclusive"))

    def _worked_out(self, lines: list[dict[str, Any]], *, inclusive: bool) -> Iterator[Pair]:
        """Add `Number`, `NetAmount` and `IsTax`; tax follows as a line of its own where the mapping asks for it.

        In an inclusive document a line's amount contains its tax (Xero: LineAmountTypes); elsewhere it does not.
        """
        number = 0
        for line in lines:
            number += 1
            amount, tax = line.get("LineAmount"), line.get("TaxAmount")
            net = EXACT.subtract(amount, tax) if inclusive and amount is not None and tax is not None else amount
            yield line, {"Number": Decimal(number), "NetAmount": net, "IsTax": False}
            if self._tax_lines and tax:
                number += 1
                kept = {name: line[name] for name in _TAX_LINE_KEEPS if name in line}
                yield kept | {"LineAmount": tax}, {"Number": Decimal(number), "NetAmount": tax, "IsTax": True}
