"""Picking up: once, whole, and only what has settled; what goes wrong in a folder is told and ends by itself."""

import os
from datetime import timedelta

import pytest

from connector import pipeline, schedule
from core import failpoints
from core.clock import database_now
from core.models import Acknowledgment, Event, Inbound, Partner, Problem, Server, Sighting
from sftp_app.simulator import RenameAnswer, Sizes
from tests.partner_side import ORDER, acme, answers, envelope, leave, names_in, pick_up
from tests.world import open_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(settings, tmp_path):
    settings.RETRY_SECONDS = 0
    settings.PICKUP_SETTLE_SECONDS = 0
    with open_world(settings, tmp_path, invoices=0, contacts=1, manual_journals=0) as world:
        yield world


def visit(partner):
    return pipeline.pick_up(partner.pk, now=database_now())


def open_codes():
    return sorted(Problem.objects.filter(state="open").values_list("code", flat=True))


def test_a_file_is_stored_whole_worked_on_and_moved(world):
    partner = acme(world)
    data = envelope(ORDER)
    leave(world, "po.edi", data)
    pick_up(partner)
    inbound = Inbound.objects.get()
    assert (bytes(inbound.content).decode(), inbound.state, inbound.attempts) == (data, "processed", 1)
    assert (inbound.sender, inbound.receiver, inbound.control_number) == ("ZZ:ACME", "ZZ:HARBOR", "000000101")
    assert (names_in(world, "inbound"), names_in(world, "processed")) == ([], ["po.edi"])
    assert inbound.put_away == "/processed/po.edi"


def test_every_step_has_its_event(world):
    partner = acme(world)
    leave(world, "po.edi", envelope(ORDER))
    pick_up(partner)
    names = list(Event.objects.order_by("sequence").values_list("event", flat=True))
    assert names[:4] == ["inbound.stored", "inbound.interchange_taken", "file.ready", "ack.written"]
    assert names[4:5] == ["inbound.processed"]


def test_a_file_is_not_read_at_the_first_look(world):
    partner = acme(world)
    leave(world, "po.edi", envelope(ORDER))
    assert visit(partner).again is True
    assert (Inbound.objects.count(), Sighting.objects.count()) == (0, 1)
    assert visit(partner).again is False
    assert (Inbound.objects.count(), Sighting.objects.count()) == (1, 0)


def test_a_growing_file_waits_until_two_looks_are_alike(world):
    partner = acme(world)
    data = envelope(ORDER)
    for end in (40, 80, 120, len(data)):
        leave(world, "po.edi", data[:end])
        visit(partner)
        assert not Inbound.objects.exists()
    visit(partner)
    assert bytes(Inbound.objects.get().content).decode() == data


def test_two_looks_need_time_between_them(world, settings):
    settings.PICKUP_SETTLE_SECONDS = 60
    partner = acme(world)
    leave(world, "po.edi", envelope(ORDER))
    pick_up(partner)
    assert not Inbound.objects.exists()
    Sighting.objects.update(since=database_now() - timedelta(seconds=61))
    assert visit(partner).again is False
    assert Inbound.objects.count() == 1


def test_a_file_without_an_end_gets_more_time_and_is_then_told_to_be_damaged(world):
    partner = acme(world)
    leave(world, "po.edi", envelope(ORDER)[:200])
    pick_up(partner)
    assert not Inbound.objects.exists()
    old = (database_now() - timedelta(hours=1)).timestamp()
    os.utime(world.root / "inbound" / "po.edi", (old, old))
    pick_up(partner)
    assert Inbound.objects.get().state in ("processed", "error")


def test_unfinished_names_links_and_folders_are_passed_over(world):
    partner = acme(world)
    for name in ("a.tmp", ".hidden", "b.part"):
        leave(world, name, envelope(ORDER))
    (world.root / "inbound" / "folder").mkdir()
    pick_up(partner)
    assert not Inbound.objects.exists()
    assert len(names_in(world, "inbound")) == 4


@pytest.mark.parametrize("point", ["pick_up.stored", "pick_up.worked", "pick_up.moved"])
def test_an_error_at_any_point_leaves_one_file_picked_up_once(world, point):
    partner = acme(world)
    leave(world, "po.edi", envelope(ORDER))
    failpoints.arm(point, "raise")
    for _ in range(4):
        Server.objects.update(next_attempt_at=None)
        visit(partner)
    pick_up(partner)
    assert list(Inbound.objects.values_list("state", flat=True)) == ["processed"]
    assert (len(answers(world)), Acknowledgment.objects.count()) == (1, 1)
    assert (names_in(world, "inbound"), names_in(world, "processed")) == ([], ["po.edi"])


