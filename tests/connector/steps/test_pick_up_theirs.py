"""Their acknowledgments: matched down to the document, kept whatever they say, and led back to the Xero field."""

from datetime import timedelta

import pytest

from core import outbox
from core.awaiting import mark_overdue, review
from core.clock import database_now
from core.models import Acknowledgment, Event, File, Inbound, Problem
from tests.partner_side import (
    NOW,
    acme,
    answers,
    envelope,
    leave,
    outcomes,
    pick_up,
    ready_810,
    send,
    their_997,
    their_ta1,
    x12_integration,
)
from tests.world import open_world

pytestmark = pytest.mark.django_db
TOO_LONG = ["AK3*BIG*2**8", "AK4*2*76*5*INV-2"]


@pytest.fixture
def world(settings, tmp_path):
    settings.RETRY_SECONDS = 0
    settings.PICKUP_SETTLE_SECONDS = 0
    with open_world(settings, tmp_path, invoices=0, contacts=1, manual_journals=0) as world:
        yield world


@pytest.fixture
def integration(world):
    return x12_integration(world, acme(world))


def hear(world, integration, *texts):
    """Leave answers for us, one after the other, and pick each up."""
    for text in texts:
        leave(world, f"answer{Inbound.objects.count() + 1}.edi", text)
        pick_up(integration.partner)


def open_problems():
    return list(Problem.objects.filter(state="open").order_by("pk"))


def test_a_delivered_x12_file_awaits_its_answer_and_a_flat_one_does_not(world, integration):
    file = send(ready_810(integration, "INV-1"))
    assert outcomes(file) == ("awaited", {"INV-1": "awaited"})
    assert (file.ack_due_at - file.delivered_at).total_seconds() == 24 * 3600
    flat = send(ready_810(integration, "INV-2", control=58, interchange_number="", group_number=""))
    assert outcomes(flat) == ("none", {"INV-2": "none"})


@pytest.mark.parametrize("want", ["none", None])
def test_nothing_is_awaited_from_a_partner_that_does_not_answer(world, want):
    integration = x12_integration(world, acme(world, acks={"want": want} if want else {}))
    assert outcomes(send(ready_810(integration, "INV-1"))) == ("none", {"INV-1": "none"})


@pytest.mark.parametrize(("letter", "outcome"), [("A", "accepted"), ("E", "accepted_with_errors"), ("R", "rejected")])
def test_a_997_without_documents_answers_for_all_of_them(world, integration, letter, outcome):
    file = send(ready_810(integration, "INV-1", "INV-2"))
    hear(world, integration, their_997(57, letter, counts=(2, 2)))
    assert outcomes(file)[0] == outcome
    assert set(outcomes(file)[1].values()) == ({"accepted"} if letter == "E" else {outcome})
    assert Acknowledgment.objects.get().is_matched


def test_a_997_that_rejects_one_document_leaves_the_others_accepted(world, integration):
    file = send(ready_810(integration, "INV-1", "INV-2", "INV-3"))
    hear(world, integration, their_997(57, "P", ("0001", "A"), ("0002", "R", *TOO_LONG), ("0003", "E")))
    expected = {"INV-1": "accepted", "INV-2": "rejected", "INV-3": "accepted_with_errors"}
    assert outcomes(file) == ("partially_accepted", expected)


def test_a_rejection_leads_back_to_the_segment_the_row_and_the_xero_field_in_words(world, integration):
    file = send(ready_810(integration, "INV-1", "INV-2"))
    hear(world, integration, their_997(57, "P", ("0001", "A"), ("0002", "R", *TOO_LONG)))
    (problem,) = open_problems()
    assert problem.sentence == (
        "acme rejected INV-2: BIG02 (InvoiceNumber 'INV-2', segment 2): the value is too long (5). "
        "It was sent as BIG*20261120*INV-2."
    )
    assert (problem.code, problem.export.number, problem.file, problem.partner) == (
        "ACK_REJECTED", "INV-2", file, integration.partner,
    )  # fmt: skip
    assert problem.next_step
    assert Acknowledgment.objects.get().details == [f"Document 0002: {problem.sentence.partition(': ')[2]}"]


def test_a_999_says_the_same_with_other_segments(world, integration):
    file = send(ready_810(integration, "INV-1", "INV-2"))
    body = ["AK1*IN*57", "AK2*810*0002", "IK3*BIG*2**8", "IK4*2*76*5*INV-2", "IK5*R*5", "AK9*P*2*2*1"]
    hear(world, integration, envelope(["ST*999*0001", *body, "SE*8*0001"], kind="FA", control=502))
    assert outcomes(file) == ("partially_accepted", {"INV-1": "accepted", "INV-2": "rejected"})
    assert "InvoiceNumber" in open_problems()[0].sentence


