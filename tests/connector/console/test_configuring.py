"""Configuring in the console: the same checks and the same audit as a configuration file, errors at their field."""

import pytest
from django.urls import reverse

from core import models
from core.models import Role
from sftp_app.keys import public_line
from tests.connector.console.worlds import World

SERVER = {"name": "erp", "host": "sftp.example.com", "port": 22, "username": "harbor", "publish": "rename"}
INTEGRATION = {
    "name": "bills",
    "xero": "ours-grant",
    "streams": ["invoices"],
    "types": ["ACCPAY"],
    "partner": "ours-partner",
    "mapping": "ours-mapping",
    "start_on": "2026-12-01",
    "opening": "none",
    "file_name": "bills_{date}_{sequence}.csv",
    "batch": "run",
    "when_empty": "nothing",
    "on_webhook": "collect",
    "bad_record": "skip",
    "cron": "0 * * * *",
}


def add(model):
    return reverse(f"admin:core_{model._meta.model_name}_add")


def change(row):
    return reverse(f"admin:core_{row._meta.model_name}_change", args=[row.pk])


def errors(response):
    return {field: " ".join(found) for field, found in response.context["form"].errors.items()}


def test_a_server_is_added_its_secret_sealed_and_its_maker_named(signed_in, ours):
    client = signed_in(Role.INTEGRATOR)
    response = client.post(add(models.Server), {**SERVER, "password": "hush-hush"})
    server = models.Server.objects.get(name="erp")
    assert response["Location"] == change(server)
    assert server.unseal("password").reveal() == "hush-hush"
    event = models.Event.objects.get(event="config.created", tenant_id=ours.tenant.pk)
    assert (event.actor, event.detail["name"]) == (client.person.username, "erp")
    assert "hush-hush" not in str(event.detail)


def test_a_form_never_gives_a_secret_back(signed_in, ours):
    client = signed_in(Role.INTEGRATOR)
    page = client.get(change(ours[models.Server]) + "?edit=1").content.decode()
    again = client.post(add(models.Server), {**SERVER, "host": "", "password": "hush-hush"}).content.decode()
    assert ours.secret not in page
    assert "hush-hush" not in again


def test_saving_without_a_secret_keeps_what_is_stored(signed_in, ours):
    server = ours[models.Server]
    posted = {**SERVER, "name": server.name, "host": "other.example.com", "username": server.username}
    signed_in(Role.INTEGRATOR).post(change(server), posted)
    server.refresh_from_db()
    assert server.host == "other.example.com"
    assert server.unseal("password").reveal() == ours.secret


def test_what_the_configuration_refuses_stands_at_its_field(signed_in, ours):
    client = signed_in(Role.INTEGRATOR)
    posted = {**INTEGRATION, "cron": "61 * * * *", "expression": "Totl > `0`", "time_zone": "Mars/Base"}
    refused = errors(client.post(add(models.Integration), posted))
    assert {"cron", "expression", "time_zone"} <= set(refused)
    assert "Total" in refused["expression"]
    assert not models.Integration.objects.filter(name="bills").exists()


def test_an_integration_is_added_paused_and_edited(signed_in, ours):
    client = signed_in(Role.INTEGRATOR)
    models.Partner.objects.update(folders={"send_to": "/outbound"})
    client.post(add(models.Integration), INTEGRATION)
    row = models.Integration.objects.get(name="bills")
    assert (row.is_enabled, row.where, row.cron) == (False, {"type": ["ACCPAY"]}, "0 * * * *")
    client.post(change(row), {**INTEGRATION, "contacts": "ACME01\n\nACME02\n", "cron": ""})
    row.refresh_from_db()
    assert (row.where["contacts"], row.cron) == (["ACME01", "ACME02"], "")


def test_a_partner_keeps_what_its_form_does_not_know(signed_in, ours):
    partner = ours[models.Partner]
    kept = {"version": "004010", "sender": ["ZZ", "US"], "receiver": ["ZZ", "THEM"], "group_sender": "USGS"}
    models.Partner.objects.filter(pk=partner.pk).update(x12=kept)
    client = signed_in(Role.INTEGRATOR)
    shown = client.get(change(partner) + "?edit=1").context["form"].initial
    assert (shown["x12_sender"], shown["x12_version"]) == ("ZZ US", "004010")
    posted = {**{key: value for key, value in shown.items() if value}, "x12_receiver": "01 OTHER"}
    assert client.post(change(partner), posted).status_code == 302
    partner.refresh_from_db()
    assert partner.x12 == {**kept, "receiver": ["01", "OTHER"]}


