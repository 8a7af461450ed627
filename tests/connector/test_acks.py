"""Acknowledgments from end to end: a foreground run, the workers' tasks, and the command that shows them."""

import json
import multiprocessing
import threading
from datetime import timedelta

import pytest
from django.db import connection, connections

from connector import pipeline, tasks
from connector.sync import sync
from core import failpoints
from core.clock import database_now
from core.models import Acknowledgment, File, Inbound, Partner, Problem, Server, Sighting
from tests.connector.commands.running import run, run_json
from tests.partner_side import (
    ORDER,
    acme,
    answers,
    envelope,
    leave,
    names_in,
    outcomes,
    pick_up,
    sent_file,
    their_997,
    x12_integration,
)
from tests.world import open_world

pytestmark = pytest.mark.django_db(transaction=True)
TOO_LONG = ["AK3*BIG*2**8", "AK4*2*76*5*INV-2"]


@pytest.fixture
def world(settings, tmp_path):
    settings.RETRY_SECONDS = 0
    settings.PICKUP_SETTLE_SECONDS = 0
    with open_world(settings, tmp_path, invoices=0, contacts=3, manual_journals=0) as world:
        yield world


@pytest.fixture
def integration(world):
    """An integration whose file with INV-1 and INV-2 is out."""
    integration = x12_integration(world, acme(world))
    for number in ("INV-1", "INV-2"):
        world.xero.create_invoice(Status="AUTHORISED", InvoiceNumber=number)
    assert sync(integration).run.state == "done"
    return integration


def test_a_foreground_run_ends_with_the_partners_pickup(world, integration):
    file = sent_file()
    assert outcomes(file) == ("awaited", {"INV-1": "awaited", "INV-2": "awaited"})
    leave(world, "997.edi", their_997(file.group_number, "P", ("0001", "A"), ("0002", "R", *TOO_LONG)))
    leave(world, "850.edi", envelope(ORDER))
    result = sync(integration).as_object()
    assert outcomes(file) == ("partially_accepted", {"INV-1": "accepted", "INV-2": "rejected"})
    assert [problem["code"] for problem in result["problems"]] == ["ACK_REJECTED"]
    assert result["problems"][0]["number"] == "INV-2"
    assert len(answers(world)) == 1
    assert names_in(world, "processed") == ["850.edi", "997.edi"]


def test_a_foreground_run_is_done_although_the_folder_is_missing(world, integration):
    (world.root / "inbound").rmdir()
    assert sync(integration).run.state == "done"
    assert Problem.objects.get().code == "SFTP_NO_DIR"


def test_workers_visit_due_partners_and_deliver_our_answers(world, integration):
    leave(world, "850.edi", envelope(ORDER))
    partner = integration.partner
    tasks.pick_up(partner_id=str(partner.pk))
    partner.refresh_from_db()
    Partner.objects.update(next_pickup_at=database_now() + timedelta(minutes=5))
    tasks.pick_up(partner_id=str(partner.pk))
    tasks.deliver(server_id=str(partner.server_id))
    assert len(answers(world)) == 1


def test_the_tick_moves_due_visits_on(world, integration):
    Partner.objects.update(next_pickup_at=database_now() - timedelta(minutes=1))
    tasks.tick()
    assert Partner.objects.get().next_pickup_at > database_now()


def test_a_file_that_has_not_settled_brings_the_next_visit_forward(world, integration):
    leave(world, "850.edi", envelope(ORDER))
    Partner.objects.update(next_pickup_at=database_now() + timedelta(minutes=5))
    tasks.pick_up(partner_id=str(integration.partner_id))
    assert Partner.objects.get().next_pickup_at < database_now() + timedelta(minutes=1)


def test_the_sweep_notes_what_is_overdue(world, integration):
    File.objects.update(ack_due_at=database_now() - timedelta(minutes=1))
    tasks.sweep()
    assert outcomes(sent_file())[0] == "overdue"
    assert Problem.objects.get().code == "ACK_OVERDUE"


def visit_and_die(partner_id, point):
    def work():
        failpoints.arm(point, "exit")
        pipeline.pick_up(partner_id, now=database_now())

    connections.close_all()
    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join(30)
    assert process.exitcode == 137


@pytest.mark.parametrize("point", ["pick_up.stored", "pick_up.worked", "pick_up.moved"])
def test_a_killed_worker_leaves_a_file_that_is_picked_up_once(world, point):
    partner = acme(world)
    leave(world, "850.edi", envelope(ORDER))
    pipeline.pick_up(partner.pk, now=database_now())
    assert Sighting.objects.exists()
    visit_and_die(partner.pk, point)
    Partner.objects.update(lease_until=None)
    Server.objects.update(next_attempt_at=None)
    for _ in range(2):
        pick_up(partner)
    assert list(Inbound.objects.values_list("state", flat=True)) == ["processed"]
    assert (len(answers(world)), Acknowledgment.objects.count()) == (1, 1)
    assert (names_in(world, "inbound"), names_in(world, "processed")) == ([], ["850.edi"])


