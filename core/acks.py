"""Acknowledgments: the only writer of them, theirs and ours, and of what they mean for files and exports.

What a partner says becomes the outcome of the file it answers and of the exports in it, by conditional updates.
Every acknowledgment is kept, also one that changes nothing; a rejection opens a problem that names the reason.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core import problems
from core.audit import EventDraft
from core.models import (
    AckDirection,
    AckEffect,
    Acknowledgment,
    Export,
    ExportContent,
    File,
    Inbound,
    Interchange,
    Partner,
    Problem,
    ProblemState,
)
from core.moves import move
from core.problems import ProblemDraft
from core.states import ACK_MOVES, ANSWERED, AckOutcome

REJECTED, OVERDUE, UNMATCHED, DAMAGED = "ACK_REJECTED", "ACK_OVERDUE", "ACK_UNMATCHED", "ACK_DAMAGED"
REST = ""
"""Under this name `Acknowledgment.documents` has the outcome of documents that are not named, where it differs."""
MOST_PROBLEMS = 50
"""So many rejected documents of one file have a problem each; more are one problem of the file."""
MOST_DETAILS = 200
_SHOWN_REASONS = 3
_NEXT_STEPS = {
    REJECTED: "Correct the record in Xero, or change the mapping row, then replay.",
    UNMATCHED: "Ask the partner what they answer, or look whether their ids and ours are set right.",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What one acknowledgment of theirs comes to.

    `files` are those that it answers, the newest first (a file and its resent copies); empty when it matches none.
    `documents` are the outcomes of documents by control number where they differ from the `rest`. `reasons` are
    sentences by document, those about the whole under the empty name. `counts` is False for one that says less
    than what is known already. `damage` says why it cannot be trusted.
    """

    kind: str
    outcome: str
    interchange_number: str = ""
    group_number: str = ""
    files: Sequence[File] = ()
    rest: str = ""
    documents: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, Sequence[str]] = field(default_factory=dict)
    notes: Sequence[str] = ()
    counts: bool = True
    damage: str = ""

    @property
    def effect(self) -> str:
        """Say what becomes of it."""
        if self.damage:
            return AckEffect.DAMAGED
        if not self.files:
            return AckEffect.UNMATCHED
        return AckEffect.COUNTED if self.counts else AckEffect.KEPT

    @property
    def details(self) -> list[str]:
        """Everything in words."""
        of_documents = [
            f"Document {number}: {text}" if number else text for number, found in self.reasons.items() for text in found
        ]
        return [*filter(None, [self.damage]), *self.notes, *of_documents][:MOST_DETAILS]


def subject(file: File) -> str:
    """Name what a problem of a file's acknowledgment is about. Its delivery has problems of its own."""
    return f"ack:{file.pk}"


def event(file: File, name: str, **detail: Any) -> EventDraft:
    """Draft an audit line about what a partner answered to a file."""
    return EventDraft(
        tenant_id=file.tenant_id,
        event=f"ack.{name}",
        integration=file.integration.name if file.integration else "",
        file=file.name,
        state=name if name in AckOutcome.values else file.ack_outcome,
        run_id=file.run_id,
        file_id=file.pk,
        detail=detail,
    )


def record_theirs(
    said: Said, *, partner: Partner, inbound: Inbound, interchange: Interchange, now: datetime
) -> list[EventDraft]:
    """Keep an acknowledgment and let it take effect; the caller holds a transaction and appends the events last."""
    row = Acknowledgment.objects.create(
        tenant_id=partner.tenant_id,
        partner=partner,
        direction=AckDirection.THEIRS,
        inbound=inbound,
        interchange=interchange,
        file=said.files[0] if said.files else None,
        is_matched=bool(said.files),
        effect=said.effect,
        kind=said.kind,
        interchange_number=said.interchange_number[:14],
        group_number=said.group_number[:14],
        outcome=said.outcome,
        documents={**said.documents, **({REST: said.rest} if said.rest not in ("", said.outcome) else {})},
        details=said.details,
        created_at=now,
    )
    about = {"kind": said.kind, "acknowledgment": row.pk, "inbound": inbound.name}
    problems.report(_own_problems(said, row, now), now=now)
    if not said.files:
        unmatched = {"interchange": said.interchange_number, "group": said.group_number, "partner": partner.name}
        return [EventDraft(partner.tenant_id, "ack.unmatched", state=said.outcome, detail={**about, **unmatched})]
    if said.effect != AckEffect.COUNTED:
        return [event(said.files[0], "kept", outcome=said.outcome, **about)]
    return [draft for file in said.files for draft in _take_effect(file, said, about, now)]