def test_a_group_that_is_rejected_whole_is_one_problem_of_the_file(world, integration):
    file = send(ready_810(integration, "INV-1", "INV-2"))
    text = their_997(57, "R", counts=(2, 0)).replace("AK9*R*2*2*0", "AK9*R*2*2*0*5")
    hear(world, integration, text)
    (problem,) = open_problems()
    assert (problem.file, problem.export) == (file, None)
    assert problem.sentence.startswith(f"acme rejected {file.name}: ")


def test_very_many_rejected_documents_are_one_problem(world, integration):
    numbers = [f"INV-{number}" for number in range(60)]
    file = send(ready_810(integration, *numbers))
    documents = [(f"{position:04d}", "R", *TOO_LONG) for position in range(1, 61)]
    hear(world, integration, their_997(57, "R", *documents))
    assert len(open_problems()) == 1
    assert set(outcomes(file)[1].values()) == {"rejected"}


def test_a_ta1_that_accepts_leaves_the_997_awaited_and_one_that_rejects_does_not(world, integration):
    file = send(ready_810(integration, "INV-1"))
    hear(world, integration, their_ta1(57, "A"))
    assert outcomes(file) == ("awaited", {"INV-1": "awaited"})
    hear(world, integration, their_ta1(57, "R", "006", control=602))
    assert outcomes(file) == ("rejected", {"INV-1": "rejected"})
    assert "006" in open_problems()[0].sentence
    assert Acknowledgment.objects.count() == 2


def test_a_ta1_is_enough_where_nothing_more_is_wanted(world):
    integration = x12_integration(world, acme(world, acks={"want": "TA1"}))
    file = send(ready_810(integration, "INV-1"))
    hear(world, integration, their_ta1(57, "A"))
    assert outcomes(file) == ("accepted", {"INV-1": "accepted"})


def test_an_answer_that_comes_before_the_delivery_is_known_is_kept(world, integration):
    later = database_now() + timedelta(hours=1)
    file = ready_810(integration, "INV-1", state="publishing", temp_name=".x.tmp", attempts=1, next_attempt_at=later)
    (world.root / "outbound" / file.name).write_bytes(b"".join(outbox.read(file)))
    hear(world, integration, their_997(57, "A", ("0001", "A")))
    assert outcomes(file) == ("accepted", {"INV-1": "accepted"})
    File.objects.update(next_attempt_at=NOW)
    send(file)
    assert outcomes(file) == ("accepted", {"INV-1": "accepted"})
    assert (file.state, file.evidence, file.ack_due_at) == ("delivered", "found", None)


def test_a_file_that_was_never_tried_cannot_have_been_answered(world, integration):
    file = ready_810(integration, "INV-1", state="held")
    hear(world, integration, their_997(57, "A", ("0001", "A")))
    assert outcomes(file)[0] == "none"
    assert Acknowledgment.objects.get().is_matched is False


def test_what_answers_nothing_of_ours_is_kept_and_is_one_problem_of_the_partner(world, integration):
    hear(world, integration, their_997(99, "A", counts=(1, 1)), their_ta1(98, "A"))
    assert [row.is_matched for row in Acknowledgment.objects.all()] == [False, False]
    (problem,) = open_problems()
    assert (problem.code, problem.times, problem.partner) == ("ACK_UNMATCHED", 2, integration.partner)


def test_a_damaged_answer_changes_nothing_and_is_shown(world, integration):
    file = send(ready_810(integration, "INV-1"))
    hear(world, integration, their_997(57, "A", ("0001", "A")).replace("SE*6*0001", "SE*9*0001"))
    assert outcomes(file) == ("awaited", {"INV-1": "awaited"})
    row = Acknowledgment.objects.get()
    assert (row.outcome, row.inbound.state) == ("none", "error")
    (problem,) = open_problems()
    assert problem.code == "ACK_DAMAGED"


def test_a_second_answer_wins_and_both_are_kept(world, integration):
    file = send(ready_810(integration, "INV-1"))
    hear(world, integration, their_997(57, "R", ("0001", "R", *TOO_LONG)))
    assert outcomes(file)[0] == "rejected"
    hear(world, integration, their_997(57, "A", ("0001", "A"), control=502))
    assert outcomes(file) == ("accepted", {"INV-1": "accepted"})
    assert open_problems() == []
    assert Acknowledgment.objects.filter(file=file).count() == 2


def test_a_weaker_second_answer_is_kept_and_changes_nothing(world, integration):
    file = send(ready_810(integration, "INV-1"))
    hear(world, integration, their_997(57, "R", ("0001", "R", *TOO_LONG)), their_ta1(57, "A"))
    assert outcomes(file)[0] == "rejected"
    assert Acknowledgment.objects.filter(file=file).count() == 2


def test_the_refusal_of_a_second_copy_takes_nothing_back(world, integration):
    file = send(ready_810(integration, "INV-1"))
    hear(world, integration, their_997(57, "A", ("0001", "A")), their_ta1(57, "R", "025"))
    assert outcomes(file) == ("accepted", {"INV-1": "accepted"})
    assert open_problems() == []


