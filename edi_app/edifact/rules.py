"""What a partner's settings say about checking."""

from dataclasses import dataclass
from enum import StrEnum


class Unknown(StrEnum):
    """What becomes of a message type that we have no definition of, once its envelope and counts are right."""

    ACCEPT = "accept"
    REJECT = "reject"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How strictly an interchange is checked.

    `recipients` and `senders` are (identification, qualifier) pairs, None for any; a pair with an empty
    qualifier stands for any qualifier. `tolerate` names codes 0085 that are no faults for this partner, as 45
    for one that cannot leave separators away.
    """

    unknown: Unknown = Unknown.ACCEPT
    recipients: frozenset[tuple[str, str]] | None = None
    senders: frozenset[tuple[str, str]] | None = None
    accept_test: bool = True
    tolerate: frozenset[str] = frozenset()


def is_listed(party: tuple[str, ...], known: frozenset[tuple[str, str]] | None) -> bool:
    """Say whether a party as sent (S002, S003) is among the known ones."""
    if known is None:
        return True
    identification, qualifier = (*party, "", "")[:2]
    return (identification, qualifier) in known or (identification, "") in known
