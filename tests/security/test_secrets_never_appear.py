"""Marked secrets are planted everywhere, everything is exercised, and every place is searched for them."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from connector import supervisor, tasks
from connector.console.signin import codes
from connector.retry import settled
from core.clock import database_now
from core.models import Event, Fetch, Grant, HostKey, HostKeyState, Problem, Server
from core.secret import Secret
from tests.connector.commands.running import run
from tests.connector.console.addresses import all_addresses
from tests.connector.console.worlds import World as ConsoleWorld
from tests.security import planted as planting
from tests.security.planted import Planted
from tests.world import open_world
from xero_app.webhooks import sign

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def planted(settings):
    planted = Planted()
    planting.plant_settings(settings, planted)
    return planted


@pytest.fixture
def world(settings, tmp_path, planted):
    with open_world(settings, tmp_path, invoices=3, contacts=2, manual_journals=0) as world:
        world.integration(name="ours")
        planting.plant_rows(planted)
        planting.plant_key_server(world.integrations[0].tenant, planted)
        yield world


@pytest.fixture
def log():
    with planting.Log() as log:
        yield log


def watch_tokens(planted):
    for grant in Grant.objects.exclude(access_token=None):
        planted.add("access-token", grant.unseal("access_token").reveal())


COMMANDS = [
    ("sync", "harbor/ours"),
    ("sync", "harbor/ours", "--json"),
    ("check_connection", "server:harbor/erp"),
    ("check_connection", "server:harbor/keyed", "--json"),
    ("check_connection", "xero:harbor/books"),
    ("export_config",),
    ("export_config", "--json"),
    ("audit", "--json"),
    ("verify_audit", "--json"),
    ("rotate_keys", "--reencrypt"),
    ("hostkey", "list"),
    ("doctor",),
    ("purge",),
]


def reseal(row, name, text):
    row.seal(name, text)
    row.save(update_fields=[name])


def spoil(planted):
    """Let everything fail that can: no approved host key, a password that is refused, a client secret that is."""
    yield "as it is"
    HostKey.objects.update(state=HostKeyState.REJECTED)
    yield "host key rejected"
    HostKey.objects.update(state=HostKeyState.APPROVED)
    Server.objects.update(hold_code="", next_attempt_at=None)
    reseal(Server.objects.get(name="erp"), "password", planted("wrong-password"))
    yield "password refused"
    Grant.objects.update(access_token=None, access_expires_at=None)
    reseal(Grant.objects.get(), "client_secret", planted("wrong-client-secret"))
    yield "client secret refused"


def test_commands_print_no_secret_whether_they_work_or_fail(world, planted, log):
    for state in spoil(planted):
        world.xero.create_invoice(Status="AUTHORISED")
        for command in COMMANDS:
            code, out, err = run(*command)
            watch_tokens(planted)
            assert planted.found_in(out + err) == [], (state, command, code)
    assert planted.found_in(log.text) == []
    assert {"SFTP_AUTH", "XERO_APP_REFUSED"} <= set(Problem.objects.values_list("code", flat=True))


def test_rows_and_redis_hold_no_secret_in_the_clear(world, planted, settings):
    run("sync", "harbor/ours")
    planting.plant_person(planted)
    watch_tokens(planted)
    assert planted.found_in(planting.database_contents()) == []
    tasks.ring(tasks.deliver, server_id=Server.objects.first().pk)
    tasks.ring(tasks.fetch, fetch_id=Fetch.objects.first().pk)
    contents = planting.redis_contents(settings.REDIS_URL)
    assert str(Server.objects.first().pk) in contents
    assert planted.found_in(contents) == []


def test_the_trail_and_its_lines_hold_no_secret(world, planted):
    run("sync", "harbor/ours")
    run("rotate_keys")
    watch_tokens(planted)
    lines = json.dumps(list(Event.objects.values_list("event", "actor", "detail", "file", "number")), default=str)
    assert planted.found_in(lines) == []


def test_the_webhook_tells_no_secret(world, planted, log, settings):
    body = b'{"events": [], "firstEventSequence": 0, "lastEventSequence": 0}'
    for key in (settings.XERO_WEBHOOK_KEYS[0], "wrong"):
        answer = Client().post(
            "/webhooks/xero",
            body,
            content_type="application/json",
            headers={"x-xero-signature": sign(body, Secret(key))},
        )
        assert planted.found_in(answer.content + str(dict(answer.headers)).encode()) == []
    assert planted.found_in(log.text) == []


def test_no_page_of_the_console_shows_a_secret(world, planted, log):
    client = Client()
    client.force_login(planting.plant_person(planted))
    shown = ConsoleWorld.make("ours")
    planted.add("console-secret", shown.secret)
    run("sync", "harbor/ours")
    watch_tokens(planted)
    for name, body in planting.pages_of_the_console(client, shown, all_addresses()):
        assert planted.found_in(body) == [], name
    assert planted.found_in(log.text) == []


def test_a_form_that_is_shown_again_gives_no_secret_back(world, planted, log):
    client = Client()
    person = planting.plant_person(planted)
    client.force_login(person)
    tenant = world.integrations[0].tenant.slug
    given = {name: planted(f"typed-{name}") for name in ("password", "private_key", "passphrase")}
    for place in (reverse("admin:core_server_add"), f"{reverse('admin:core_server_add')}?tenant={tenant}"):
        answer = client.post(place, planting.server_form(**given))
        assert answer.status_code == 200
        assert planted.found_in(answer.content) == []
    answer = client.post(reverse("admin:login"), {"username": "eva", "password": planted("typed-wrong")})
    assert planted.found_in(answer.content) == []
    assert planted.found_in(planting.confirm(client, planted("typed-again")).content) == []
    assert planted.found_in(log.text) == []
    assert planted.found_in(planting.database_contents()) == []


def test_codes_and_keys_of_the_second_factor_are_shown_once_and_stored_nowhere(planted, settings, log, db):
    settings.SECOND_FACTOR = True
    client = Client()
    person = planting.plant_person(planted)
    device = codes.authenticator_of(person)
    client.force_login(person)
    planted.add("code", code := codes.code_at(codes.key_text(device), database_now()))
    client.post(reverse("admin:second_factor"), {"code": code})
    for place in ("second_factor", "second_factor_set_up", "recovery_codes", "index"):
        answer = client.get(reverse(f"admin:{place}"))
        assert [name for name in planted.found_in(answer.content) if name != "code"] == []
    assert planted.found_in(log.text) == []


def test_what_no_code_foresaw_is_logged_without_the_secret(world, planted, log):
    target = Server.objects.get(name="erp").unseal("password")
    seen = []
    with settled(lambda error, _: seen.append(error), attempts=1, now=database_now()):
        raise RuntimeError(f"could not sign in with {target.reveal()}")
    assert "no code foresaw" in log.text
    assert planted.found_in(log.text + seen[0].sentence) == []


def test_no_process_has_a_secret_among_its_arguments(world, planted):
    run("sync", "harbor/ours")
    watch_tokens(planted)
    ours = [supervisor.worker_command(), supervisor.beat_command(), supervisor.web_command(8000)]
    assert planted.found_in(json.dumps(ours)) == []
    assert planted.found_in(planting.process_arguments()) == []


def test_the_search_itself_finds_what_is_planted(planted):
    for form in ("{}", "x{}y", '"{}"'):
        assert planted.found_in(form.format(planted.texts["app-secret"])) == ["app-secret"]
    assert planted.found_in(planted.texts["kek"].encode().hex()) == ["kek"]
