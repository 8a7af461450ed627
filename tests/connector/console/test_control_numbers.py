"""Control numbers: which comes next, and setting it: by owners, with a reason, never back by accident."""

import pytest
from django.urls import reverse

from core import numbers
from core.models import ControlNumber, Event, Partner, Role

IDS = {"sender": "ZZ:US", "receiver": "ZZ:THEM", "level": "ISA"}
KEY = "ISA ZZ:US ZZ:THEM"


@pytest.fixture
def partner(ours):
    row = ours[Partner]
    row.x12 = {"version": "004010", "sender": ["ZZ", "US"], "receiver": ["ZZ", "THEM"]}
    row.test = {"x12": {"receiver": ["ZZ", "THEMTEST"]}}
    row.save()
    return row


@pytest.fixture
def used(partner):
    """Use twelve interchange numbers."""
    for _ in range(12):
        numbers.allocate(partner.tenant_id, **IDS)
    return partner


def address(partner):
    return reverse("admin:core_partner_control_numbers", args=[partner.pk])


def send(client, partner, **posted):
    return client.post(address(partner), {"counter": KEY, "reason": "the old system was at 500", **posted})


def after(partner):
    return numbers.peek(partner.tenant_id, **IDS)


def test_every_count_of_the_ids_is_shown_with_what_comes_next(signed_in, used):
    counters = signed_in().get(address(used)).context["counters"]
    assert [(counter.level, counter.receiver, counter.next) for counter in counters] == [
        ("ISA", "ZZ:THEM", 13),
        ("GS", "ZZ:THEM", 1),
        ("ISA", "ZZ:THEMTEST", 1),
        ("GS", "ZZ:THEMTEST", 1),
    ]


def test_an_owner_sets_the_next_number_and_the_trail_says_so(signed_in, used):
    client = signed_in(Role.OWNER)
    assert send(client, used, to=501).status_code == 302
    assert numbers.allocate(used.tenant_id, **IDS) == 501
    event = Event.objects.get(event="control_number.set")
    assert event.actor == client.person.username
    assert event.detail.items() >= {**IDS, "before": 13, "next": 501, "reason": "the old system was at 500"}.items()


def test_a_count_that_was_never_used_begins_where_it_is_set(signed_in, partner):
    send(signed_in(Role.OWNER), partner, to=501)
    assert numbers.allocate(partner.tenant_id, **IDS) == 501


def test_going_back_needs_the_word_that_the_partner_knows(signed_in, used):
    client = signed_in(Role.OWNER)
    assert "duplicates" in send(client, used, to=5).context["form"].errors["again"][0]
    assert after(used) == 13
    send(client, used, to=5, again="on")
    assert after(used) == 5


@pytest.mark.parametrize(
    "posted", [{"to": 0}, {"to": 10**9}, {"to": ""}, {"to": 20, "reason": " "}, {"counter": "ISA A B"}]
)
def test_what_is_no_number_or_has_no_reason_is_refused(posted, signed_in, used):
    assert send(signed_in(Role.OWNER), used, **{"to": 20, **posted}).context["form"].errors
    assert after(used) == 13


def test_a_number_that_was_used_meanwhile_is_not_overwritten(used):
    chosen = {"to": 100, "seen": 12, "reason": "x", "actor": "ada"}
    assert not numbers.set_next(used.tenant_id, **IDS, **chosen, now=used.created_at)
    assert after(used) == 13


def test_the_largest_number_is_followed_by_the_first(signed_in, partner):
    ControlNumber.objects.create(tenant_id=partner.tenant_id, **IDS, last=numbers.LARGEST)
    send(signed_in(Role.OWNER), partner, to=700)
    assert after(partner) == 700


@pytest.mark.parametrize("role", [Role.VIEWER, Role.INTEGRATOR])
def test_only_owners_set_numbers(role, signed_in, used):
    client = signed_in(role)
    assert "Set the next number" not in client.get(address(used)).content.decode()
    assert send(client, used, to=501).status_code == 403
    assert after(used) == 13
