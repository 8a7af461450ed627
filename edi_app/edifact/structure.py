"""Segments against the structure of their message: order, mandatory ones, repetitions, segment groups.

A segment belongs to the first place that fits, seen from where the message stands: the open group first, then
the groups around it (UN/EDIFACT message design rules: a structure must be readable in one pass).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from edi_app.acknowledgment import Fault, Level
from edi_app.edifact.directory import MessageSpec, Node, Row
from edi_app.edifact.segment import Segment

MOST_FAULTS = 999
"""Faults of one message that are looked for; CONTRL has room for no more (segment group 2)."""

_LOOK_AHEAD = 100

Spot = tuple[int, int]
"""A depth of the open groups, and an index in the row there."""


@dataclass(slots=True)
class _Frame:
    """An open row: where in it the message stands, and how often that place was taken."""

    row: Row
    index: int = 0
    count: int = 0

    def gaps(self, end: int) -> Iterator[Node]:
        """Give the mandatory places before `end` that nothing was found for."""
        for index in self.row.required:
            if index >= end:
                return
            if index > self.index or (index == self.index and not self.count):
                yield self.row.nodes[index]

    def has_gap(self, end: int) -> bool:
        """Say whether a mandatory place before `end` is still open."""
        return any(True for _ in self.gaps(end))


@dataclass(slots=True)
class _Found:
    """Where a tag fits: free, only beyond its limit, or only when mandatory segments are left out."""

    free: Spot | None = None
    beyond: Spot | None = None
    skipping: Spot | None = None


def check_structure(segments: Sequence[Segment], *, spec: MessageSpec) -> list[Fault]:
    """Find what is missing, misplaced or repeated too often between UNH and UNT.

    `segments` is the whole message from UNH on, so that positions count UNH as 1.
    """
    return _Matcher(segments, spec).run()


class _Matcher:
    def __init__(self, segments: Sequence[Segment], spec: MessageSpec) -> None:
        self._segments = segments
        self._spec = spec
        self._stack = [_Frame(spec.row)]
        self._faults: list[Fault] = []
        self._last: dict[str, int] = {}

    def run(self) -> list[Fault]:
        last = len(self._segments) - 1 if self._segments[-1].tag == "UNT" else len(self._segments)
        for index in range(1, last):
            self._place(index)
            if len(self._faults) >= MOST_FAULTS:
                return self._faults
        for frame in reversed(self._stack):
            self._report_missing(frame.gaps(len(frame.row.nodes)), after=last)
        return self._faults

    def _place(self, index: int) -> None:
        tag = self._segments[index].tag
        found = self._search(tag) if tag in self._spec.tags else _Found()
        if found.free:
            self._move(found.free, position=index)
        elif found.beyond:
            self._report_beyond(found.beyond, index)
            self._move(found.beyond, position=index)
        elif found.skipping and not self._is_intruder(index, found.skipping):
            self._move(found.skipping, position=index)
        else:
            kind = self._spec.identifier[0]
            known = "does not stand here" if tag in self._spec.tags else "is not part of the message"
            self._report("15", f"{known} in {kind}", index)

    def _search(self, tag: str) -> _Found:
        found = _Found()
        open_below = False
        for depth in range(len(self._stack) - 1, -1, -1):
            frame = self._stack[depth]
            for index in frame.row.places.get(tag, ()):
                if index < frame.index:
                    continue
                if index == frame.index and frame.count >= frame.row.nodes[index].limit:
                    found.beyond = found.beyond or (depth, index)
                    continue
                if not (open_below or frame.has_gap(index)):
                    found.free = (depth, index)
                    return found
                found.skipping = found.skipping or (depth, index)
            open_below = open_below or frame.has_gap(len(frame.row.nodes))
        return found

    def _is_intruder(self, index: int, spot: Spot) -> bool:
        """Decide between a segment in the wrong place and mandatory segments that are missing before it.

        It is out of place when what would be missing comes later, or when what follows fits without it.
        """
        tag = self._segments[index].tag
        if self._spec.tags[tag] == 1:
            return False
        for node in self._gaps(spot):
            if self._spec.tags[node.tag] == 1 and self._last_places().get(node.tag, 0) > index:
                return True
        later = (segment.tag for segment in self._segments[index + 1 : index + _LOOK_AHEAD])
        following = next((other for other in later if other != tag), "UNT")
        return following in self._spec.tags and self._search(following).free is not None

    def _last_places(self) -> dict[str, int]:
        if not self._last:
            self._last = {segment.tag: index for index, segment in enumerate(self._segments)}
        return self._last

    def _gaps(self, spot: Spot) -> Iterator[Node]:
        depth, index = spot
        for frame in reversed(self._stack[depth + 1 :]):
            yield from frame.gaps(len(frame.row.nodes))
        yield from self._stack[depth].gaps(index)

    def _move(self, spot: Spot, *, position: int) -> None:
        depth, index = spot
        self._report_missing(self._gaps(spot), after=position)
        del self._stack[depth + 1 :]
        frame = self._stack[depth]
        frame.count = frame.count + 1 if index == frame.index else 1
        frame.index = index
        row = frame.row.nodes[index].row
        if row:
            self._stack.append(_Frame(row))

    def _report_missing(self, nodes: Iterator[Node], *, after: int) -> None:
        """A missing segment is named by the last one before it, a missing group by its first segment."""
        for node in nodes:
            before = self._segments[after - 1].tag
            what = f"Segment group {node.group} ({node.tag})" if node.group else f"Segment {node.tag}"
            sentence = f"{what} is missing after segment {after} ({before})."
            self._faults.append(Fault(Level.SEGMENT, "13", sentence, tag=node.tag, segment=after))

    def _report_beyond(self, spot: Spot, index: int) -> None:
        depth, place = spot
        node = self._stack[depth].row.nodes[place]
        what = f"segment group {node.group}" if node.group else "it"
        self._report("36" if node.group else "35", f"comes too often: {what} is allowed {node.limit} times", index)

    def _report(self, code: str, reason: str, index: int) -> None:
        tag = self._segments[index].tag
        sentence = f"Segment {index + 1} ({tag}) {reason}."
        self._faults.append(Fault(Level.SEGMENT, code, sentence, tag=tag, segment=index + 1))
