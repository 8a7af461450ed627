"""What attempts that died have left goes after a day, and nothing else ever does."""

import pytest
from django.db.models import F

from connector import pipeline, schedule
from core import failpoints
from core.clock import database_now
from core.leftovers import MAY_LIE
from core.models import Attempt, Event, File, Server
from tests.outbox_files import sealed_file, states_of
from tests.world import open_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(settings, tmp_path):
    settings.RETRY_SECONDS = 0
    with open_world(settings, tmp_path, invoices=0, contacts=1, manual_journals=0) as world:
        world.integration()
        yield world


def deliver(world):
    Server.objects.update(lease_until=None)
    return pipeline.deliver(world.integrations[0].partner.server_id, now=database_now())


def leave_a_leftover(world, **options):
    """Let a worker die before the rename of one file, and a second one deliver it; age the dead attempt."""
    Server.objects.update(options=options)
    file, _ = sealed_file(world.integrations[0])
    failpoints.arm("deliver.before_publishing", "crash")
    deliver(world)
    deliver(world)
    assert states_of(file)[0] == "delivered"
    return file


def age():
    Attempt.objects.update(started_at=F("started_at") - MAY_LIE * 1.1)


def names(world):
    return [path.name for path in world.outbound]


def test_what_a_dead_attempt_left_goes_after_a_day(world):
    file = leave_a_leftover(world)
    assert names(world) == [f".{file.name}.1.tmp", file.name]
    deliver(world)
    assert len(names(world)) == 2
    age()
    assert schedule.left_behind(now=database_now()).servers == [file.server_id]
    deliver(world)
    assert names(world) == [file.name]
    assert Event.objects.get(event="temporary.removed").detail["path"] == f"/outbound/.{file.name}.1.tmp"
    assert Attempt.objects.get(result="lost").is_swept
    assert schedule.left_behind(now=database_now()).servers == []


def test_companions_that_were_left_go_too(world):
    file = leave_a_leftover(world, checksum="sha256", trigger="{name}.done")
    assert len(names(world)) == 6
    age()
    deliver(world)
    assert names(world) == [file.name, f"{file.name}.done", f"{file.name}.sha256"]


def test_names_that_no_attempt_of_ours_recorded_stay(world):
    file = leave_a_leftover(world)
    others = [f".{file.name}.99.tmp", ".other.csv.1.tmp", "notes.tmp", f"{file.name}.1.tmp"]
    for name in others:
        (world.root / "outbound" / name).write_bytes(b"theirs")
    age()
    deliver(world)
    assert names(world) == sorted([*others, file.name])


def test_the_names_of_a_file_that_may_be_out_stay(world):
    file = leave_a_leftover(world)
    age()
    File.objects.filter(pk=file.pk).update(state="publishing", next_attempt_at=None)
    deliver(world)
    assert f".{file.name}.1.tmp" in names(world)


def test_a_switch_of_the_server_turns_it_off(world):
    leave_a_leftover(world, sweep_temporaries=False)
    age()
    assert schedule.left_behind(now=database_now()).servers == []
    deliver(world)
    assert len(names(world)) == 2


def test_what_cannot_be_removed_is_tried_again_tomorrow(world):
    file = leave_a_leftover(world)
    age()
    left = world.root / "outbound" / f".{file.name}.1.tmp"
    left.unlink()
    left.mkdir()  # a folder is not removed as a file
    deliver(world)
    assert left.is_dir()
    assert not Attempt.objects.get(result="lost").is_swept
    assert schedule.left_behind(now=database_now()).servers == []
    Server.objects.update(next_sweep_at=F("created_at"))
    assert schedule.left_behind(now=database_now()).servers == [file.server_id]


def test_leftovers_that_are_gone_already_are_noted(world):
    file = leave_a_leftover(world)
    age()
    (world.root / "outbound" / f".{file.name}.1.tmp").unlink()
    deliver(world)
    assert Attempt.objects.get(result="lost").is_swept
    assert not Event.objects.filter(event="temporary.removed").exists()
