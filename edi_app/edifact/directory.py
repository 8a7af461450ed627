"""The dictionary: data elements, composites, segments and message structures, read from `definitions/`.

The notation is explained at the top of `definitions/d96a.txt` and `definitions/messages/INVOIC-D-96A-UN.txt`.
"""

import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "definitions"


@dataclass(frozen=True, slots=True)
class Element:
    """A data element: `kind` is a, n or an; lengths in characters, of numbers in digits; `values` if closed."""

    number: str
    name: str
    kind: str
    shortest: int
    longest: int
    values: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Part:
    """A data element in its place inside a composite."""

    element: Element
    mandatory: bool


@dataclass(frozen=True, slots=True)
class Field:
    """A place in a segment: a composite with its parts, or a stand-alone element as its only part."""

    number: str
    name: str
    mandatory: bool
    parts: tuple[Part, ...]
    composite: bool
    repeats: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class SegmentSpec:
    """A segment type and its places in order."""

    tag: str
    name: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A place in a message: a segment, or a segment group named by its first segment when it has a row.

    `group` is the group's number, 0 for a plain segment. `limit` is how often it may come.
    """

    tag: str
    mandatory: bool
    limit: int
    group: int = 0
    row: "Row | None" = None


@dataclass(frozen=True, slots=True)
class Row:
    """Places of one depth in their order; `places` finds them by tag, `required` are the mandatory ones."""

    nodes: tuple[Node, ...]
    places: dict[str, tuple[int, ...]] = field(repr=False)
    required: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MessageSpec:
    """A message type: its segments in order (UNH and UNT left out), and the dictionary they come from.

    `tags` counts the places of each segment tag in the whole message.
    """

    identifier: tuple[str, ...]
    row: Row
    tags: dict[str, int] = field(repr=False)
    segments: dict[str, SegmentSpec] = field(repr=False)


def find_message(identifier: tuple[str, ...]) -> MessageSpec | None:
    """Give the structure of a message type by type, version, release and agency; None where we have none."""
    return _load_message("-".join(identifier[:4])) if identifier[:4] in _known_messages() else None


def known_kinds() -> frozenset[str]:
    """Give the message types of which we know at least one release."""
    return frozenset(known[0] for known in _known_messages())


@cache
def service_segments(version: str) -> dict[str, SegmentSpec]:
    """Give UNB to UNZ as a syntax version defines them (4, or any other for 1 to 3)."""
    return load_directory("service4" if version == "4" else "service3")


@cache
def _known_messages() -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(path.stem.split("-")) for path in (_FOLDER / "messages").glob("*.txt"))


@cache
def load_directory(name: str) -> dict[str, SegmentSpec]:
    """Read one directory file: its segments by tag."""
    elements: dict[str, Element] = {}
    composites: dict[str, Field] = {}
    segments: dict[str, SegmentSpec] = {}
    for line in _lines(_FOLDER / f"{name}.txt"):
        number, rest = line.split(" ", 1)
        if number.isdigit():
            elements[number] = _read_element(number, rest)
        elif number[1:].isdigit():
            title, body = rest.split(": ")
            parts = tuple(Part(elements[part], must) for part, must, _ in _read_places(body))
            composites[number] = Field(number, title, False, parts, composite=True)
        else:
            title, body = rest.split(": ")
            places = _read_places(body)
            fields = tuple(_place_field(place, elements=elements, composites=composites) for place in places)
            segments[number] = SegmentSpec(number, title, fields)
    return segments


def _lines(path: Path) -> Iterator[str]:
    for line in path.read_text("ascii").splitlines():
        if line and not line.startswith("#"):
            yield line


_ELEMENT = re.compile(r"(an|a|n)(\.\.)?(\d+) ([^{]+)(?:\{(.+)\})?")


def _read_element(number: str, text: str) -> Element:
    match = _ELEMENT.fullmatch(text)
    if match is None:
        raise ValueError(f"element {number}: {text!r} does not follow the notation")
    kind, upto, longest, name, values = match.groups()
    shortest = 1 if upto else int(longest)
    return Element(number, name.strip(), kind, shortest, int(longest), frozenset((values or "").split()))


_PLACE = re.compile(r"(\w{4})(!?)(?:x(\d+))?(?:\*(\d+))?")


def _read_places(text: str) -> Iterator[tuple[str, bool, int]]:
    for word in text.split():
        match = _PLACE.fullmatch(word)
        if match is None:
            raise ValueError(f"place {word!r} does not follow the notation")
        number, must, times, repeats = match.groups()
        for _ in range(int(times or 1)):
            yield number, bool(must), int(repeats or 1)


def _place_field(place: tuple[str, bool, int], *, elements: dict[str, Element], composites: dict[str, Field]) -> Field:
    number, must, repeats = place
    if number in composites:
        known = composites[number]
        return Field(number, known.name, must, known.parts, composite=True, repeats=repeats)
    element = elements[number]
    return Field(number, element.name, must, (Part(element, must),), composite=False, repeats=repeats)


@cache
def _load_message(name: str) -> MessageSpec:
    first, *lines = _lines(_FOLDER / "messages" / f"{name}.txt")
    rows = deque(_read_line(line) for line in lines)
    tags = Counter(tag for _, tag, _ in rows)
    row, _ = _read_row(rows, depth=0, group=0)
    return MessageSpec(tuple(name.split("-")), row, dict(tags), load_directory(first.split()[1]))


def _read_line(line: str) -> tuple[int, str, str]:
    tag, status = line.split()
    return (len(line) - len(line.lstrip())) // 2, tag, status


def _read_row(rows: deque[tuple[int, str, str]], *, depth: int, group: int) -> tuple[Row, int]:
    """Take the lines of one depth and all below from the front of `rows`; number the groups in their order."""
    nodes: list[Node] = []
    while rows and rows[0][0] == depth:
        _, tag, status = rows.popleft()
        number, below = 0, None
        if rows and rows[0][0] > depth:
            number = group = group + 1
            below, group = _read_row(rows, depth=depth + 1, group=group)
        nodes.append(Node(tag, status[0] == "M", int(status[1:]), number, below))
    places: dict[str, tuple[int, ...]] = {}
    for index, node in enumerate(nodes):
        places[node.tag] = (*places.get(node.tag, ()), index)
    required = tuple(index for index, node in enumerate(nodes) if node.mandatory)
    return Row(tuple(nodes), places, required), group
