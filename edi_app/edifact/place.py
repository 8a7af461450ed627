"""Where a fault is: the segment, the levels that faults in it have, and the words for its places."""

from dataclasses import dataclass

from edi_app.acknowledgment import Fault, Level
from edi_app.edifact.directory import Field

_SHOWN = 60


@dataclass(slots=True)
class Place:
    """One segment that is checked. `whole` is the level of faults of the segment, `inner` of its elements."""

    tag: str
    segment: int = 0
    whole: Level = Level.SEGMENT
    inner: Level = Level.ELEMENT

    @property
    def name(self) -> str:
        """Say which segment this is."""
        return f"Segment {self.segment} ({self.tag})" if self.segment else self.tag

    def fault(self, code: str, reason: str) -> Fault:
        """Report a fault of the segment as a whole."""
        return Fault(self.whole, code, f"{self.name} {reason}.", tag=self.tag, segment=self.segment)

    def at(self, index: int, field: Field, repetition: int = 0) -> "ElementPlace":
        """Name one of its data elements, by its index from 0 behind the tag."""
        return ElementPlace(self, index, field, repetition)


@dataclass(frozen=True, slots=True)
class ElementPlace:
    """One data element of a segment that is checked."""

    place: Place
    index: int
    field: Field
    repetition: int = 0

    def name(self, component: int = 0) -> str:
        """Say which data element this is, or which of its components (from 1)."""
        words = f"{self.place.name}, data element {self.index + 2} ({self.field.number} {self.field.name})"
        if component and self.field.composite:
            element = self.field.parts[component - 1].element
            words += f", component {component} ({element.number} {element.name})"
        return words

    def fault(self, code: str, reason: str, *, component: int = 0, value: str = "") -> Fault:
        """Report a fault of the data element, or of one of its components (from 1)."""
        return Fault(
            self.place.inner,
            code,
            f"{self.name(component)} {reason}.",
            tag=self.place.tag,
            segment=self.place.segment,
            element=self.index + 2,
            component=component if self.field.composite else 0,
            repetition=self.repetition,
            value=show(value),
        )


def show(value: str) -> str:
    """Make a value fit for a sentence: cut, and nothing in it that cannot be displayed."""
    cut = value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…"
    return "".join(mark if mark.isprintable() else "\ufffd" for mark in cut)
