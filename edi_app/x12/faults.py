"""What is wrong with an interchange, group, set, segment or element: one value for reader and validator."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """Which code list a fault's code belongs to."""

    INTERCHANGE = "interchange"
    """TA105 (element I18)."""
    GROUP = "group"
    """AK905 to AK909 (element 716)."""
    SET = "set"
    """AK502 to AK506 (element 718)."""
    SEGMENT = "segment"
    """AK304 (element 720)."""
    ELEMENT = "element"
    """AK403 (element 723)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One defect. `position` counts segments with ST as 1 (with ISA as 1 outside of sets), `element` and
    `component` count from 1; 0 means that the place does not apply. `number` is the data element's."""

    level: Level
    code: str
    sentence: str
    segment: str = ""
    position: int = 0
    element: int = 0
    component: int = 0
    repetition: int = 0
    number: str = ""
    value: str = ""
    tolerable: bool = False
    """True when a lenient partner still accepts the set (an unknown code in an optional element)."""

    @property
    def place(self) -> str:
        """Name the place as people write it: `BIG02`, `AK401-2`, `N1`."""
        if not self.element:
            return self.segment
        tail = f"-{self.component}" if self.component else ""
        return f"{self.segment}{self.element:02d}{tail}"
