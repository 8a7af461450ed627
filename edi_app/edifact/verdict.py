"""What checking an interchange ends in: every fault at its level, and what is accepted."""

from dataclasses import dataclass

from edi_app.acknowledgment import Fault, Outcome
from edi_app.edifact.reader import Group, Interchange

ACKNOWLEDGMENT_KIND = "CONTRL"


@dataclass(frozen=True, slots=True)
class CheckedMessage:
    """The verdict on one message. `identifier` is S009 as sent, `segments` counts UNH to UNT."""

    reference: str
    identifier: tuple[str, ...]
    segments: int
    faults: tuple[Fault, ...] = ()

    @property
    def kind(self) -> str:
        """Give the message type, as INVOIC."""
        return self.identifier[0] if self.identifier else ""

    @property
    def accepted(self) -> bool:
        """Say whether nothing is wrong with the message itself."""
        return not self.faults


@dataclass(frozen=True, slots=True)
class CheckedGroup:
    """The verdict on one functional group: its own faults, and its messages."""

    group: Group
    faults: tuple[Fault, ...] = ()
    messages: tuple[CheckedMessage, ...] = ()

    @property
    def accepted(self) -> bool:
        """Say whether nothing is wrong with UNG and UNE."""
        return not self.faults


@dataclass(frozen=True, slots=True)
class CheckedInterchange:
    """The verdict on one interchange: faults of its envelope, its groups or its messages without a group.

    `junk` counts the bytes behind it that belong to nothing.
    """

    interchange: Interchange
    faults: tuple[Fault, ...] = ()
    groups: tuple[CheckedGroup, ...] = ()
    messages: tuple[CheckedMessage, ...] = ()
    junk: int = 0

    @property
    def accepted(self) -> bool:
        """Say whether nothing is wrong with UNA, UNB and UNZ."""
        return not self.faults

    @property
    def all_messages(self) -> tuple[CheckedMessage, ...]:
        """Give the messages of all groups and those without a group."""
        grouped = (message for checked in self.groups for message in checked.messages)
        return (*self.messages, *grouped)

    @property
    def only_acknowledgments(self) -> bool:
        """Say whether the interchange carries CONTRL and nothing else: it is never answered."""
        messages = self.all_messages
        return bool(messages) and all(message.kind == ACKNOWLEDGMENT_KIND for message in messages)

    @property
    def outcome(self) -> Outcome:
        """Sum up: rejected as a whole, or accepted in all, some or none of its messages."""
        if self.faults:
            return Outcome.REJECTED
        good = [message.accepted and checked.accepted for checked in self.groups for message in checked.messages] + [
            message.accepted for message in self.messages
        ]
        if all(good) and all(checked.accepted for checked in self.groups):
            return Outcome.ACCEPTED
        return Outcome.PARTIALLY_ACCEPTED if any(good) else Outcome.REJECTED
