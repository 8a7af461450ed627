"""Xero's limits, shared by all workers through Redis: 5 calls in flight, 60 a minute, the app's minute, the day.

The minute slides and a call counts from its answer on, the latest moment that it can have reached Xero; so
whatever window Xero counts in, no more than 60 fall into it. Xero's own figures in each answer correct ours.
Redis lost means that a whole minute counts as used; the day's figure is in the database (`CallCount`).
Source: Xero's page "API limits".
"""

import random
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import redis
from django.conf import settings
from django.db.models import F

from core.clock import database_now
from core.models import CallCount, Organisation
from xero_app import limit_scripts
from xero_app.errors import XeroLimiterDown, XeroRateLimited

_HOUR_MS = 3_600_000
_DAY_SECONDS = 86_400
_CODES = {"day": "XERO_RATE_DAY", "concurrent": "XERO_RATE_CONCURRENT"}


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one organisation. Times in milliseconds. `workers` leaves a call in flight to people.

    `lease_ms` is longer than any call can take, so that a killed worker's slot comes back by itself.
    """

    day: int
    in_flight: int = 5
    workers: int = 4
    window: int = 60
    window_ms: int = 60_000
    app_window: int = 10_000
    lease_ms: int = 160_000
    reserve: float = 0.05
    """Share of the day that is kept for webhooks, replay and people."""
    patience_ms: int = 2_500
    """How long a waiting caller keeps its place without asking again: it may have been killed."""
    prefix: str = "mlc:xero"


def limits_of(organisation: Organisation) -> Limits:
    """Give the limits that Xero sets for an organisation; the day's depends on the app's tier."""
    return Limits(day=organisation.day_limit or settings.XERO_DAY_LIMIT)


@cache
def _redis(url: str) -> "redis.Redis":
    return redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5)


class Slot:
    """The right to one call, from `Limiter.slot`."""

    def __init__(self, limiter: "Limiter", member: str) -> None:
        self._limiter = limiter
        self._member = member
        self._is_answered = False

    def answered(self, headers: Mapping[str, str]) -> None:
        """Note that Xero has answered, and what it says is left."""
        self._is_answered = True
        limits = self._limiter.limits
        left = [
            _figure(headers, name)
            for name in ("X-MinLimit-Remaining", "X-AppMinLimit-Remaining", "X-DayLimit-Remaining")
        ]
        with suppress(redis.RedisError):
            self._limiter.run(
                limit_scripts.ANSWERED,
                self._member, limits.window, limits.window_ms, limits.app_window, *left, _HOUR_MS,
            )  # fmt: skip

    def release(self) -> None:
        """Give the slot back; if Redis is away it comes back with its lease. Without an answer the call counts."""
        if not self._is_answered:
            self.answered({})
        self._limiter.leave(self._member)


def _figure(headers: Mapping[str, str], name: str) -> str:
    text = headers.get(name, "").strip()
    return text if text.isascii() and text.isdigit() and len(text) < 9 else ""


class Limiter:
    """Hands out the right to call Xero for one organisation; any number of threads and processes share it."""

    def __init__(self, organisation: Organisation, *, limits: Limits | None = None) -> None:
        self.limits = limits or limits_of(organisation)
        self._organisation = organisation
        app = organisation.grant.client_id or settings.XERO_CLIENT_ID
        own = f"{self.limits.prefix}:{organisation.pk}"
        self._keys = [
            f"{self.limits.prefix}:app:{app}:{name}" if name.startswith("app_") else f"{own}:{name}"
            for name in limit_scripts.KEYS
        ]

    def run(self, script: str, *arguments: Any) -> Any:
        """Run one of the limiter's scripts on this organisation's keys."""
        return _redis(settings.REDIS_URL).register_script(script)(keys=self._keys, args=arguments)

    @contextmanager
    def slot(self, *, interactive: bool = False, urgent: bool = False, max_wait: float = 30.0) -> Iterator[Slot]:
        """Wait for the right to one call, `max_wait` seconds at most.

        `interactive` is for a person who waits: served first. `urgent` work may use the day's reserve too.

        Raises `XeroRateLimited` with the seconds to wait when it would be longer, `XeroLimiterDown` without Redis.
        """
        reserve = 0 if interactive or urgent else int(self.limits.day * self.limits.reserve)
        slot = Slot(self, self._acquire(interactive=interactive, reserve=reserve, max_wait=max_wait))
        try:
            yield slot
        finally:
            slot.release()

    def _acquire(self, *, interactive: bool, reserve: int, max_wait: float) -> str:
        member = uuid.uuid4().hex
        deadline = time.monotonic() + max_wait
        while True:
            reason, wait_ms, now_ms = self._ask(member, interactive=interactive, reserve=reserve)
            if reason == "go":
                self._count(datetime.fromtimestamp(now_ms / 1000, UTC))
                return member
            if reason == "unknown":
                self._introduce()
                continue
            if time.monotonic() + wait_ms / 1000 > deadline:
                self.leave(member)
                raise _limited(reason, wait_ms)
            # Whoever waits is heard from often enough to keep the place.
            most = self.limits.patience_ms * 0.4
            time.sleep(min(wait_ms, most) / 1000 + random.uniform(0, 0.01))  # noqa: S311 (no secret)

    def leave(self, member: str) -> None:
        """Give back a slot or a place among those who wait; without Redis both end with their time."""
        with suppress(redis.RedisError):
            self.run(limit_scripts.LEAVE, member)

    def _ask(self, member: str, *, interactive: bool, reserve: int) -> tuple[str, int, int]:
        limits = self.limits
        try:
            reason, wait, now = self.run(
                limit_scripts.ACQUIRE,
                member, int(interactive), limits.in_flight, limits.workers, limits.window, limits.window_ms,
                limits.lease_ms, limits.app_window, reserve, limits.patience_ms,
            )  # fmt: skip
        except redis.RedisError as error:
            raise XeroLimiterDown("Redis, which counts our calls to Xero, does not answer.", retry_after=10) from error
        return reason.decode(), wait, now

    def _introduce(self) -> None:
        now = database_now()
        counts = dict(
            CallCount.objects.filter(
                organisation=self._organisation, day__gte=now.date() - timedelta(days=1)
            ).values_list("day", "calls")
        )
        today = counts.get(now.date(), 0)
        just_before = counts.get((now - timedelta(minutes=2)).date(), 0)
        midnight_ms = 86_400_000 - int(now.timestamp() * 1000) % 86_400_000
        left = max(0, self.limits.day - today)
        used = int(today + just_before > 0)
        try:
            self.run(limit_scripts.INTRODUCE, self.limits.window_ms, left, max(1, min(_HOUR_MS, midnight_ms)), used)
        except redis.RedisError as error:
            raise XeroLimiterDown("Redis, which counts our calls to Xero, does not answer.", retry_after=10) from error

    def _count(self, now: datetime) -> None:
        rows = CallCount.objects.filter(organisation=self._organisation, day=now.date())
        if not rows.update(calls=F("calls") + 1):
            fresh = CallCount(organisation=self._organisation, day=now.date())
            CallCount.objects.bulk_create([fresh], ignore_conflicts=True)
            rows.update(calls=F("calls") + 1)

    def refused(self, headers: Mapping[str, str]) -> None:
        """Block the organisation (or the app) as a 429 says; without a time, for longer with each refusal."""
        kind = headers.get("X-Rate-Limit-Problem", "").lower()
        reason = next((name for name in ("concurrent", "day") if name in kind), "minute")
        seconds = _figure(headers, "Retry-After") or ("" if reason == "concurrent" else "60")
        wait_ms = min(int(seconds), _DAY_SECONDS) * 1000 + random.randint(0, 500) if seconds else 0  # noqa: S311 (no secret)
        with suppress(redis.RedisError):
            self.run(limit_scripts.REFUSED, reason, wait_ms, random.random(), int("app" in kind))  # noqa: S311


def _limited(reason: str, wait_ms: int) -> XeroRateLimited:
    seconds = max(1.0, wait_ms / 1000)
    texts = {
        "day": "The calls to Xero of this day are used up, but for a reserve.",
        "concurrent": "All calls to Xero that may run at once are under way.",
    }
    sentence = texts.get(reason, "Xero asked us to slow down.")
    return XeroRateLimited(
        f"{sentence} We go on in {seconds:.0f} seconds.",
        retry_after=seconds,
        code=_CODES.get(reason, "XERO_RATE_MINUTE"),
    )
