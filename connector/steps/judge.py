"""Judge: what becomes of a pending export, before anything is rendered.

Unchanged means: what the partner has and this version give the same values under the same mapping and the same
contact. It is not sent again, whatever bumped it. A real change follows `on_change`; a document that was voided,
deleted or left the filter follows `on_void`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from connector.steps.criteria import Criteria
from connector.steps.join import Joined
from core.documents import Action, Document
from core.exports import Ending
from core.models import Export, Integration, OnChange, OnVoid
from core.states import ExportState


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pending export with its whole document, and with what the partner has of the object, if anything."""

    export: Export
    joined: Joined
    sent: Export | None = None
    sent_document: Document | None = None

    @property
    def document(self) -> Document:
        """The whole document to be sent."""
        return self.joined.document


Values = Callable[[Document], bytes]


def judge(candidate: Candidate, criteria: Criteria, values: Values) -> Action | Ending:
    """Say with which action an export goes into a file, or how it ends instead."""
    export, document, sent = candidate.export, candidate.document, candidate.sent
    contact = _contact(document)
    if not criteria.matches(document, contact):
        return _leaving(export, sent, criteria.integration)
    if sent is None or export.replay_of_id is not None:
        return Action.NEW if sent is None else Action.CHANGE
    if _was_cancelled(sent):
        return Action.CHANGE
    if candidate.sent_document is not None and values(candidate.sent_document) == values(document):
        return Ending(export, ExportState.UNCHANGED, "The partner has these values already.")
    return _changed(export, criteria.integration)


def _contact(document: Document) -> Document | None:
    values = document.values.get("Contact")
    if not values:
        return None
    return Document(
        stream="contacts", xero_id=str(values.get("ContactID", "")), values=values, updated_at=document.updated_at
    )


def _was_cancelled(sent: Export) -> bool:
    content = getattr(sent, "content", None)
    return content is not None and content.action == Action.CANCEL


def _changed(export: Export, integration: Integration) -> Action | Ending:
    if integration.on_change in (OnChange.SEND, OnChange.REPLACE) or export.is_approved:
        return Action.CHANGE
    if integration.on_change == OnChange.IGNORE:
        return Ending(export, ExportState.IGNORED, "The document changed; this integration ignores changes.")
    return Ending(
        export,
        ExportState.HELD,
        f"{_name(export)} changed in Xero after {integration.partner.name} received it.",
        code="CHANGE_HELD",
        next_step="Send the change, or ignore it.",
    )


def _leaving(export: Export, sent: Export | None, integration: Integration) -> Action | Ending:
    if sent is None:
        return Ending(export, ExportState.SKIPPED, "It left the filter before it was ever sent.")
    if _was_cancelled(sent):
        return Ending(export, ExportState.UNCHANGED, "The partner was told already.")
    if integration.on_void == OnVoid.CANCEL or export.is_approved:
        return Action.CANCEL
    if integration.on_void == OnVoid.SKIP:
        return Ending(export, ExportState.SKIPPED, "It was voided or left the filter; nothing is sent then.")
    return Ending(
        export,
        ExportState.HELD,
        f"{_name(export)} was voided or left the filter after {integration.partner.name} received it.",
        code="VOID_HELD",
        next_step="Send the cancellation, or ignore it.",
    )


def _name(export: Export) -> str:
    return export.number or export.xero_id
