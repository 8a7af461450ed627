"""Xero's four limits: 5 at once, 60 a minute and 5000 a day for each app and tenant, 10000 a minute for an app.

Windows are fixed and begin at a moment of their own for each tenant.
"""

import math
import threading
from collections import Counter
from dataclasses import dataclass
from typing import Any

from xero_app.simulator.chance import Chance
from xero_app.simulator.clock import Clock
from xero_app.simulator.config import AppConfig, SimulatorConfig


@dataclass(frozen=True, slots=True)
class Window:
    """One counting window: its key, its length in seconds, how many calls it allows, its name in a 429."""

    key: str
    seconds: float
    allowed: int
    label: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the limiter says to one call: the headers to send, and for a 429 which limit was hit."""

    headers: dict[str, str]
    problem: str = ""


class Limits:
    """Counts calls and those in flight. Has its own lock, so that waiting calls do not hold up the store."""

    def __init__(self, *, config: SimulatorConfig, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._lock = threading.Lock()
        self._windows: dict[str, tuple[int, int]] = {}
        self._phases: dict[str, float] = {}
        self._in_flight: Counter[str] = Counter()
        self._peak: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()

    def enter(self, *, app: AppConfig, tenant_id: str) -> Verdict:
        """Admits a call or refuses it at once; an admitted one must `leave`."""
        with self._lock:
            key = f"{app.client_id}/{tenant_id}"
            windows = self._windows_for(app, key)
            problem, retry_after = self._hit(key, windows)
            if not problem or self._config.count_refused:
                self._count(windows)
            if problem:
                self._refused[problem] += 1
                headers = self._headers(windows) | {"X-Rate-Limit-Problem": problem}
                return Verdict(headers | ({"Retry-After": str(retry_after)} if retry_after else {}), problem)
            self._in_flight[key] += 1
            self._peak[key] = max(self._peak[key], self._in_flight[key])
            return Verdict(self._headers(windows))

    def leave(self, *, app: AppConfig, tenant_id: str) -> None:
        """Ends a call that was admitted."""
        with self._lock:
            self._in_flight[f"{app.client_id}/{tenant_id}"] -= 1

    def figures(self) -> dict[str, Any]:
        """Peak concurrency and refusals so far."""
        with self._lock:
            return {
                "peak_concurrency": max(self._peak.values(), default=0),
                "peak_by_tenant": dict(self._peak),
                "rate_limited": self._refused.total(),
                "rate_limited_by": dict(self._refused),
            }

    def reset_figures(self) -> None:
        """Starts counting again from nothing; the windows go on."""
        with self._lock:
            self._peak.clear()
            self._refused.clear()

    def app_headers(self, app: AppConfig) -> dict[str, str]:
        """The one limit header of answers that belong to no tenant."""
        with self._lock:
            headers = self._headers(self._windows_for(app, f"{app.client_id}/"))
        return {"X-AppMinLimit-Remaining": headers["X-AppMinLimit-Remaining"]}

    def use_up(self, *, app: AppConfig, tenant_id: str, label: str) -> None:
        """Counts a window as used up: `minute`, `day` or the app's, so that a test need not make the calls."""
        with self._lock:
            for window in self._windows_for(app, f"{app.client_id}/{tenant_id}"):
                if window.label == label:
                    self._windows[window.key] = (self._used(window)[0], window.allowed)

    def _count(self, windows: list[Window]) -> None:
        """Without limits nothing is used up, so that a client which learns from the headers is not slowed down."""
        for window in windows if self._config.limits else ():
            number, used = self._used(window)
            self._windows[window.key] = (number, used + 1)

    def _windows_for(self, app: AppConfig, key: str) -> list[Window]:
        config = self._config
        day = config.day_limit if app.day_limit is None else app.day_limit
        return [
            Window(f"{key}/day", config.day_seconds, day, "day"),
            Window(f"{key}/minute", config.minute_seconds, config.minute_limit, "minute"),
            Window(f"{app.client_id}/app", config.minute_seconds, config.app_minute_limit, config.app_minute_label),
        ]

    def _hit(self, key: str, windows: list[Window]) -> tuple[str, int]:
        if not self._config.limits:
            return "", 0
        if self._in_flight[key] >= self._config.concurrent_limit:
            return "concurrent", 0
        for window in windows:
            if self._used(window)[1] >= window.allowed:
                return window.label, self._seconds_left(window)
        return "", 0

    def _used(self, window: Window) -> tuple[int, int]:
        number = math.floor(self._position(window))
        known, used = self._windows.get(window.key, (number, 0))
        return (number, used) if known == number else (number, 0)

    def _position(self, window: Window) -> float:
        phase = self._phases.get(window.key)
        if phase is None:
            phase = self._phases[window.key] = Chance(f"{self._config.seed}/{window.key}").random()
        return self._clock.now().timestamp() / window.seconds + phase

    def _seconds_left(self, window: Window) -> int:
        return max(1, math.ceil((1 - self._position(window) % 1) * window.seconds))

    def _headers(self, windows: list[Window]) -> dict[str, str]:
        names = ("X-DayLimit-Remaining", "X-MinLimit-Remaining", "X-AppMinLimit-Remaining")
        return {
            name: str(max(0, window.allowed - self._used(window)[1]))
            for name, window in zip(names, windows, strict=True)
        }
