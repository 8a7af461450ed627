"""`hostkey`: a fetched key counts for nothing until somebody approves it."""

from datetime import timedelta

import pytest

from connector.targets import approved_keys
from core.models import Event, HostKey, Server
from sftp_app.hostkeys import read_host_keys
from sftp_app.keys import generate_key_pair
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


def test_a_planned_change_is_a_second_key_with_dates(world):
    announced = generate_key_pair(comment="new").public
    key = read_host_keys(announced)[0].fingerprint
    approve = ["hostkey", "approve", "harbor/erp", announced, "--from", "2026-12-01T06:00+13:00"]
    code, (shown,) = run_json(*approve, "--until", "2027-12-01")
    assert (code, shown["from"], shown["until"]) == (0, "2026-11-30T17:00:00+00:00", "2027-12-01T00:00:00+00:00")
    assert Event.objects.get(event="hostkey.approved").detail["from"].startswith("2026-12-01T06:00")
    old = HostKey.objects.exclude(fingerprint=key).get()
    run("hostkey", "approve", "harbor/erp", old.fingerprint, "--until", "2026-12-01T06:00+13:00")
    assert Event.objects.filter(event="hostkey.dated").count() == 1
    begins = HostKey.objects.get(fingerprint=key).valid_from
    pins = approved_keys(Server.objects.get())
    assert [pin.fingerprint for pin in pins if pin.is_valid(begins - timedelta(seconds=1))] == [old.fingerprint]
    assert [pin.fingerprint for pin in pins if pin.is_valid(begins)] == [key]
    assert "from 2026-11-30T17:00" in run("hostkey", "list", "harbor/erp")[1]


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["fetch"], 2, "needs TENANT/SERVER"),
        (["approve", "harbor/erp"], 2, "needs the key's fingerprint"),
        (["approve", "harbor/erp", "MD5:" + ":".join(["ab"] * 16)], 1, "MD5"),
        (["reject", "harbor/erp", "SHA256:" + "A" * 43], 1, "has no host key"),
        (["approve", "harbor/erp", "SHA256:" + "A" * 43, "--from", "soon"], 2, "2026-12-01T06:00"),
        (["approve", "harbor/erp", "SHA256:" + "A" * 43, "--from", "2027-01-01", "--until", "2026-01-01"], 2, "first"),
        (["reject", "harbor/erp", "SHA256:" + "A" * 43, "--from", "2027-01-01"], 2, "approve takes"),
        (["list", "harbor/erq"], 1, "Did you mean erp?"),
    ],
)
def test_what_cannot_be_decided_is_refused(world, arguments, code, word):
    left, _, err = run("hostkey", *arguments)
    assert left == code
    assert word in err
