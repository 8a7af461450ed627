"""The examination: everything in the order in which it stands on each other."""

from collections.abc import Iterator

from django.db import DatabaseError

from connector.doctor import installation, work
from connector.doctor.checks import Check, Standing, fail
from core.clock import database_now

STANDS_ON = ("database", "migrations")


def examine() -> list[Check]:
    """Look at everything; what stands on a database that does not answer, or is not migrated, is left out."""
    found = list(installation.settings_checks())
    ready = list(installation.readiness_checks())
    found += ready
    if not any(check.name in STANDS_ON and check.standing == Standing.FAIL for check in ready):
        found += _of_the_database()
    if not any(check.name == "redis" and check.standing == Standing.FAIL for check in ready):
        found += installation.queue_checks()
        found.append(installation.worker_check(installation.read_workers()))
    return found


def _of_the_database() -> list[Check]:
    try:
        return list(_looked_at())
    except DatabaseError as error:
        return [fail("database", f"The database did not answer a question: {type(error).__name__}.")]


def _looked_at() -> Iterator[Check]:
    now = database_now()
    yield installation.read_clocks()
    yield from installation.key_checks()
    yield from work.heartbeat_checks()
    yield from work.stuck_checks(now=now)
    yield from work.waiting_checks(now=now)
    yield from work.people_checks()
    yield from work.alert_checks()
