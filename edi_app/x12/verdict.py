"""What checking an interchange ends in: every fault at its level, and what is accepted (AK5, AK9, TA1)."""

from dataclasses import dataclass, replace
from enum import StrEnum

from edi_app.acknowledgment import Fault, Level, Outcome
from edi_app.x12.delimiters import Delimiters
from edi_app.x12.envelope import GroupHeader, InterchangeHeader

ACKNOWLEDGMENTS = "FA"
"""GS01 of groups that are never acknowledged: 997 and 999."""
DUPLICATE = "025"
# Faults of an interchange that lenient rules forgive: dates, unused qualifiers, text outside of sets.
_FORGIVEN = frozenset({"010", "011", "012", "013", "014", "015", "016", "019", "022"})


class Lists(StrEnum):
    """Which sets a 997 lists in AK2."""

    ALL = "all"
    ERRORS_ONLY = "errors_only"


class WhenTa1(StrEnum):
    """When a TA1 is written: as asked in ISA14, also for envelope faults, always, never."""

    REQUESTED = "requested"
    FAULTS = "faults"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class AckOptions:
    """A partner's rules. `lenient` accepts sets with tolerable faults (E), `unknown_sets` those without a guide."""

    lists: Lists = Lists.ALL
    lenient: bool = False
    unknown_sets: bool = False
    ta1: WhenTa1 = WhenTa1.FAULTS
    functional: bool = True
    """Write 997 or 999."""
    writes: str = "997"
    """`999` writes that one for groups of 005010 and later; it came only then."""


@dataclass(frozen=True, slots=True)
class CheckedSet:
    """The verdict on one transaction set; `segments` counts ST to SE."""

    kind: str
    reference: str
    segments: int
    implementation: str = ""
    faults: tuple[Fault, ...] = ()

    def outcome(self, options: AckOptions) -> Outcome:
        """Decide AK501."""
        if not self.faults:
            return Outcome.ACCEPTED
        # The segment that holds a tolerable element is named too, with code 8.
        if options.lenient and all(item.tolerable for item in self.faults):
            return Outcome.ACCEPTED_WITH_ERRORS
        return Outcome.REJECTED


@dataclass(frozen=True, slots=True)
class CheckedGroup:
    """The verdict on one functional group. `stated` is GE01, None where it cannot be read."""

    header: GroupHeader
    stated: int | None = None
    faults: tuple[Fault, ...] = ()
    sets: tuple[CheckedSet, ...] = ()

    def outcome(self, options: AckOptions) -> Outcome:
        """Decide AK901 (E counts as accepted)."""
        if self.faults:
            return Outcome.REJECTED
        outcomes = [item.outcome(options) for item in self.sets]
        rejected = outcomes.count(Outcome.REJECTED)
        if rejected:
            return Outcome.REJECTED if rejected == len(outcomes) else Outcome.PARTIALLY_ACCEPTED
        if Outcome.ACCEPTED_WITH_ERRORS in outcomes:
            return Outcome.ACCEPTED_WITH_ERRORS
        return Outcome.ACCEPTED

    def accepted(self, options: AckOptions) -> int:
        """Count the sets that AK904 calls accepted."""
        if self.faults:
            return 0
        return sum(item.outcome(options) is not Outcome.REJECTED for item in self.sets)


@dataclass(frozen=True, slots=True)
class CheckedInterchange:
    """The verdict on one interchange: faults of its envelope, and its groups."""

    header: InterchangeHeader
    delimiters: Delimiters
    faults: tuple[Fault, ...] = ()
    groups: tuple[CheckedGroup, ...] = ()
    technical: int = 0
    """How many TA1 it carries."""

    @property
    def only_acknowledgments(self) -> bool:
        """Say whether it carries TA1, 997 and 999 and nothing else: it is never answered."""
        if not self.groups:
            return self.technical > 0
        return all(group.header.functional_id == ACKNOWLEDGMENTS for group in self.groups)

    def outcome(self, options: AckOptions) -> Outcome:
        """Decide TA104."""
        if not self.faults:
            return Outcome.ACCEPTED
        if options.lenient and all(item.code in _FORGIVEN for item in self.faults):
            return Outcome.ACCEPTED_WITH_ERRORS
        return Outcome.REJECTED


def mark_duplicate(checked: CheckedInterchange) -> CheckedInterchange:
    """Add that the same control number came before between the same two ids (TA105 025)."""
    sentence = f"Interchange {checked.header.control} was received before."
    fault = Fault(Level.INTERCHANGE, DUPLICATE, sentence, "ISA", 1, 13)
    return replace(checked, faults=(fault, *checked.faults))
