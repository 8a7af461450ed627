"""The four characters that structure an interchange, and where ISA states them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from core.errors import Finding

MARKS = ("element", "component", "repetition", "terminator")
LINE_ENDS: Mapping[str, str] = MappingProxyType({"none": "", "lf": "\n", "crlf": "\r\n"})


@dataclass(frozen=True, slots=True)
class Delimiters:
    """Element, component, repetition (empty before release 00402) and terminator; `line_end` follows the
    terminator in files that we write."""

    element: str = "*"
    component: str = ">"
    repetition: str = ""
    terminator: str = "~"
    line_end: str = ""

    @property
    def characters(self) -> str:
        """Every character that must not occur in data."""
        return self.element + self.component + self.repetition + self.terminator


# Information separators (ISO 646 IS1 to IS4): text never holds them once control characters are gone.
SEPARATORS = Delimiters(element="\x1d", component="\x1f", repetition="\x1e", terminator="\x1c")


def default_delimiters(*, version: str, line_end: str = "lf") -> Delimiters:
    """Give the customary delimiters of a release: `*` `>` `~`, from 005010 on `:` and `^` as well."""
    if version >= "005010":
        return Delimiters(component=":", repetition="^", line_end=LINE_ENDS[line_end])
    return Delimiters(line_end=LINE_ENDS[line_end])


def check_delimiters(block: Mapping[str, Any], *, path: str) -> list[Finding]:
    """Find what is wrong with configured delimiters: one character each, distinct, no letter, digit or blank,
    and nothing that numbers are written with."""
    findings = []
    seen: dict[str, str] = {}
    for name in MARKS:
        value = block.get(name)
        if value is None:
            continue
        reason = _reason(value, seen)
        if reason:
            findings.append(Finding(f"{path}.{name}", reason, "Use a character such as * > : ^ | ~."))
        else:
            seen[value] = name
    return findings


def _reason(value: object, seen: Mapping[str, str]) -> str:
    if not isinstance(value, str) or len(value) != 1:
        return "is not one single character."
    if value.isalnum() or value in " \0\x1a" or not value.isascii():
        return f"{value!r} can occur in ordinary data."
    if value in "-.":
        return f"{value!r} stands in numbers."
    if value in seen:
        return f"{value!r} is already the {seen[value]} delimiter."
    return ""
