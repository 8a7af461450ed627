"""The changes that tests make in Python: each gives the object as a single read of Xero would show it."""

from typing import Any

from xero_app.simulator.documents import Doc
from xero_app.simulator.edits import Organisation
from xero_app.simulator.world import World


class Changes(World):
    """Edits by name. Fields are in Xero's words; money as Decimal, int or text, never float."""

    def create_invoice(self, *, organisation: Organisation = 0, **fields: Any) -> Doc:
        """A new invoice (ACCREC unless Type says ACCPAY), AUTHORISED unless Status says otherwise."""
        return self.shown(self.edits.create("invoices", fields, organisation=organisation), organisation)

    def update_invoice(self, invoice_id: str, *, organisation: Organisation = 0, **fields: Any) -> Doc:
        """Changes fields of an invoice."""
        return self.shown(self.edits.update("invoices", invoice_id, fields, organisation=organisation), organisation)

    def approve_invoice(self, invoice_id: str, *, organisation: Organisation = 0) -> Doc:
        """DRAFT or SUBMITTED becomes AUTHORISED."""
        return self.update_invoice(invoice_id, organisation=organisation, Status="AUTHORISED")

    def void_invoice(self, invoice_id: str, *, organisation: Organisation = 0) -> Doc:
        """AUTHORISED without payments becomes VOIDED."""
        return self.update_invoice(invoice_id, organisation=organisation, Status="VOIDED")

    def delete_invoice(self, invoice_id: str, *, organisation: Organisation = 0) -> Doc:
        """DRAFT or SUBMITTED becomes DELETED; the record stays."""
        return self.update_invoice(invoice_id, organisation=organisation, Status="DELETED")

    def pay_invoice(
        self,
        invoice_id: str,
        *,
        amount: Any = None,
        date: Any = None,
        organisation: Organisation = 0,
        **fields: Any,
    ) -> Doc:
        """Pays an invoice (all that is open by default); gives the payment."""
        given = {**fields, "Amount": amount, "Date": date}
        return self.shown(self.edits.pay("invoices", invoice_id, given, organisation=organisation), organisation)

    def refund_credit_note(self, credit_note_id: str, *, amount: Any = None, organisation: Organisation = 0) -> Doc:
        """Pays a credit note back; gives the payment."""
        row = self.edits.pay("credit_notes", credit_note_id, {"Amount": amount}, organisation=organisation)
        return self.shown(row, organisation)

    def delete_payment(self, payment_id: str, *, organisation: Organisation = 0) -> Doc:
        """Reverses a payment; gives the payment, now DELETED."""
        return self.shown(self.edits.delete_payment(payment_id, organisation=organisation), organisation)

    def create_batch_payment(self, invoice_ids: list[str], *, organisation: Organisation = 0, **fields: Any) -> Doc:
        """Pays several invoices at once; gives the batch payment."""
        return self.shown(self.edits.pay_batch(invoice_ids, fields, organisation=organisation), organisation)

    def create_credit_note(self, *, organisation: Organisation = 0, **fields: Any) -> Doc:
        """A new credit note (ACCRECCREDIT by default)."""
        return self.shown(self.edits.create("credit_notes", fields, organisation=organisation), organisation)

    def update_credit_note(self, credit_note_id: str, *, organisation: Organisation = 0, **fields: Any) -> Doc:
        """Changes fields of a credit note, its status included."""
        row = self.edits.update("credit_notes", credit_note_id, fields, organisation=organisation)
        return self.shown(row, organisation)

    def create_prepayment(self, *, organisation: Organisation = 0, **fields: Any) -> Doc:
        """A new prepayment (RECEIVE-PREPAYMENT by default)."""
        return self.shown(self.edits.create("prepayments", fields, organisation=organisation), organisation)

    def create_overpayment(self, *, organisation: Organisation = 0, **fields: Any) -> Doc:
        """A new overpayment (RECEIVE-OVERPAYMENT by default)."""
        return self.shown(self.edits.create("overpayments", fields, organisation=organisation), organisation)

    def allocate_credit(
        self,
        credit_id: str,
        invoice_id: str,
        *,
        amount: Any = None,
        date: Any = None,
        organisation: Organisation = 0,
    ) -> Doc:
        """Applies a credit note, prepayment or overpayment to an invoice; gives the credit."""
        row = self.edits.allocate(credit_id, invoice_id, amount=amount, on=date, organisation=organisation)
        return self.shown(row, organisation)

    def create_manual_journal(self, *, organisation: Organisation = 0, **fields: Any) -> Doc:
        """A new manual journal, POSTED by default; its lines must balance."""
        return self.shown(self.edits.create("manual_journals", fields, organisation=organisation), organisation)

    def update_manual_journal(self, journal_id: str, *, organisation: Organisation = 0, **fields: Any) -> Doc:
        """Changes fields of a journal, its Status (VOIDED, DELETED) included."""
        row = self.edits.update("manual_journals", journal_id, fields, organisation=organisation)
        return self.shown(row, organisation)

    def create_contact(self, *, organisation: Organisation = 0, **fields: Any) -> Doc:
        """A new contact."""
        return self.shown(self.edits.create("contacts", fields, organisation=organisation), organisation)

    def update_contact(self, contact_id: str, *, organisation: Organisation = 0, **fields: Any) -> Doc:
        """Changes fields of a contact."""
        return self.shown(self.edits.update("contacts", contact_id, fields, organisation=organisation), organisation)

    def archive_contact(self, contact_id: str, *, organisation: Organisation = 0) -> Doc:
        """Archives a contact."""
        return self.shown(self.edits.archive_contact(contact_id, organisation=organisation), organisation)

    def merge_contact(self, contact_id: str, *, into: str, organisation: Organisation = 0) -> Doc:
        """Merges a contact into another one."""
        return self.shown(self.edits.merge_contact(contact_id, into=into, organisation=organisation), organisation)

    def touch(
        self, stream: str, *, ids: list[str] | None = None, count: int = 1, organisation: Organisation = 0
    ) -> list[str]:
        """Bumps rows to one and the same update time; gives their ids."""
        return [row.id for row in self.edits.touch(stream, ids=ids, count=count, organisation=organisation)]