def test_what_was_stored_is_worked_on_although_the_server_is_down(world):
    partner = acme(world)
    leave(world, "po.edi", envelope(ORDER))
    failpoints.arm("pick_up.stored", "raise")
    pick_up(partner)
    assert Inbound.objects.get().state == "stored"
    Server.objects.update(next_attempt_at=database_now() + timedelta(hours=1))
    assert [file.kind for file in visit(partner).files] == ["ack"]
    assert Inbound.objects.get().state == "processed"


def test_a_server_that_does_not_answer_is_a_problem_that_ends_with_the_next_visit(world):
    partner = acme(world)
    world.sftp.stop()
    visit(partner)
    assert open_codes() == ["SFTP_UNREACHABLE"]
    world.sftp.start()
    Server.objects.update(next_attempt_at=None)
    visit(partner)
    assert open_codes() == []


def test_a_server_on_hold_is_not_visited(world):
    partner = acme(world)
    Server.objects.update(hold_code="SFTP_AUTH")
    visit(partner)
    assert world.sftp.seen("connection") == []


def test_a_missing_folder_is_one_problem_of_the_partner_and_no_trouble_of_the_server(world):
    partner = acme(world)
    (world.root / "inbound").rmdir()
    for _ in range(2):
        visit(partner)
    problem = Problem.objects.get(state="open")
    assert (problem.code, problem.times, problem.partner) == ("SFTP_NO_DIR", 2, partner)
    assert "/inbound" in problem.sentence
    assert Server.objects.get().hold_code == ""
    (world.root / "inbound").mkdir()
    visit(partner)
    assert open_codes() == []


def test_many_files_that_cannot_be_moved_are_one_problem_and_are_not_read_again(world):
    partner = acme(world)
    (world.root / "processed").rmdir()
    for number in range(3):
        leave(world, f"po{number}.edi", envelope(ORDER, control=number + 1, group=number + 1))
    for _ in range(2):
        pick_up(partner)
    assert (Inbound.objects.count(), len(answers(world))) == (3, 3)
    assert open_codes() == ["SFTP_NO_DIR"]
    (world.root / "processed").mkdir()
    pick_up(partner)
    assert (names_in(world, "inbound"), len(names_in(world, "processed"))) == ([], 3)
    assert (Inbound.objects.count(), open_codes()) == (3, [])


def test_a_server_without_rename_is_told_and_files_are_worked_on_all_the_same(world):
    partner = acme(world)
    leave(world, "po.edi", envelope(ORDER))
    world.sftp.faults.rename = RenameAnswer.UNSUPPORTED
    for _ in range(3):
        visit(partner)
    assert (Inbound.objects.get().state, open_codes()) == ("processed", ["SFTP_UNSUPPORTED"])


@pytest.mark.parametrize(("how", "left", "where"), [("leave", ["po.edi"], "left"), ("delete", [], "deleted")])
def test_files_are_left_or_deleted_as_set_and_taken_once(world, how, left, where):
    partner = acme(world, acks={"picked_up": how})
    leave(world, "po.edi", envelope(ORDER))
    for _ in range(3):
        pick_up(partner)
    assert (names_in(world, "inbound"), names_in(world, "processed")) == (left, [])
    assert list(Inbound.objects.values_list("put_away", flat=True)) == [where]


def test_a_name_that_is_taken_in_the_other_folder_is_never_replaced(world):
    partner = acme(world)
    leave(world, "po.edi", b"an older one", folder="processed")
    leave(world, "po.edi", envelope(ORDER))
    pick_up(partner)
    assert names_in(world, "processed") == ["po.edi", "po.edi.1"]
    assert Inbound.objects.get().put_away == "/processed/po.edi.1"


def test_a_file_that_is_written_anew_before_it_is_moved_is_picked_up_as_another(world):
    partner = acme(world)
    leave(world, "po.edi", envelope(ORDER))
    failpoints.arm("pick_up.worked", "raise")
    pick_up(partner)
    leave(world, "po.edi", envelope([*ORDER, *ORDER], control=102, sets=2))
    Server.objects.update(next_attempt_at=None)
    pick_up(partner)
    assert list(Inbound.objects.order_by("pk").values_list("control_number", flat=True)) == ["000000101", "000000102"]
    assert names_in(world, "processed") == ["po.edi"]


