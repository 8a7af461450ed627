"""What a simulated server has seen, for whoever wants to prove what was sent and what was not."""

import threading
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: `connection`, `sign-in`, `file`, `rename`, `remove` or `fault`, and its text. Never a secret."""

    kind: str
    text: str


@dataclass(eq=False, slots=True)
class Journal:
    """The lines in order. Safe across threads."""

    entries: list[Entry] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, text: str) -> None:
        """Add a line."""
        with self._lock:
            self.entries.append(Entry(kind, text))

    def texts(self, kind: str) -> list[str]:
        """Give the texts of one kind."""
        with self._lock:
            return [entry.text for entry in self.entries if entry.kind == kind]
