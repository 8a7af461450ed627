"""A partner's settings as they apply now: in test mode the `test` block takes precedence."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.models import Mode, Partner, Server

Party = tuple[str, str]
"""An id and its qualifier, in this order whatever the standard's own is."""
_BLOCKS = ("x12", "edifact", "folders", "acks")


def profile_of(partner: Partner) -> dict[str, Any]:
    """Give the blocks `x12`, `edifact`, `folders` and `acks`."""
    profile = {name: getattr(partner, name) for name in _BLOCKS}
    if partner.mode == Mode.TEST:
        return {name: {**block, **partner.test.get(name, {})} for name, block in profile.items()}
    return profile


def server_of(partner: Partner) -> Server:
    """Give the server that a partner's folders are on."""
    return (partner.test_server if partner.mode == Mode.TEST else None) or partner.server


def parties_of(partner: Partner, side: str) -> frozenset[Party]:
    """Give the ids of a side (`sender` is us, `receiver` is the partner), of both standards, tests included."""
    return frozenset(_parties(partner, side))


def _parties(partner: Partner, side: str) -> Iterator[Party]:
    for blocks in ({name: getattr(partner, name) for name in _BLOCKS}, partner.test):
        x12, edifact = ((blocks.get(name) or {}).get(side) for name in ("x12", "edifact"))
        if x12:
            yield str(x12[1]), str(x12[0])
        if edifact:
            yield str(edifact[0]), str(edifact[1])


def is_among(party: Party, parties: frozenset[Party]) -> bool:
    """Say whether an id as received is one of these; one without a qualifier stands for any (S002 of ISO 9735)."""
    identity, qualifier = party
    return party in parties or (not qualifier and any(identity == known for known, _ in parties))


@dataclass(frozen=True, slots=True)
class AckRules:
    """What a partner's `acks` block says about the answers of both sides.

    `want` is what it has to answer. `when` is when it gets ours: as `requested` in the interchange, also for
    `faults` of an envelope, `always`, `never`; a 997 does not wait for a request. `write` chooses between 997 and 999
    (for groups of 005010 and later). `lists` names the documents that
    an answer lists (`all`, `errors_only`; empty is all in a 997 and errors in a CONTRL), `lenient` accepts tolerable
    faults, `unknown` says what becomes of documents that we have no guide for (`accept`, `reject`), `picked_up`
    what becomes of a file that was dealt with (`move`, `leave`, `delete`), `group_numbers` whether a group number that
    comes again is a duplicate (`unique`) or usual, since the partner begins anew in each interchange (`restart`).
    """

    want: str = ""
    when: str = "faults"
    write: str = "997"
    lists: str = ""
    lenient: bool = False
    unknown: str = "reject"
    picked_up: str = "move"
    group_numbers: str = "unique"


def ack_rules(partner: Partner) -> AckRules:
    """Read a partner's `acks` block."""
    block = {key: value for key, value in profile_of(partner)["acks"].items() if key in AckRules.__slots__}
    return AckRules(**block)
