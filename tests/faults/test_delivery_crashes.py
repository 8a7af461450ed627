"""Every crash point of the delivery machine: one correct file, or a named hold; never two, never half.

Crash points are crossed with what the partner does (keeps files, takes each at once) and with how a worker fails:
its process ends, it raises what is expected or what is not, or it stands still beyond its lease while another worker
takes over. Each file has a checksum file and a trigger file, which must come once as well.
"""

import re
from pathlib import Path

import pytest

from connector import steps
from core import failpoints
from core.models import Attempt, Problem, Server
from tests.faults.working import (
    CRASH_POINTS,
    come_to,
    crash_in_a_process,
    deliver,
    deliver_again,
    make_due,
    received,
    worker,
)
from tests.outbox_files import sealed_file, states_of
from tests.world import open_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["keeps", "takes"])
def world(request, settings, tmp_path):
    settings.RETRY_SECONDS = 0
    with open_world(settings, tmp_path, invoices=0, contacts=1, manual_journals=0) as world:
        world.sftp.faults.takes_files = request.param == "takes"
        world.integration()
        Server.objects.update(options={"checksum": "sha256", "trigger": "{name}.done"})
        yield world


def files_of(world):
    """One file for each crash point."""
    for number, point in enumerate(CRASH_POINTS):
        file, content = sealed_file(world.integrations[0], name=f"INV_{number}.csv", rows=2)
        come_to(file, point)
        yield point, file, content


def each_arrived_once(world, sent):
    companions = [f"{name}.{ending}" for name in sent for ending in ("sha256", "done")]
    assert [name for name, _ in received(world)] == sorted([*sent, *companions])
    assert {name: data for name, data in received(world) if name in sent} == sent


def test_every_point_that_the_machine_names_is_among_the_crash_points():
    sources = [path.read_text() for path in Path(steps.__path__[0]).glob("*.py")]
    named = {
        name for source in sources for name in re.findall(r'failpoints\.hit\("((?:deliver|recover)\.\w+)"', source)
    }
    assert named == set(CRASH_POINTS)


def test_a_killed_worker_leaves_one_correct_file_behind(world):
    sent = {}
    for point, file, content in files_of(world):
        crash_in_a_process(file, point)
        deliver_again(file)
        assert states_of(file) == ("delivered", {"delivered"}), point
        sent[file.name] = content
    each_arrived_once(world, sent)


@pytest.mark.parametrize("action", ["raise", "crash"])
def test_an_error_at_any_point_leaves_one_correct_file_behind(world, action):
    sent = {}
    for point, file, content in files_of(world):
        failpoints.arm(point, action)
        deliver_again(file, times=3)
        assert states_of(file) == ("delivered", {"delivered"}), point
        sent[file.name] = content
    each_arrived_once(world, sent)


def test_a_worker_that_stood_still_beyond_its_lease_publishes_nothing_twice(world):
    sent = {}
    for point, file, content in files_of(world):
        gate = failpoints.block(point)
        zombie = worker(deliver, file)
        assert gate.reached.wait(20), point
        make_due()
        second = worker(deliver_again, file)
        second.join(30)
        assert states_of(file) == ("delivered", {"delivered"}), point
        gate.open.set()
        zombie.join(30)
        deliver_again(file)
        assert states_of(file) == ("delivered", {"delivered"}), point
        sent[file.name] = content
    each_arrived_once(world, sent)


def test_a_worker_that_lost_its_lease_takes_back_what_it_uploaded(world):
    file, _ = sealed_file(world.integrations[0])
    gate = failpoints.block("deliver.before_publishing")
    zombie = worker(deliver, file)
    assert gate.reached.wait(20)
    deliver_again(file)
    gate.open.set()
    zombie.join(30)
    assert [path.name for path in world.outbound if path.name.endswith(".tmp")] == []


def test_a_file_that_workers_die_over_is_set_apart_and_the_others_go_on(world):
    poison, _ = sealed_file(world.integrations[0], name="POISON.csv")
    others = [sealed_file(world.integrations[0], name=f"INV_{number}.csv")[0] for number in range(3)]
    for point in ["deliver.after_claim"] * 2 + ["deliver.in_upload"] * 5:
        make_due()
        failpoints.arm(point, "crash")
        deliver(poison)
    deliver_again(poison)
    assert {states_of(file)[0] for file in others} == {"delivered"}
    assert states_of(poison) == ("failed", {"failed"})
    assert [problem.code for problem in Problem.objects.filter(state="open")] == ["FILE_CRASHES_WORKERS"]
    assert Attempt.objects.filter(file=poison, result="lost").count() >= 5
