"""Segments against the structure of their message: order, mandatory ones, repetitions, segment groups.

A segment belongs to the first place that fits, seen from where the message stands: the open group first, then
the groups around it (UN/EDIFACT message design rules: a structure must be readable in one pass).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from edi_app.acknowledgment import Fault, Level
from edi_app.edifact.directory import MessageSpec, Node, Row
from edi_app.edifact.place import show
from edi_app.edifact.segment import Segment

MOST_FAULTS = 999
"""Faults of one message that are looked for; CONTRL has room for no more (segment group 2)."""

_LOOK_AHEAD = 5

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


class _Walk:
    """Where a message stands in its structure."""

    def __init__(self, stack: list[_Frame]) -> None:
        self._stack = stack

    def copy(self) -> "_Walk":
        """Give another walk from the same place, to try something out."""
        return _Walk([replace(frame) for frame in self._stack])

    def search(self, tag: str) -> _Found:
        """Find where a segment fits, innermost group first."""
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

    def node(self, spot: Spot) -> Node:
        """Give the place itself."""
        depth, index = spot
        return self._stack[depth].row.nodes[index]

    def gaps(self, spot: Spot | None = None) -> Iterator[Node]:
        """Give the mandatory places left open on the way to a spot, or to the end of the message."""
        depth, index = spot or (0, len(self._stack[0].row.nodes))
        for frame in reversed(self._stack[depth + 1 :]):
            yield from frame.gaps(len(frame.row.nodes))
        yield from self._stack[depth].gaps(index)

    def move(self, spot: Spot) -> None:
        """Go to a spot; at the first segment of a group, into the group."""
        depth, index = spot
        del self._stack[depth + 1 :]
        frame = self._stack[depth]
        frame.count = frame.count + 1 if index == frame.index else 1
        frame.index = index
        row = frame.row.nodes[index].row
        if row:
            self._stack.append(_Frame(row))

    def cost(self, tags: Iterable[str]) -> int:
        """Count the faults that these segments would have from here on."""
        faults = 0
        for tag in tags:
            found = self.search(tag)
            spot = found.free or found.beyond or found.skipping
            if spot is None:
                faults += 1
                continue
            faults += 0 if found.free else 1 if found.beyond else len(list(self.gaps(spot)))
            self.move(spot)
        return faults


class _Matcher:
    def __init__(self, segments: Sequence[Segment], spec: MessageSpec) -> None:
        self._segments = segments
        self._spec = spec
        self._walk = _Walk([_Frame(spec.row)])
        self._faults: list[Fault] = []
        self._last: dict[str, int] = {}

    def run(self) -> list[Fault]:
        last = len(self._segments) - 1 if self._segments[-1].tag == "UNT" else len(self._segments)
        for index in range(1, last):
            self._place(index)
            if len(self._faults) >= MOST_FAULTS:
                return self._faults
        self._report_missing(self._walk.gaps(), after=last)
        return self._faults

    def _place(self, index: int) -> None:
        tag = self._segments[index].tag
        found = self._walk.search(tag) if tag in self._spec.tags else _Found()
        if found.free:
            self._walk.move(found.free)
        elif found.beyond:
            self._report_beyond(self._walk.node(found.beyond), index)
            self._walk.move(found.beyond)
        elif found.skipping and not self._is_intruder(index, found.skipping):
            self._report_missing(self._walk.gaps(found.skipping), after=index)
            self._walk.move(found.skipping)
        else:
            known = "does not stand here" if tag in self._spec.tags else "is not part of the message"
            self._report("15", f"{known} in {self._spec.identifier[0]}", index)

    def _is_intruder(self, index: int, spot: Spot) -> bool:
        """Decide between a segment in the wrong place and mandatory segments that are missing before it.

        A segment that comes once in a message type is where it is, and what comes once and follows later is not
        missing. Otherwise the reading with fewer faults in what follows is taken.
        """
        if self._spec.tags[self._segments[index].tag] == 1:
            return False
        missing = list(self._walk.gaps(spot))
        for node in missing:
            if self._spec.tags[node.tag] == 1:
                return self._last_places().get(node.tag, 0) > index
        following = [segment.tag for segment in self._segments[index + 1 : index + 1 + _LOOK_AHEAD]]
        without, skipping = self._walk.copy(), self._walk.copy()
        skipping.move(spot)
        return without.cost(following) + 1 < skipping.cost(following) + len(missing)

    def _last_places(self) -> dict[str, int]:
        if not self._last:
            self._last = {segment.tag: index for index, segment in enumerate(self._segments)}
        return self._last

    def _report_missing(self, nodes: Iterator[Node], *, after: int) -> None:
        """A missing segment is named by the last one before it, a missing group by its first segment."""
        before = show(self._segments[after - 1].tag)
        for node in nodes:
            what = f"Segment group {node.group} ({node.tag})" if node.group else f"Segment {node.tag}"
            sentence = f"{what} is missing after segment {after} ({before})."
            self._faults.append(Fault(Level.SEGMENT, "13", sentence, tag=node.tag, segment=after))

    def _report_beyond(self, node: Node, index: int) -> None:
        what = f"segment group {node.group} comes" if node.group else "comes"
        self._report("36" if node.group else "35", f"is one too many: {what} at most {node.limit} times", index)

    def _report(self, code: str, reason: str, index: int) -> None:
        tag = show(self._segments[index].tag)
        sentence = f"Segment {index + 1} ({tag}) {reason}."
        self._faults.append(Fault(Level.SEGMENT, code, sentence, tag=tag, segment=index + 1))
