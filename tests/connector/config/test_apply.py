"""Applying a file: all it says is there, secrets sealed, schedules due, events written; twice changes nothing."""

import base64
from datetime import UTC, date, datetime

import pytest

from core.audit import line_hash
from core.errors import Invalid
from core.models import (
    Event,
    Grant,
    GrantState,
    HostKey,
    Integration,
    Mapping,
    MappingVersion,
    Organisation,
    Partner,
    Server,
    Tenant,
)
from tests.connector.config.files import (
    GONE,
    HOST_KEY,
    INTEGRATION,
    MAPPING,
    NOW,
    PAIR,
    PARTNER,
    SERVER,
    TENANT,
    XERO,
    actions,
    another,
    apply,
    configuration,
)

pytestmark = pytest.mark.django_db


def test_everything_in_the_file_is_there_afterwards(tmp_path):
    changes = apply(tmp_path, configuration())
    assert {change.action for change in changes} == {"created"}
    integration = Integration.objects.select_related("partner__server", "organisation__grant", "tenant").get()
    assert (integration.tenant.slug, integration.tenant.time_zone) == ("harbor", "America/Chicago")
    assert integration.partner.folders["pick_up_from"] == "/inbound"
    assert integration.partner.server.host == "sftp.example.com"
    assert integration.partner.x12["sender"] == ["ZZ", "HARBOR"]
    assert (integration.start_on, integration.opening, integration.batch) == (date(2026, 1, 1), "none", "run")
    assert (integration.on_change, integration.on_void, integration.is_enabled) == ("send", "cancel", True)
    assert integration.enabled_at == NOW
    assert integration.organisation.grant.client_id == "SIMCUSTOM"


def test_secrets_are_sealed_and_open_again(tmp_path):
    apply(tmp_path, configuration())
    server, grant = Server.objects.get(), Grant.objects.get()
    assert server.unseal("private_key").reveal().strip() == PAIR.private.reveal().strip()
    assert server.public_key.split()[:2] == PAIR.public.split()[:2]
    assert server.password is None
    assert grant.unseal("client_secret").reveal() == "the-client-secret"
    assert grant.unseal("webhook_keys").reveal() == "the-webhook-key"
    assert b"the-client-secret" not in bytes(grant.client_secret)


def test_applying_twice_changes_nothing_not_even_a_sealed_byte(tmp_path):
    apply(tmp_path, configuration())
    before = [list(model.objects.order_by("pk").values()) for model in (Grant, Server, Partner, Integration, Event)]
    changes = apply(tmp_path, configuration(), now=datetime(2027, 1, 1, tzinfo=UTC))
    assert actions(changes) == []
    after = [list(model.objects.order_by("pk").values()) for model in (Grant, Server, Partner, Integration, Event)]
    assert after == before


def test_schedules_are_due_at_their_next_slot_in_utc(tmp_path):
    apply(tmp_path, configuration({INTEGRATION + ".schedule": {"cron": "0 6 * * *"}}))
    assert Integration.objects.get().next_due_at == datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
    assert Organisation.objects.get().next_poll_at == datetime(2026, 11, 25, 10, 15, tzinfo=UTC)
    assert Partner.objects.get().next_pickup_at == datetime(2026, 11, 25, 10, 10, tzinfo=UTC)


def test_another_time_zone_of_the_tenant_moves_every_due_time(tmp_path):
    file = configuration({INTEGRATION + ".schedule": {"cron": "0 6 * * *"}})
    apply(tmp_path, file)
    file["tenants"][0]["time_zone"] = "Europe/Paris"
    assert actions(apply(tmp_path, file)) == ["changed tenant harbor"]
    assert Integration.objects.get().next_due_at == datetime(2026, 11, 26, 5, 0, tzinfo=UTC)


def test_host_keys_of_the_file_are_approved_and_say_so(tmp_path):
    apply(tmp_path, configuration())
    key = HostKey.objects.get()
    assert (key.state, key.approved_at, key.approved_by) == ("approved", NOW, None)
    event = Event.objects.get(event="hostkey.approved")
    assert (event.actor, event.detail["fingerprint"]) == ("configuration file", key.fingerprint)


def test_a_pending_key_that_the_file_vouches_for_becomes_approved(tmp_path):
    apply(tmp_path, configuration())
    HostKey.objects.update(state="pending")
    file = configuration({SERVER + ".host_keys": [HostKey.objects.get().fingerprint]})
    assert actions(apply(tmp_path, file)) == ["changed server erp"]
    key = HostKey.objects.get()
    assert (key.state, f"{key.key_type} {key.key}") == ("approved", " ".join(HOST_KEY.split()[:2]))
    assert actions(apply(tmp_path, file)) == []


