"""The service characters of an interchange: UNA, or the defaults of its syntax (ISO 9735-1)."""

from dataclasses import dataclass, replace

from edi_app.edifact.errors import EdifactUnreadable

UNA_LENGTH = 9
"""`UNA` and six characters."""


@dataclass(frozen=True, slots=True)
class ServiceCharacters:
    """What separates and what releases. `release` and `repetition` may be empty: then there is none.

    `decimal` is empty where the interchange names no decimal mark; point and comma are both right then.
    """

    component: str = ":"
    element: str = "+"
    decimal: str = ""
    release: str = "?"
    repetition: str = ""
    terminator: str = "'"

    @property
    def special(self) -> str:
        """Give the characters that data must not carry unreleased."""
        return self.release + self.component + self.element + self.repetition + self.terminator

    def for_version(self, version: str) -> "ServiceCharacters":
        """Keep the repetition separator only where syntax version 4 knows it."""
        return self if version == "4" else replace(self, repetition="")

    def una(self) -> str:
        """Write the service string advice; the place of the repetition separator is a space when unused."""
        marks = self.component + self.element + (self.decimal or ".") + (self.release or " ")
        return f"UNA{marks}{self.repetition or ' '}{self.terminator}"


WRITTEN = ServiceCharacters(decimal=".")
"""What we write up to syntax version 3."""
WRITTEN_4 = ServiceCharacters(decimal=".", repetition="*")
"""What we write in syntax version 4."""
DEFAULT = ServiceCharacters(repetition="*")
"""What holds without UNA; the repetition separator only in syntax version 4."""
LEVEL_B = ServiceCharacters("\x1f", "\x1d", "", "", "", "\x1c")
"""What level B formally has without UNA: information separators IS1, IS3, IS4 and no release character."""


def read_una(text: str) -> ServiceCharacters:
    """Read the nine characters of UNA.

    Raises EdifactUnreadable when the characters that separate are letters, digits, blanks or not distinct: the
    interchange cannot be taken apart then.
    """
    component, element, decimal, release, repetition, terminator = tuple(text[3:UNA_LENGTH])
    separating = component + element + terminator
    if any(mark.isalnum() or mark in " \t" for mark in separating) or release.isalnum():
        raise EdifactUnreadable(f"UNA names letters, digits or blanks as service characters: {text!r}.")
    used = [mark for mark in separating + release if mark != " "]
    if len(set(used)) != len(used):
        raise EdifactUnreadable(f"UNA names the same service character twice: {text!r}.")
    if repetition in used or repetition.isalnum():
        repetition = ""
    return ServiceCharacters(component, element, decimal, release.strip(" "), repetition.strip(" "), terminator)