def _own_problems(said: Said, row: Acknowledgment, now: datetime) -> Iterator[ProblemDraft]:
    """Report what answers nothing of ours: one problem a partner, since after a change of systems many come; a
    rejection among them has its own. Damage is reported with the file that it came in."""
    partner, which = row.partner, said.group_number or said.interchange_number or "nothing"
    if not (said.files or said.damage):
        sentence = f"{partner.name} sent a {said.kind} ({said.outcome}) for {which}, which is nothing that we sent."
        own = f"ack-of:{partner.pk}:{which}" if said.outcome == AckOutcome.REJECTED else f"ack-of:{partner.pk}"
        links = {"partner_id": row.partner_id}
        yield ProblemDraft(row.tenant_id, UNMATCHED, own, sentence, _NEXT_STEPS[UNMATCHED], links)


def record_ours(
    file: File, *, inbound: Inbound, interchange: Interchange, answers: Sequence[Mapping[str, Any]], now: datetime
) -> list[EventDraft]:
    """Keep what a file of ours answers, one row per answered level. The caller holds a transaction."""
    rows = [
        Acknowledgment(
            tenant_id=file.tenant_id,
            partner=file.partner,
            direction=AckDirection.OURS,
            inbound=inbound,
            interchange=interchange,
            file=file,
            is_matched=True,
            created_at=now,
            **answer,
        )
        for answer in answers
    ]
    Acknowledgment.objects.bulk_create(rows)
    detail = {"inbound": inbound.name, "interchange": interchange.control_number}
    return [event(file, "written", kind=row.kind, outcome=str(row.outcome), **detail) for row in rows]


def _take_effect(file: File, said: Said, about: Mapping[str, Any], now: datetime) -> list[EventDraft]:
    """Set the outcome of a file and its exports, and open or end problems."""
    rows = Export.objects.filter(file=file)
    move(File.objects.filter(pk=file.pk), moves=ACK_MOVES, to=said.outcome, column="ack_outcome")
    rest = said.rest or said.outcome
    move(rows, moves=ACK_MOVES, to=rest, column="ack_outcome")
    for outcome, ids in _named(file, said.documents).items():
        for at in range(0, len(ids), 500):
            move(rows.filter(pk__in=ids[at : at + 500]), moves=ACK_MOVES, to=outcome, column="ack_outcome")
    file.ack_outcome = said.outcome
    _end_problems(file, now)
    if said.outcome in (AckOutcome.REJECTED, AckOutcome.PARTIALLY_ACCEPTED):
        problems.report(_rejections(file, said), now=now)
    return [event(file, said.outcome, **about), *_different(rows, file, about)]


def documents_of(file: File) -> dict[str, list[int]]:
    """Give a file's exports by their document's control number; payments of a batch share their batch's."""
    found: dict[str, list[int]] = {}
    groups: dict[int, str] = {}
    rows = ExportContent.objects.filter(file=file).order_by("position")
    for export_id, number, group_id in rows.values_list("export_id", "control_number", "group_id"):
        own = number if group_id is None else groups.setdefault(group_id, number)
        found.setdefault(own, []).append(export_id)
    return found


def _named(file: File, documents: Mapping[str, str]) -> dict[str, list[int]]:
    by_outcome: dict[str, list[int]] = {}
    if documents:
        by_number = documents_of(file)
        for number, outcome in documents.items():
            by_outcome.setdefault(outcome, []).extend(by_number.get(number, ()))
    return by_outcome


