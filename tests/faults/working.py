"""Workers for fault tests: real threads and processes that deliver, and rows that are aged instead of waited for."""

import multiprocessing
import threading

from django.db import connection, connections
from django.db.models.functions import Now

from connector import pipeline
from core import failpoints
from core.clock import database_now
from core.models import File, Server

CRASH_POINTS = [
    "deliver.after_claim",
    "deliver.after_look",
    "deliver.in_upload",
    "deliver.before_publishing",
    "deliver.before_rename",
    "deliver.before_trigger",
    "deliver.before_delivered",
    "deliver.after_delivered",
    "recover.before_rename",
    "recover.before_delivered",
]


def deliver(file):
    """Deliver as a worker does."""
    return pipeline.deliver(file.server_id, now=database_now())


def make_due():
    """Age the rows: leases have run out and the next try has come."""
    Server.objects.update(lease_until=None, next_attempt_at=None)
    File.objects.exclude(state__in=["delivered", "failed", "held"]).update(next_attempt_at=Now())


def deliver_again(file, times=2):
    """Let other workers go on after whatever happened."""
    for _ in range(times):
        make_due()
        deliver(file)


def come_to(file, point):
    """Bring a file to where a point of the recovery can be reached: noted as PUBLISHING, and not renamed."""
    if point.startswith("recover."):
        failpoints.arm("deliver.before_rename", "crash")
        deliver(file)
        make_due()


def crash_in_a_process(file, point):
    """Let a worker process end without a word at a point."""

    def work():
        failpoints.arm(point, "exit")
        deliver(file)

    connections.close_all()
    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join(30)
    assert process.exitcode == 137, point


def worker(action, *args):
    """Start a thread that works as a worker does, with a database connection of its own."""

    def work():
        try:
            action(*args)
        finally:
            connection.close()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def received(world):
    """Give what the partner has or had, final names only, as sorted (name, bytes)."""
    there = [(path.name, path.read_bytes()) for path in world.outbound if not path.name.endswith(".tmp")]
    return sorted(there + [(path.rpartition("/")[2], data) for path, data in world.sftp.taken])
