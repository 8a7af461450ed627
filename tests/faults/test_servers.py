"""Servers that are down, silent, full, slow or odd: the file waits or is held with a name, and arrives once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F

from connector import pipeline, schedule
from core.clock import database_now
from core.models import Attempt, Event, File, HostKey, Problem, Server
from sftp_app.simulator import Greeting, RenameAnswer, SftpSimulator
from tests.factories import IntegrationFactory, PartnerFactory
from tests.faults.working import deliver, deliver_again, make_due, received
from tests.outbox_files import sealed_file, states_of
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


def open_codes():
    return sorted(Problem.objects.filter(state="open").values_list("code", flat=True))


FAULTS = {
    "accepts and is silent": ({"greeting": Greeting.SILENT}, "SFTP_TIMEOUT"),
    "greets and is silent": ({"greeting": Greeting.NO_KEY_EXCHANGE}, "SFTP_TIMEOUT"),
    "floods its greeting": ({"greeting": Greeting.FLOOD}, "SFTP_UNREACHABLE"),
    "speaks HTTP": ({"greeting": Greeting.HTTP}, "SFTP_UNREACHABLE"),
    "hangs at sign-in": ({"sign_in_hangs": True}, "SFTP_TIMEOUT"),
    "drops in mid-file": ({"drop_after_bytes": 500_000}, "SFTP_UNREACHABLE"),
    "goes dead in mid-file": ({"freeze_after_bytes": 500_000}, "SFTP_TIMEOUT"),
    "goes dead after close": ({"freeze_on": "close"}, "SFTP_TIMEOUT"),
    "goes dead before the size": ({"freeze_on": "lstat"}, "SFTP_TIMEOUT"),
    "is full": ({"room": 500_000}, "SFTP_DISK_FULL"),
    "has a quota that says OK": ({"silent_quota": 500_000}, "SFTP_PARTIAL"),
    "drips": ({"bytes_per_second": 100_000}, "SFTP_TIMEOUT"),
    "has too many sessions": ({"max_sessions": 0}, "SFTP_UNREACHABLE"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_server_that_fails_on_the_way_gets_the_file_once_it_works(world, settings, fault):
    faults, code = FAULTS[fault]
    settings.DELIVERY_DEADLINE_SECONDS = 0.8 if code == "SFTP_TIMEOUT" else 60
    file, content = sealed_file(world.integrations[0], rows=3, row_size=300_000)
    for name, value in faults.items():
        setattr(world.sftp.faults, name, value)
    deliver(file)
    assert states_of(file) == ("retry_wait", {"formatted"})
    assert open_codes() == [code]
    assert received(world) == []
    world.sftp.faults.heal()
    settings.DELIVERY_DEADLINE_SECONDS = 60
    deliver_again(file)
    assert states_of(file) == ("delivered", {"delivered"})
    assert received(world) == [(file.name, content)]
    assert open_codes() == []


HOLDS = {
    "no such folder": ({}, "SFTP_NO_DIR"),
    "rename unsupported": ({"rename": RenameAnswer.UNSUPPORTED}, "SFTP_UNSUPPORTED"),
    "rename denied": ({"rename": RenameAnswer.DENIED}, "SFTP_PERMISSION"),
}


@pytest.mark.parametrize("hold", HOLDS)
def test_what_only_a_person_can_change_is_held_at_once_and_goes_on_after(world, hold):
    file, content = sealed_file(world.integrations[0])
    faults, code = HOLDS[hold]
    for name, value in faults.items():
        setattr(world.sftp.faults, name, value)
    if not faults:
        (world.root / "outbound").rmdir()
    deliver_again(file, times=3)
    assert (states_of(file)[0], open_codes()) == ("held", [code])
    assert len(world.sftp.seen("connection")) == 1
    world.sftp.faults.heal()
    (world.root / "outbound").mkdir(exist_ok=True)
    state = "publishing" if file.temp_name else "ready"
    File.objects.filter(pk=file.pk).update(state=state, next_attempt_at=F("created_at"))
    deliver_again(file)
    assert received(world) == [(file.name, content)]


def test_a_host_key_that_changes_between_two_files_stops_before_any_credential(world):
    first, _ = sealed_file(world.integrations[0], name="INV_1.csv")
    deliver(first)
    signed_in = len(world.sftp.seen("sign-in"))
    world.sftp.change_host_key()
    second, _ = sealed_file(world.integrations[0], name="INV_2.csv")
    deliver_again(second, times=3)
    assert (states_of(first)[0], states_of(second)[0]) == ("delivered", "held")
    assert len(world.sftp.seen("sign-in")) == signed_in
    assert open_codes() == ["SFTP_HOSTKEY_CHANGED"]
    assert HostKey.objects.filter(state="pending").count() == 1


def test_a_server_that_closes_after_some_files_gets_the_rest_later(world):
    world.sftp.faults.close_after_files = 2
    sent = dict(_named(sealed_file(world.integrations[0], name=f"INV_{n}.csv", rows=1)) for n in range(5))
    for _ in range(8):
        make_due()
        pipeline.deliver(world.integrations[0].partner.server_id, now=database_now())
        world.sftp.faults.heal()
    assert dict(received(world)) == sent
    assert {file.state for file in File.objects.all()} == {"delivered"}


def _named(made):
    file, content = made
    return file.name, content


def test_files_that_a_down_server_keeps_waiting_share_one_problem(world):
    files = [sealed_file(world.integrations[0], name=f"INV_{n}.csv", rows=1)[0] for n in range(4)]
    world.sftp.stop()
    deliver_again(files[0], times=3)
    assert {states_of(file)[0] for file in files} == {"retry_wait"}
    problem = Problem.objects.get()
    assert (problem.code, problem.times, problem.server_id) == ("SFTP_UNREACHABLE", 3, files[0].server_id)


def test_after_five_failures_one_file_goes_first_and_the_rest_follow_it(world):
    files = [sealed_file(world.integrations[0], name=f"INV_{n}.csv", rows=1)[0] for n in range(4)]
    world.sftp.stop()
    deliver_again(files[0], times=5)
    tried = list(Attempt.objects.values_list("file_id", flat=True))
    deliver_again(files[0], times=1)
    probes = list(Attempt.objects.order_by("pk").values_list("file_id", flat=True))[len(tried) :]
    assert probes == [files[0].pk]
    world.sftp.start()
    connections = len(world.sftp.seen("connection"))
    deliver_again(files[0], times=1)
    assert {states_of(file)[0] for file in files} == {"delivered"}
    assert len(world.sftp.seen("connection")) == connections + 1


def test_a_sign_in_that_is_refused_once_after_an_outage_holds_nothing(world):
    file, _ = sealed_file(world.integrations[0])
    world.sftp.stop()
    deliver_again(file, times=4)
    world.sftp.start()
    world.sftp.faults.refuse_sign_ins = 1
    deliver_again(file, times=1)
    assert (states_of(file)[0], Server.objects.get().hold_code) == ("retry_wait", "")
    deliver_again(file, times=1)
    assert states_of(file)[0] == "delivered"
    assert Server.objects.get().auth_failures == 0


def test_while_a_server_waits_nobody_connects_to_it(world):
    file, _ = sealed_file(world.integrations[0])
    Server.objects.update(next_attempt_at=database_now() + timedelta(minutes=5))
    assert deliver(file) == []
    assert schedule.left_behind(now=database_now()).servers == []
    assert world.sftp.seen("connection") == []


def age(days):
    File.objects.update(due_since=F("created_at") - timedelta(days=days), sealed_at=F("created_at"))


@pytest.mark.parametrize(
    ("days", "options", "state"),
    [
        (8, {}, "failed"),
        (6, {}, "retry_wait"),
        (2, {"give_up_days": 1}, "failed"),
        (8, {"give_up_days": 9}, "retry_wait"),
    ],
)
def test_a_partner_that_is_down_too_long_ends_files_as_failed(world, days, options, state):
    Server.objects.update(options=options)
    files = [sealed_file(world.integrations[0], name=f"INV_{n}.csv", rows=1)[0] for n in range(3)]
    age(days)
    world.sftp.stop()
    deliver_again(files[0], times=3)
    assert {states_of(file)[0] for file in files} == {state}


def test_a_file_that_was_given_up_leaves_one_problem_and_can_be_replayed(world):
    file, content = sealed_file(world.integrations[0])
    age(8)
    world.sftp.stop()
    deliver_again(file, times=4)
    assert states_of(file) == ("failed", {"failed"})
    assert open_codes() == ["DELIVERY_GAVE_UP", "SFTP_UNREACHABLE"]
    given_up = Problem.objects.get(code="DELIVERY_GAVE_UP")
    assert (given_up.times, given_up.file_id) == (1, file.pk)
    assert Event.objects.filter(event="file.failed").count() == 1
    world.sftp.start()
    again, content = sealed_file(world.integrations[0], name="INV_1_again.csv", replay_of=file)
    deliver_again(again)
    assert received(world) == [(again.name, content)]


def test_a_file_that_may_be_out_is_never_given_up_but_held(world):
    file, _ = sealed_file(world.integrations[0])
    world.sftp.faults.lose_reply = "rename"
    deliver(file)
    assert states_of(file)[0] == "publishing"
    age(8)
    world.sftp.stop()
    deliver_again(file, times=3)
    assert states_of(file) == ("publishing", {"formatted"})
    world.sftp.start()
    deliver_again(file)
    assert states_of(file) == ("delivered", {"delivered"})


def test_a_lost_answer_to_the_rename_is_told_as_what_it_is(world):
    file, _ = sealed_file(world.integrations[0])
    world.sftp.faults.lose_reply = "rename"
    deliver(file)
    assert (states_of(file)[0], open_codes()) == ("publishing", ["SFTP_UNREACHABLE"])
    deliver_again(file)
    assert (states_of(file)[0], file.evidence, open_codes()) == ("delivered", "found", [])


def test_a_dead_server_slows_no_other_one_down(world, tmp_path):
    """Two worker threads: one hangs on the dead server until it is released, the other delivers meanwhile."""
    world.sftp.faults.greeting = Greeting.SILENT
    stuck, _ = sealed_file(world.integrations[0])
    (tmp_path / "live" / "outbound").mkdir(parents=True)
    live = SftpSimulator(root=tmp_path / "live", username="harbor", password=PASSWORD)
    with live.serve(), ThreadPoolExecutor(2) as pool:
        integration = _integration_to(world, live)
        files = [sealed_file(integration, name=f"INV_{n}.csv", rows=1)[0] for n in range(5)]
        dead = pool.submit(_and_close, deliver, stuck)
        pool.submit(_and_close, deliver, files[0]).result(30)
        assert not dead.done()
        assert {states_of(file)[0] for file in files} == {"delivered"}
        world.sftp.stop()
        dead.result(30)
    assert states_of(stuck)[0] == "retry_wait"


def _integration_to(world, simulator):
    """One more integration of the tenant, to a server of its own."""
    first = world.integrations[0]
    server = world.server(first.tenant, at=simulator, name="live")
    partner = PartnerFactory(tenant=first.tenant, server=server)
    return IntegrationFactory(
        tenant=first.tenant, organisation=first.organisation, partner=partner, enabled_at="2026-01-01T00:00:00Z"
    )


def _and_close(action, *args):
    try:
        return action(*args)
    finally:
        connection.close()
