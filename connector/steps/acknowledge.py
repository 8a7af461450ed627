"""Acknowledge: what a stored file means. Their answers take effect, their documents get ours, all in one transaction.

A file is worked on once, however often a worker dies over it: it stays as it was stored until the transaction that
ends it. Never answered are acknowledgments, duplicates, and what is not for us.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from connector.retry import Decision, settled
from connector.steps import duplicates
from connector.steps.answer import reply_to, write_answer
from connector.steps.mailbox import Mailbox
from connector.steps.match import is_news, said_by
from connector.steps.profile import ack_rules, profile_of
from connector.steps.received import EDIFACT, Received, read_for_each
from core import acks, audit, inbound, problems
from core.acks import Said
from core.audit import EventDraft
from core.awaiting import wanted
from core.errors import ConnectorError, PermanentError
from core.leases import Lease
from core.models import File, Inbound, Interchange, InterchangeState, Partner
from core.problems import ProblemDraft
from core.states import InboundState
from edi_app.acknowledgment import Acknowledgment


class OurOwn(PermanentError):
    """A folder that we pick up from holds what we have sent."""

    code = "EDI_OWN_INTERCHANGE"
    next_step = "Let the partner answer in another folder than the one that we send to."


class NotForUs(PermanentError):
    """An interchange is addressed to somebody else."""

    code = "EDI_NOT_FOR_US"
    next_step = "Look whether our ids are set right, and ask the partner whom it is for."


class Damaged(PermanentError):
    """A part of a picked-up file cannot be read."""

    code = "EDI_UNREADABLE"
    next_step = "Look at the file, and ask the partner to send the rest again."


def work_on(inbound_id: int, mailbox: Mailbox, lease: Lease, *, now: datetime) -> list[File]:
    """Work on one stored file; give our answers, sealed. What cannot be read ends as an error with its problem."""
    row = inbound.count_attempt(inbound_id)
    if row is None:
        return []

    def set_back(error: ConnectorError, decision: Decision) -> None:
        if decision.retry_at is None:
            inbound.give_up(row, error, now=now)

    with settled(set_back, attempts=row.attempts, now=now, since=row.created_at):
        return _Work(row, mailbox, now).do(lease)
    return []


@dataclass(frozen=True, slots=True)
class _Plan:
    """One interchange with what it says to us, found out before the transaction."""

    received: Received
    partner: Partner
    said: Sequence[tuple[Acknowledgment, Said]]


class _Work:
    """The work on one file."""

    def __init__(self, row: Inbound, mailbox: Mailbox, now: datetime) -> None:
        self.row, self.mailbox, self.now = row, mailbox, now
        self.files: list[File] = []
        self.events: list[EventDraft] = []
        self.troubles: list[ConnectorError] = []
        self.duplicates = 0

    def do(self, lease: Lease) -> list[File]:
        found, damage = self._read()
        plans = [self._plan(item) for item in found]
        with transaction.atomic():
            lease.check()
            if any(self.mailbox.is_us(item.sender) for item in found):
                self._leave_alone(found[0])
            else:
                self._take_all(plans, damage)
            audit.append(self.events, now=self.now)
        return self.files

    def _read(self) -> tuple[list[Received], str]:
        data, mailbox = bytes(self.row.content or b""), self.mailbox
        return read_for_each(
            data, usual=mailbox.rules, rules_of=lambda item: ack_rules(mailbox.partner_of(item.sender))
        )

    def _plan(self, received: Received) -> _Plan:
        said = [(answer, said_by(answer, self.mailbox.members)) for answer in received.acknowledgments]
        return _Plan(received, self.mailbox.partner_of(received.sender), said)

    def _leave_alone(self, first: Received) -> None:
        sender = first.written(first.sender)
        sentence = f"{self.row.folder}/{self.row.name} is from us ({sender}). It was left where it is."
        self._end(InboundState.OWN, OurOwn(sentence), put_away=inbound.LEFT)

    def _take_all(self, plans: Sequence[_Plan], damage: str) -> None:
        for position, plan in enumerate(plans, start=1):
            self._take(position, plan)
        first = plans[0].received
        columns = {
            "sender": first.written(first.sender)[:60],
            "receiver": first.written(first.receiver)[:60],
            "control_number": first.control[:14],
        }
        if damage:
            self.troubles.append(Damaged(f"A part of {self.row.name} cannot be read. {damage}"))
        if self.troubles:
            self._end(InboundState.ERROR, self.troubles[0], **columns)
        elif self.duplicates == len(plans):
            self.events += inbound.finish(self.row, to=InboundState.DUPLICATE, **columns)
        else:
            self.events += inbound.finish(self.row, to=InboundState.PROCESSED, **columns)

    def _end(self, to: str, error: ConnectorError, **columns: str) -> None:
        self.events += inbound.finish(self.row, to=to, sentence=error.sentence, code=error.code, **columns)
        problems.report([inbound.problem(self.row, item) for item in self.troubles or [error]], now=self.now)

    def _take(self, position: int, plan: _Plan) -> None:
        """Take one interchange: a duplicate ends here; an acknowledgment under a used number may be another one."""
        received = plan.received
        before = duplicates.interchange_before(received, self.row, now=self.now)
        is_other = before is not None and before.sha256 != received.sha256
        if before is not None and is_other:
            self._report([duplicates.second_use(received, before, partner=plan.partner, row=self.row)])
        if before is not None and not (received.only_acknowledgments and is_other):
            self._note_duplicate(position, plan, f"It was picked up before, in {before.inbound.name}.")
        elif received.only_acknowledgments or self.mailbox.is_us(received.receiver):
            self._take_ours(position, plan)
        else:
            error = _misdirected(self.row, received)
            self.troubles.append(error)
            self._hear(plan, self._add(position, plan, InterchangeState.REFUSED, error.sentence))

    def _take_ours(self, position: int, plan: _Plan) -> None:
        """Take an interchange for us: its groups that came before are not answered again, what it answers is heard."""
        received = plan.received
        repeated = self._repeated(plan)
        words = duplicates.words_for(repeated)
        if duplicates.is_nothing_new(received, repeated):
            self._note_duplicate(position, plan, words)
            return
        interchange = self._add(position, plan, InterchangeState.TAKEN, words)
        inbound.add_groups(interchange, [item for item in received.groups if item not in repeated], now=self.now)
        self._answer(plan, interchange, without=repeated)
        self._hear(plan, interchange)

    def _repeated(self, plan: _Plan) -> duplicates.Repeated:
        if ack_rules(plan.partner).group_numbers == "restart":
            return {}
        found = inbound.groups_before(plan.received.groups, tenant_id=self.row.tenant_id, now=self.now)
        self._report(duplicates.second_use_of_groups(found, partner=plan.partner, row=self.row))
        return found

    def _note_duplicate(self, position: int, plan: _Plan, sentence: str) -> None:
        self._add(position, plan, InterchangeState.DUPLICATE, sentence)
        self.duplicates += 1

    def _report(self, drafts: Sequence[ProblemDraft]) -> None:
        problems.report(drafts, now=self.now)

    def _add(self, position: int, plan: _Plan, state: str, sentence: str = "") -> Interchange:
        received = plan.received
        facts = {
            "position": position,
            "sender": received.written(received.sender)[:60],
            "receiver": received.written(received.receiver)[:60],
            "control_number": received.control[:14],
            "sha256": received.sha256,
            "documents": ", ".join(received.documents)[:200],
            "is_test": received.is_test,
            "state": state,
            "sentence": sentence,
        }
        detail = {"interchange": received.control, "documents": facts["documents"], "sentence": sentence}
        self.events.append(inbound.event(self.row, f"interchange_{state}", state=state, **detail))
        return inbound.add_interchange(self.row, plan.partner, facts=facts, now=self.now)

    def _hear(self, plan: _Plan, interchange: Interchange) -> None:
        """Let their acknowledgments take effect, one after the other."""
        for answer, said in plan.said:
            if said.damage:
                sentence = f"{plan.partner.name} sent a {said.kind} that cannot be trusted. {said.damage}"
                self.troubles.append(Damaged(sentence, code=acks.DAMAGED))
            elif said.files and said.counts:
                want = wanted(said.files[0])
                said = replace(said, counts=is_news(answer, said.files[0], want=want))
            self.events += acks.record_theirs(
                said, partner=plan.partner, inbound=self.row, interchange=interchange, now=self.now
            )

    def _answer(self, plan: _Plan, interchange: Interchange, *, without: duplicates.Repeated) -> None:
        """Write ours, where the partner's rules ask for one and it has a folder for it."""
        received, partner = duplicates.without(plan.received, without), plan.partner
        profile = profile_of(partner)
        line_end = "" if received.syntax == EDIFACT else str(profile["x12"].get("line_end", "lf"))
        reply = reply_to(received, ack_rules(partner), line_end=line_end)
        if reply is None or not profile["folders"].get("send_acks_to"):
            return
        try:
            file, events = write_answer(
                received, reply, partner=partner, inbound=self.row, interchange=interchange, now=self.now
            )
        except PermanentError as error:
            self.troubles.append(error)
        else:
            self.files.append(file)
            self.events += events


def _misdirected(row: Inbound, received: Received) -> PermanentError:
    if not any(received.receiver):
        return Damaged(f"{row.name} does not say whom it is for.")
    return NotForUs(f"{row.name} is for {received.written(received.receiver)}, which is none of our ids.")