@pytest.mark.parametrize("point", ["pick_up.stored", "pick_up.worked", "pick_up.moved"])
def test_a_worker_that_slept_beyond_its_lease_picks_nothing_up_twice(world, point):
    partner = acme(world)
    leave(world, "850.edi", envelope(ORDER))
    pipeline.pick_up(partner.pk, now=database_now())
    failpoints.arm(point, "pause:1.2")

    def sleep_in_the_middle():
        pipeline.pick_up(partner.pk, now=database_now())
        connection.close()

    zombie = threading.Thread(target=sleep_in_the_middle)
    zombie.start()
    zombie.join(0.6)
    Partner.objects.update(lease_until=None)
    pick_up(partner)
    zombie.join(30)
    pick_up(partner)
    assert list(Inbound.objects.values_list("state", flat=True)) == ["processed"]
    assert (len(answers(world)), names_in(world, "processed")) == (1, ["850.edi"])


def test_the_command_prints_one_object_an_acknowledgment(world, integration):
    file = sent_file()
    leave(world, "997.edi", their_997(file.group_number, "P", ("0001", "A"), ("0002", "R", *TOO_LONG)))
    leave(world, "850.edi", envelope(ORDER))
    pick_up(integration.partner)
    code, found = run_json("acks")
    ours, theirs = sorted(found, key=lambda item: item["direction"])
    assert code == 0
    assert (theirs["kind"], theirs["outcome"], theirs["answers"]) == ("997", "partially_accepted", file.name)
    assert (theirs["interchange"], theirs["group"], theirs["carried_by"]["interchange"]) == ("1", "1", "000000501")
    assert {item["number"]: item["outcome"] for item in theirs["exports"]} == {"INV-1": "accepted", "INV-2": "rejected"}
    assert (ours["kind"], ours["outcome"], ours["interchange"], ours["answers"]) == (
        "997",
        "accepted",
        "101",
        "850.edi",
    )
    assert ours["carried_by"] == {
        "interchange": "2",
        "group": "2",
        "file": names_in(world, "acks")[0],
        "state": "delivered",
    }
    assert ours["exports"] == []


def test_the_command_tells_people_what_was_answered_and_what_is_unmatched(world, integration):
    leave(world, "997.edi", their_997(99, "A", counts=(1, 1)))
    leave(world, "850.edi", envelope(ORDER))
    pick_up(integration.partner)
    code, out, _ = run("acks", "--unmatched", "--partner", "harbor/acme")
    assert (code, out.count("997")) == (0, 1)
    assert "nothing of ours" in out
    assert run("acks")[1].count("\n") >= 2
    assert "no acknowledgments" in run("acks", "--since", "2100-01-01")[1]


def test_the_command_sends_one_of_ours_again(world, integration):
    leave(world, "850.edi", envelope(ORDER))
    pick_up(integration.partner)
    row = Acknowledgment.objects.get()
    code, (shown,) = run_json("acks", "--send-again", row.pk)
    assert (code, shown["file"]["state"]) == (0, "delivered")
    assert len(set(answers(world))) == 1
    assert len(answers(world)) == 2
    code, _, err = run("acks", "--send-again", 999)
    assert code == 1
    assert "999" in err


def test_the_command_lists_what_is_awaited_and_takes_a_persons_word(world, integration):
    file = sent_file()
    code, (shown,) = run_json("acks", "--awaited", "--partner", "harbor/acme")
    assert (code, shown["file"], shown["document"], shown["awaited"]) == (0, file.name, "810", "997")
    assert "No answer is overdue" in run("acks", "--overdue")[1]
    assert run("acks", "--review", file.pk)[0] == 2
    assert run("acks", "--review", file.pk, "--outcome", "accepted", "--comment", "by phone")[0] == 0
    assert outcomes(file)[0] == "accepted"
    assert "No answer is awaited" in run("acks", "--awaited")[1]
    assert run("acks", "--review", 999, "--outcome", "accepted", "--comment", "by phone")[0] == 1


def test_the_audit_of_an_invoice_tells_its_answer(world, integration):
    file = sent_file()
    leave(world, "997.edi", their_997(file.group_number, "A", ("0001", "A"), ("0002", "A")))
    pick_up(integration.partner)
    _, out, _ = run("audit", "--record", "INV-1", "--json")
    events = [json.loads(text)["event"] for text in out.splitlines()]
    assert events[-3:] == ["file.delivered", "ack.awaited", "ack.accepted"]
