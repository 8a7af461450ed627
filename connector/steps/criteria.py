"""Which documents an integration is for: its filter (`where`) and its start (cut-over)."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from core.documents import Document, Stream
from core.models import ExportReason, Integration, Opening
from edi_app.mapping.expressions import compile_where

DEFAULT_STATUS: Mapping[str, frozenset[str]] = {
    Stream.INVOICES: frozenset({"AUTHORISED", "PAID"}),
    Stream.CREDIT_NOTES: frozenset({"AUTHORISED", "PAID"}),
    Stream.PAYMENTS: frozenset({"AUTHORISED"}),
    Stream.MANUAL_JOURNALS: frozenset({"POSTED"}),
    Stream.CONTACTS: frozenset({"ACTIVE"}),
    Stream.ALLOCATIONS: frozenset({"AUTHORISED"}),
}
"""What counts as a finished document where the filter does not say: drafts and voids are not."""

VOID = frozenset({"VOIDED", "DELETED", "ARCHIVED", "GDPRREQUEST"})
CONTACT_KEYS = ("ContactID", "AccountNumber", "ContactNumber")


class Criteria:
    """An integration's filter and start, compiled once."""

    def __init__(self, integration: Integration) -> None:
        where: dict[str, Any] = integration.where
        self.integration = integration
        self.kinds = frozenset(where.get("type", ()))
        self.statuses = frozenset(where.get("status", ()))
        self.contacts = frozenset(str(item) for item in where.get("contacts", ()))
        self.expression: Callable[[Document], bool] | None = compile_where(where["expr"]) if where.get("expr") else None

    def matches(self, document: Document, contact: Document | None) -> bool:
        """Say whether the filter lets a document in. `contact` is the full contact it is about, if any."""
        statuses = self.statuses or DEFAULT_STATUS.get(document.stream)
        if statuses is not None and document.status not in statuses:
            return False
        if self.kinds and self.kinds.isdisjoint({document.kind, document.kind.removesuffix("CREDIT")}):
            return False  # ACCREC in a filter also means the credit notes of that side, ACCRECCREDIT
        if self.contacts and not self._is_listed(document, contact):
            return False
        return self.expression is None or self.expression(document)

    def _is_listed(self, document: Document, contact: Document | None) -> bool:
        who = document if document.stream == Stream.CONTACTS else contact
        keys = {str(who.values.get(key)) for key in CONTACT_KEYS} if who else {document.contact_id}
        return not self.contacts.isdisjoint(keys)

    def entry(self, document: Document, reason: str) -> str | None:
        """Say how a document that was never exported enters: with the reason, as `baseline`, or not at all."""
        integration = self.integration
        if reason == ExportReason.BACKFILL:  # a person asked for these dates
            return reason
        if document.dated_on is None or document.dated_on >= integration.start_on:
            return reason
        if integration.opening == Opening.ALL:
            return reason
        if integration.opening == Opening.OPEN_ITEMS:
            return reason if is_open(document) else None
        if integration.opening == Opening.BASELINE:
            return ExportReason.BASELINE if reason == ExportReason.OPENING else reason
        return None


def is_open(document: Document) -> bool:
    """Say whether something is still owed, or still to be used, on a document."""
    open_amount = document.values.get("AmountDue", document.values.get("RemainingCredit"))
    return open_amount is not None and Decimal(open_amount) != 0
