"""A server's page against a real SFTP server: fetch, compare, approve, test, reject."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from core.models import Event, HostKey, HostKeyState, Role, Server
from sftp_app.hostkeys import read_host_keys
from sftp_app.keys import generate_key_pair
from sftp_app.simulator import RenameAnswer, SftpSimulator
from tests import factories

PASSWORD = "a-test-password"


@pytest.fixture
def server(ours, tmp_path, settings):
    (tmp_path / "outbound").mkdir()
    settings.ALLOWED_PRIVATE_NETS = ["127.0.0.0/8"]
    sftp = SftpSimulator(root=tmp_path, username="harbor", password=PASSWORD)
    with sftp.serve() as (host, port):
        row = factories.ServerFactory.build(tenant=ours.tenant, name="erp", host=host, port=port)
        row.seal("password", PASSWORD)
        row.save()
        factories.PartnerFactory(tenant=ours.tenant, server=row, name="erp")
        row.sim = sftp
        yield row


def press(client, row, action, **posted):
    address = reverse(f"admin:core_{row._meta.model_name}_{action}", args=[row.pk])
    return client.post(address, {"_form_submitted": "True", **posted})


def test_a_fetched_key_waits_until_its_end_was_told_and_typed(signed_in, server):
    client = signed_in(Role.INTEGRATOR)
    assert press(client, server, "fetch_host_keys")["HX-Redirect"]
    key = HostKey.objects.get(server=server)
    assert key.state == HostKeyState.PENDING
    assert "Do not approve it" in press(client, key, "approve", told="zzzz").content.decode()
    assert HostKey.objects.get(pk=key.pk).state == HostKeyState.PENDING
    press(client, key, "approve", told=key.fingerprint[-4:])
    key.refresh_from_db()
    assert (key.state, key.approved_by) == (HostKeyState.APPROVED, client.person)
    assert Event.objects.filter(event="hostkey.approved", actor=client.person.username).exists()


def test_approving_lets_what_was_on_hold_go_on(signed_in, server):
    Server.objects.filter(pk=server.pk).update(hold_code="SFTP_HOSTKEY_CHANGED")
    key = factories.HostKeyFactory(server=server)
    press(signed_in(Role.INTEGRATOR), key, "approve", told=key.fingerprint)
    server.refresh_from_db()
    assert server.hold_code == ""


def test_a_test_shows_each_step(signed_in, server):
    client = signed_in(Role.INTEGRATOR)
    press(client, server, "fetch_host_keys")
    key = HostKey.objects.get(server=server)
    stopped = press(client, server, "test_connection").content.decode()
    assert "It stops here." in stopped
    press(client, key, "approve", told=key.fingerprint[-4:])
    worked = press(client, server, "test_connection").content.decode()
    assert "The connection works." in worked
    assert worked.count("<li>") >= 4


def test_a_server_that_does_not_answer_is_said_in_the_dialog(signed_in, ours):
    server = factories.ServerFactory(tenant=ours.tenant, host="127.0.0.1", port=1)
    answer = press(signed_in(Role.INTEGRATOR), server, "fetch_host_keys")
    assert answer.status_code == 200
    assert "Port 1 is not a port for SFTP." in answer.content.decode()


def test_a_rejected_key_is_out_of_use(signed_in, server):
    key = factories.HostKeyFactory(server=server, state=HostKeyState.APPROVED)
    press(signed_in(Role.INTEGRATOR), key, "reject")
    assert HostKey.objects.get(pk=key.pk).state == HostKeyState.REJECTED


@pytest.mark.parametrize("action", ["approve", "reject"])
def test_operators_do_not_decide_about_host_keys(action, signed_in, server):
    key = factories.HostKeyFactory(server=server)
    client = signed_in(Role.OPERATOR)
    assert press(client, key, action, told=key.fingerprint[-4:]).status_code == 403
    assert HostKey.objects.get(pk=key.pk).state == HostKeyState.PENDING


@pytest.fixture
def trusted(server):
    for pin in read_host_keys(server.sim.host_key_line):
        factories.HostKeyFactory(server=server, fingerprint=pin.fingerprint, state=HostKeyState.APPROVED)
    return server


def page_of(client, row):
    return client.get(reverse(f"admin:core_{row._meta.model_name}_change", args=[row.pk])).content.decode()


def test_what_a_server_can_do_is_found_out_shown_and_taken_over(signed_in, trusted):
    client = signed_in(Role.INTEGRATOR)
    trusted.sim.faults.no_hidden_names = True
    assert "What it can do" in page_of(client, trusted)
    assert press(client, trusted, "find_out")["HX-Redirect"]
    page = page_of(client, trusted)
    assert "without a dot" in page
    assert "Names with a leading dot are refused" in page
    assert "Set up as suggested" in page
    assert press(client, trusted, "take_over")["HX-Redirect"]
    trusted.refresh_from_db()
    assert (trusted.publish, trusted.options) == ("rename", {"hidden_temporary": False})
    assert trusted.unseal("password").reveal() == PASSWORD
    assert trusted.host_keys.filter(state=HostKeyState.APPROVED).exists()
    assert "Set up as suggested" not in page_of(client, trusted)
    changed = Event.objects.get(event="config.changed")
    assert (changed.actor, changed.detail["name"]) == (client.person.username, "erp")


def test_a_server_without_rename_is_set_up_for_writing_directly(signed_in, trusted):
    client = signed_in(Role.INTEGRATOR)
    Server.objects.filter(pk=trusted.pk).update(options={"hidden_temporary": False, "checksum": "sha256"})
    trusted.sim.faults.rename = RenameAnswer.UNSUPPORTED
    press(client, trusted, "find_out")
    press(client, trusted, "take_over")
    trusted.refresh_from_db()
    assert (trusted.publish, trusted.options) == ("direct", {"checksum": "sha256"})


def test_a_staging_folder_is_asked_for_where_one_is_suggested(signed_in, trusted):
    client = signed_in(Role.INTEGRATOR)
    trusted.sim.faults.takes_everything = True
    press(client, trusted, "find_out")
    address = reverse("admin:core_server_take_over", args=[trusted.pk])
    assert "staging_folder" in client.get(address).content.decode()
    assert "is missing" in press(client, trusted, "take_over").content.decode()
    press(client, trusted, "take_over", staging_folder="/staging")
    trusted.refresh_from_db()
    assert (trusted.publish, trusted.staging_folder) == ("staging", "/staging")


def test_a_server_that_suits_its_setup_offers_nothing(signed_in, trusted):
    client = signed_in(Role.INTEGRATOR)
    press(client, trusted, "find_out")
    assert "Set up as suggested" not in page_of(client, trusted)
    assert press(client, trusted, "take_over").status_code == 403


def test_operators_find_out_and_take_nothing_over(signed_in, trusted):
    client = signed_in(Role.OPERATOR)
    trusted.sim.faults.no_hidden_names = True
    assert press(client, trusted, "find_out")["HX-Redirect"]
    assert press(client, trusted, "take_over").status_code == 403


def test_a_probe_that_cannot_connect_is_said_in_the_dialog(signed_in, server):
    answer = press(signed_in(Role.INTEGRATOR), server, "find_out")
    assert "host key" in answer.content.decode()
    assert not Server.objects.get(pk=server.pk).capabilities


def test_an_announced_key_is_entered_and_approved_from_a_day_on(signed_in, trusted):
    client = signed_in(Role.INTEGRATOR)
    announced = generate_key_pair(comment="new").public
    assert "is no key type" in press(client, trusted, "enter_host_key", key="no key").content.decode()
    press(client, trusted, "enter_host_key", key=announced)
    key = HostKey.objects.get(server=trusted, state=HostKeyState.PENDING)
    dates = {"valid_from": "2026-12-01T06:00", "valid_until": "2026-11-01T06:00"}
    assert "before it begins" in press(client, key, "approve", told=key.fingerprint[-4:], **dates).content.decode()
    press(client, key, "approve", told=key.fingerprint[-4:], valid_from="2026-12-01T06:00")
    key.refresh_from_db()
    assert (key.state, key.valid_until) == (HostKeyState.APPROVED, None)
    zone = ZoneInfo(trusted.tenant.time_zone)
    assert key.valid_from == datetime(2026, 12, 1, 6, tzinfo=zone)
    assert "from <time" in page_of(client, trusted)


def test_an_approved_key_gets_an_end(signed_in, trusted):
    client = signed_in(Role.INTEGRATOR)
    key = trusted.host_keys.get()
    press(client, key, "set_dates", valid_until="2026-12-01T06:00")
    key.refresh_from_db()
    assert (key.valid_from, key.valid_until is not None) == (None, True)
    assert Event.objects.get(event="hostkey.dated").actor == client.person.username
    shown = client.get(reverse("admin:core_hostkey_set_dates", args=[key.pk])).content.decode()
    assert "2026-12-01T06:00" in shown


def test_a_key_that_is_not_approved_has_no_dates_yet(signed_in, server):
    key = factories.HostKeyFactory(server=server)
    assert press(signed_in(Role.INTEGRATOR), key, "set_dates", valid_until="2026-12-01T06:00").status_code == 403
