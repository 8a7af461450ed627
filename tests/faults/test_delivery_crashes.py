"""Every crash point of the delivery machine: one correct file, or a named hold; never two, never half.

Crash points are crossed with what the partner does (keeps files, takes each at once) and with how a worker fails:
its process ends, it raises, or it sleeps beyond its lease while another worker takes over.
"""

import multiprocessing
import threading

import pytest
from django.db import connection, connections
from django.db.models.functions import Now

from connector import pipeline
from core import failpoints
from core.clock import database_now
from core.models import File, Server
from tests.outbox_files import sealed_file, states_of
from tests.world import open_world

pytestmark = pytest.mark.django_db(transaction=True)
POINTS = ["deliver.in_upload", "deliver.before_publishing", "deliver.before_rename", "deliver.before_delivered"]


@pytest.fixture(params=["keeps", "takes"])
def world(request, settings, tmp_path):
    settings.RETRY_SECONDS = 0
    with open_world(settings, tmp_path, invoices=0, contacts=1, manual_journals=0) as world:
        world.sftp.faults.takes_files = request.param == "takes"
        yield world


def make_due():
    """Age the rows: leases have run out and the next try has come."""
    Server.objects.update(lease_until=None, next_attempt_at=None)
    File.objects.exclude(state="delivered").update(next_attempt_at=Now())


def deliver(server_id):
    return pipeline.deliver(server_id, now=database_now())


def received(world):
    published = [path.read_bytes() for path in world.outbound if not path.name.startswith(".")]
    return published + [data for _, data in world.sftp.taken]


def crash_in_a_process(server_id, point):
    def work():
        failpoints.arm(point, "exit")
        deliver(server_id)

    connections.close_all()
    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join(30)
    assert process.exitcode == 137


@pytest.mark.parametrize("point", POINTS)
def test_a_killed_worker_leaves_one_correct_file_behind(world, point):
    file, content = sealed_file(world.integration())
    crash_in_a_process(file.server_id, point)
    for _ in range(2):
        make_due()
        deliver(file.server_id)
    assert states_of(file) == ("delivered", {"delivered"})
    assert received(world) == [content]


@pytest.mark.parametrize("point", POINTS)
def test_an_error_at_any_point_leaves_one_correct_file_behind(world, point):
    file, content = sealed_file(world.integration())
    failpoints.arm(point, "raise")
    for _ in range(3):
        make_due()
        deliver(file.server_id)
    assert states_of(file) == ("delivered", {"delivered"})
    assert received(world) == [content]


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_that_slept_beyond_its_lease_publishes_nothing_twice(world, point):
    file, content = sealed_file(world.integration())
    failpoints.arm(point, "pause:1.2")

    def sleep_in_the_middle():
        deliver(file.server_id)
        connection.close()

    zombie = threading.Thread(target=sleep_in_the_middle)
    zombie.start()
    zombie.join(0.6)
    for _ in range(2):
        make_due()
        deliver(file.server_id)
    zombie.join(30)
    make_due()
    deliver(file.server_id)
    assert states_of(file) == ("delivered", {"delivered"})
    assert received(world) == [content]
