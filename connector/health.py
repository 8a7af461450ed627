"""Health: can requests be served, does work move, and figures for Prometheus, all from the rows."""

from collections.abc import Callable
from datetime import timedelta

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Min
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from core import vault
from core.clock import database_now
from core.errors import ConnectorError
from core.models import AlertMessage, Export, File, Heartbeat, Problem, Run
from core.outbox import DUE_STATES

OK = "ok"
METRICS_TYPE = CONTENT_TYPE_LATEST
TICK_MAY_BE_OLD = timedelta(seconds=180)
WORK_MAY_WAIT = timedelta(minutes=15)


def readiness() -> dict[str, str]:
    """Check what every request stands on; each answer is `ok` or a plain reason without secrets."""
    checks: dict[str, Callable[[], str]] = {
        "database": _database,
        "migrations": _migrations,
        "redis": _redis,
        "keys": _keys,
    }
    return {name: check() for name, check in checks.items()}


def _database() -> str:
    try:
        database_now()
    except DatabaseError:
        return "the database does not answer"
    return OK


def _migrations() -> str:
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "the database does not answer"
    return f"{len(missing)} migrations are missing: run manage.py migrate" if missing else OK


def _redis() -> str:
    try:
        redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2).ping()
    except redis.RedisError:
        return "Redis does not answer; work goes on with the next sweep after it is back"
    return OK


def _keys() -> str:
    try:
        vault.keyring()
    except ConnectorError as error:
        return error.sentence
    return OK


def pipeline() -> dict[str, str]:
    """Check that beat's tick reached a worker lately, and that no due file has waited long."""
    now = database_now()
    seen = Heartbeat.objects.filter(name="tick").values_list("seen_at", flat=True).first()
    oldest = File.objects.filter(state__in=DUE_STATES, next_attempt_at__lte=now).aggregate(at=Min("next_attempt_at"))[
        "at"
    ]
    late_tick = seen is None or now - seen > TICK_MAY_BE_OLD
    late_work = oldest is not None and now - oldest > WORK_MAY_WAIT
    return {
        "tick": "no tick reached a worker lately: is beat running, and a worker?" if late_tick else OK,
        "files": f"a file is due since {oldest:%Y-%m-%d %H:%M} UTC: does a worker run?" if late_work else OK,
    }


def metrics() -> bytes:
    """Give the figures in Prometheus' text format."""
    registry = CollectorRegistry()
    for name, text, rows in (
        ("mlc_exports", "Exports by state", Export.objects.values_list("state")),
        ("mlc_files", "Files by state", File.objects.values_list("state")),
        ("mlc_runs", "Runs by state", Run.objects.values_list("state")),
        ("mlc_problems", "Problems by state", Problem.objects.values_list("state")),
        ("mlc_alerts", "Alert messages by state", AlertMessage.objects.values_list("state")),
    ):
        gauge = Gauge(name, text, ["state"], registry=registry)
        for state, count in rows.annotate(count=Count("pk")):
            gauge.labels(state).set(count)
    return generate_latest(registry)
