"""System health for whoever runs the installation: versions, how quick the parts answer, signs of life, keys.

What takes a moment (asking the workers, opening every secret) is a part of its own that the page loads afterwards.
"""

import platform
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from typing import Any

import redis
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from connector import doctor, health
from connector.console import words
from connector.console.access import access_of
from connector.console.detail import Card
from connector.console.moments import relative
from connector.doctor import installation
from core.clock import database_now
from core.errors import ConnectorError
from core.models import Heartbeat
from core.vault import keyring

SLOW_MS = 100
LOOKS = {
    doctor.Standing.OK: words.Look("In order", "good", "check_circle"),
    doctor.Standing.WARN: words.Look("Look at this", "warn", "warning"),
    doctor.Standing.FAIL: words.Look("Stands in the way", "bad", "cancel"),
}
WORST_FIRST: list[str] = [doctor.Standing.FAIL, doctor.Standing.WARN, doctor.Standing.OK]
ALIVE = words.Look("Alive", "good", "check_circle")
LATE = words.Look("Not heard of lately", "bad", "alarm")
LIBRARIES = ("Django", "celery", "httpx", "paramiko", "cryptography")


def addresses(site: Any) -> list[URLPattern]:
    """Give the page's addresses."""
    views = {"system": system, "system_checks": system_checks}
    return [path(f"{name.replace('_', '/')}/", site.admin_view(partial(view, site)), name=name)
            for name, view in views.items()]  # fmt: skip


def _frame(site: Any, request: HttpRequest) -> dict[str, Any]:
    if not access_of(request).everything:
        raise PermissionDenied
    request.current_app = site.name
    return {**site.each_context(request), "title": "System"}


def system(site: Any, request: HttpRequest) -> HttpResponse:
    """Show what answers at once."""
    context = {**_frame(site, request), "cards": [life(), answers(), versions(), keys()]}
    return TemplateResponse(request, "console/system.html", context)


def system_checks(site: Any, request: HttpRequest) -> HttpResponse:
    """Show what the doctor finds; what is wrong comes first."""
    if not access_of(request).everything:
        raise PermissionDenied
    found = sorted(doctor.examine(), key=lambda check: WORST_FIRST.index(check.standing))
    checks = [(LOOKS[doctor.Standing(check.standing)], check) for check in found]
    return TemplateResponse(request, "console/parts/system_checks.html", {"checks": checks})


def life() -> Card:
    """Say when beat and a worker were last heard of, and what waits in the queues."""
    now = database_now()
    tick = Heartbeat.objects.filter(name="tick").first()
    late = tick is None or now - tick.seen_at > health.TICK_MAY_BE_OLD
    queues = installation.queue_lengths()
    waiting = ", ".join(f"{name} {count}" for name, count in queues.items()) if queues else "Redis does not answer"
    return Card(
        "Signs of life",
        [
            ("Beat, through a worker", words.chip(LATE if late else ALIVE)),
            ("Heard of", relative(tick.seen_at if tick else None, now, settings.TIME_ZONE)),
            ("Messages that wait", waiting),
        ],
    )


def answers() -> Card:
    """Time one small question to the database and to Redis."""
    parts = (("Database", database_now), ("Redis", _ping))
    return Card("How quick they answer", [(name, _timed(ask)) for name, ask in parts])


def _ping() -> Any:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2).ping()


def _timed(ask: Callable[[], Any]) -> Any:
    began = time.perf_counter()
    try:
        ask()
    except redis.RedisError:
        return words.chip(words.Look("No answer", "bad", "cancel"))
    took = (time.perf_counter() - began) * 1000
    look = words.Look(f"{took:.1f} ms", "good", "bolt") if took < SLOW_MS else words.Look(
        f"{took:.0f} ms, slow", "warn", "hourglass_top"
    )  # fmt: skip
    return words.chip(look)


def versions() -> Card:
    """Name what runs here, and how far the database's tables are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT version()" if connection.vendor == "postgresql" else "SELECT sqlite_version()")
        database = f"{connection.display_name} {_number(cursor.fetchone()[0])}"
    newest = MigrationRecorder.Migration.objects.filter(app="core").latest("pk").name
    libraries = [(name.capitalize(), version(name)) for name in LIBRARIES]
    return Card(
        "Versions",
        [("Python", platform.python_version()), ("Database", database), ("Newest migration", newest), *libraries],
    )


def _number(text: str) -> str:
    """Give the number of a version text: `PostgreSQL 15.14 (Debian …) on …`, or the number alone."""
    return next((word for word in text.split() if word[:1].isdigit()), text)


def keys() -> Card:
    """Name the key that seals new secrets; keys themselves are never shown."""
    try:
        ring = keyring()
    except ConnectorError as error:
        return Card("Keys", [("Key ring", error.sentence)])
    others = ", ".join(sorted(set(ring.keys) - {ring.active}))
    return Card("Keys", [("Seals new secrets", ring.active), ("Opens older ones, too", others or "none")])
