"""The bell of the webhook endpoint: rings for news from a thread of its own, once for many messages.

Xero wants its answer within seconds; a broker that hangs must not hold that up. What is never rung for, the sweep
finds.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

GATHERS_SECONDS = 0.1
"""Messages that come within this time are rung for together."""
IDLE_SECONDS = 30.0
"""The thread ends when nothing came for so long; the next message starts another."""


class Bell:
    """Gathers names and calls `ring` for each, in a thread that lives as long as there is something to do."""

    def __init__(self, ring: Callable[[Any], None]) -> None:
        self._ring = ring
        self._lock = threading.Lock()
        self._waiting: set[Any] = set()
        self._came = threading.Event()
        self._is_running = False

    def ring_soon(self, name: Any) -> None:
        """Ring for this name within a moment; never waits."""
        with self._lock:
            self._waiting.add(name)
            self._came.set()
            if not self._is_running:
                self._is_running = True
                threading.Thread(target=self._work, name="bell", daemon=True).start()

    def _work(self) -> None:
        while self._wait():
            time.sleep(GATHERS_SECONDS)
            with self._lock:
                names, self._waiting = self._waiting, set()
                self._came.clear()
            for name in names:
                self._ring(name)

    def _wait(self) -> bool:
        self._came.wait(IDLE_SECONDS)
        with self._lock:
            self._is_running = bool(self._waiting)
            return self._is_running
