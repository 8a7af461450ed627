"""A server's page against a real SFTP server: fetch, compare, approve, test, reject."""

import pytest
from django.urls import reverse

from core.models import Event, HostKey, HostKeyState, Role, Server
from sftp_app.simulator import SftpSimulator
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
