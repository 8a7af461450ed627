"""Interchanges as they were read: header values, groups, sets with their segments, and what was wrong."""

from dataclasses import dataclass, field

from edi_app.acknowledgment import Fault
from edi_app.x12.delimiters import Delimiters
from edi_app.x12.envelope import GroupHeader, InterchangeHeader


@dataclass(frozen=True, slots=True)
class TransactionSet:
    """One ST to SE, both included in `segments` (raw text, no terminators). `faults` are the envelope's."""

    code: str
    control: str
    implementation: str
    segments: list[str] = field(repr=False)
    delimiters: Delimiters
    version: str = ""
    """GS08 of its group."""
    faults: tuple[Fault, ...] = ()
    group_number: int = 1
    """Which group of the interchange it is in, counted from 1."""

    def elements(self) -> list[list[str]]:
        """Split every segment into tag and elements."""
        mark = self.delimiters.element
        return [segment.split(mark) for segment in self.segments]


@dataclass(frozen=True, slots=True)
class InterchangeOpened:
    """An ISA was read. `faults` are those of the header, each with its TA1 code."""

    header: InterchangeHeader
    delimiters: Delimiters
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class TechnicalAcknowledgment:
    """A TA1 segment that stands outside of groups, split into its elements."""

    elements: tuple[str, ...]
    header: InterchangeHeader


@dataclass(frozen=True, slots=True)
class GroupOpened:
    """A GS was read."""

    header: GroupHeader


@dataclass(frozen=True, slots=True)
class GroupClosed:
    """A group ended, by its GE or without one. `stated` is GE01 (None when unreadable), `found` the count."""

    header: GroupHeader
    found: int
    stated: int | None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class InterchangeClosed:
    """An interchange ended, by its IEA or without one; `faults` hold those of its header too."""

    header: InterchangeHeader
    groups: int
    faults: tuple[Fault, ...] = ()


Event = InterchangeOpened | TechnicalAcknowledgment | GroupOpened | TransactionSet | GroupClosed | InterchangeClosed


@dataclass(slots=True)
class Group:
    """A functional group as a whole."""

    header: GroupHeader
    sets: list[TransactionSet] = field(default_factory=list)
    stated: int | None = None
    faults: tuple[Fault, ...] = ()


@dataclass(slots=True)
class Interchange:
    """An interchange as a whole."""

    header: InterchangeHeader
    delimiters: Delimiters
    groups: list[Group] = field(default_factory=list)
    technical: list[TechnicalAcknowledgment] = field(default_factory=list)
    faults: tuple[Fault, ...] = ()