@pytest.mark.parametrize("text", ["[1, 2]", "a: [", "!!python/object:os.system x", "x" * 20_000])
def test_odd_text_in_the_test_block_is_refused_politely(text, signed_in, ours):
    partner = ours[models.Partner]
    posted = {"name": partner.name, "server": partner.server.name, "mode": "test", "test": text}
    assert "test" in errors(signed_in(Role.INTEGRATOR).post(change(partner), posted))


DELIVERY = {
    "windows": [{"days": ["mon", "tue", "wed"], "from": "06:00", "to": "20:00"}],
    "wait_hours": 12,
    "strict_order": True,
    "gzip": False,
}


def shown_as_posted(client, row):
    """What a browser would send when nothing is touched in the form."""
    form = client.get(change(row) + "?edit=1").context["form"]
    values = {field.html_name: field.value() for field in form}
    return {name: value for name, value in values.items() if value not in (None, False, [])}


def test_an_integrations_rules_of_delivery_are_edited(signed_in, ours):
    client = signed_in(Role.INTEGRATOR)
    models.Partner.objects.update(folders={"send_to": "/outbound"})
    posted = {**INTEGRATION, "windows": "mon-fri 06:00-20:00\nsat", "strict_order": "on", "gzip": "on"}
    client.post(add(models.Integration), {**posted, "after": ["ours-integration"], "wait_hours": 6})
    row = models.Integration.objects.get(name="bills")
    rules = row.options["delivery"]
    assert (rules["windows"][1], rules["wait_hours"], rules["gzip"]) == ({"days": ["sat"]}, 6, True)
    assert [other.name for other in row.after.all()] == ["ours-integration"]
    refused = errors(client.post(change(row), {**posted, "windows": "mo 06:00-20:00"}))
    assert "Did you mean mon" in refused["windows"]


def test_the_form_of_an_integration_shows_the_next_three_names(signed_in, ours):
    client, row = signed_in(Role.INTEGRATOR), ours[models.Integration]
    models.Integration.objects.filter(pk=row.pk).update(file_name="{sequence:04d}.csv", file_sequence=7)
    page = client.get(change(row) + "?edit=1").content.decode()
    assert "0008.csv, 0009.csv, 0010.csv" in page
    again = client.post(change(row), {**INTEGRATION, "name": row.name, "file_name": "{sequence:02d}_{nonsense}"})
    assert "not a field of a name" in errors(again)["file_name"]


def test_saving_an_integration_without_touching_it_changes_nothing(signed_in, ours):
    client, row = signed_in(Role.INTEGRATOR), None
    models.Partner.objects.update(folders={"send_to": "/outbound"})
    client.post(add(models.Integration), INTEGRATION)
    row = models.Integration.objects.get(name="bills")
    models.Integration.objects.filter(pk=row.pk).update(options={"delivery": DELIVERY})
    client.post(change(row), shown_as_posted(client, row))
    row.refresh_from_db()
    assert row.options["delivery"] == DELIVERY
    assert not models.Event.objects.filter(event="config.changed", detail__name="bills").exists()


OPTIONS = {
    "checksum": "sha256",
    "trigger": "{stem}.ok",
    "read_back": True,
    "hidden_temporary": False,
    "absent_means": "hold",
    "give_up_days": 3,
    "sweep_temporaries": True,
}


def test_a_servers_options_are_edited_and_untouched_ones_stay(signed_in, ours):
    client, server = signed_in(Role.INTEGRATOR), ours[models.Server]
    models.Server.objects.filter(pk=server.pk).update(options=OPTIONS)
    posted = shown_as_posted(client, server)
    client.post(change(server), posted)
    server.refresh_from_db()
    assert server.options == OPTIONS
    client.post(change(server), {**posted, "trigger": "{name}.done", "give_up_days": "", "absent_means": ""})
    server.refresh_from_db()
    changed = {key: value for key, value in OPTIONS.items() if key not in ("give_up_days", "absent_means")}
    assert server.options == {**changed, "trigger": "{name}.done"}
    refused = errors(client.post(change(server), {**posted, "trigger": "done"}))
    assert "named after its file" in refused["trigger"]


def test_a_new_server_gets_a_key_pair_of_its_own(signed_in, ours):
    client = signed_in(Role.INTEGRATOR)
    response = client.post(add(models.Server), {**SERVER, "generate_key": "on"})
    server = models.Server.objects.get(name="erp")
    page = client.get(response["Location"]).content.decode()
    assert server.public_key.startswith("ssh-ed25519 ")
    assert server.public_key == public_line(server.unseal("private_key"), comment=f"{ours.tenant.slug}-erp")
    assert server.public_key in page
    assert "PRIVATE KEY" not in page


def test_a_key_is_pasted_or_made_but_not_both(signed_in, ours):
    posted = {**SERVER, "generate_key": "on", "private_key": "a pasted key"}
    assert "private_key" in errors(signed_in(Role.INTEGRATOR).post(add(models.Server), posted))


