"""Answer: our TA1, 997, 999 and CONTRL, as files that go the way of all files, with control numbers of their own."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from connector.naming import NameFacts, render
from connector.steps.profile import AckRules, profile_of, server_of
from connector.steps.received import EDIFACT, Received, ack_options, plain_number
from core import acks, audit, numbers, outbox
from core.actors import actor_name
from core.audit import EventDraft
from core.errors import PermanentError
from core.models import AckDirection, AckKind, Acknowledgment, File, FileKind, Inbound, Interchange, Partner
from core.states import AckOutcome, FileState
from edi_app import edifact
from edi_app.acknowledgment import Fault, Outcome
from edi_app.edifact.contrl import Answer, AnswerPolicy, choose_answer
from edi_app.x12 import acknowledge as x12

NAME = "{document}_{partner}_{date}_{control:09d}.edi"
_ENDED = (FileState.DELIVERED, FileState.FAILED, FileState.CANCELLED)
_WANTED = {"requested": AnswerPolicy.REQUESTED, "faults": AnswerPolicy.REQUESTED, "always": AnswerPolicy.ALWAYS}


@dataclass(frozen=True, slots=True)
class Reply:
    """What an interchange is answered with: the control number levels that it takes, the rows to keep, outermost
    first, and how to write it. Writing raises CannotAcknowledge, a PermanentError."""

    levels: tuple[str, ...]
    rows: Sequence[Mapping[str, Any]]
    write: Callable[[Mapping[str, int], datetime], bytes]

    @property
    def document(self) -> str:
        """Name what the file holds, for its name: the innermost answer."""
        return str(self.rows[-1]["kind"])


def reply_to(received: Received, rules: AckRules, *, line_end: str = "lf") -> Reply | None:
    """Decide what an interchange is answered with, as the partner's rules say; None for nothing."""
    if rules.when == "never" or received.only_acknowledgments:
        return None
    return _contrl(received, rules) if received.syntax == EDIFACT else _x12(received, rules, line_end)


def _x12(received: Received, rules: AckRules, line_end: str) -> Reply | None:
    checked, options = received.checked, ack_options(rules)
    if not x12.needs_acknowledgment(checked, options=options):
        return None
    groups, kind = x12.answered_groups(checked, options), AckKind(x12.answer_set(checked, options))
    rows = [_row(AckKind.TA1, checked.outcome(options), checked.faults)] if x12.needs_ta1(checked, options) else []
    for group in groups:
        faults = [*group.faults, *(fault for item in group.sets for fault in item.faults)]
        number = plain_number(group.header.control)[:14]
        rows.append(_row(kind, group.outcome(options), faults) | {"group_number": number})

    def write(given: Mapping[str, int], moment: datetime) -> bytes:
        return x12.render_acknowledgment(checked, options=options, numbers=given, moment=moment, line_end=line_end)

    return Reply(("ISA", "GS") if groups else ("ISA",), rows, write)


def _contrl(received: Received, rules: AckRules) -> Reply | None:
    checked = received.checked
    answer = choose_answer(checked, policy=_WANTED[rules.when])
    if answer is None and rules.when == "faults" and checked.outcome is not Outcome.ACCEPTED:
        answer = Answer.VERDICT
    if answer is None:
        return None
    faults = [*checked.faults, *(fault for message in checked.all_messages for fault in message.faults)]
    outcome = Outcome.RECEIVED if answer is Answer.RECEIPT else checked.outcome

    def write(given: Mapping[str, int], moment: datetime) -> bytes:
        reference, lists = str(given["UNB"]), rules.lists == "all"
        return edifact.render_acknowledgment(
            checked, reference=reference, moment=moment, answer=answer, list_accepted=lists
        )

    return Reply(("UNB",), [_row(AckKind.CONTRL, outcome, faults)], write)


def _row(kind: str, outcome: Outcome, faults: Sequence[Fault]) -> dict[str, Any]:
    said = AckOutcome.AWAITED if outcome is Outcome.RECEIVED else AckOutcome(outcome.value)
    return {"kind": kind, "outcome": said, "details": [fault.sentence for fault in faults][: acks.MOST_DETAILS]}