@pytest.mark.parametrize("sizes", [Sizes.MISSING, Sizes.ONLY_LISTED])
def test_servers_that_tell_no_sizes_work_too(world, sizes):
    partner = acme(world)
    world.sftp.faults.sizes = sizes
    leave(world, "po.edi", envelope(ORDER))
    for _ in range(2):
        pick_up(partner)
    assert Inbound.objects.get().state == "processed"
    assert names_in(world, "inbound") == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\x01\x02 no EDI at all",
        b"ISA*00*",
        b"UNB+",
        b"\xff\xfeI\x00S\x00A\x00",
        b"%PDF-1.7 ISA",
        b"ISA" * 200,
    ],
)
def test_what_is_no_interchange_is_kept_shown_and_moved_to_the_error_folder(world, data):
    partner = acme(world)
    leave(world, "odd.bin", data)
    old = (database_now() - timedelta(hours=1)).timestamp()
    os.utime(world.root / "inbound" / "odd.bin", (old, old))
    pick_up(partner)
    inbound = Inbound.objects.get()
    assert (inbound.state, bytes(inbound.content), inbound.problem_code) == ("error", data, "EDI_UNREADABLE")
    assert open_codes() == ["EDI_UNREADABLE"]
    assert names_in(world, "error") == ["odd.bin"]


def test_a_file_that_is_too_large_is_told_and_never_read(world, settings):
    settings.PICKUP_MAX_BYTES = 100
    partner = acme(world)
    leave(world, "po.edi", envelope(ORDER))
    pick_up(partner)
    assert (Inbound.objects.count(), open_codes()) == (0, ["SFTP_TOO_LARGE"])
    settings.PICKUP_MAX_BYTES = 1000
    pick_up(partner)
    assert (Inbound.objects.count(), open_codes()) == (1, [])


def test_what_is_from_us_is_left_alone_and_reported_once(world):
    partner = acme(world)
    leave(world, "810.edi", envelope(ORDER, sender="HARBOR", receiver="ACME"))
    for _ in range(3):
        pick_up(partner)
    inbound = Inbound.objects.get()
    assert (inbound.state, inbound.put_away) == ("own", "left")
    assert names_in(world, "inbound") == ["810.edi"]
    assert answers(world) == []
    problem = Problem.objects.get()
    assert (problem.code, problem.times) == ("EDI_OWN_INTERCHANGE", 1)
    assert "ZZ:HARBOR" in problem.sentence


def test_partners_that_share_a_folder_are_told_apart_by_their_ids(world):
    first = acme(world)
    x12 = {"sender": ["ZZ", "HARBOR"], "receiver": ["01", "BOLT"]}
    second = acme(world, tenant=first.tenant, server=first.server, name="bolt", x12=x12)
    leave(world, "a.edi", envelope(ORDER))
    leave(world, "b.edi", envelope(ORDER, sender="BOLT").replace("*ZZ*BOLT", "*01*BOLT"))
    pick_up(second)
    found = Acknowledgment.objects.order_by("inbound__name")
    assert [row.partner.name for row in found] == ["acme", "bolt"]
    assert [row.file.name.split("_")[1] for row in found] == ["acme", "bolt"]


def test_only_one_worker_visits_a_partner_at_a_time(world):
    partner = acme(world)
    leave(world, "po.edi", envelope(ORDER))
    Partner.objects.update(lease_until=database_now() + timedelta(minutes=1))
    pick_up(partner)
    assert world.sftp.seen("connection") == []


def test_due_partners_are_visited_on_their_own_schedule_and_sooner_where_a_file_settles(world):
    partner = acme(world, acks={"pick_up": "0 3 * * *"})
    now = database_now()
    Partner.objects.update(next_pickup_at=now - timedelta(minutes=1))
    assert schedule.take_due_pickups(now=now) == [partner.pk]
    partner.refresh_from_db()
    assert partner.next_pickup_at > now
    assert schedule.take_due_pickups(now=now) == []
    schedule.hurry_pickup(partner.pk, now=now)
    assert schedule.take_due_pickups(now=now) == [partner.pk]
