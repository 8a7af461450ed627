"""Judge: what becomes of a pending export, before anything is rendered.

Unchanged means: what the partner has and this version give the same values under the same mapping and the same
contact. It is not sent again, whatever bumped it. A real change follows `on_change`; a document that was voided,
deleted or left the filter follows `on_void`.
"""

from dataclasses import dataclass

from connector.steps.criteria import Criteria
from connector.steps.join import Joined
from core.documents import Action, Document
from core.exports import Ending
from core.formats import Formatter
from core.models import Export, ExportContent, Integration, OnChange, OnVoid, ReplayMode
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

    @property
    def before(self) -> ExportContent | None:
        """What the parent of a replay became, when it was made from the same version of the object."""
        parent = self.export.replay_of
        if parent is None or parent.record_id != self.export.record_id:
            return None
        return getattr(parent, "content", None)

    @property
    def same_values(self) -> ExportContent | None:
        """What a replay of the same values repeats: action and sequence too."""
        return self.before if self.export.replay_mode == ReplayMode.NEW_ENVELOPE else None


def judge(candidate: Candidate, criteria: Criteria, formatter: Formatter) -> Action | Ending:
    """Say with which action an export goes into a file, or how it ends instead."""
    export, document, sent = candidate.export, candidate.document, candidate.sent
    matches = criteria.matches(document, _contact(document))
    if export.replay_of_id is not None:
        return _replayed(candidate, formatter, matches=matches)
    if not matches:
        return _leaving(export, sent, criteria.integration)
    if sent is None:
        return Action.NEW
    if _was_cancelled(sent):
        return Action.CHANGE
    if candidate.sent_document is not None and formatter.values(candidate.sent_document) == formatter.values(document):
        return Ending(export, ExportState.UNCHANGED, "The partner has these values already.")
    return _changed(export, criteria.integration)


def _replayed(candidate: Candidate, formatter: Formatter, *, matches: bool) -> Action | Ending:
    """A person asked for it, so neither `on_change` nor `on_void` holds it, nor is it sent in vain.

    The same version is cancelled again when it was a cancellation; a filter that was narrowed since cancels nothing.
    """
    before, sent = candidate.before, candidate.sent
    if candidate.same_values is not None:
        return Action(candidate.same_values.action)
    is_cancelled = before.action == Action.CANCEL if before is not None else not matches
    if is_cancelled and sent is None:
        return Ending(candidate.export, ExportState.SKIPPED, "It left the filter before it was ever sent.")
    if is_cancelled:
        return Action.CANCEL
    return Action.CHANGE if sent is not None and formatter.supports(Action.CHANGE) else Action.NEW


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
