"""Guides: which segments a transaction set has, in which order, loop and number; loaded from data files.

A new set is a new file in `data/guides`, nothing else. The notation is explained in `810.yaml`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from edi_app.x12.dictionary import BASE, LATER, Dictionary, dictionary, load_data, release_for

UNLIMITED = 10**9


@dataclass(slots=True, eq=False)
class Node:
    """One segment's place in a guide. A node with `children` begins a loop; `most` counts its rounds."""

    tag: str
    least: int
    most: int
    children: list["Node"] = field(default_factory=list)
    path: str = ""
    """Tags from the outermost loop inwards: `N1/N3`; header segments have only their own tag."""


@dataclass(frozen=True, slots=True, eq=False)
class Guide:
    """One transaction set of one release."""

    code: str
    name: str
    functional_id: str
    release: str
    root: Node
    dictionary: Dictionary
    tags: frozenset[str]


def known_sets() -> frozenset[str]:
    """Name the transaction sets that there is a guide for."""
    return frozenset(
        item.name.removesuffix(".yaml")
        for item in files("edi_app.x12").joinpath("data", "guides").iterdir()
        if item.name.endswith(".yaml")
    )


def find_guide(code: str, version: str) -> Guide | None:
    """Give the guide of a set in the release that serves `version`; None when there is none, and for releases before
    004010, whose dates and many elements are others."""
    if code not in _known_sets() or _is_too_old(version):
        return None
    return _load(code, release_for(version))


def _is_too_old(version: str) -> bool:
    return version[:6].isdigit() and version[:6] < BASE


@cache
def _known_sets() -> frozenset[str]:
    return known_sets()


@cache
def _load(code: str, release: str) -> Guide:
    raw = load_data(f"guides/{code}.yaml")
    lines = list(_lines(raw["structure"], raw.get("parts", {}), release))
    root = _tree(lines)
    tags = frozenset(node.tag for node in walk(root))
    # A 999 says what it is by its suffix, but came only with the later dictionary.
    described = dictionary(LATER if code == "999" else release)
    return Guide(code, raw["name"], raw["functional_id"], release, root, described, tags)


def walk(node: Node) -> Iterator[Node]:
    """Give a node and everything under it."""
    yield node
    for child in node.children:
        yield from walk(child)


def _lines(text: str, parts: Mapping[str, str], release: str, depth: int = 0) -> Iterator[tuple[int, list[str]]]:
    hidden = UNLIMITED
    for line in text.splitlines():
        level = (len(line) - len(line.lstrip())) // 2 + depth
        words = line.split()
        if level > hidden:
            continue
        hidden = UNLIMITED
        if words[0].startswith("<"):
            yield from _lines(parts[words[0][1:-1]], parts, release, level)
        elif _is_valid(words, release):
            yield level, words
        else:
            hidden = level


def _is_valid(words: list[str], release: str) -> bool:
    match words[2:]:
        case ["from", first]:
            return release >= first
        case ["until", last]:
            return release <= last
    return True


def _tree(lines: list[tuple[int, list[str]]]) -> Node:
    stack: list[Node] = []
    for level, words in lines:
        least, most = words[1].split("/")
        node = Node(words[0], int(least), UNLIMITED if most == "*" else int(most))
        del stack[level:]
        if stack:
            stack[-1].children.append(node)
            node.path = "/".join([*(parent.tag for parent in stack[1:]), node.tag])
        else:
            node.path = node.tag
        stack.append(node)
    return stack[0]
