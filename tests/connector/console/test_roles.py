"""Owners give and take roles in their own tenant; nobody else, nowhere else."""

import pytest
from django.urls import reverse

from core.models import Event, Role, TenantAccess
from tests.factories import UserFactory

ADD = "admin:core_tenantaccess_add"


def given(client, tenant, **posted):
    return client.post(reverse(ADD), {"tenant": tenant.pk, "role": Role.OPERATOR, **posted})


def test_an_owner_gives_a_role_and_the_trail_says_so(signed_in, ours):
    client = signed_in(Role.OWNER)
    UserFactory(username="grace")
    given(client, ours.tenant, person="grace")
    assert TenantAccess.objects.get(user__username="grace").role == Role.OPERATOR
    event = Event.objects.get(event="access.given")
    assert event.actor == client.person.username
    assert event.detail.items() >= {"person": "grace", "role": "operator"}.items()


def test_a_role_is_changed_and_taken_away(signed_in, ours):
    client, access = signed_in(Role.OWNER), ours[TenantAccess]
    client.post(reverse("admin:core_tenantaccess_change", args=[access.pk]), {"role": Role.INTEGRATOR})
    access.refresh_from_db()
    assert access.role == Role.INTEGRATOR
    client.post(reverse("admin:core_tenantaccess_delete", args=[access.pk]), {"post": "yes"})
    assert not TenantAccess.objects.filter(pk=access.pk).exists()
    events = Event.objects.filter(event__startswith="access.").order_by("pk").values_list("event", flat=True)
    assert list(events) == ["access.changed", "access.taken"]


def test_an_owner_gives_nothing_in_another_tenant(signed_in, ours, theirs):
    UserFactory(username="grace")
    response = given(signed_in(Role.OWNER), theirs.tenant, person="grace")
    assert response.context["adminform"].form.errors["tenant"]
    assert not TenantAccess.objects.filter(user__username="grace").exists()


@pytest.mark.parametrize("person", ["nobody", "", "ours-person"])
def test_an_unknown_person_and_a_second_role_are_refused(person, signed_in, ours):
    count = TenantAccess.objects.count()
    response = given(signed_in(Role.OWNER), ours.tenant, person=person)
    assert response.context["adminform"].form.errors["person"]
    assert TenantAccess.objects.count() == count + 1


def test_an_integrator_sees_no_roles(signed_in, ours):
    client = signed_in(Role.INTEGRATOR)
    assert client.get(reverse("admin:core_tenantaccess_changelist")).status_code == 403
    assert given(client, ours.tenant, person="ours-person").status_code == 403