def _different(rows: Any, file: File, about: Mapping[str, Any]) -> Iterator[EventDraft]:
    """Draft a line for each export whose outcome is not its file's."""
    for export in rows.exclude(ack_outcome=file.ack_outcome).order_by("pk").iterator(chunk_size=500):
        yield EventDraft(
            tenant_id=file.tenant_id,
            event=f"ack.{export.ack_outcome}",
            integration=file.integration.name if file.integration else "",
            stream=export.stream,
            xero_id=export.xero_id,
            number=export.number,
            file=file.name,
            state=export.ack_outcome,
            export_id=export.pk,
            detail=dict(about),
        )


def _rejections(file: File, said: Said) -> list[ProblemDraft]:
    """Report what was rejected: each document alone, or the file as a whole where it is all or very many."""
    name = file.partner.name
    reasons = dict(said.reasons)
    whole = _sum_up(reasons.pop("", ()))
    links = {"file_id": file.pk, "integration_id": file.integration_id, "partner_id": file.partner_id}
    numbers = {pk: number for number, ids in documents_of(file).items() for pk in ids} if reasons else {}
    rejected = Export.objects.filter(file=file, ack_outcome=AckOutcome.REJECTED).order_by("pk")
    few = list(rejected[: MOST_PROBLEMS + 1])
    if len(few) > MOST_PROBLEMS or not (reasons or len(few) == 1):
        first = whole or next((_sum_up(found) for found in reasons.values() if found), "")
        what = "rejected" if said.outcome == AckOutcome.REJECTED else "rejected a part of"
        sentence = f"{name} {what} {file.name}: {first or 'no reason was given.'}"
        return [ProblemDraft(file.tenant_id, REJECTED, subject(file), sentence, _NEXT_STEPS[REJECTED], links)]
    return [
        ProblemDraft(
            tenant_id=file.tenant_id,
            code=REJECTED,
            subject=f"export:{export.pk}",
            sentence=f"{name} rejected {export.number or export.xero_id}: "
            f"{_sum_up(reasons.get(numbers.get(export.pk, ''), ())) or whole or 'no reason was given.'}",
            next_step=_NEXT_STEPS[REJECTED],
            links={**links, "export_id": export.pk},
        )
        for export in few
    ]


def _sum_up(sentences: Sequence[str]) -> str:
    more = len(sentences) - _SHOWN_REASONS
    return " ".join([*sentences[:_SHOWN_REASONS], *([f"And {more} more."] if more > 0 else [])])


def _end_problems(file: File, now: datetime) -> None:
    """An answer ends the wait; acceptance ends the rejection of the same object before, also in older files."""
    problems.resolve(file.tenant_id, [subject(file)], codes=[OVERDUE], now=now)
    if file.ack_outcome != AckOutcome.REJECTED:
        problems.resolve(file.tenant_id, [subject(file)], codes=[REJECTED], now=now)
    accepted = Export.objects.filter(file=file, ack_outcome__in=[AckOutcome.ACCEPTED, AckOutcome.ACCEPTED_WITH_ERRORS])
    same_object = {"export__integration": file.integration_id, "export__xero_id__in": accepted.values("xero_id")}
    solved = Problem.objects.filter(tenant_id=file.tenant_id, code=REJECTED, state=ProblemState.OPEN, **same_object)
    found = list(solved.values_list("subject", "export_id", "export__xero_id"))
    newest = dict(accepted.filter(xero_id__in=[row[2] for row in found]).values_list("xero_id", "pk"))
    subjects = [about for about, export_id, xero_id in found if export_id <= newest[xero_id]]
    if subjects:
        problems.resolve(file.tenant_id, subjects, codes=[REJECTED], now=now)


def answered_before(file: File) -> list[Acknowledgment]:
    """Give the answers that a file has had, in their order."""
    rows = Acknowledgment.objects.filter(file=file, direction=AckDirection.THEIRS, outcome__in=ANSWERED)
    return list(rows.order_by("pk"))
