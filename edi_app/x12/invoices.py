"""810: one invoice or credit note, one transaction set."""

from core.documents import Action, Document
from core.formats import Content, Envelope, ExportFacts
from edi_app.mapping.findings import ValueRefused
from edi_app.x12.balance import InvoiceBalance
from edi_app.x12.invoice import InvoiceReader
from edi_app.x12.numbers import ONE
from edi_app.x12.plan import Segments
from edi_app.x12.setplan import NEUTRAL_ENVELOPE, SetPlan, refuse_value, without_moment

_ENDED = frozenset({"VOIDED", "DELETED"})


class InvoiceSets:
    """Renders 810 sets under one partner's settings."""

    def __init__(self, plan: SetPlan) -> None:
        self.plan = plan
        self._reader = InvoiceReader(plan.settings, plan.cleaner)
        self._balance = InvoiceBalance(plan.marks)
        self._rows = plan.writer(plan.segments)
        self._says_purpose = plan.has_source("X12.Purpose")

    def content(self, document: Document, facts: ExportFacts, envelope: Envelope) -> Content:
        """Render one set. Raises DocumentRefused."""
        plan = self.plan
        number = document.number or document.xero_id
        scope = plan.scope(document, facts, envelope)
        control = plan.control(facts)
        out: Segments = [plan.start(control)]
        try:
            computed = scope["X12"] = self._reader.read(document, facts, scope.notes)
            plan.render(self._rows, scope, out, number=number)
            out.append(plan.end(out, control))
            text = plan.text(out)
            self._balance.check(text, total=computed["Total"], tax=computed["TotalTax"])
        except ValueRefused as error:
            raise refuse_value(error, number) from None
        plan.check(text, out, number=number)
        return Content(
            data=plan.encode(text),
            sums={"sets": ONE, "Total": computed["Total"]},
            control_number=control,
            warnings=tuple(scope.notes),
        )

    def group_key(self, document: Document) -> str:
        """An invoice always stands alone."""
        return ""

    def group_complete(self, documents: list[Document]) -> bool:
        """An invoice always stands alone."""
        return True

    def group_head(self, documents: list[Document], facts: list[ExportFacts], envelope: Envelope) -> bytes:
        """There is nothing around a set of its own."""
        return b""

    def group_tail(self, documents: list[Document], facts: list[ExportFacts], envelope: Envelope) -> bytes:
        """There is nothing around a set of its own."""
        return b""

    def values(self, document: Document) -> bytes:
        """Render the set with neutral facts."""
        action = Action.CANCEL if document.status in _ENDED else Action.NEW
        return self.content(without_moment(document), ExportFacts(action=action), NEUTRAL_ENVELOPE).data

    def supports(self, action: str) -> bool:
        """Changes and cancellations need BIG08."""
        return action == Action.NEW or self._says_purpose
