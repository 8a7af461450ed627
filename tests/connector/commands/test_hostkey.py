"""`hostkey`: a fetched key counts for nothing until somebody approves it."""

import pytest

from core.models import Event, HostKey, Server
from tests.connector.commands.running import run, run_json
from tests.factories import TenantFactory
from tests.world import open_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(settings, tmp_path):
    with open_world(settings, tmp_path, invoices=0, contacts=1, manual_journals=0) as world:
        world.server(TenantFactory(slug="harbor"))
        yield world


def test_a_fetched_key_is_pending_until_it_is_approved(world):
    HostKey.objects.all().delete()
    code, (shown,) = run_json("hostkey", "fetch", "harbor/erp")
    assert (code, shown["state"], shown["type"]) == (3, "pending", "ssh-ed25519")
    assert run("check_connection", "server:harbor/erp")[0] == 1
    Server.objects.update(hold_code="SFTP_HOSTKEY_MISSING")
    code, (shown,) = run_json("hostkey", "approve", "harbor/erp", shown["fingerprint"])
    assert (code, shown["state"]) == (0, "approved")
    assert run("check_connection", "server:harbor/erp")[0] == 0
    assert Server.objects.get().hold_code == ""
    assert Event.objects.get(event="hostkey.approved").detail["fingerprint"] == shown["fingerprint"]


def test_fetching_approved_keys_has_nothing_to_decide(world):
    code, (shown,) = run_json("hostkey", "fetch", "harbor/erp")
    assert (code, shown["state"]) == (0, "approved")


def test_a_changed_key_stands_beside_the_approved_one(world):
    world.sftp.change_host_key()
    code, out, _ = run("hostkey", "fetch", "harbor/erp")
    assert code == 3
    assert "Compare the fingerprint" in out
    _, rows = run_json("hostkey", "list")
    assert sorted(row["state"] for row in rows) == ["approved", "pending"]
    pending = next(row["fingerprint"] for row in rows if row["state"] == "pending")
    assert run("hostkey", "reject", "harbor/erp", pending)[0] == 0
    assert Event.objects.filter(event="hostkey.rejected").count() == 1


def test_the_key_of_a_server_that_is_not_set_up_yet_can_be_seen(world):
    code, (shown,) = run_json("hostkey", "fetch", f"127.0.0.1:{world.sftp.port}")
    assert (code, shown["key"], shown["state"]) == (0, world.sftp.host_key_line, "seen")
    assert run("hostkey", "fetch", "169.254.169.254")[0] == 1


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["fetch"], 2, "needs TENANT/SERVER"),
        (["approve", "harbor/erp"], 2, "needs the key's fingerprint"),
        (["approve", "harbor/erp", "MD5:" + ":".join(["ab"] * 16)], 1, "MD5"),
        (["reject", "harbor/erp", "SHA256:" + "A" * 43], 1, "has no host key"),
        (["list", "harbor/erq"], 1, "Did you mean erp?"),
    ],
)
def test_what_cannot_be_decided_is_refused(world, arguments, code, word):
    left, _, err = run("hostkey", *arguments)
    assert left == code
    assert word in err