def test_the_same_answer_twice_counts_once(world, integration):
    file = send(ready_810(integration, "INV-1"))
    text = their_997(57, "A", ("0001", "A"))
    hear(world, integration, text, text)
    assert [row.state for row in Inbound.objects.order_by("pk")] == ["processed", "duplicate"]
    assert Acknowledgment.objects.filter(file=file).count() == 1


def test_another_answer_under_a_used_control_number_counts_and_is_reported(world, integration):
    file = send(ready_810(integration, "INV-1"))
    hear(world, integration, their_ta1(57, "A", control=1), their_997(57, "A", ("0001", "A"), control=1))
    assert outcomes(file)[0] == "accepted"
    assert [problem.code for problem in open_problems()] == ["EDI_NUMBER_USED_TWICE"]


def test_resent_copies_are_answered_together(world, integration):
    file = send(ready_810(integration, "INV-1"))
    copy = send(ready_810(integration, "INV-1", name="again.edi", replay_of=file))
    File.objects.filter(pk=copy.pk).update(sha256=file.sha256)
    hear(world, integration, their_997(57, "A", ("0001", "A")))
    assert (outcomes(file)[0], outcomes(copy)[0]) == ("accepted", "accepted")


def test_an_answer_finds_the_file_between_its_own_ids(world, integration):
    test_ids = envelope([], kind="IN", control=57, group=57, sender="HARBORT", receiver="ACMET").encode()
    real = send(ready_810(integration, "INV-1"))
    test = send(ready_810(integration, "INV-2", name="t.edi", is_test=True))
    File.objects.filter(pk=test.pk).update(header=test_ids.partition(b"GE*")[0], sha256="1" * 64)
    hear(world, integration, their_997(57, "A", ("0001", "A")))
    assert (outcomes(real)[0], outcomes(test)[0]) == ("accepted", "awaited")


def test_an_acknowledgment_is_never_acknowledged(world, integration):
    send(ready_810(integration, "INV-1"))
    hear(world, integration, their_997(57, "A", ("0001", "A"), wants_ta1=True), their_ta1(57, "A"))
    assert answers(world) == []


def test_the_clock_makes_it_overdue_once_and_a_late_answer_ends_that(world, integration):
    file = send(ready_810(integration, "INV-1"))
    assert mark_overdue(now=file.ack_due_at) == 1
    assert mark_overdue(now=file.ack_due_at) == 0
    assert outcomes(file) == ("overdue", {"INV-1": "overdue"})
    (problem,) = open_problems()
    assert problem.sentence == f"No 997 from acme for {file.name} (interchange 57) after 24 hours."
    hear(world, integration, their_997(57, "A", ("0001", "A")))
    assert outcomes(file) == ("accepted", {"INV-1": "accepted"})
    assert open_problems() == []


def test_hours_are_set_by_kind_of_document(world):
    integration = x12_integration(world, acme(world, acks={"want": "997", "overdue_hours": {"810": 2, "820": 48}}))
    file = send(ready_810(integration, "INV-1"))
    assert (file.ack_due_at - file.delivered_at).total_seconds() == 2 * 3600


def test_a_person_may_say_that_it_was_accepted(world, integration):
    file = send(ready_810(integration, "INV-1"))
    mark_overdue(now=file.ack_due_at)
    assert review(file, outcome="accepted", comment="They phoned.", actor="eva", now=database_now())
    assert outcomes(file) == ("accepted", {"INV-1": "accepted"})
    assert open_problems() == []
    event = Event.objects.get(event="ack.reviewed")
    assert (event.actor, event.detail["comment"]) == ("eva", "They phoned.")


def test_acceptance_of_a_later_version_ends_the_rejection_of_the_one_before(world, integration):
    first = send(ready_810(integration, "INV-1"))
    hear(world, integration, their_997(57, "R", ("0001", "R", *TOO_LONG)))
    second = send(ready_810(integration, "INV-1", control=58))
    second.exports.update(xero_id=first.exports.get().xero_id)
    hear(world, integration, their_997(58, "A", ("0001", "A"), control=502))
    assert (outcomes(first)[0], outcomes(second)[0]) == ("rejected", "accepted")
    assert open_problems() == []


def test_answers_are_in_the_audit_trail_of_the_file_and_of_what_differs(world, integration):
    file = send(ready_810(integration, "INV-1", "INV-2"))
    hear(world, integration, their_997(57, "P", ("0001", "A"), ("0002", "R", *TOO_LONG)))
    of_file = list(Event.objects.filter(file_id=file.pk, event__startswith="ack.").values_list("event", flat=True))
    assert of_file == ["ack.awaited", "ack.partially_accepted"]
    found = Event.objects.filter(export_id__isnull=False, event__startswith="ack.").order_by("sequence")
    assert [(event.number, event.state) for event in found] == [("INV-1", "accepted"), ("INV-2", "rejected")]
