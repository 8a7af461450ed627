"""`check_connection`: each step with its time; the first failure says what to do."""

import pytest

from core.models import Event, Server
from sftp_app.simulator import RenameAnswer
from tests.connector.commands.running import run, run_json
from tests.factories import TenantFactory
from tests.world import open_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(settings, tmp_path):
    with open_world(settings, tmp_path, invoices=0, contacts=1, manual_journals=0) as world:
        yield world


def test_a_server_that_works_passes_every_step_and_comes_off_hold(world):
    world.integration()
    Server.objects.update(hold_code="SFTP_NO_DIR")
    code, (shown,) = run_json("check_connection", "server:harbor/erp")
    assert (code, shown["ok"]) == (0, True)
    names = [step["name"] for step in shown["steps"]]
    assert names == ["name", "TCP", "host key", "sign in", "folder", "write", "size", "rename", "delete"]
    assert all(isinstance(step["ms"], int) for step in shown["steps"])
    assert world.outbound == []
    server = Server.objects.get()
    assert (server.hold_code, server.tested_at is not None) == ("", True)


def test_a_server_that_refuses_hidden_names_passes_once_it_is_told_so(world):
    world.integration()
    world.sftp.faults.no_hidden_names = True
    code, out, _ = run("check_connection", "server:harbor/erp")
    assert (code, "visible temporary names" in out) == (1, True)
    Server.objects.update(options={"hidden_temporary": False})
    assert run("check_connection", "server:harbor/erp")[0] == 0


def test_a_wrong_password_is_the_last_step_and_says_what_to_do(world):
    server = world.server(TenantFactory(slug="harbor"))
    server.seal("password", "wrong")
    server.save()
    code, out, _ = run("check_connection", "server:harbor/erp")
    assert code == 1
    assert "FAILED  sign in" in out
    assert "Replace the key or password" in out
    assert "wrong" not in out


def test_another_folder_can_be_tried(world):
    world.integration()
    code, out, _ = run("check_connection", "server:harbor/erp", "--folder", "/nowhere")
    assert code == 1
    assert "/nowhere" in out


def test_a_xero_connection_is_tried_stream_by_stream(world):
    world.organisation(TenantFactory(slug="harbor"))
    code, (shown,) = run_json("check_connection", "xero:harbor/books")
    assert (code, shown["ok"]) == (0, True)
    assert [step["name"] for step in shown["steps"]][:3] == ["sign-in", "permissions", "organisation"]


@pytest.mark.parametrize(
    ("connection", "code", "word"),
    [("erp", 2, "neither"), ("ftp:harbor/erp", 2, "neither"), ("server:harbor/erq", 1, "Did you mean erp?")],
)
def test_what_is_no_connection_is_refused(world, connection, code, word):
    world.integration()
    left, _, err = run("check_connection", connection)
    assert left == code
    assert word in err


def test_a_probe_keeps_what_the_server_can_do_and_suggests_how_to_publish(world):
    world.integration()
    world.sftp.faults.rename = RenameAnswer.UNSUPPORTED
    world.sftp.faults.no_hidden_names = True
    code, (shown,) = run_json("check_connection", "server:harbor/erp", "--probe")
    assert (code, shown["suggested"]["publish"], shown["suggested"]["hidden_temporary"]) == (1, "direct", False)
    assert any("does not rename" in note for note in shown["suggested"]["notes"])
    known = Server.objects.get().capabilities
    assert (known["rename"], known["folder"], known["suggested"]["publish"]) == (False, "/outbound", "direct")
    assert Event.objects.get(event="server.probed").detail["suggested"]["publish"] == "direct"
    assert world.outbound == []


def test_a_probe_of_a_server_that_lets_nobody_in_says_so_and_keeps_nothing(world):
    world.integration()
    world.sftp.faults.refuse_sign_ins = 99
    code, out, _ = run("check_connection", "server:harbor/erp", "--probe")
    assert code == 1
    assert "What the server can do was not found out" in out
    assert Server.objects.get().capabilities == {}
