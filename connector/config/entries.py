"""What is configured, as plain values with natural keys: from a file, from the database, and both together."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from core.errors import Finding
from edi_app.mapping.nearest import did_you_mean

UNKNOWN_NAME = "CONFIG_UNKNOWN_NAME"
CONFLICT = "CONFIG_CONFLICT"
Identity = tuple[str, str, str]


@dataclass(slots=True)
class Entry:
    """One configured thing. `path` is its place in the file, empty for what only the database has.

    `plain` holds its values in their one form; equal plains need no change. `document` is what an integration's
    files hold, once its format is known.
    """

    kind: str
    tenant: str
    name: str
    plain: dict[str, Any] = field(repr=False)
    path: str = ""
    document: str = ""

    @property
    def identity(self) -> Identity:
        """Its natural key: kind, tenant and name."""
        return self.kind, self.tenant, self.name

    def finding(self, key: str, reason: str, hint: str = "", code: str = CONFLICT) -> Finding:
        """Say what is wrong with one of its keys, or with all of it."""
        step = key if not key or key.startswith("[") else f".{key}"
        return Finding(f"{self.path}{step}", reason, hint, code)


@dataclass(slots=True)
class World:
    """Everything that will be configured once a file is applied: the file's entries over the stored ones.

    With `prune`, what the file leaves out of its tenants is gone from this world.
    """

    stored: dict[Identity, Entry]
    wanted: dict[Identity, Entry]
    prune: bool = False

    def find(self, kind: str, tenant: str, name: str) -> Entry | None:
        """Give one entry as it will be."""
        identity = (kind, tenant, name)
        return self.wanted.get(identity) or (None if self.prune else self.stored.get(identity))

    def all(self, kind: str, tenant: str) -> Iterator[Entry]:
        """Give a tenant's entries of a kind as they will be."""
        yield from (entry for entry in self.wanted.values() if (entry.kind, entry.tenant) == (kind, tenant))
        if not self.prune:
            left = (entry for key, entry in self.stored.items() if key not in self.wanted)
            yield from (entry for entry in left if (entry.kind, entry.tenant) == (kind, tenant))

    def before(self, entry: Entry) -> Entry | None:
        """Give an entry as it is stored now."""
        return self.stored.get(entry.identity)

    def gone(self) -> list[Entry]:
        """Name what is stored in the file's tenants and not in the file."""
        return [entry for key, entry in self.stored.items() if key not in self.wanted]

    def unknown(self, entry: Entry, key: str, kind: str, name: str) -> Finding:
        """Say that an entry names something that there is not, with the nearest name."""
        names = [other.name for other in self.all(kind, entry.tenant)]
        hint = did_you_mean(name, names) or f"Add it under {SECTIONS[kind]}."
        return entry.finding(key, f"There is no {WORDS[kind]} {name}.", hint, UNKNOWN_NAME)


SECTIONS = {
    "tenant": "tenants",
    "xero": "xero",
    "server": "servers",
    "partner": "partners",
    "lookup_table": "lookup_tables",
    "mapping": "mappings",
    "integration": "integrations",
    "alert_rule": "alerts",
}
"""The kinds in the order in which they are written, and the section of the file that holds each."""

WORDS = {
    "tenant": "tenant",
    "xero": "Xero connection",
    "server": "server",
    "partner": "partner",
    "lookup_table": "lookup table",
    "mapping": "mapping",
    "integration": "integration",
    "alert_rule": "alert rule",
}


def by_identity(entries: Iterable[Entry]) -> dict[Identity, Entry]:
    """Index entries by their natural key."""
    return {entry.identity: entry for entry in entries}
