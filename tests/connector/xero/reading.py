"""Fetches in tests: open one, read it as workers would, and compare what is stored with the simulator's books."""

import multiprocessing
from collections import Counter

from django.db import connections
from django.db.models.functions import Now

from connector import pipeline
from core import failpoints, fetches
from core.clock import database_now
from core.models import Fetch, Record


def connected(world, tenant, **fields):
    """An organisation whose Xero id is known, as after its first run."""
    organisation = world.organisation(tenant)
    for name, value in {"xero_tenant_id": world.xero.tenant_id, **fields}.items():
        setattr(organisation, name, value)
    organisation.save()
    return organisation


def opened(organisation, stream, *, page_size=1000, trigger="poll", **window):
    """A fetch that is due."""
    fetch = fetches.open_fetch(organisation, stream, trigger=trigger, now=database_now(), **window)
    Fetch.objects.filter(pk=fetch.pk).update(page_size=page_size)
    return fetch


def read(fetch):
    """Work on a fetch once; give it as it is then."""
    pipeline.fetch(fetch.pk, now=database_now())
    fetch.refresh_from_db()
    return fetch


def read_to_end(fetch, *, tries=6):
    """Work on a fetch until it has ended, each time as if its time to try again had come."""
    for _ in range(tries):
        if read(fetch).state in ("done", "failed", "cancelled"):
            break
        Fetch.objects.filter(pk=fetch.pk).update(next_attempt_at=Now(), lease_until=None)
    return fetch


def poll(organisation, stream, **fields):
    """Read a whole stream since its cursor, to the end."""
    return read_to_end(opened(organisation, stream, **fields))


def killed_at(fetch, point):
    """Work on a fetch in a process of its own that dies at a failpoint."""

    def work():
        failpoints.arm(point, "exit")
        pipeline.fetch(fetch.pk, now=database_now())

    connections.close_all()
    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join(60)
    Fetch.objects.filter(pk=fetch.pk).update(lease_until=None)
    return process.exitcode


def assert_mirrors(world, stream):
    """Every object of the books is stored once in its present version, and no version twice."""
    rows = {row.id: row.updated_ms for row in world.xero.store.streams[stream]}
    latest = Record.objects.filter(stream=stream, is_latest=True).values_list("xero_id", "updated_at")
    stored = {xero_id: round(updated_at.timestamp() * 1000) for xero_id, updated_at in latest}
    assert stored == rows
    versions = Counter(Record.objects.filter(stream=stream).values_list("xero_id", "sha256"))
    assert set(versions.values()) == {1}
