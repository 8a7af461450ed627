"""`rotate_keys`: every secret is wrapped under the active key, and none is lost on the way."""

import base64

import pytest

from connector.key_rotation import exchange, rotate
from core import failpoints
from core.clock import database_now
from core.models import Event, Grant, Server
from core.vault import kek_id_of
from tests.connector.commands.running import run, run_json
from tests.factories import GrantFactory, ServerFactory, TenantFactory

pytestmark = pytest.mark.django_db


def key(byte):
    return base64.b64encode(bytes((byte + step) % 256 for step in range(32))).decode()


@pytest.fixture(autouse=True)
def _old_key(settings):
    settings.CONNECTOR_KEKS = f"old={key(1)}"
    settings.CONNECTOR_KEK_ACTIVE = "old"


@pytest.fixture
def secrets(_old_key):
    tenant = TenantFactory()
    for number in range(3):
        server = ServerFactory.build(tenant=tenant)
        server.seal("password", f"password {number}")
        server.seal("passphrase", "")
        server.save()
    grant = GrantFactory.build(tenant=tenant)
    grant.seal("client_secret", "client secret")
    grant.save()


def add_new_key(settings):
    settings.CONNECTOR_KEKS = f"old={key(1)},new={key(2)}"
    settings.CONNECTOR_KEK_ACTIVE = "new"


def test_everything_is_wrapped_anew_and_still_opens(secrets, settings):
    add_new_key(settings)
    code, (shown,) = run_json("rotate_keys", "--batch", 2)
    assert (code, shown["wrapped"], shown["left"]) == (0, 7, 0)
    assert {line["key"]: line["standing"] for line in shown["keys"]} == {
        "new": "the active key",
        "old": "may be removed",
    }
    settings.CONNECTOR_KEKS = f"new={key(2)}"
    opened = sorted(server.unseal("password").reveal() for server in Server.objects.all())
    assert opened == ["password 0", "password 1", "password 2"]
    assert Server.objects.first().unseal("passphrase").reveal() == ""
    assert sum(event.detail["count"] for event in Event.objects.filter(event="vault.rewrapped")) == 7


def test_a_second_time_there_is_nothing_to_do(secrets, settings):
    add_new_key(settings)
    run("rotate_keys")
    assert run_json("rotate_keys")[1][0]["wrapped"] == 0


def test_a_report_changes_nothing(secrets, settings):
    add_new_key(settings)
    code, out, _ = run("rotate_keys", "--report")
    assert code == 0
    assert "old: 7 secrets, still in use" in out
    assert kek_id_of(bytes(Server.objects.first().password)) == "old"


def test_a_secret_whose_key_is_gone_stays_and_the_rest_goes_on(secrets, settings):
    add_new_key(settings)
    Server.objects.filter(pk=Server.objects.first().pk).update(passphrase=b"damaged")
    settings.CONNECTOR_KEKS = f"new={key(2)}"
    grant = Grant.objects.get()
    grant.seal("client_secret", "entered again")
    grant.save()
    code, out, _ = run("rotate_keys")
    assert code == 3
    assert "unreadable: 1 secrets" in out
    assert "old: 5 secrets, not configured" in out
    assert "The key 'old' that sealed this secret is not configured." in out


def test_a_token_that_is_renewed_meanwhile_is_not_overwritten(secrets, settings):
    add_new_key(settings)
    stale = Grant.objects.get()
    fresh = Grant.objects.get()
    fresh.seal("client_secret", "renewed")
    fresh.save()
    assert not exchange(stale, "client_secret", b"wrapped anew")
    assert Grant.objects.get().unseal("client_secret").reveal() == "renewed"
    assert rotate(batch=10, now=database_now()).done == 6


def test_reencrypting_gives_every_secret_a_new_data_key(secrets, settings):
    before = {server.pk: bytes(server.password) for server in Server.objects.all()}
    code, (shown,) = run_json("rotate_keys", "--reencrypt")
    assert (code, shown["wrapped"]) == (0, 7)
    after = {server.pk: bytes(server.password) for server in Server.objects.all()}
    assert all(after[pk][-20:] != before[pk][-20:] for pk in before)
    assert {server.unseal("password").reveal() for server in Server.objects.all()} == {
        f"password {n}" for n in range(3)
    }


def test_a_rotation_that_was_broken_off_goes_on_where_it_stopped(secrets, settings):
    add_new_key(settings)
    failpoints.arm("rotate.between_batches", "raise")
    assert run("rotate_keys", "--batch", 2)[0] == 1
    assert run_json("rotate_keys", "--batch", 2)[1][0]["left"] == 0
    assert sum(event.detail["count"] for event in Event.objects.filter(event="vault.rewrapped")) == 7


def test_a_batch_has_at_least_one_row():
    assert run("rotate_keys", "--batch", 0)[0] == 2
