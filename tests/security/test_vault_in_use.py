"""The vault in use: a missing key holds the work in words and loses none of it; no two seals share a nonce."""

import base64
import secrets

import pytest

from connector import pipeline, schedule
from core import servers, vault
from core.clock import database_now
from core.models import File, Problem, Server
from core.states import FileState
from tests.connector.commands.running import run
from tests.connector.console.worlds import World as ConsoleWorld
from tests.world import open_world

SEALS = 20_000


def kek(name):
    return f"{name}={base64.b64encode(secrets.token_bytes(32)).decode()}"


@pytest.fixture
def world(settings, tmp_path, transactional_db):
    settings.CONNECTOR_KEKS, settings.CONNECTOR_KEK_ACTIVE = kek("old"), "old"
    with open_world(settings, tmp_path, invoices=2, contacts=2, manual_journals=0) as world:
        yield world


def formatted(integration):
    opened = schedule.open_run(integration, now=database_now())
    pipeline.advance(opened.pk, now=database_now())
    for fetch in opened.fetches.order_by("pk"):
        pipeline.fetch(fetch.pk, now=database_now())
    pipeline.advance(opened.pk, now=database_now())
    (file,) = pipeline.format_files(integration.pk, now=database_now())
    return file


def test_a_missing_key_holds_the_file_and_it_goes_out_when_the_key_is_back(world, settings):
    file = formatted(world.integration(name="ours"))
    old, settings.CONNECTOR_KEKS, settings.CONNECTOR_KEK_ACTIVE = settings.CONNECTOR_KEKS, kek("new"), "new"
    pipeline.deliver(file.server_id, now=database_now())
    file.refresh_from_db()
    problem = Problem.objects.get(code="VAULT_KEY_MISSING", server=file.server_id)
    assert (file.state, world.outbound) == (FileState.HELD, [])
    assert problem.sentence == "The key 'old' that sealed this secret is not configured."
    assert "CONNECTOR_KEKS" in problem.next_step
    settings.CONNECTOR_KEKS = f"{settings.CONNECTOR_KEKS},{old}"
    servers.release(Server.objects.get(pk=file.server_id), actor="eva", now=database_now())
    pipeline.deliver(file.server_id, now=database_now())
    assert File.objects.get(pk=file.pk).state == FileState.DELIVERED
    assert len(world.outbound) == 1


def test_a_missing_key_stops_reading_in_words_and_no_command_crashes(world, settings):
    world.integration(name="ours")
    settings.CONNECTOR_KEKS, settings.CONNECTOR_KEK_ACTIVE = kek("new"), "new"
    for command in (
        ("sync", "harbor/ours"),
        ("check_connection", "xero:harbor/books"),
        ("export_config",),
        ("doctor",),
    ):
        code, out, err = run(*command)
        assert code in (0, 1, 3), command
        assert "Traceback" not in out + err
    assert Problem.objects.filter(code="VAULT_KEY_MISSING").exists()


@pytest.mark.django_db
def test_the_console_shows_what_a_missing_key_has_sealed(settings, client, admin_user):
    shown = ConsoleWorld.make("ours")
    settings.CONNECTOR_KEKS, settings.CONNECTOR_KEK_ACTIVE = kek("new"), "new"
    client.force_login(admin_user)
    for edit in ("", "?edit=1"):
        assert client.get(f"/admin/core/server/{shown[Server].pk}/change/{edit}").status_code == 200


def test_no_two_seals_share_a_nonce_or_a_data_key():
    ring = vault.parse_keyring(kek("a"), "a")
    where = vault.place(["core.server", "password", "tenant", "row"])
    sealed = [vault.seal("the same text", where=where, ring=ring) for _ in range(SEALS)]
    start = len(vault.MAGIC) + 3
    wrapping = {item[start : start + 12] for item in sealed}
    inner = {item[start + vault.LOCAL_WRAPPED :][:12] for item in sealed}
    assert (len(wrapping), len(inner), len(set(sealed))) == (SEALS, SEALS, SEALS)
