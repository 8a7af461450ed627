"""The installation: settings, database, clock, migrations, keys, Redis and its queues, workers."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import redis
from django.conf import settings
from django.core import checks as django_checks
from kombu.exceptions import OperationalError

from connector import health, key_rotation
from connector.celery import QUEUES, app
from connector.doctor.checks import Check, fail, ok, warn
from core.clock import database_now
from core.errors import ConnectorError
from core.vault import keyring

WARN_SECONDS, FAIL_SECONDS = 2, 30
MANY_MESSAGES = 1000
ANSWER_SECONDS = 1.5
PREFIX = "mlc:"


def settings_checks() -> Iterator[Check]:
    """Say what the start-up checks say, and what must not be so where partners get real files."""
    messages = django_checks.run_checks()
    for message in messages:
        if message.level >= django_checks.WARNING:
            say = fail if message.level >= django_checks.ERROR else warn
            yield say("settings", str(message.msg), str(message.hint or ""))
    if settings.DEBUG:
        yield warn("settings", "DEBUG is on: nobody is asked for a second factor.", "Turn it off in production.")
    if "*" in settings.ALLOWED_HOSTS:
        yield warn("settings", "ALLOWED_HOSTS takes any name.", "Name the hosts that people use.")
    if not messages:
        embedded = " The embedded database is used: this is for one machine." if settings.EMBEDDED else ""
        yield ok("settings", f"The start-up checks find nothing.{embedded}")


def clock_check(*, before: datetime, database: datetime, after: datetime) -> Check:
    """Compare the database's clock with this host's, read right before and behind it."""
    apart = max((before - database).total_seconds(), (database - after).total_seconds(), 0.0)
    sentence = f"This host's clock and the database's are {apart:.1f} seconds apart."
    step = "Set both by NTP: leases and due times follow the database, signatures and tokens this host."
    if apart > FAIL_SECONDS:
        return fail("clock", sentence, step)
    return warn("clock", sentence, step) if apart > WARN_SECONDS else ok("clock", sentence)


def read_clocks() -> Check:
    """Read both clocks and compare them."""
    before = datetime.now(UTC)
    database = database_now()
    return clock_check(before=before, database=database, after=datetime.now(UTC))


def readiness_checks() -> Iterator[Check]:
    """Say what the readiness address says: database, migrations, Redis, keys."""
    for name, answer in health.readiness().items():
        yield ok(name, f"{name.capitalize()}: in order.") if answer == health.OK else fail(name, _sentence(answer))


def _sentence(answer: str) -> str:
    text = answer[:1].upper() + answer[1:]
    return text if text.endswith(".") else f"{text}."


def key_checks() -> Iterator[Check]:
    """Say whether every stored secret can be opened, and which are still under an old key."""
    try:
        ring = keyring()
    except ConnectorError:
        return  # said by readiness already
    for key, count in sorted(key_rotation.counts().items()):
        if key == key_rotation.BROKEN:
            yield fail("keys", f"{count} secrets are damaged.", "Enter them again.")
        elif key not in ring.keys:
            yield fail("keys", f"{count} secrets are under the key {key}, which is not configured.", "Put it back.")
        elif key != ring.active:
            yield warn("keys", f"{count} secrets are still under the key {key}.", "Run manage.py rotate_keys.")


def queue_checks() -> Iterator[Check]:
    """Say how many messages wait, by queue; silent when Redis does not answer, which is said elsewhere."""
    waiting = queue_lengths()
    if waiting is None:
        return
    full = {name: count for name, count in waiting.items() if count > MANY_MESSAGES}
    for name, count in full.items():
        yield warn("queues", f"{count} messages wait in the queue {name}.", "Start more workers for it.")
    if not full:
        yield ok("queues", ", ".join(f"{name} {count}" for name, count in waiting.items()) + " messages wait.")


def queue_lengths() -> dict[str, int] | None:
    """Count the messages that wait, by queue; None when Redis does not answer."""
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as client:
            return {name: _length(client, name) for name in QUEUES}
    except redis.RedisError:
        return None


def _length(client: Any, name: str) -> int:
    return int(client.llen(f"{PREFIX}{name}"))


def read_workers() -> dict[str, Sequence[Mapping[str, Any]]] | None:
    """Ask the workers which queues they take; None when no one answers in time."""
    try:
        found: dict[str, Any] | None = app.control.inspect(timeout=ANSWER_SECONDS).active_queues()
    except (OperationalError, redis.RedisError, OSError):
        return None
    return found


def worker_check(answers: Mapping[str, Sequence[Mapping[str, Any]]] | None) -> Check:
    """Say whether workers answer, and whether every queue has one."""
    if not answers:
        return fail("workers", "No worker answers.", "Start one: celery -A connector worker.")
    taken = {str(queue["name"]) for queues in answers.values() for queue in queues}
    missing = [name for name in QUEUES if name not in taken]
    if missing:
        return fail("workers", f"No worker takes the queue {', '.join(missing)}.", "Start one with -Q for it.")
    return ok("workers", f"{len(answers)} workers answer: {', '.join(sorted(answers))}.")
