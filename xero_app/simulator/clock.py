"""Virtual time: runs with the machine's clock, can be moved ahead, and can stand still for repeatable answers."""

import threading
import time
from datetime import UTC, datetime, timedelta


class Clock:
    """The simulator's only source of time, in UTC."""

    def __init__(self, *, starts_at: datetime, frozen: bool) -> None:
        self._lock = threading.Lock()
        self._frozen = frozen
        self._base = starts_at
        self._started = time.monotonic()

    def now(self) -> datetime:
        """The simulator's present moment, with microseconds."""
        with self._lock:
            return self._base + self._running()

    def now_ms(self) -> int:
        """The present moment in milliseconds since 1970, as Xero's dates count."""
        return int(self.now().timestamp() * 1000)

    def advance(self, *, seconds: float) -> datetime:
        """Moves time ahead and returns the new present; a negative step is refused with ValueError."""
        if seconds < 0:
            msg = "Virtual time only moves ahead."
            raise ValueError(msg)
        with self._lock:
            self._base += timedelta(seconds=seconds)
        return self.now()

    def _running(self) -> timedelta:
        return timedelta() if self._frozen else timedelta(seconds=time.monotonic() - self._started)


def start_of(*, seeded_until: datetime, frozen: bool) -> datetime:
    """Where virtual time begins: frozen at the end of the seed data, else the real present, never before it."""
    if frozen:
        return seeded_until
    return max(datetime.now(UTC), seeded_until)
