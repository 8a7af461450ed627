"""From an empty installation to a live integration: steps computed from data, nothing live while one is red."""

import pytest
from django.urls import reverse

from connector.console.going_live import is_ready, next_task, tasks_of
from core import models
from core.models import Role
from tests import factories
from tests.connector.console.worlds import NOW
from tests.world import open_world


def pressed(client, row, action, **posted):
    address = reverse(f"admin:core_{row._meta.model_name}_{action}", args=[row.pk])
    return client.post(address, {"_form_submitted": "True", **posted})


@pytest.fixture
def ready(ours):
    """Make our integration ready in every way, and not live yet."""
    integration = ours[models.Integration]
    models.Grant.objects.update(state=models.GrantState.CONNECTED)
    models.Organisation.objects.update(xero_tenant_id="7b4d4a1e-0000-0000-0000-000000000001")
    models.Server.objects.update(tested_at=NOW)
    models.HostKey.objects.update(state=models.HostKeyState.APPROVED)
    models.Integration.objects.update(is_enabled=False, enabled_at=None, cron="0 * * * *", file_name="{sequence}.csv")
    return models.Integration.objects.select_related("organisation__grant", "partner__server", "mapping").get(
        pk=integration.pk
    )


BLOCKS = [
    (models.Grant, {"state": models.GrantState.NEW}, "Connect Xero"),
    (models.Organisation, {"xero_tenant_id": ""}, "Know the organisation"),
    (models.Server, {"password": None, "private_key": None}, "Enter how to sign in"),
    (models.HostKey, {"state": models.HostKeyState.PENDING}, "Approve the host key"),
    (models.Server, {"tested_at": None}, "Test the connection"),
    (models.Server, {"hold_code": "SFTP_AUTH"}, "Test the connection"),
]


@pytest.mark.parametrize(("model", "changes", "title"), BLOCKS, ids=[title for _, _, title in BLOCKS])
def test_a_step_that_is_red_stands_in_the_way(model, changes, title, signed_in, ready):
    model.objects.update(**changes)
    tasks = tasks_of(models.Integration.objects.get(pk=ready.pk))
    assert not is_ready(tasks)
    assert next_task(tasks).title == title
    pressed(signed_in(Role.INTEGRATOR), ready, "go_live")
    ready.refresh_from_db()
    assert not ready.is_enabled


def test_going_live_says_how_many_and_how_much_first(signed_in, ready, ours):
    factories.RecordFactory(organisation=ready.organisation, number="INV-9", total="200.00", dated_on="2026-11-01")
    client, address = signed_in(Role.INTEGRATOR), reverse("admin:core_integration_go_live", args=[ready.pk])
    page = client.get(address).content.decode()
    assert "1 (200.00 USD)" in page
    ready.refresh_from_db()
    assert not ready.is_enabled
    assert client.post(address).status_code == 302
    ready.refresh_from_db()
    assert ready.is_enabled
    assert ready.enabled_at
    assert ready.exports.filter(number="INV-9", state="pending").exists()


def test_a_live_integration_is_paused_and_resumed(signed_in, ready):
    client = signed_in(Role.INTEGRATOR)
    pressed(client, ready, "go_live")
    request = {"request_id": "7b4d4a1e-0000-4000-8000-000000000001"}
    assert pressed(client, ready, "pause", **request)["HX-Redirect"]
    ready.refresh_from_db()
    assert not ready.is_enabled
    pressed(client, ready, "go_live")
    ready.refresh_from_db()
    assert ready.is_enabled


@pytest.mark.parametrize(("mode", "needed"), [("production", 2), ("test", 1)])
def test_where_two_people_decide_going_live_in_production_takes_both(mode, needed, signed_in, ready):
    models.Tenant.objects.filter(pk=ready.tenant_id).update(options={"two_person_approval": True})
    models.Partner.objects.filter(pk=ready.partner_id).update(mode=mode)
    address = reverse("admin:core_integration_go_live", args=[ready.pk])
    for person in (1, 2):
        signed_in(Role.INTEGRATOR).post(address)
        ready.refresh_from_db()
        assert ready.is_enabled is (person >= needed)


def test_a_partner_goes_to_production_in_one_reviewed_step(signed_in, ours):
    partner = ours[models.Partner]
    models.Partner.objects.filter(pk=partner.pk).update(mode="test", test={"folders": {"send_to": "/test"}})
    client, address = signed_in(Role.INTEGRATOR), reverse("admin:core_partner_production", args=[partner.pk])
    assert "/test" in client.get(address).content.decode()
    client.post(address)
    partner.refresh_from_db()
    assert partner.mode == models.Mode.PRODUCTION
    assert models.Event.objects.filter(event="config.changed", actor=client.person.username).exists()


@pytest.mark.parametrize(("model", "page"), [(models.Integration, "go_live"), (models.Partner, "production")])
def test_operators_do_not_take_anything_live(model, page, signed_in, ours):
    address = reverse(f"admin:core_{model._meta.model_name}_{page}", args=[ours[model].pk])
    assert signed_in(Role.OPERATOR).get(address).status_code == 403
    assert signed_in(Role.OPERATOR).post(address).status_code == 403


def test_an_empty_installation_shows_what_comes_first(superuser_client):
    shown = superuser_client.get(reverse("admin:index"))
    assert shown.context["next_task"].title == "Add a tenant"
    factories.TenantFactory()
    assert superuser_client.get(reverse("admin:index")).context["next_task"].title == "Add a Xero connection"


def test_a_xero_connection_is_tested_step_by_step(signed_in, ours, settings, tmp_path):
    with open_world(settings, tmp_path) as world:
        organisation = world.organisation(ours.tenant)
        shown = pressed(signed_in(Role.OPERATOR), organisation, "test_connection").content.decode()
    assert "The connection works." in shown
    organisation.grant.refresh_from_db()
    assert organisation.grant.state == models.GrantState.CONNECTED


def test_an_old_version_is_published_again(signed_in, ours):
    mapping, version = ours[models.Mapping], ours[models.MappingVersion]
    newer = {**mapping.draft, "fields": mapping.draft["fields"][:2]}
    factories.MappingVersionFactory(mapping=mapping, number=2, definition=newer, sha256="1" * 64)
    request = {"request_id": "7b4d4a1e-0000-4000-8000-000000000002"}
    assert pressed(signed_in(Role.INTEGRATOR), version, "publish_again", **request)["HX-Redirect"]
    assert mapping.versions.order_by("-number").first().definition == version.definition
