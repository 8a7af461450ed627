"""The X12 dictionary: elements, composites and segments of a release, loaded from data files.

004010 is the base; 005010 is the base and its differences. Any other release is read with the nearest one.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

BASE = "004010"
LATER = "005010"
_RUN = re.compile(r"\(([^)]*)\)x(\d+)")


@dataclass(frozen=True, slots=True)
class Element:
    """One data element: its number, type (AN ID DT TM R N0 N2), lengths in characters, plain name, and the
    complete list of its codes where there is one."""

    number: str
    type: str
    shortest: int
    longest: int
    name: str
    codes: frozenset[str] | None = None

    @property
    def decimals(self) -> int:
        """Implied decimals of an N type; 0 for all others."""
        return int(self.type[1:]) if self.type[0] == "N" else 0


@dataclass(frozen=True, slots=True)
class Composite:
    """An element that is made of components."""

    number: str
    name: str
    parts: tuple["Use", ...]
    conditions: tuple["Condition", ...] = ()


@dataclass(frozen=True, slots=True)
class Use:
    """An element at its place in a segment or composite."""

    item: Element | Composite
    mandatory: bool = False
    repeats: int = 1


@dataclass(frozen=True, slots=True)
class Condition:
    """A relational condition (X12.6 §3.7): kind P, R, E, C or L over positions counted from 1."""

    kind: str
    positions: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """One segment: tag, plain name, elements in order and conditions among them."""

    tag: str
    name: str
    uses: tuple[Use, ...]
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Dictionary:
    """All that is known of a release. `undescribed` tags exist, but their elements are not checked."""

    version: str
    segments: Mapping[str, Segment]
    undescribed: frozenset[str]

    def knows(self, tag: str) -> bool:
        """Say whether the tag is a segment at all."""
        return tag in self.segments or tag in self.undescribed


def release_for(version: str) -> str:
    """Give the release whose dictionary serves a GS08 or ISA12 version: `004010VICS` -> `004010`."""
    digits = version[:6] if len(version) >= 6 else f"{version[:5]}0"
    return LATER if digits.isdigit() and digits >= LATER else BASE


def dictionary(version: str) -> Dictionary:
    """Load the dictionary that serves a version (cached)."""
    return _load(release_for(version))


@cache
def _load(release: str) -> Dictionary:
    raw = load_data("dictionary.yaml")
    if release == LATER:
        changes = load_data("dictionary-005010.yaml")
        raw = {key: raw[key] | changes.get(key, {}) if isinstance(raw[key], dict) else raw[key] for key in raw}
    elements = {number: _element(number, text, raw["codes"]) for number, text in raw["elements"].items()}
    composites = {
        number: Composite(number, row[0], tuple(_uses(row[1], elements)), _conditions(row))
        for number, row in raw["composites"].items()
    }
    items: Mapping[str, Element | Composite] = {**elements, **composites}
    segments = {
        tag: Segment(tag, row[0], tuple(_uses(row[1], items)), _conditions(row)) for tag, row in raw["segments"].items()
    }
    return Dictionary(release, segments, frozenset(raw["undescribed"].split()))


def load_data(name: str) -> Any:
    """Read one of the package's YAML data files."""
    text = files("edi_app.x12").joinpath("data", name).read_text(encoding="utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # nosec B506


def _element(number: str, text: str, codes: Mapping[str, str]) -> Element:
    kind, lengths, name = text.split(" ", 2)
    shortest, longest = lengths.split("/")
    listed = frozenset(codes[number].split()) if number in codes else None
    return Element(number, kind, int(shortest), int(longest), name, listed)


def _uses(text: str, items: Mapping[str, Element | Composite]) -> Iterator[Use]:
    words = _RUN.sub(lambda run: " ".join([run[1]] * int(run[2])), text).split()
    for place, word in enumerate(words):
        if word[0] == "M":
            continue
        mark = words[place + 1] if place + 1 < len(words) else ""
        repeats = int(mark[2:]) if mark.startswith("M*") else 1
        yield Use(items[word], mark.startswith("M"), repeats)


def _conditions(row: list[str]) -> tuple[Condition, ...]:
    words = row[2].split() if len(row) > 2 else []
    return tuple(Condition(word[0], tuple(int(word[at : at + 2]) for at in range(1, len(word), 2))) for word in words)
