"""What applying a file changes: created, changed, unchanged and removed entries, with the keys that differ."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from connector.config.entries import WORDS, Entry, World
from connector.config.kinds.kind import Unreadable
from core.secret import Secret

CREATED, CHANGED, UNCHANGED, REMOVED = "created", "changed", "unchanged", "removed"
MOST_KEYS = 40
"""So many keys that differ are named in one block of an entry."""
_LONGEST_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one entry. `keys` says of each key that differs what it was and becomes, in words; `notes`
    say what follows from it."""

    action: str
    entry: Entry
    keys: Mapping[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def blocks(self) -> frozenset[str]:
        """The entry's own keys that differ, without what is inside them."""
        return frozenset(key.partition(".")[0] for key in self.keys)

    def as_object(self) -> dict[str, Any]:
        """Give the change as `--json` prints it."""
        entry = self.entry
        return {
            "action": self.action,
            "kind": entry.kind,
            "tenant": entry.tenant,
            "name": entry.name,
            "keys": dict(self.keys),
            "notes": self.notes,
        }

    def lines(self) -> Iterator[str]:
        """Give the change as lines of text."""
        entry = self.entry
        where = entry.name if entry.kind == "tenant" else f"{entry.tenant}/{entry.name}"
        yield f"{self.action:<9} {WORDS[entry.kind]} {where}"
        for key, words in self.keys.items():
            yield f"          {key}: {words}"
        for note in self.notes:
            yield f"          {note}"


def changes_of(world: World) -> list[Change]:
    """Compare what is wanted with what is stored; with `prune`, the rest is removed."""
    found = [_compared(entry, world.before(entry)) for entry in world.wanted.values()]
    return found + ([Change(REMOVED, entry) for entry in reversed(world.gone())] if world.prune else [])


def _compared(entry: Entry, before: Entry | None) -> Change:
    if before is None:
        return Change(CREATED, entry)
    keys = _shortened(_differences(before.plain, entry.plain))
    return Change(CHANGED if keys else UNCHANGED, entry, keys)


def _shortened(differences: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Keep the first of each block: ten thousand rows of a table are one line, not ten thousand."""
    kept: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for key, words in differences:
        block = key.partition(".")[0]
        counts[block] += 1
        if counts[block] <= MOST_KEYS:
            kept[key] = words
    more = {block: count - MOST_KEYS for block, count in counts.items() if count > MOST_KEYS}
    return kept | {f"{block}.…": f"{count} more differ" for block, count in more.items()}


def _differences(old: Mapping[str, Any], new: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key in dict.fromkeys((*old, *new)):
        was, becomes = old.get(key), new.get(key)
        if was == becomes:
            continue
        if isinstance(was, dict) and isinstance(becomes, dict) and prefix.count(".") < 2:
            yield from _differences(was, becomes, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", _words(was, becomes)


def _words(was: Any, becomes: Any) -> str:
    if any(isinstance(value, (Secret, Unreadable)) for value in (was, becomes)):
        return "removed" if becomes is None else "changed"
    shown = [_shown(value) for value in (was, becomes)]
    return "changed" if None in shown else f"{shown[0]} → {shown[1]}"


def _shown(value: Any) -> str | None:
    if value in (None, "", [], {}):
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = ", ".join(value)
    if not isinstance(value, (str, int, date)):
        return None
    text = str(value)
    return text if len(text) <= _LONGEST_SHOWN and text.isprintable() else None