def test_every_change_is_an_event_of_the_file_and_the_chain_holds(tmp_path):
    apply(tmp_path, configuration())
    apply(tmp_path, configuration({SERVER + ".port": 2222, SERVER + ".private_key": {"env": "SFTP_KEY"}}))
    event = Event.objects.get(event="config.changed")
    assert event.actor == "configuration file"
    assert event.detail == {"kind": "server", "name": "erp", "keys": {"port": "22 → 2222"}}
    created = Event.objects.filter(event="config.created").values_list("detail__kind", flat=True)
    assert sorted(created) == ["integration", "lookup_table", "mapping", "partner", "server", "tenant", "xero"]
    last = ""
    for line in Event.objects.order_by("sequence"):
        assert (line.prev_hash, line.hash) == (last, line_hash(line))
        last = line.hash


def test_a_changed_mapping_is_published_and_older_versions_stay(tmp_path):
    apply(tmp_path, configuration())
    apply(tmp_path, configuration({MAPPING + ".fields.3.as": "amount:4"}))
    first, second = MappingVersion.objects.order_by("number")
    assert (first.number, second.number) == (1, 2)
    assert first.definition["fields"][3]["as"] == "amount:2"
    assert len(second.sha256) == 64
    assert first.sha256 != second.sha256
    assert Mapping.objects.get().draft == second.definition


def test_an_integration_can_pin_a_version_even_the_one_being_published(tmp_path):
    apply(tmp_path, configuration({INTEGRATION + ".mapping": "invoices-csv@1"}))
    file = configuration({INTEGRATION + ".mapping": "invoices-csv@2", MAPPING + ".fields.3.as": "amount:4"})
    assert actions(apply(tmp_path, file)) == ["changed mapping invoices-csv", "changed integration invoices-to-erp"]
    assert Integration.objects.get().pinned_version.number == 2
    assert actions(apply(tmp_path, file)) == []


def test_a_dry_run_says_the_same_and_changes_nothing(tmp_path):
    tried = apply(tmp_path, configuration(), dry_run=True)
    assert not Tenant.objects.exists()
    assert not Event.objects.exists()
    assert actions(tried) == actions(apply(tmp_path, configuration()))


def test_references_are_looked_up_beside_the_file(tmp_path):
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "harbor").write_text(PAIR.private.reveal())
    (tmp_path / "known_hosts").write_text(f"# the partner's\nsftp.example.com {HOST_KEY}\n")
    file = configuration(
        {SERVER + ".private_key": {"file": "keys/harbor"}, SERVER + ".host_keys": [{"file": "known_hosts"}]}
    )
    apply(tmp_path, file)
    assert Server.objects.get().unseal("private_key").reveal().startswith("-----BEGIN")
    assert HostKey.objects.get().key_type == "ssh-ed25519"


def test_host_port_and_ids_may_come_by_reference_too(tmp_path):
    file = configuration({SERVER + ".host": {"env": "HOST"}, SERVER + ".port": {"env": "PORT"}})
    apply(tmp_path, file, environment={"HOST": "SFTP.Example.com.", "PORT": "2222"})
    assert (Server.objects.get().host, Server.objects.get().port) == ("sftp.example.com", 2222)
    assert actions(apply(tmp_path, file, environment={"HOST": "sftp.example.com", "PORT": "2222"})) == []


def test_a_secret_that_the_file_leaves_out_is_kept(tmp_path):
    apply(tmp_path, configuration())
    left_out = {SERVER + ".private_key": GONE, XERO + ".client_secret": GONE, XERO + ".webhook_keys": GONE}
    assert actions(apply(tmp_path, configuration(left_out))) == []
    assert Server.objects.get().unseal("private_key") is not None


def test_naming_another_way_to_sign_in_replaces_the_old_one(tmp_path):
    apply(tmp_path, configuration())
    file = configuration({SERVER + ".private_key": GONE, SERVER + ".password": {"env": "SFTP_PASSWORD"}})
    (change,) = [change for change in apply(tmp_path, file) if change.action == "changed"]
    assert dict(change.keys) == {"password": "changed", "private_key": "removed"}
    assert Server.objects.get().private_key is None


def test_a_secret_sealed_under_a_lost_key_is_replaced_by_the_files(tmp_path, settings):
    apply(tmp_path, configuration())
    settings.CONNECTOR_KEKS = "other=" + base64.b64encode(bytes(range(32))).decode()
    settings.CONNECTOR_KEK_ACTIVE = "other"
    assert actions(apply(tmp_path, configuration())) == ["changed xero books", "changed server erp"]
    assert Server.objects.get().unseal("private_key").reveal().strip() == PAIR.private.reveal().strip()


