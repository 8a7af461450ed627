"""Received: the interchanges of a picked-up file in one shape, whichever standard they are written in."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from connector.steps.profile import AckRules, Party
from core.errors import PermanentError
from core.inbound import GroupFacts
from edi_app import edifact
from edi_app.acknowledgment import Acknowledgment
from edi_app.edifact.errors import EdifactUnreadable
from edi_app.edifact.reader import Closed, Message
from edi_app.edifact.reader import Interchange as EdifactInterchange
from edi_app.edifact.reader import read_events as edifact_events
from edi_app.x12.envelope import GroupHeader, number_of
from edi_app.x12.errors import X12Unreadable
from edi_app.x12.interchange import (
    GroupClosed,
    GroupOpened,
    InterchangeClosed,
    InterchangeOpened,
    TechnicalAcknowledgment,
    TransactionSet,
)
from edi_app.x12.judging import check_interchanges
from edi_app.x12.reader import read_events as x12_events
from edi_app.x12.replies import read_acknowledgments
from edi_app.x12.verdict import ACKNOWLEDGMENTS, AckOptions, CheckedInterchange, Lists, WhenTa1

X12, EDIFACT = "x12", "edifact"
_BEGINNINGS = (b"UNA", b"UNB")
_PADDING = b"\xef\xbb\xbf \t\r\n\x00\x1a"
_TAIL = 400
_ENDINGS = {X12: b"IEA", EDIFACT: b"UNZ"}
T = TypeVar("T")


class NoInterchange(PermanentError):
    """A picked-up file holds nothing that can be read as an interchange."""

    code = "EDI_UNREADABLE"
    next_step = "Look at the file, and ask the partner to send it again."


@dataclass(frozen=True, slots=True)
class Received:
    """One interchange: `sender` and `receiver` as id and qualifier, `documents` the kinds in it, `sha256` of its
    segments, `checked` the standard's own verdict."""

    syntax: str
    sender: Party
    receiver: Party
    control: str
    is_test: bool
    documents: tuple[str, ...]
    sha256: str
    only_acknowledgments: bool
    checked: Any
    acknowledgments: list[Acknowledgment] = field(default_factory=list)
    groups: tuple[GroupFacts, ...] = ()
    """The functional groups of documents with a control number (X12), by which they are known again."""

    def written(self, party: Party) -> str:
        """Write an id as counters and screens name it: in the order of the standard itself."""
        return ":".join(party if self.syntax == EDIFACT else reversed(party))


def plain_number(text: str) -> str:
    """Give a control number as files keep it: without leading zeros where it is a number (X12.6, N0)."""
    number = number_of(text)
    return text if number is None else str(number)


def group_facts(header: GroupHeader, digest: str = "") -> GroupFacts:
    """Give by what a functional group is known again."""
    sides = header.sender[:60], header.receiver[:60]
    return GroupFacts(header.functional_id[:2], *sides, plain_number(header.control), digest)


def syntax_of(data: bytes) -> str:
    """Say by its beginning which standard a file is written in."""
    return EDIFACT if data[:_TAIL].lstrip(_PADDING).startswith(_BEGINNINGS) else X12


def is_complete(data: bytes) -> bool:
    """Say whether a file ends as interchanges do; one that does not begin like one is as complete as it gets."""
    syntax = syntax_of(data)
    begins = syntax == EDIFACT or b"ISA" in data[:_TAIL]
    return not begins or _ENDINGS[syntax] in data[-_TAIL:]


def ack_options(rules: AckRules) -> AckOptions:
    """Turn a partner's rules into those of X12."""
    return AckOptions(
        lists=Lists(rules.lists or "all"),
        lenient=rules.lenient,
        unknown_sets=rules.unknown == "accept",
        ta1=WhenTa1(rules.when),
        functional=rules.when != WhenTa1.NEVER,
        writes=rules.write,
    )


def read_received(data: bytes, *, rules: AckRules) -> tuple[list[Received], str]:
    """Read a file; the text says why the rest of it cannot be read, and is empty where all can.

    Raises NoInterchange when there is not even one.
    """
    read = _read_edifact if syntax_of(data) == EDIFACT else _read_x12
    found, damage = read(data, rules)
    if not found:
        raise NoInterchange(damage or "There is no interchange in the file.")
    return found, damage


def read_for_each(
    data: bytes, *, usual: AckRules, rules_of: Callable[[Received], AckRules]
) -> tuple[list[Received], str]:
    """Read a file like `read_received`, each interchange by the rules of its own partner."""
    found, damage = read_received(data, rules=usual)
    rules = [rules_of(item) for item in found]
    other = next((item for item in rules if item.unknown != usual.unknown), usual)
    if other is not usual:
        again, _ = read_received(data, rules=other)
        both = zip(rules, found, again, strict=True)
        found = [second if item.unknown == other.unknown else first for item, first, second in both]
    return found, damage


