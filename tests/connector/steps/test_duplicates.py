"""What a partner sends twice: groups under new interchange numbers are known again and never answered as new."""

import pytest

from core import inbound
from core.clock import database_now
from core.inbound import GroupFacts
from core.models import Acknowledgment, Event, Inbound, Interchange, InterchangeGroup, Problem
from tests.partner_side import (
    ORDER,
    acme,
    answers,
    envelope,
    leave,
    pick_up,
    ready_810,
    send,
    their_997,
    x12_integration,
)
from tests.world import open_world

pytestmark = pytest.mark.django_db
OTHER_ORDER = [segment.replace("PO-5150", "PO-5151") for segment in ORDER]


@pytest.fixture
def world(settings, tmp_path):
    settings.RETRY_SECONDS = 0
    settings.PICKUP_SETTLE_SECONDS = 0
    with open_world(settings, tmp_path, invoices=0, contacts=1, manual_journals=0) as world:
        yield world


def receive(world, partner, *texts):
    for text in texts:
        leave(world, f"in{Inbound.objects.count() + 1}.edi", text)
        pick_up(partner)
    return answers(world)


def two_groups(first, second, *, control):
    """Put two groups into one interchange."""
    whole = envelope(ORDER, control=control, group=first)
    group = envelope(OTHER_ORDER, group=second).partition("~\n")[2].partition("IEA*")[0]
    return whole.replace("IEA*1*", f"{group}IEA*2*")


def test_a_group_that_comes_again_in_another_interchange_is_not_acknowledged(world):
    texts = [envelope(ORDER, control=number, group=7, wants_ta1=True) for number in (101, 102)]
    assert len(receive(world, acme(world), *texts)) == 1
    assert [row.state for row in Inbound.objects.order_by("pk")] == ["processed", "duplicate"]
    again = Interchange.objects.get(control_number="000000102")
    assert (again.state, again.sentence) == ("duplicate", "Group 7 came before, in in1.edi.")
    assert Event.objects.filter(event="inbound.interchange_duplicate").count() == 1
    assert not Problem.objects.exists()


def test_a_used_group_number_with_other_content_is_a_problem_as_well(world):
    texts = [envelope(ORDER, control=101, group=7), envelope(OTHER_ORDER, control=102, group=7)]
    assert len(receive(world, acme(world), *texts)) == 1
    problem = Problem.objects.get()
    assert problem.code == "EDI_NUMBER_USED_TWICE"
    assert problem.sentence.startswith("in2.edi has the group number 7 (PO), which came before with other content")
    assert "acks.group_numbers" in problem.next_step


def test_new_groups_beside_a_repeated_one_are_answered_alone(world):
    _, second = receive(world, acme(world), envelope(ORDER, control=101, group=7), two_groups(7, 8, control=102))
    assert "AK1*PO*8" in second
    assert "AK1*PO*7" not in second
    assert Interchange.objects.get(control_number="000000102").state == "taken"
    assert list(InterchangeGroup.objects.order_by("pk").values_list("control_number", flat=True)) == ["7", "8"]


@pytest.mark.parametrize(
    ("change", "count"),
    [({"kind": "IN"}, 2), ({"sender": "ACME2"}, 2), ({}, 1)],
    ids=["another kind", "another sender", "the same"],
)
def test_a_number_counts_by_kind_and_codes_of_the_group(world, change, count):
    partner = acme(world)
    first, second = envelope(ORDER, control=101, group=7), envelope(ORDER, control=102, group=7, **change)
    second = second.replace("*ZZ*ACME2          *", "*ZZ*ACME           *")
    assert len(receive(world, partner, first, second)) == count


def test_a_group_number_may_come_again_after_a_year(world):
    partner = acme(world)
    receive(world, partner, envelope(ORDER, control=101, group=7))
    InterchangeGroup.objects.update(created_at="2020-01-01T00:00:00Z")
    assert len(receive(world, partner, envelope(ORDER, control=102, group=7))) == 2


def test_partners_may_begin_their_group_numbers_anew_in_each_interchange(world):
    partner = acme(world, acks={"group_numbers": "restart"})
    texts = [envelope(ORDER, control=101, group=1), envelope(OTHER_ORDER, control=102, group=1)]
    assert len(receive(world, partner, *texts)) == 2
    assert not Problem.objects.exists()


def test_answers_of_theirs_may_use_a_group_number_again(world):
    integration = x12_integration(world, acme(world))
    for control in (57, 58):
        send(ready_810(integration, f"INV-{control}", control=control))
    for control in (57, 58):
        answer = their_997(control, "A", ("0001", "A"), control=900 + control).replace(f"*{900 + control}*X", "*1*X")
        receive(world, integration.partner, answer.replace(f"GE*1*{900 + control}", "GE*1*1"))
    assert list(Acknowledgment.objects.values_list("outcome", flat=True)) == ["accepted", "accepted"]


def test_looking_for_groups_takes_no_query_a_group(world, django_assert_max_num_queries):
    tenant_id, now = acme(world).tenant_id, database_now()
    groups = [GroupFacts("PO", "ACME", "HARBOR", str(number), "") for number in range(400)]
    with django_assert_max_num_queries(1):
        assert inbound.groups_before(groups, tenant_id=tenant_id, now=now) == {}
