"""Duplicates: what a partner sent before, by control number and by content. Whole interchanges, and groups of others.

The same number within a year is a duplicate; with other content it is a problem as well, since one of the two is lost.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from connector.steps.received import Received, group_facts
from core import inbound
from core.errors import PermanentError
from core.inbound import GroupFacts
from core.models import Inbound, Interchange, InterchangeGroup, Partner
from core.problems import ProblemDraft

_SHOWN = 5
Repeated = dict[GroupFacts, InterchangeGroup]


class NumberUsedTwice(PermanentError):
    """A partner used a control number again for other content."""

    code = "EDI_NUMBER_USED_TWICE"
    next_step = "Ask the partner which of the two counts, and to send the other one under a new number."


class GroupNumberUsedTwice(NumberUsedTwice):
    """The same for the number of a group."""

    next_step = (
        "Ask the partner which of the two counts. If it begins its group numbers anew in each interchange, set "
        "acks.group_numbers to restart."
    )


def interchange_before(received: Received, row: Inbound, *, now: datetime) -> Interchange | None:
    """Find the same interchange among those that were taken before."""
    return inbound.came_before(
        tenant_id=row.tenant_id,
        sender=received.written(received.sender)[:60],
        receiver=received.written(received.receiver)[:60],
        control_number=received.control[:14],
        sha256=received.sha256,
        now=now,
    )


def second_use(received: Received, before: Interchange, *, partner: Partner, row: Inbound) -> ProblemDraft:
    """Draft the problem of a control number that came before with other content."""
    number = received.control
    sentence = f"{row.name} has the control number {number}, which came before with other content"
    error = NumberUsedTwice(f"{sentence}, in {before.inbound.name}.")
    return inbound.problem(row, error, about=f"number:{partner.pk}:{number}"[:200])


def second_use_of_groups(repeated: Repeated, *, partner: Partner, row: Inbound) -> list[ProblemDraft]:
    """Draft the problems of group numbers that came before with other content."""
    return [
        inbound.problem(
            row,
            GroupNumberUsedTwice(
                f"{row.name} has the group number {group.control_number} ({group.functional_id}), which came before "
                f"with other content, in {before.interchange.inbound.name}. It was not acknowledged."
            ),
            about=f"group-number:{partner.pk}:{group.functional_id}:{group.control_number}"[:200],
        )
        for group, before in repeated.items()
        if group.sha256 != before.sha256
    ]


def is_nothing_new(received: Received, repeated: Collection[GroupFacts]) -> bool:
    """Say whether an interchange holds only groups that came before."""
    checked = received.checked
    return bool(repeated) and len(repeated) == len(checked.groups) and not checked.technical


def without(received: Received, repeated: Collection[GroupFacts]) -> Received:
    """Give an interchange without groups that came before: they are not answered again."""
    if not repeated:
        return received
    keys = {item.key for item in repeated}
    kept = tuple(group for group in received.checked.groups if group_facts(group.header).key not in keys)
    return replace(received, checked=replace(received.checked, groups=kept))


def words_for(repeated: Repeated) -> str:
    """Say which groups came before."""
    told = [
        f"Group {item.control_number} came before, in {row.interchange.inbound.name}." for item, row in repeated.items()
    ]
    return " ".join(told[:_SHOWN])
