"""What the simulator saw: calls by path and status, the most at once, refreshes, violations."""

import threading
from collections import Counter
from typing import Any

from xero_app.simulator.limits import Limits
from xero_app.simulator.tokens import TokenDesk


class Counters:
    """Figures for tests and `/_sim/stats`, and the list of things that a read-only client must never do."""

    def __init__(self, *, limits: Limits, desk: TokenDesk) -> None:
        self._limits = limits
        self._desk = desk
        self._lock = threading.Lock()
        self._calls: Counter[str] = Counter()
        self._statuses: Counter[str] = Counter()
        self._bytes = 0
        self.violations: list[dict[str, str]] = []

    def note(self, *, method: str, path: str, status: int, size: int) -> None:
        """Counts one answered call."""
        with self._lock:
            self._calls[f"{method} {_stem(path)}"] += 1
            self._statuses[str(status)] += 1
            self._bytes += size

    def violate(self, *, kind: str, method: str, path: str) -> None:
        """Notes a call that a read-only, well-behaved client never makes."""
        with self._lock:
            self.violations.append({"kind": kind, "method": method, "path": path})

    def figures(self) -> dict[str, Any]:
        """All figures as plain values."""
        with self._lock:
            calls, statuses = dict(self._calls), dict(self._statuses)
            accounting = sum(count for name, count in calls.items() if "/api.xro/" in name)
            return {
                "calls": calls,
                "accounting_calls": accounting,
                "statuses": statuses,
                "bytes": self._bytes,
                **self._limits.figures(),
                "refreshes": self._desk.counts["refresh"],
                "token_calls": dict(self._desk.counts),
                "violations": len(self.violations),
            }

    def reset(self) -> None:
        """Starts counting again from nothing."""
        with self._lock:
            self._calls.clear()
            self._statuses.clear()
            self._bytes = 0
            self.violations.clear()
        self._limits.reset_figures()
        self._desk.counts.clear()


def _stem(path: str) -> str:
    """The path without ids, so that single reads of one endpoint count together."""
    parts = path.split("/")
    if path.startswith("/api.xro/") and len(parts) > 4:
        return "/".join([*parts[:4], "{id}"])
    return path if len(parts) < 3 or not path.startswith("/connections/") else "/connections/{id}"
