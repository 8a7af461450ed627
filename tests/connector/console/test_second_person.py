"""Where a tenant wants two people: one decision waits, another person's same decision carries it out."""

from datetime import timedelta

import pytest
from django.urls import reverse

from connector.console.second_person import ASKED, GIVEN, WITHIN, Matter, asked, carry_out
from core import models
from core.models import Event, HostKeyState, Mode, Role
from tests.connector.console.worlds import NOW
from tests.factories import UserFactory


@pytest.fixture
def careful(ours):
    """Make our tenant one that wants two people, with a partner that is still in test."""
    models.Tenant.objects.filter(pk=ours.tenant.pk).update(options={"two_person_approval": True})
    models.HostKey.objects.update(state=HostKeyState.PENDING)
    models.Partner.objects.update(mode=Mode.TEST)
    return ours


@pytest.fixture
def matter(careful):
    careful.tenant.refresh_from_db()
    return Matter(careful.tenant, "partner.production", "7", {"folder": "/in"})


def approve(client, key):
    address = reverse("admin:core_hostkey_approve", args=[key.pk])
    return client.post(address, {"_form_submitted": "True", "told": key.fingerprint[-4:]})


def state_of(key):
    return models.HostKey.objects.get(pk=key.pk).state


def done(matter, user, *, now=NOW):
    acts = []
    assert carry_out(matter, lambda: acts.append(1), user=user, now=now) is bool(acts)
    return bool(acts)


def test_a_host_key_is_approved_by_the_second_person_not_twice_by_the_first(careful, signed_in):
    key, (ada, ben) = careful[models.HostKey], (signed_in(Role.INTEGRATOR), signed_in(Role.INTEGRATOR))
    approve(ada, key)
    approve(ada, key)
    assert state_of(key) == HostKeyState.PENDING
    page = ben.get(reverse("admin:core_hostkey_change", args=[key.pk])).content.decode()
    assert f"{ada.person.username}, " in page
    approve(ben, key)
    assert state_of(key) == HostKeyState.APPROVED
    names = Event.objects.filter(event__in=(ASKED, GIVEN)).order_by("sequence").values_list("event", "actor")
    assert list(names) == [(ASKED, ada.person.username), (GIVEN, ben.person.username)]


def test_a_partner_goes_to_production_by_two_and_back_by_one(careful, signed_in):
    partner, (ada, ben) = careful[models.Partner], (signed_in(Role.INTEGRATOR), signed_in(Role.INTEGRATOR))
    address = reverse("admin:core_partner_production", args=[partner.pk])
    for client, mode in ((ada, Mode.TEST), (ada, Mode.TEST), (ben, Mode.PRODUCTION), (ada, Mode.TEST)):
        client.post(address)
        partner.refresh_from_db()
        assert partner.mode == mode
    assert "asked for this" not in ben.get(address).content.decode()


def test_the_form_of_a_partner_is_no_way_around(careful, signed_in):
    partner = careful[models.Partner]
    posted = {"name": partner.name, "server": partner.server.name, "mode": "production", "send_to": "/out"}
    address = reverse("admin:core_partner_change", args=[partner.pk])
    refused = signed_in(Role.INTEGRATOR).post(address, posted).context["form"].errors
    assert "Two people" in refused["mode"][0]


def test_one_person_does_not_end_the_rule(careful, signed_in):
    tenant, (ada, ben) = careful.tenant, (signed_in(Role.INTEGRATOR), signed_in(Role.INTEGRATOR))
    address = reverse("admin:core_tenant_change", args=[tenant.pk])
    posted = {"slug": tenant.slug, "name": tenant.name, "time_zone": tenant.time_zone}
    for client, is_kept in ((ada, True), (ada, True), (ben, False)):
        client.post(address, posted)
        tenant.refresh_from_db()
        assert tenant.options["two_person_approval"] is is_kept


def test_a_decision_counts_once(matter):
    ada, ben = UserFactory(), UserFactory()
    assert [done(matter, person) for person in (ada, ben, ben, ada)] == [False, True, False, True]


def test_a_first_decision_waits_a_day_and_no_longer(matter):
    ada, ben = UserFactory(), UserFactory()
    done(matter, ada)
    assert not done(matter, ben, now=NOW + WITHIN + timedelta(seconds=1))


def test_a_first_decision_is_about_what_its_maker_saw(matter):
    done(matter, UserFactory())
    changed = Matter(matter.tenant, matter.what, matter.which, {"folder": "/elsewhere"})
    assert asked(changed, now=NOW) is None
    assert not done(changed, UserFactory())


def test_one_person_is_enough_where_nobody_wants_two(ours):
    assert done(Matter(ours.tenant, "partner.production", "7"), UserFactory())
    assert not Event.objects.filter(event__in=(ASKED, GIVEN)).exists()


def test_what_waits_for_a_second_person_stands_on_the_overview_until_it_is_decided(careful, signed_in):
    partner, (ada, ben) = careful[models.Partner], (signed_in(Role.INTEGRATOR), signed_in(Role.INTEGRATOR))
    address = reverse("admin:core_partner_production", args=[partner.pk])
    ada.post(address)
    (asked_for,) = ben.get(reverse("admin:index")).context["approvals"]
    assert (asked_for.words, asked_for.link, asked_for.by) == (
        f"Take to production: {partner.name}",
        address,
        ada.person.username,
    )
    ben.post(address)
    assert ben.get(reverse("admin:index")).context["approvals"] == []


def test_another_tenants_decisions_are_not_on_the_overview(careful, theirs, signed_in):
    models.Tenant.objects.update(options={"two_person_approval": True})
    theirs.tenant.refresh_from_db()
    partner = theirs[models.Partner]
    carry_out(Matter(theirs.tenant, "partner.production", str(partner.pk)), lambda: None, user=UserFactory(), now=NOW)
    assert signed_in(Role.OWNER).get(reverse("admin:index")).context["approvals"] == []