def test_a_changed_server_comes_off_hold(tmp_path):
    apply(tmp_path, configuration())
    Server.objects.update(hold_code="SFTP_AUTH", auth_failures=3)
    apply(tmp_path, configuration({SERVER + ".username": "harbor2"}))
    assert (Server.objects.get().hold_code, Server.objects.get().auth_failures) == ("", 0)


def test_new_credentials_sign_in_anew_and_fence_off_a_refresh_under_way(tmp_path):
    apply(tmp_path, configuration())
    Grant.objects.update(state=GrantState.NEEDS_RECONNECT, fence=4)
    file = configuration({XERO + ".client_secret": {"env": "SFTP_PASSWORD"}})
    apply(tmp_path, file)
    grant = Grant.objects.get()
    assert (grant.state, grant.fence, grant.access_token) == (GrantState.NEW, 5, None)


@pytest.mark.parametrize(
    "auth",
    [
        {"auth": "refresh_token", "refresh_token": {"env": "REFRESH"}},
        {"refresh_token": {"env": "REFRESH"}},
        {"auth": {"refresh_token": {"env": "REFRESH"}}},
    ],
)
def test_a_refresh_token_is_only_the_first_one_and_renewed_ones_are_kept(tmp_path, auth):
    file = configuration({XERO: {"name": "books", **auth}})
    apply(tmp_path, file)
    grant = Grant.objects.get()
    assert grant.unseal("refresh_token").reveal() == "the-refresh-token"
    grant.seal("refresh_token", "renewed")
    grant.state = GrantState.CONNECTED
    grant.save()
    assert actions(apply(tmp_path, file)) == []
    Grant.objects.update(state=GrantState.NEEDS_RECONNECT)
    assert actions(apply(tmp_path, file, environment={"REFRESH": "a-new-one"})) == ["changed xero books"]
    assert Grant.objects.get().unseal("refresh_token").reveal() == "a-new-one"


def test_an_organisation_belongs_to_one_connection_only(tmp_path):
    place = {XERO + ".xero_tenant_id": "11111111-2222-3333-4444-555555555555"}
    apply(tmp_path, configuration(place))
    with pytest.raises(Invalid, match="already reads this organisation"):
        apply(tmp_path, configuration({**place, TENANT + ".slug": "cedar"}))


def test_a_test_block_and_its_server_are_stored_beside_production(tmp_path):
    sandbox = another(SERVER, name="sandbox", host="test.example.com")
    test = {"server": "sandbox", "folders": {"send_to": "/test"}, "x12": {"receiver": ["ZZ", "ACMETEST"]}}
    file = configuration({f"{TENANT}.servers.1": sandbox, PARTNER + ".test": test, PARTNER + ".mode": "test"})
    apply(tmp_path, file)
    partner = Partner.objects.get()
    assert (partner.mode, partner.test_server.name) == ("test", "sandbox")
    assert partner.test == {"folders": {"send_to": "/test"}, "x12": {"receiver": ["ZZ", "ACMETEST"]}}
    assert actions(apply(tmp_path, file)) == []


def test_integrations_can_wait_for_each_other_but_not_in_a_circle(tmp_path):
    second = another(INTEGRATION, name="later", file_name="later_{sequence}.csv", after=["invoices-to-erp"])
    apply(tmp_path, configuration({f"{TENANT}.integrations.1": second}))
    assert [row.name for row in Integration.objects.get(name="later").after.all()] == ["invoices-to-erp"]
    circle = configuration({f"{TENANT}.integrations.1": second, INTEGRATION + ".after": ["later"]})
    with pytest.raises(Invalid, match="wait for itself"):
        apply(tmp_path, circle)


def test_a_file_may_add_to_what_is_there(tmp_path):
    apply(tmp_path, configuration())
    extra = another(INTEGRATION, name="bills-to-erp", file_name="bills_{sequence}.csv")
    file = {"version": 1, "tenants": [{"slug": "harbor", "integrations": [extra]}]}
    assert actions(apply(tmp_path, file)) == ["created integration bills-to-erp"]
    assert Tenant.objects.get().name == "Harbor Supply Co"


def test_options_that_the_file_does_not_know_are_kept(tmp_path):
    apply(tmp_path, configuration({SERVER + ".options": {"absent_means": "hold"}}))
    server = Server.objects.get()
    server.options["something_else"] = 1
    server.save()
    apply(tmp_path, configuration())
    assert Server.objects.get().options == {"something_else": 1}
