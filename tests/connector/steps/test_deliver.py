"""Delivery: whole, once, never over something else; what does not work waits or is held, with a sentence."""

import pytest
from django.db.models.functions import Now

from connector import pipeline
from core import servers
from core.clock import database_now
from core.models import Attempt, Event, File, HostKey, Problem, Server
from sftp_app.simulator import RenameAnswer, Sizes
from tests.outbox_files import sealed_file, states_of
from tests.world import open_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(settings, tmp_path):
    settings.RETRY_SECONDS = 0
    with open_world(settings, tmp_path, invoices=0, contacts=1, manual_journals=0) as world:
        yield world


def deliver(world):
    return pipeline.deliver(world.integrations[0].partner.server_id, now=database_now())


def problem():
    return Problem.objects.filter(state="open").latest("last_seen_at")


def test_a_file_arrives_whole_under_its_final_name_with_its_evidence(world):
    file, content = sealed_file(world.integration())
    deliver(world)
    assert states_of(file) == ("delivered", {"delivered"})
    (arrived,) = world.outbound
    assert (arrived.name, arrived.read_bytes()) == (file.name, content)
    assert (file.evidence, file.remote_size, file.attempts) == ("renamed", len(content), 1)
    assert file.host_key == HostKey.objects.get().fingerprint
    attempt = Attempt.objects.get()
    assert (attempt.result, attempt.size, attempt.host_key) == ("delivered", len(content), file.host_key)


def test_many_files_go_through_one_session(world):
    integration = world.integration()
    for number in range(120):
        sealed_file(integration, name=f"INV_{number}.csv", rows=1)
    deliver(world)
    assert not File.objects.exclude(state="delivered").exists()
    assert len(world.outbound) == 120
    assert len(world.sftp.seen("connection")) == 1


def test_a_server_that_is_down_keeps_the_file_waiting_and_it_arrives_later(world):
    file, _content = sealed_file(world.integration())
    world.sftp.stop()
    deliver(world)
    assert states_of(file) == ("retry_wait", {"formatted"})
    assert problem().code == "SFTP_UNREACHABLE"
    world.sftp.start()
    deliver(world)
    assert states_of(file) == ("delivered", {"delivered"})
    assert not Problem.objects.filter(state="open").exists()


def test_a_different_file_of_that_name_is_never_overwritten(world):
    file, _ = sealed_file(world.integration())
    (world.root / "outbound" / file.name).write_bytes(b"somebody else's")
    deliver(world)
    assert states_of(file) == ("held", {"formatted"})
    assert problem().code == "SFTP_NAME_TAKEN"
    assert [path.read_bytes() for path in world.outbound] == [b"somebody else's"]


def test_a_changed_host_key_sends_nothing_and_holds_until_a_person_approves(world):
    file, _ = sealed_file(world.integration())
    world.sftp.change_host_key()
    deliver(world)
    assert states_of(file) == ("held", {"formatted"})
    assert world.sftp.seen("sign-in") == []
    assert problem().code == "SFTP_HOSTKEY_CHANGED"
    shown = HostKey.objects.get(state="pending")
    HostKey.objects.filter(pk=shown.pk).update(state="approved")
    servers.release(file.server, actor="eva", now=database_now())
    deliver(world)
    assert states_of(file)[0] == "delivered"


def test_while_a_server_is_on_hold_new_files_are_held_with_its_code(world):
    file, _ = sealed_file(world.integration())
    Server.objects.update(hold_code="SFTP_HOSTKEY_CHANGED")
    deliver(world)
    assert states_of(file)[0] == "held"
    assert world.sftp.seen("connection") == []


def test_a_refused_sign_in_is_tried_three_times_then_held(world):
    file, _ = sealed_file(world.integration())
    world.sftp.faults.refuse_sign_ins = 99
    for _ in range(5):
        deliver(world)
    assert states_of(file)[0] == "held"
    assert problem().code == "SFTP_AUTH"
    assert len(world.sftp.seen("connection")) == 3


@pytest.mark.parametrize(
    ("faults", "state", "code"),
    [
        ({"sizes": Sizes.WRONG}, "retry_wait", "SFTP_PARTIAL"),
        ({"silent_quota": 10}, "retry_wait", "SFTP_PARTIAL"),
        ({"room": 10}, "retry_wait", "SFTP_DISK_FULL"),
        ({"rename": RenameAnswer.UNSUPPORTED}, "held", "SFTP_UNSUPPORTED"),
        ({"rename": RenameAnswer.DENIED}, "held", "SFTP_PERMISSION"),
    ],
)
def test_what_a_server_does_wrong_is_named_and_nothing_is_published(world, faults, state, code):
    file, _ = sealed_file(world.integration())
    for name, value in faults.items():
        setattr(world.sftp.faults, name, value)
    deliver(world)
    found = states_of(file)[0]
    assert found == state or (found == "publishing" and state == "retry_wait")
    assert problem().code == code
    assert not (world.root / "outbound" / file.name).exists()


def test_a_missing_folder_is_held_with_its_name(world):
    file, _ = sealed_file(world.integration())
    (world.root / "outbound").rmdir()
    deliver(world)
    assert states_of(file)[0] == "held"
    assert "/outbound" in problem().sentence
    assert problem().code == "SFTP_NO_DIR"


@pytest.mark.parametrize("request_name", ["rename", "close", "open", "fsync"])
def test_a_connection_lost_with_the_answer_ends_in_one_file(world, request_name):
    file, content = sealed_file(world.integration())
    world.sftp.faults.lose_reply = request_name
    for _ in range(3):
        Server.objects.update(next_attempt_at=None)
        File.objects.exclude(state="delivered").update(next_attempt_at=Now())
        deliver(world)
    assert states_of(file) == ("delivered", {"delivered"})
    published = [path for path in world.outbound if not path.name.startswith(".")]
    assert [path.read_bytes() for path in published] == [content]


def test_a_partner_that_takes_files_at_once_gets_each_once(world):
    integration = world.integration()
    world.sftp.faults.takes_files = True
    files = [sealed_file(integration, name=f"INV_{number}.csv") for number in range(5)]
    deliver(world)
    assert sorted(data for _, data in world.sftp.taken) == sorted(content for _, content in files)
    assert {file.name for file, _ in files} == {path.rpartition("/")[2] for path, _ in world.sftp.taken}


def test_every_transition_has_its_event(world):
    file, _ = sealed_file(world.integration())
    deliver(world)
    names = list(Event.objects.filter(file_id=file.pk).order_by("sequence").values_list("event", flat=True))
    assert names == ["file.uploading", "file.publishing", "file.delivered"]
