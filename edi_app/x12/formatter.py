"""X12 as a `core.formats.Formatter`: one interchange with one functional group a file, one set a document.

An 820 for a batch payment is one set over several exports: its head and tail are a group's head and tail.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal, localcontext
from typing import Any

from core.documents import Document
from core.errors import Finding
from core.formats import Content, Envelope, ExportFacts, Formatter, Totals
from edi_app.mapping.findings import refusal
from edi_app.mapping.functions import Tables
from edi_app.x12.checks import check_x12
from edi_app.x12.header import interchange_header, join_segments
from edi_app.x12.invoices import InvoiceSets
from edi_app.x12.numbers import MONEY
from edi_app.x12.payments import PaymentSets
from edi_app.x12.plan import Trace
from edi_app.x12.setplan import SetPlan

SETS = "sets"
"""The sum in which contents count the sets that they begin themselves; groups begin one each."""
_NEUTRAL: Mapping[str, Any] = {"version": "005010", "charset": "utf-8", "illegal_characters": "choose_delimiters"}


class X12Formatter:
    """One compiled X12 mapping. Partner settings come with each envelope and are compiled once."""

    extension = "edi"
    numbers: tuple[str, ...] = ("ISA", "GS")

    def __init__(self, definition: Mapping[str, Any], *, stream: str, tables: Tables) -> None:
        self._definition = definition
        self._stream = stream
        self._tables = tables
        self._kept: dict[str, InvoiceSets | PaymentSets] = {}
        self._last: tuple[Mapping[str, Any], InvoiceSets | PaymentSets] | None = None
        neutral = self._compile(_NEUTRAL)
        self._neutral = neutral
        self.document = neutral.plan.set_code

    def header(self, envelope: Envelope) -> bytes:
        """Render ISA and GS."""
        plan = self._sets(envelope).plan
        block = _block(envelope)
        segments = interchange_header(envelope, block, plan.settings, functional_id=plan.functional_id)
        return join_segments(segments, plan.marks).encode(plan.settings.charset)

    def group_key(self, document: Document) -> str:
        """Name the batch payment that a document belongs to; empty for all others."""
        return self._neutral.group_key(document)

    def group_complete(self, documents: list[Document]) -> bool:
        """Say whether these payments add up to their batch."""
        with localcontext(MONEY):
            return self._neutral.group_complete(documents)

    def group_head(self, documents: list[Document], facts: list[ExportFacts], envelope: Envelope) -> bytes:
        """Render ST to the last segment before the first payment of a batch."""
        with localcontext(MONEY):
            return self._sets(envelope).group_head(documents, facts, envelope)

    def content(self, document: Document, facts: ExportFacts, envelope: Envelope) -> Content:
        """Map, check and render one document."""
        with localcontext(MONEY):
            return self._sets(envelope).content(document, facts, envelope)

    def group_tail(self, documents: list[Document], facts: list[ExportFacts], envelope: Envelope) -> bytes:
        """Check the whole set of a batch and render its SE."""
        with localcontext(MONEY):
            return self._sets(envelope).group_tail(documents, facts, envelope)

    def trailer(self, envelope: Envelope, totals: Totals) -> bytes:
        """Render GE and IEA."""
        plan = self._sets(envelope).plan
        mark = plan.marks.element
        count = int(totals.sums.get(SETS, Decimal(0))) + totals.groups
        group, interchange = envelope.numbers.get("GS", 0), envelope.numbers.get("ISA", 0)
        segments = [mark.join(("GE", str(count), str(group))), mark.join(("IEA", "1", f"{interchange:09d}"))]
        return join_segments(segments, plan.marks).encode(plan.settings.charset)

    def values(self, document: Document) -> bytes:
        """Give the document's segments without numbers and without anything of the partner's envelope."""
        with localcontext(MONEY):
            return self._neutral.values(document)

    def supports(self, action: str) -> bool:
        """An 810 says what is changed or cancelled in BIG08, as long as the mapping keeps it; an 820 cannot."""
        return self._neutral.supports(action)

    def trace(self, envelope: Envelope) -> list[Trace]:
        """Give a list in which every segment of this envelope's partner will be kept as it is written, with what its
        sources said. For previews only: their formatter belongs to them alone."""
        trace = self._sets(envelope).plan.trace = []
        return trace

    def _sets(self, envelope: Envelope) -> "InvoiceSets | PaymentSets":
        profile = envelope.profile
        last = self._last
        if last is not None and last[0] is profile:
            return last[1]
        key = repr(sorted(_block(envelope).items()))
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = self._compile(_block(envelope))
        self._last = (profile, found)
        return found

    def _compile(self, block: Mapping[str, Any]) -> "InvoiceSets | PaymentSets":
        plan = SetPlan(self._definition, block, stream=self._stream, tables=self._tables)
        return _SETS[plan.set_code](plan)


_SETS: Mapping[str, Callable[[SetPlan], InvoiceSets | PaymentSets]] = {"810": InvoiceSets, "820": PaymentSets}


def compile_x12(definition: Mapping[str, Any], *, stream: str, tables: Tables) -> Formatter:
    """Compile an X12 mapping for one stream. Raises Invalid with every finding when it cannot work."""
    findings: list[Finding] = check_x12(definition, streams=[stream], tables=tables)
    if findings:
        raise refusal(findings)
    return X12Formatter(definition, stream=stream, tables=tables)


def _block(envelope: Envelope) -> Mapping[str, Any]:
    block: Mapping[str, Any] = envelope.profile.get("x12") or {}
    return block