def test_the_disk_and_the_environment_are_out_of_reach(signed_in, ours, monkeypatch):
    monkeypatch.setenv("STOLEN", "from-the-environment")
    posted = {**SERVER, "host": '{"env": "STOLEN"}', "username": "{file: /etc/passwd}"}
    page = signed_in(Role.INTEGRATOR).post(add(models.Server), posted).content.decode()
    assert "from-the-environment" not in page
    assert "root:" not in page


def test_only_superusers_add_tenants(signed_in, superuser_client, ours):
    posted = {"slug": "kiwi", "name": "Kiwi Outdoor", "time_zone": "Pacific/Auckland"}
    assert signed_in(Role.OWNER).post(add(models.Tenant), posted).status_code == 403
    superuser_client.post(add(models.Tenant), posted)
    assert models.Tenant.objects.get(slug="kiwi").time_zone == "Pacific/Auckland"


def test_with_several_tenants_one_is_chosen_first(signed_in, ours):
    client, other = signed_in(Role.INTEGRATOR), World.make("other")
    client.person.tenant_access.create(tenant=other.tenant, role=Role.INTEGRATOR)
    offered = client.get(add(models.Server)).content.decode()
    assert "?tenant=other" in offered
    client.post(add(models.Server) + "?tenant=other", {**SERVER, "password": "x"})
    assert models.Server.objects.get(name="erp").tenant == other.tenant


def test_a_tenant_where_somebody_is_only_a_viewer_is_not_configured(signed_in, ours):
    client, other = signed_in(Role.INTEGRATOR), World.make("other")
    client.person.tenant_access.create(tenant=other.tenant, role=Role.VIEWER)
    client.post(add(models.Server) + "?tenant=other", {**SERVER, "password": "x"})
    assert not other.tenant.servers.filter(name="erp").exists()
    assert client.post(change(other[models.Server]), SERVER).status_code == 403


def test_a_xero_connection_takes_several_webhook_keys(signed_in, ours):
    posted = {"name": "books", "auth": "custom_connection", "client_id": "abc", "client_secret": "shh"}
    signed_in(Role.INTEGRATOR).post(add(models.Organisation), {**posted, "webhook_keys": "one\ntwo\n"})
    grant = models.Organisation.objects.get(name="books").grant
    assert grant.unseal("client_secret").reveal() == "shh"
    assert grant.unseal("webhook_keys").reveal() == "one\ntwo"


def test_the_history_of_a_server_says_who_changed_what(signed_in, ours):
    client, server = signed_in(Role.INTEGRATOR), ours[models.Server]
    posted = {**SERVER, "name": server.name, "host": "other.example.com", "username": server.username}
    client.post(change(server), {**posted, "password": "hush-hush"})
    page = client.get(reverse("admin:core_server_history", args=[server.pk])).content.decode()
    assert client.person.username in page
    assert "sftp.invalid → other.example.com" in page
    assert "hush-hush" not in page


def test_what_the_partners_form_does_not_show_stays(signed_in, ours):
    client = signed_in(Role.INTEGRATOR)
    partner = ours[models.Partner]
    models.Partner.objects.filter(pk=partner.pk).update(acks={"want": "997", "picked_up": "leave"})
    fields = {"name": partner.name, "server": partner.server.name, "mode": "production", "send_to": "/out"}
    client.post(change(partner), {**fields, "want": "TA1"})
    partner.refresh_from_db()
    assert partner.acks == {"want": "TA1", "picked_up": "leave"}


def test_how_we_answer_a_partner_is_chosen_in_its_form(signed_in, ours):
    client, partner = signed_in(Role.INTEGRATOR), ours[models.Partner]
    fields = {"name": partner.name, "server": partner.server.name, "mode": "production", "send_to": "/out"}
    chosen = {"when": "always", "write": "999", "lists": "errors_only", "unknown": "accept", "group_numbers": "restart"}
    assert client.post(change(partner), {**fields, **chosen, "lenient": "yes"}).status_code == 302
    partner.refresh_from_db()
    assert partner.acks == {**chosen, "lenient": True}
    shown = client.get(change(partner) + "?edit=1").context["form"].initial
    assert {name: shown[name] for name in chosen} == chosen
    assert client.post(change(partner), fields).status_code == 302
    partner.refresh_from_db()
    assert partner.acks == {}


def test_the_configuration_of_a_tenant_is_downloaded_without_secrets(signed_in, ours):
    address = reverse("admin:core_tenant_configuration", args=[ours.tenant.pk])
    response = signed_in(Role.INTEGRATOR).get(address)
    assert response["Content-Disposition"] == 'attachment; filename="ours.yaml"'
    assert "slug: ours" in response.content.decode()
    assert ours.secret not in response.content.decode()
    assert signed_in(Role.OPERATOR).get(address).status_code == 403
