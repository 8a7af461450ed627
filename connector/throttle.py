"""A limit on how many requests one process takes in a second: a bucket that fills as time goes on.

It needs no Redis, so that a flood is turned away however the rest is doing. Every process has its own.
"""

import threading
import time


class Throttle:
    """Lets `per_second` requests through in a second, and as many at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left = 0.0
        self._filled_at = float("-inf")

    def admits(self, per_second: float) -> bool:
        """Say whether one more request may pass now."""
        with self._lock:
            now = time.monotonic()
            self._left = min(per_second, self._left + (now - self._filled_at) * per_second)
            self._filled_at = now
            if self._left < 1:
                return False
            self._left -= 1
            return True
