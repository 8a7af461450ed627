"""Match: which file of ours an acknowledgment answers, what it says about each document, and whether it is news."""

from collections.abc import Iterator, Mapping, Sequence

from connector.steps.profile import Party
from connector.steps.reasons import reasons_of
from connector.steps.received import plain_number
from core import acks
from core.acks import Said
from core.models import AckKind, File, FileKind, Partner
from core.states import ANSWERED, AckOutcome, FileState
from edi_app.acknowledgment import Acknowledgment, DocumentReply, Fault, Level, Outcome
from edi_app.edifact.errors import EdifactUnreadable
from edi_app.edifact.reader import Interchange as EdifactInterchange
from edi_app.edifact.reader import read_events as edifact_events
from edi_app.x12.errors import X12Unreadable
from edi_app.x12.interchange import GroupOpened, InterchangeOpened
from edi_app.x12.reader import read_events as x12_events

_CANDIDATES = 20
_ACCEPTED = (AckOutcome.ACCEPTED, AckOutcome.ACCEPTED_WITH_ERRORS, AckOutcome.PARTIALLY_ACCEPTED)
# What refuses a second copy: TA105, AK905 and AK502 of X12, 0085 of EDIFACT.
_DUPLICATE = {
    Level.INTERCHANGE: frozenset({"025", "26"}),
    Level.GROUP: frozenset({"6", "19", "26"}),
    Level.DOCUMENT: frozenset({"7", "23", "26"}),
}


def said_by(answer: Acknowledgment, partners: Sequence[Partner]) -> Said:
    """Find what an acknowledgment is about, and put what it says into our words."""
    number, group = plain_number(answer.interchange), answer.groups[0].reference if answer.groups else ""
    if answer.damage:
        files = [] if not (number or group) else _files(answer, number, group, partners)
        return Said(answer.kind, AckOutcome.NONE, number, group, files, damage=answer.damage)
    files = _files(answer, number, group, partners)
    outcome, rest, documents = _outcomes(answer, files[0] if files else None)
    return Said(
        kind=answer.kind,
        outcome=outcome,
        interchange_number=number or (files[0].interchange_number if files else ""),
        group_number=group,
        files=files,
        rest=rest,
        documents=documents,
        reasons=reasons_of(answer, files[0] if files else None),
        notes=_notes(answer, files, documents),
        counts=outcome in ANSWERED,
    )


def _files(answer: Acknowledgment, number: str, group: str, partners: Sequence[Partner]) -> list[File]:
    """Find the newest file with these numbers between these ids, and other files with the same bytes.

    An answer may come before we know that the file was delivered, but not before the first attempt."""
    rows = File.objects.filter(partner__in=partners, attempts__gt=0).exclude(state=FileState.CANCELLED)
    if number:
        rows = rows.filter(interchange_number=number)
    elif group:
        rows = rows.filter(group_number=group, kind=FileKind.DATA)
    else:
        return []
    related = ("partner", "integration", "mapping_version")
    found = list(rows.select_related(*related).order_by("-pk")[:_CANDIDATES])
    meant = [file for file in found if _is_between(file, answer)]
    if not meant and len({file.sha256 for file in found}) == 1:
        meant = found  # answered under other ids than it was sent to
    return [file for file in meant if file.sha256 == meant[0].sha256]


def _is_between(file: File, answer: Acknowledgment) -> bool:
    """Say whether a file was sent by whom the answer goes to, in a group of the kind that it names."""
    sender, receiver, group_kind = _envelope(bytes(file.header))
    kinds = {group.kind for group in answer.groups if group.kind}
    return (sender, receiver) == (answer.receiver, answer.sender) and (not kinds or group_kind in kinds)


