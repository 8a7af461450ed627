"""PostgreSQL ends the worker's connection at any step, as a restart or a fail-over does: one correct file, no more.

Collected on PostgreSQL only: an embedded database has no connections that somebody else could end.
"""

import pytest
from django.db import connection

from core import failpoints
from core.models import Server
from tests.faults.working import CRASH_POINTS, come_to, deliver, deliver_again, received, worker
from tests.outbox_files import sealed_file, states_of

pytestmark = pytest.mark.django_db(transaction=True)

OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def end_other_connections():
    with connection.cursor() as cursor:
        cursor.execute(OTHERS)


@pytest.mark.parametrize("partner", ["keeps", "takes"])
def test_a_connection_that_is_ended_at_any_point_costs_time_and_no_file(world, partner):
    world.sftp.faults.takes_files = partner == "takes"
    sent = {}
    for number, point in enumerate(CRASH_POINTS):
        file, sent[f"INV_{number}.csv"] = sealed_file(world.integrations[0], name=f"INV_{number}.csv", rows=2)
        come_to(file, point)
        gate = failpoints.block(point)
        thread = worker(deliver, file)
        assert gate.reached.wait(20), point
        end_other_connections()
        gate.open.set()
        thread.join(30)
        deliver_again(file)
        assert states_of(file) == ("delivered", {"delivered"}), point
    assert dict(received(world)) == sent
    assert len(received(world)) == len(sent)


def test_a_worker_whose_connection_was_ended_gives_its_lease_back(world):
    file, _ = sealed_file(world.integrations[0])
    gate = failpoints.block("deliver.before_publishing")
    thread = worker(deliver, file)
    assert gate.reached.wait(20)
    end_other_connections()
    gate.open.set()
    thread.join(30)
    assert Server.objects.get().lease_until is None
    deliver(file)
    assert states_of(file) == ("delivered", {"delivered"})
