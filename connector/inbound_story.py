"""The story of a picked-up file: its interchanges, their groups and documents with our verdict, and the answers.

The bytes are read again under the partner's rules as they are now; what was answered then is beside it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from connector.steps.profile import ack_rules
from connector.steps.received import EDIFACT, NoInterchange, Received, ack_options, read_for_each
from core.models import AckDirection, Acknowledgment, Inbound, Interchange
from core.states import AckOutcome
from edi_app.acknowledgment import Fault, Outcome
from edi_app.edifact.verdict import CheckedMessage
from edi_app.x12.verdict import AckOptions, CheckedSet

MOST_BYTES = 2_000_000
"""Larger files are not read again for a page."""
MOST_DOCUMENTS = 100
MOST_FAULTS = 10


@dataclass(frozen=True, slots=True)
class DocumentStory:
    """One document with our verdict: `kind` and `reference` as in ST or UNH."""

    kind: str
    reference: str
    segments: int
    outcome: str
    faults: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class GroupStory:
    """One functional group with our verdict; `name` is empty where documents stand in none (EDIFACT)."""

    name: str
    version: str
    outcome: str
    faults: Sequence[str]
    documents: Sequence[DocumentStory]
    more: int = 0
    """Documents that are not listed."""


@dataclass(slots=True)
class InterchangeStory:
    """One interchange: what was noted of it, our verdict on it, our answers and theirs in it."""

    row: Interchange
    outcome: str = ""
    faults: Sequence[str] = ()
    groups: Sequence[GroupStory] = ()
    ours: list[Acknowledgment] = field(default_factory=list)
    theirs: list[Acknowledgment] = field(default_factory=list)


def interchanges_of(inbound: Inbound) -> list[InterchangeStory]:
    """Tell a file's interchanges in their order."""
    rows = list(inbound.interchanges.select_related("partner").order_by("position"))
    stories = {row.pk: InterchangeStory(row) for row in rows}
    answers = Acknowledgment.objects.filter(inbound=inbound).select_related("file").order_by("pk")
    for answer in answers.defer("file__header", "file__trailer")[:500]:
        if (story := stories.get(answer.interchange_id or 0)) is not None:
            (story.ours if answer.direction == AckDirection.OURS else story.theirs).append(answer)
    for row, received in zip(rows, _read(inbound, rows), strict=False):
        _judge(stories[row.pk], received)
    return list(stories.values())


def _read(inbound: Inbound, rows: Sequence[Interchange]) -> list[Received]:
    if inbound.content is None or inbound.size > MOST_BYTES:
        return []
    partners = {row.sender: row.partner for row in rows}
    try:
        found, _ = read_for_each(
            bytes(inbound.content),
            usual=ack_rules(inbound.partner),
            rules_of=lambda item: ack_rules(partners.get(item.written(item.sender)[:60], inbound.partner)),
        )
    except NoInterchange:
        return []
    return found


def _judge(story: InterchangeStory, received: Received) -> None:
    options = ack_options(ack_rules(story.row.partner))
    checked = received.checked
    story.faults = _words(checked.faults)
    if received.syntax == EDIFACT:
        story.outcome = AckOutcome(checked.outcome.value)
        story.groups = list(_edifact_groups(received))
    else:
        story.outcome = AckOutcome(checked.outcome(options).value)
        story.groups = list(_x12_groups(received, options))


def _x12_groups(received: Received, options: AckOptions) -> Iterator[GroupStory]:
    for group in received.checked.groups:
        name = f"{group.header.functional_id} {group.header.control}"
        documents = [_set_story(item, options) for item in group.sets[:MOST_DOCUMENTS]]
        more = len(group.sets) - len(documents)
        outcome = AckOutcome(group.outcome(options).value)
        yield GroupStory(name, group.header.version, outcome, _words(group.faults), documents, more)


def _set_story(item: CheckedSet, options: AckOptions) -> DocumentStory:
    outcome = AckOutcome(item.outcome(options).value)
    return DocumentStory(item.kind, item.reference, item.segments, outcome, _words(item.faults))


def _edifact_groups(received: Received) -> Iterator[GroupStory]:
    checked = received.checked
    levels = [(group.group.reference, group.faults, group.messages) for group in checked.groups]
    for name, faults, messages in [*levels, ("", (), checked.messages)]:
        if messages or faults:
            documents = [_message_story(item) for item in messages[:MOST_DOCUMENTS]]
            outcome = AckOutcome.REJECTED if faults else AckOutcome.ACCEPTED
            yield GroupStory(name, "", outcome, _words(faults), documents, len(messages) - len(documents))


def _message_story(item: CheckedMessage) -> DocumentStory:
    outcome = Outcome.ACCEPTED if item.accepted else Outcome.REJECTED
    kind = " ".join(item.identifier[:3])
    return DocumentStory(kind, item.reference, item.segments, AckOutcome(outcome.value), _words(item.faults))


def _words(faults: Sequence[Fault]) -> list[str]:
    more = len(faults) - MOST_FAULTS
    return [fault.sentence for fault in faults[:MOST_FAULTS]] + ([f"And {more} more."] if more > 0 else [])
