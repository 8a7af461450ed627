"""Checks the order of a set's segments against its guide: loops, repeats, mandatory ones, wrong places.

Only tags matter here, so the answer for a sequence of tags is computed once and remembered.
"""

from dataclasses import dataclass
from functools import lru_cache

from edi_app.acknowledgment import Fault, Level
from edi_app.x12.guide import Guide, Node

UNRECOGNIZED, MISSING, LOOP_OVER, OVER_USE, NOT_IN_SET, OUT_OF_ORDER = "1", "3", "4", "5", "6", "7"
_REMEMBERED = 200


@dataclass(frozen=True, slots=True)
class Placement:
    """Where each segment belongs (its node's path; empty where it could not be placed), and the faults."""

    paths: tuple[str, ...]
    faults: tuple[Fault, ...]


def place_segments(guide: Guide, tags: tuple[str, ...]) -> Placement:
    """Place a set's segments, ST first. Codes are those of AK304 (X12 element 720).

    A missing segment is reported at the position of the segment that stands in its place.
    """
    return _remembered(guide, tags) if len(tags) <= _REMEMBERED else _Walk(guide).run(tags)


@lru_cache(maxsize=2048)
def _remembered(guide: Guide, tags: tuple[str, ...]) -> Placement:
    return _Walk(guide).run(tags)


@dataclass(slots=True)
class _Frame:
    """One open loop: where in its children the walk stands, and how often that child has come."""

    node: Node
    index: int = 0
    count: int = 0


class _Walk:
    def __init__(self, guide: Guide) -> None:
        self._guide = guide
        self._stack = [_Frame(guide.root)]
        self._faults: list[Fault] = []
        self._position = 1
        self._last: dict[str, int] = {}

    def run(self, tags: tuple[str, ...]) -> Placement:
        self._last = {tag: position for position, tag in enumerate(tags, start=1)}
        paths = [self._guide.root.tag]
        for position, tag in enumerate(tags[1:], start=2):
            self._position = position
            paths.append(self._place(tag))
        self._position = len(tags) + 1
        for level in range(len(self._stack) - 1, -1, -1):
            self._require_rest(self._stack[level])
        # What comes later in the wrong place is not missing as well.
        late = {fault.tag for fault in self._faults if fault.code == OUT_OF_ORDER}
        faults = [fault for fault in self._faults if fault.code != MISSING or fault.tag not in late]
        return Placement(tuple(paths), tuple(faults))

    def _place(self, tag: str) -> str:
        found = self._choose(tag) or self._enter_unbegun(tag)
        if found is None:
            self._misplaced(tag)
            return ""
        level, index = found
        for frame in reversed(self._stack[level + 1 :]):
            self._require_rest(frame)
        del self._stack[level + 1 :]
        return self._step(self._stack[level], index)

    def _choose(self, tag: str) -> tuple[int, int] | None:
        """Find the nearest place with room. Where the way there passes over something mandatory, a full place is
        better, and none at all when what is passed over still comes later: then this tag is out of order."""
        nearest = self._find(tag, with_room=False)
        roomy = self._find(tag, with_room=True)
        if roomy is None:
            return nearest
        passed = self._passed(*roomy)
        if not passed:
            return roomy
        if roomy != nearest:
            return nearest
        return None if any(self._last.get(item, 0) > self._position for item in passed) else roomy

    def _passed(self, level: int, index: int) -> list[str]:
        """Name the mandatory segments that would be missing if the next one were placed there."""
        frame = self._stack[level]
        passed = [(frame, range(frame.index + 1, index))]
        passed += [(inner, range(inner.index + 1, len(inner.node.children))) for inner in self._stack[level + 1 :]]
        return [
            inner.node.children[at].tag
            for inner, places in passed
            for at in places
            if inner.node.children[at].least and inner.node is self._guide.root
        ]

    def _enter_unbegun(self, tag: str) -> tuple[int, int] | None:
        """Begin a mandatory loop whose first segment is missing when one of its other segments comes."""
        for level in range(len(self._stack) - 1, -1, -1):
            frame = self._stack[level]
            for index in range(frame.index + 1, len(frame.node.children)):
                node = frame.node.children[index]
                comes_later = self._last.get(node.tag, 0) > self._position
                if node.least and not comes_later and any(child.tag == tag for child in node.children):
                    self._fault(MISSING, f"The mandatory segment {node.tag} is missing.", node.tag)
                    del self._stack[level + 1 :]
                    frame.index, frame.count = index, 1
                    self._stack.append(_Frame(node))
                    return self._find(tag, with_room=False)
        return None

    def _find(self, tag: str, *, with_room: bool) -> tuple[int, int] | None:
        for level in range(len(self._stack) - 1, -1, -1):
            frame = self._stack[level]
            children = frame.node.children
            for index in range(frame.index, len(children)):
                if children[index].tag != tag:
                    continue
                if not with_room or index > frame.index or frame.count < children[index].most:
                    return level, index
        return None

    def _step(self, frame: _Frame, index: int) -> str:
        node = frame.node.children[index]
        if index > frame.index:
            self._require(frame, index)
            frame.index, frame.count = index, 0
        frame.count += 1
        if frame.count > node.most:
            code, what = (LOOP_OVER, "loop") if node.children else (OVER_USE, "segment")
            self._fault(code, f"The {what} {node.tag} occurs more than {node.most} times here.", node.tag)
        if node.children:
            self._stack.append(_Frame(node))
        return node.path

    def _require(self, frame: _Frame, until: int) -> None:
        for at in range(frame.index, until):
            node = frame.node.children[at]
            if node.least > (frame.count if at == frame.index else 0):
                where = f" in its {frame.node.tag} loop" if frame.node is not self._guide.root else ""
                self._fault(MISSING, f"The mandatory segment {node.tag} is missing{where}.", node.tag)

    def _require_rest(self, frame: _Frame) -> None:
        self._require(frame, len(frame.node.children))

    def _misplaced(self, tag: str) -> None:
        name = self._guide.name.lower()
        if tag in self._guide.tags:
            self._fault(OUT_OF_ORDER, f"Segment {tag} is not allowed at this place.", tag)
        elif self._guide.dictionary.knows(tag):
            self._fault(NOT_IN_SET, f"Segment {tag} does not belong to a {self._guide.code} ({name}).", tag)
        else:
            self._fault(UNRECOGNIZED, f"There is no segment {tag[:20]!r}.", tag)

    def _fault(self, code: str, sentence: str, tag: str) -> None:
        self._faults.append(Fault(Level.SEGMENT, code, sentence, tag, self._position))
