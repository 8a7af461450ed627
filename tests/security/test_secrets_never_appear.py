"""Marked secrets are planted everywhere, everything is exercised, and every place is searched for them."""

import json
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from connector import supervisor, tasks
from connector.alerts import sending
from connector.console.signin import codes
from connector.retry import settled
from core import telling
from core.clock import database_now
from core.models import AlertMessage, Event, Fetch, Grant, HostKey, HostKeyState, Problem, Server
from core.secret import Secret
from tests.connector.alerts.receivers import receiving
from tests.connector.commands.running import run
from tests.connector.console.addresses import all_addresses
from tests.connector.console.worlds import World as ConsoleWorld
from tests.factories import ProblemFactory
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
        with receiving() as (world.receiver, port):
            planting.plant_alert_rules(world.integrations[0].tenant, planted, port=port)
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
    ("acks", "--json"),
    ("export_failed", "harbor"),
    ("export_failed", "--json", "--held"),
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


@pytest.mark.long
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


def tell(*, later=timedelta(0)):
    """Pass on what became a problem and send the messages, as sweep and workers do."""
    now = database_now() + later
    telling.note_problems()
    telling.compose_messages(now=now)
    for message in AlertMessage.objects.filter(state="pending"):
        sending.send(message.pk, now=now)


def test_alerts_carry_no_secret_whether_they_arrive_or_not(world, planted, log):
    receiver, kept = world.receiver, []
    for number, state in enumerate(spoil(planted)):
        receiver.answers = [([200, 404, 503, 302][number], {"Location": "http://127.0.0.1:1/"}, b"")]
        Problem.objects.update(told="new")
        run("sync", "harbor/ours")
        target = Server.objects.get(name="erp").unseal("password")
        words = f"could not sign in with {target.reveal()}"
        ProblemFactory(tenant=world.integrations[0].tenant, sentence=words, next_step=words)
        tell(later=timedelta(hours=number))
        kept.append(state)
    sent = [repr((dict(headers), body)) for _, headers, body in receiver.requests]
    sent += [f"{each.subject}\n{each.body}\n{each.extra_headers}" for each in mail.outbox]
    assert (len(kept), len(mail.outbox) > 1, len(sent) > 8) == (4, True, True)
    assert planted.found_in("\n".join(sent)) == []
    assert planted.found_in(log.text) == []
    shown = list(AlertMessage.objects.values_list("sentence", flat=True))
    shown += list(Problem.objects.exclude(sentence__startswith="could not").values_list("sentence", "next_step"))
    assert planted.found_in(json.dumps(shown)) == []


def test_files_for_partners_and_exports_for_people_hold_no_secret(world, planted, tmp_path):
    world.xero.create_invoice(Status="AUTHORISED", InvoiceNumber="X" * 60)
    run("sync", "harbor/ours")
    watch_tokens(planted)
    for form in ("csv", "jsonl", "zip"):
        run("export_failed", "--held", "--format", form, "--output", tmp_path / f"failed.{form}")
    run("verify_audit", "--export", tmp_path / "heads.json")
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.suffix for path in written} >= {".csv", ".jsonl", ".zip", ".json"}
    for path in written:
        assert planted.found_in(path.read_bytes()) == [], path


def test_health_and_figures_tell_no_secret(world, planted, settings):
    client = Client()
    token = {"authorization": f"Bearer {settings.METRICS_TOKEN}"}
    for place in ("/healthz", "/readyz", "/healthz/pipeline", "/metrics"):
        for headers in ({}, token, {"authorization": "Bearer wrong"}):
            answer = client.get(place, headers=headers)
            assert planted.found_in(answer.content + str(dict(answer.headers)).encode()) == [], place


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


@pytest.mark.long
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