def _envelope(header: bytes) -> tuple[Party, Party, str]:
    """Give sender, receiver and the functional id (GS01) of a header as it was sent."""
    sides: tuple[Party, Party] = (("", ""), ("", ""))
    try:
        for event in _events(header):
            match event:
                case InterchangeOpened():
                    isa = event.header
                    sides = (isa.sender, isa.sender_qualifier), (isa.receiver, isa.receiver_qualifier)
                case GroupOpened():
                    return *sides, event.header.functional_id
                case EdifactInterchange():
                    sender, receiver = ((*side, "", "")[:2] for side in (event.sender, event.recipient))
                    return (sender[0], sender[1]), (receiver[0], receiver[1]), ""
    except (X12Unreadable, EdifactUnreadable):
        pass
    return *sides, ""


def _events(header: bytes) -> Iterator[object]:
    return iter(edifact_events(header)) if header.startswith(b"UN") else iter(x12_events([header]))


def _outcomes(answer: Acknowledgment, file: File | None) -> tuple[str, str, Mapping[str, str]]:
    """Give the outcome of the file, that of documents that are not named, and of those whose is another."""
    outcome = _ours(answer.outcome)
    group = next((item for item in answer.groups if file and item.reference == file.group_number), None)
    replies = group.documents if group else answer.documents
    rest = _ours(answer.outcome_of(reference="\0", group=group.reference if group else ""))
    if outcome == AckOutcome.PARTIALLY_ACCEPTED and rest not in ANSWERED:
        rest = outcome
    if outcome in (AckOutcome.REJECTED, AckOutcome.AWAITED):
        return outcome, outcome, {}
    documents = {item.reference: _ours(item.outcome) for item in replies if _ours(item.outcome) in ANSWERED}
    if outcome != AckOutcome.PARTIALLY_ACCEPTED and AckOutcome.REJECTED in documents.values():
        outcome = AckOutcome.PARTIALLY_ACCEPTED
    return outcome, rest, {number: item for number, item in documents.items() if item != rest}


def _ours(outcome: Outcome) -> str:
    return AckOutcome.AWAITED if outcome is Outcome.RECEIVED else AckOutcome(outcome.value)


def _notes(answer: Acknowledgment, files: Sequence[File], documents: Mapping[str, str]) -> list[str]:
    notes = []
    if answer.outcome is Outcome.RECEIVED:
        notes.append("It says only that the interchange arrived; the answer itself is still awaited.")
    if not files:
        notes.append("No file of ours has these control numbers.")
    elif unknown := sorted(set(documents) - set(acks.documents_of(files[0])))[:5]:
        notes.append(f"It names documents that are not in {files[0].name}: {', '.join(unknown)}.")
    return notes


def is_news(answer: Acknowledgment, file: File, *, want: str) -> bool:
    """Say whether an answer counts: the last one wins unless it says less than what is known.

    A TA1 that accepts the envelope says nothing of the documents, and so counts only where nothing more is
    expected or said. The refusal of a second copy takes nothing back from the first one's acceptance."""
    known = acks.answered_before(file)
    if answer.kind == AckKind.TA1 and answer.outcome is not Outcome.REJECTED:
        return want in ("", AckKind.TA1) and all(item.kind == AckKind.TA1 for item in known)
    return not (any(item.outcome in _ACCEPTED for item in known) and _refuses_copy(answer))


def _refuses_copy(answer: Acknowledgment) -> bool:
    if answer.outcome is not Outcome.REJECTED:
        return False
    documents = [*answer.documents, *(item for group in answer.groups for item in group.documents)]
    faults = [*answer.faults, *(fault for group in answer.groups for fault in group.faults)]
    return any(_is_duplicate(fault) for fault in faults) or (
        bool(documents) and all(_is_refused_copy(item) for item in documents)
    )


def _is_refused_copy(reply: DocumentReply) -> bool:
    return reply.outcome is Outcome.REJECTED and any(_is_duplicate(fault) for fault in reply.faults)


def _is_duplicate(fault: Fault) -> bool:
    return fault.code in _DUPLICATE.get(fault.level, ())