def write_answer(
    received: Received, reply: Reply, *, partner: Partner, inbound: Inbound, interchange: Interchange, now: datetime
) -> tuple[File, list[EventDraft]]:
    """Write an answer and seal it into a file for the partner's `send_acks_to`; the caller holds a transaction.

    Sender and receiver are those of the interchange, swapped. Raises CannotAcknowledge; numbers that were taken
    by then are not used again."""
    sides = {"sender": received.written(received.receiver), "receiver": received.written(received.sender)}
    given = {level: numbers.allocate(partner.tenant_id, level=level, **sides) for level in reply.levels}
    moment = now.astimezone(ZoneInfo(partner.tenant.time_zone))
    data = reply.write(given, moment)
    facts = NameFacts(
        moment=moment,
        tenant=partner.tenant.slug,
        partner=partner.name,
        document=reply.document,
        control=given[reply.levels[0]],
    )
    file = File(
        name=render(NAME, facts),
        is_test=received.is_test,
        interchange_number=str(given[reply.levels[0]]),
        group_number=str(given.get("GS", "")),
    )
    events = _seal(file, partner, data, now=now)
    answered = {"interchange_number": plain_number(received.control)[:14]}
    rows = [{**answered, **row} for row in reply.rows]
    return file, events + acks.record_ours(file, inbound=inbound, interchange=interchange, answers=rows, now=now)


def _seal(file: File, partner: Partner, data: bytes, *, now: datetime) -> list[EventDraft]:
    file.tenant_id, file.partner, file.server = partner.tenant_id, partner, server_of(partner)
    file.kind, file.folder = FileKind.ACK, profile_of(partner)["folders"]["send_acks_to"]
    file.header, file.size, file.sha256 = data, len(data), hashlib.sha256(data).hexdigest()
    file.created_at = now
    file.save(force_insert=True)
    return outbox.seal(file, now=now)


class NotOurs(PermanentError):
    """An acknowledgment that the partner wrote cannot be sent by us."""

    code = "ACK_NOT_OURS"
    next_step = "Choose one that we wrote; see manage.py acks."


class OnItsWay(PermanentError):
    """A copy of an acknowledgment is already being delivered."""

    code = "ACK_ON_ITS_WAY"
    next_step = "Wait until it is delivered."


def send_again(acknowledgment: Acknowledgment, *, actor: Any, reason: str = "", now: datetime) -> File:
    """Send an acknowledgment of ours again as it was, when the partner has lost it: the same bytes and control
    numbers, under a name of its own. The caller rings for the delivery. Raises `NotOurs`, and `OnItsWay` while it or a
    copy of it is not delivered yet, so that nobody sends it twice by pressing twice."""
    if acknowledgment.direction != AckDirection.OURS or acknowledgment.file_id is None:
        raise NotOurs(f"{acknowledgment.kind} {acknowledgment.pk} is not one of ours.")
    with transaction.atomic():
        original = File.objects.select_for_update().get(pk=acknowledgment.file_id)
        copies = File.objects.filter(replay_of=original)
        if on_its_way := [file for file in (original, *copies) if file.state not in _ENDED]:
            raise OnItsWay(f"{on_its_way[0].name} is not delivered yet.")
        file = _copy(original, number=copies.count() + 1)
        events = _seal(file, acknowledgment.partner, b"".join(outbox.read(original)), now=now)
        detail = {"kind": acknowledgment.kind, "acknowledgment": acknowledgment.pk, "reason": reason}
        again = acks.event(file, "sent_again", **detail)
        audit.append([*events, replace(again, actor=actor_name(actor))], now=now)
    return file


def _copy(original: File, *, number: int) -> File:
    stem, _, extension = original.name.rpartition(".")
    return File(
        name=f"{stem}_again{number}.{extension}",
        replay_of=original,
        is_test=original.is_test,
        interchange_number=original.interchange_number,
        group_number=original.group_number,
    )