def _read_x12(data: bytes, rules: AckRules) -> tuple[list[Received], str]:
    checked, damage = _until_damage(lambda: check_interchanges([data], options=ack_options(rules)), X12Unreadable)
    digests, _ = _until_damage(lambda: _x12_digests(data), X12Unreadable)
    found = [_x12(item, *digest) for item, digest in zip(checked, digests, strict=False)]
    if any(item.checked.technical or ACKNOWLEDGMENTS in _group_ids(item.checked) for item in found):
        answers, _ = _until_damage(lambda: read_acknowledgments([data]), X12Unreadable)
        _give_out(answers, found)
    return found, damage


def _read_edifact(data: bytes, rules: AckRules) -> tuple[list[Received], str]:
    edifact_rules = edifact.Rules(unknown=edifact.Unknown(rules.unknown))
    checked, damage = _until_damage(lambda: edifact.check_interchanges(data, rules=edifact_rules), EdifactUnreadable)
    digests, _ = _until_damage(lambda: _edifact_digests(data), EdifactUnreadable)
    found = [_edifact(item, digest) for item, digest in zip(checked, digests, strict=False)]
    answers, _ = _until_damage(lambda: edifact.read_acknowledgments(data), EdifactUnreadable)
    _give_out(answers, found)
    return found, damage


def _until_damage(read: Callable[[], Iterable[T]], unreadable: type[PermanentError]) -> tuple[list[T], str]:
    found: list[T] = []
    try:
        found.extend(read())
    except unreadable as error:
        return found, error.sentence
    return found, ""


def _give_out(answers: Iterable[Acknowledgment], found: list[Received]) -> None:
    """Put each acknowledgment to the interchange that carried it."""
    by_envelope = {(item.control, item.sender, item.receiver): item for item in reversed(found)}
    for answer in answers:
        carrier = by_envelope.get((answer.reference, answer.sender, answer.receiver), found[0])
        carrier.acknowledgments.append(answer)


def _group_ids(checked: CheckedInterchange) -> set[str]:
    return {group.header.functional_id for group in checked.groups}


def _x12(checked: CheckedInterchange, digest: str, groups: tuple[GroupFacts, ...]) -> Received:
    header = checked.header
    kinds = dict.fromkeys(item.kind for group in checked.groups for item in group.sets)
    return Received(
        syntax=X12,
        sender=(header.sender, header.sender_qualifier),
        receiver=(header.receiver, header.receiver_qualifier),
        control=header.control,
        is_test=header.usage == "T",
        documents=(*(["TA1"] if checked.technical else []), *kinds),
        sha256=digest,
        only_acknowledgments=checked.only_acknowledgments,
        checked=checked,
        groups=groups,
    )


def _edifact(checked: edifact.CheckedInterchange, digest: str) -> Received:
    interchange = checked.interchange
    sender, receiver = ((*side, "", "")[:2] for side in (interchange.sender, interchange.recipient))
    return Received(
        syntax=EDIFACT,
        sender=(sender[0], sender[1]),
        receiver=(receiver[0], receiver[1]),
        control=interchange.reference,
        is_test=interchange.test,
        documents=tuple(dict.fromkeys(message.kind for message in checked.all_messages)),
        sha256=digest,
        only_acknowledgments=checked.only_acknowledgments,
        checked=checked,
    )


def _x12_digests(data: bytes) -> Iterator[tuple[str, tuple[GroupFacts, ...]]]:
    """Give the hash of each interchange, with its groups and theirs."""
    digest, own = hashlib.sha256(), hashlib.sha256()
    groups: list[GroupFacts] = []
    for event in x12_events([data]):
        match event:
            case InterchangeOpened():
                digest, groups = hashlib.sha256(repr(event.header).encode()), []
            case GroupOpened():
                own = hashlib.sha256()
            case TransactionSet():
                digest.update(text := _text(event.segments))
                own.update(text)
            case TechnicalAcknowledgment():
                digest.update(_text(event.elements))
            case GroupClosed() if number_of(event.header.control) and event.header.functional_id != ACKNOWLEDGMENTS:
                groups.append(group_facts(event.header, own.hexdigest()))
            case InterchangeClosed():
                yield digest.hexdigest(), tuple(groups)


def _edifact_digests(data: bytes) -> Iterator[str]:
    digest = hashlib.sha256()
    for event in edifact_events(data):
        match event:
            case EdifactInterchange():
                digest = hashlib.sha256(_text([event.header.text]))
            case Message():
                digest.update(_text(segment.text for segment in event.segments))
            case Closed() if isinstance(event.what, EdifactInterchange):
                yield digest.hexdigest()


def _text(parts: Iterable[str]) -> bytes:
    return "\n".join([*parts, ""]).encode(errors="replace")
