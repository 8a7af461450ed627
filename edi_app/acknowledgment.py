"""What an acknowledgment says, in one shape for X12 (TA1, 997, 999) and EDIFACT (CONTRL).

Both packages return these values and name their doors alike: `check_interchanges` (bytes to verdicts),
`render_acknowledgment` (verdict to bytes), `read_acknowledgments` (bytes to the values below), `explain` (a
fault back to the segment as it was sent). Extend by adding fields with defaults.
"""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """What a fault or an outcome is about."""

    INTERCHANGE = "interchange"
    GROUP = "group"
    DOCUMENT = "document"
    SEGMENT = "segment"
    ELEMENT = "element"


class Outcome(StrEnum):
    """How an acknowledgment ended. `RECEIVED` says only that it arrived: the real answer is still awaited."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    ACCEPTED_WITH_ERRORS = "accepted_with_errors"
    PARTIALLY_ACCEPTED = "partially_accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, found by us or reported to us.

    Places count as the standard's own acknowledgment counts them, 0 means none: `segment` from the document's
    header = 1 (ST, UNH); `element` in X12 from 1 behind the tag, in EDIFACT with the tag as 1 (0098), so that
    the first data element is 2; `component` and `repetition` from 1. `code` is the standard's own: X12 716 to
    723 or I18, EDIFACT 0085. `value` is the bad value, cut for display. `number` is the data element's in the
    dictionary. `tolerable` faults do not stop a document where the partner's rules are lenient.
    """

    level: Level
    code: str
    sentence: str
    tag: str = ""
    segment: int = 0
    element: int = 0
    component: int = 0
    repetition: int = 0
    value: str = ""
    number: str = ""
    tolerable: bool = False


@dataclass(frozen=True, slots=True)
class DocumentReply:
    """What is said about one document: `reference` is ST02 or UNH 0062, `kind` is ST01 or the UNH type."""

    reference: str
    outcome: Outcome
    kind: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupReply:
    """What is said about one functional group (GS06, UNG 0048) and the documents it lists."""

    reference: str
    outcome: Outcome
    kind: str = ""
    faults: tuple[Fault, ...] = ()
    documents: tuple[DocumentReply, ...] = ()


@dataclass(frozen=True, slots=True)
class Acknowledgment:
    """One acknowledgment that a partner sent: `kind` is TA1, 997, 999 or CONTRL.

    `reference`, `sender` and `receiver` are of the interchange that carried it (identity and qualifier);
    `interchange` is the control number that it answers, empty where the standard names groups only. `damage`
    says why it cannot be trusted (cut off, miscounted); its outcome is RECEIVED then.
    """

    kind: str
    reference: str
    sender: tuple[str, str]
    receiver: tuple[str, str]
    outcome: Outcome
    interchange: str = ""
    faults: tuple[Fault, ...] = ()
    groups: tuple[GroupReply, ...] = ()
    documents: tuple[DocumentReply, ...] = ()
    damage: str = ""

    def find_document(self, *, reference: str, group: str = "") -> DocumentReply | None:
        """Give what is said about one document by name, or None where only its level above is answered."""
        level = self._find_group(group) or self
        return next((reply for reply in level.documents if reply.reference == reference), None)

    def outcome_of(self, *, reference: str, group: str = "") -> Outcome:
        """Say how one document of the answered interchange or group ended, named or not.

        What is not named shares the fate of its level, and is accepted where only others are rejected. RECEIVED
        means that nothing can be said: a receipt, a damaged acknowledgment, or a part accepted without names.
        """
        if self.damage:
            return Outcome.RECEIVED
        if self.outcome in (Outcome.RECEIVED, Outcome.REJECTED):
            return self.outcome
        reply = self.find_document(reference=reference, group=group)
        if reply is not None:
            return reply.outcome
        level = self._find_group(group)
        named = level.documents if level else self.documents or self.groups
        above = level.outcome if level else self.outcome
        if above is Outcome.PARTIALLY_ACCEPTED and not named:
            return Outcome.RECEIVED
        return above if above in (Outcome.RECEIVED, Outcome.REJECTED) else Outcome.ACCEPTED

    def _find_group(self, reference: str) -> GroupReply | None:
        return next((reply for reply in self.groups if reference and reply.reference == reference), None)
