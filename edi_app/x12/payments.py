"""820: one payment or one batch payment, one transaction set. What begins with ENT comes once for each payment."""

from collections.abc import Sequence
from decimal import Decimal

from core.documents import Action, Document
from core.errors import Finding
from core.formats import Content, Envelope, ExportFacts
from edi_app.mapping.findings import ValueRefused
from edi_app.x12.balance import check_remittance
from edi_app.x12.numbers import ONE, ZERO
from edi_app.x12.payment import PaymentReader, batch_of
from edi_app.x12.plan import Segments
from edi_app.x12.setplan import NEUTRAL_ENVELOPE, SetPlan, refuse_value, without_moment

ENTITY = "ENT"


class PaymentSets:
    """Renders 820 sets under one partner's settings."""

    def __init__(self, plan: SetPlan) -> None:
        self.plan = plan
        self._reader = PaymentReader(plan.settings, plan.cleaner)
        entity = [segment for segment in plan.segments if segment.tag == ENTITY]
        self._rows = plan.writer(plan.segments)
        self._head = plan.writer([segment for segment in plan.segments if segment.tag != ENTITY])
        self._entity = plan.writer(entity)
        self._item = plan.writer([child for segment in entity for child in segment.children if child.tag != "NM1"])

    def content(self, document: Document, facts: ExportFacts, envelope: Envelope) -> Content:
        """Render one set, or one payment's part of a batch's set. Raises DocumentRefused."""
        plan = self.plan
        number = document.number or document.xero_id
        if self.group_key(document):
            out, warnings = self._part(document, facts, envelope)
            return Content(
                data=plan.encode(plan.text(out)), control_number=plan.control(facts), warnings=tuple(warnings)
            )
        control = plan.control(facts)
        scope = plan.scope(document, facts, envelope)
        whole: Segments = [plan.start(control)]
        try:
            scope["X12"] = self._reader.read(document, scope.notes, entity=1, names_entity=False)
            plan.render(self._rows, scope, whole, number=number)
            check_remittance(whole, mark=plan.marks.element)
        except ValueRefused as error:
            raise refuse_value(error, number) from None
        whole.append(plan.end(whole, control))
        text = plan.text(whole)
        plan.check(text, whole, number=number)
        sums = {"sets": ONE, "Amount": scope["X12"]["Amount"]}
        return Content(data=plan.encode(text), sums=sums, control_number=control, warnings=tuple(scope.notes))

    def group_key(self, document: Document) -> str:
        """Name the batch payment, unless each payment is a set of its own."""
        return str(batch_of(document).get("BatchPaymentID", "")) if self.plan.settings.group == "batch" else ""

    def group_complete(self, documents: list[Document]) -> bool:
        """Say whether the payments add up to BatchPayment.TotalAmount (nothing to compare counts as whole)."""
        total = batch_of(documents[0]).get("TotalAmount")
        added = sum((item.values.get("Amount") or ZERO for item in documents), ZERO)
        return not isinstance(total, Decimal) or added == total

    def group_head(self, documents: list[Document], facts: list[ExportFacts], envelope: Envelope) -> bytes:
        """Render ST and what stands before the first ENT of a batch."""
        return self.plan.encode(self.plan.text(self._render_head(documents, facts, envelope)))

    def group_tail(self, documents: list[Document], facts: list[ExportFacts], envelope: Envelope) -> bytes:
        """Check the batch's whole set, contents included, and render its SE. Raises DocumentRefused."""
        whole = self._render_head(documents, facts, envelope)
        for document, fact in zip(documents, facts, strict=True):
            whole += self._part(document, fact, envelope)[0]
        number = str(batch_of(documents[0]).get("BatchPaymentID", ""))
        try:
            check_remittance(whole, mark=self.plan.marks.element)
        except ValueRefused as error:
            raise refuse_value(error, number) from None
        whole.append(self.plan.end(whole, self.plan.control(facts[0])))
        self.plan.check(self.plan.text(whole), whole, number=number)
        return self.plan.encode(self.plan.text(whole[-1:]))

    def values(self, document: Document) -> bytes:
        """Render the payment with neutral facts, as a set of its own or as its part of a batch."""
        return self.content(without_moment(document), ExportFacts(), NEUTRAL_ENVELOPE).data

    def supports(self, action: str) -> bool:
        """X12 820 has no form for a change or a cancellation."""
        return action == Action.NEW

    def _render_head(self, documents: Sequence[Document], facts: Sequence[ExportFacts], envelope: Envelope) -> Segments:
        first = documents[0]
        scope = self.plan.scope(first, facts[0], envelope)
        out: Segments = [self.plan.start(self.plan.control(facts[0]))]
        number = str(batch_of(first).get("BatchPaymentID", ""))
        try:
            scope["X12"] = self._reader.read_batch(documents, scope.notes)
            self.plan.render(self._head, scope, out, number=number)
        except ValueRefused as error:
            raise refuse_value(error, number) from None
        return out

    def _part(self, document: Document, facts: ExportFacts, envelope: Envelope) -> tuple[Segments, list[Finding]]:
        """Render one payment of a batch: its entity, unless the payment before has the same contact."""
        scope = self.plan.scope(document, facts, envelope)
        number = document.number or document.xero_id
        out: Segments = []
        follows = bool(document.contact_id) and facts.follows_contact == document.contact_id
        try:
            scope["X12"] = self._reader.read(document, scope.notes, entity=facts.position, names_entity=True)
            self.plan.render(self._item if follows else self._entity, scope, out, number=number)
        except ValueRefused as error:
            raise refuse_value(error, number) from None
        return out, scope.notes
