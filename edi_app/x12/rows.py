"""A mapping's rows: the base's segments with a partner's overrides, each knowing where it comes from."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from edi_app.mapping.spec import Origin
from edi_app.x12.guide import Node

_ELEMENT_PATH = re.compile(r"(?P<tag>[A-Z][A-Z0-9]{1,2})(?:\[(?P<label>[^\]/]{1,40})\])?(?P<place>\d\d)")
_SEGMENT_PATH = re.compile(r"(?P<tag>[A-Z][A-Z0-9]{1,2})(?:\[(?P<label>[^\]/]{1,40})\])?")


@dataclass(slots=True)
class ElementRow:
    """One element and its source. `where` is its place in the definition, for messages."""

    place: int
    source: str = ""
    transform: str = ""
    default: str = ""
    required: bool = False
    max: int = 0
    overflow: str = ""
    """`error` or `cut`; empty follows the element's class (ids are never cut)."""
    on_miss: str = "error"
    note: str = ""
    origin: Origin = Origin.INHERITED
    where: str = ""


@dataclass(slots=True)
class SegmentRow:
    """One segment of a set. `label` tells it from others of its tag and is its first element's constant."""

    tag: str
    label: str
    node: Node
    elements: dict[int, ElementRow] = field(default_factory=dict)
    each: str = ""
    bind: str = ""
    when: str = ""
    children: list["SegmentRow"] = field(default_factory=list)
    origin: Origin = Origin.INHERITED
    where: str = ""

    @property
    def key(self) -> str:
        """Name the row among its siblings: `N1[BT]`."""
        return f"{self.tag}[{self.label}]" if self.label else self.tag


@dataclass(frozen=True, slots=True)
class ElementPath:
    """A parsed path of an override: keys of the loops around, the segment's key, and the element's place
    (0 when the path names a segment)."""

    loops: tuple[tuple[str, str], ...]
    tag: str
    label: str
    place: int


def parse_path(text: str) -> ElementPath | None:
    """Read `BIG07`, `REF[DP]02`, `N1[BT]/N104`, `ITD` or `IT1/PID`; None when it is no path at all."""
    *outer, last = text.split("/")
    loops = []
    for part in outer:
        found = _SEGMENT_PATH.fullmatch(part)
        if found is None:
            return None
        loops.append((found["tag"], found["label"] or ""))
    element = _ELEMENT_PATH.fullmatch(last)
    if element is not None:
        return ElementPath(tuple(loops), element["tag"], element["label"] or "", int(element["place"]))
    segment = _SEGMENT_PATH.fullmatch(last)
    if segment is None:
        return None
    return ElementPath(tuple(loops), segment["tag"], segment["label"] or "", 0)


def walk_rows(rows: list[SegmentRow], outer: tuple[str, ...] = ()) -> Iterator[tuple[str, SegmentRow]]:
    """Give every row with its path: `BIG`, `N1[BT]`, `N1[BT]/N3`."""
    for row in rows:
        path = "/".join((*outer, row.key))
        yield path, row
        yield from walk_rows(row.children, (*outer, row.key))


def element_path(path: str, row: SegmentRow, place: int) -> str:
    """Name an element of a row: `BIG02`, `N1[BT]/N104`, `REF[ZZ]02`."""
    if row.node.children and row.label:
        return f"{path}/{row.tag}{place:02d}"
    return f"{path}{place:02d}"
