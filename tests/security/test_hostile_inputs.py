"""Every door gets its declared answer for every hostile input: no 500, no traceback, nothing stored, nothing lost."""

import ipaddress
from urllib.parse import quote, urlencode

import pytest
from django.test import Client
from django.urls import reverse

from connector import naming, views_xero
from connector.alerts.destination import read_destination
from connector.alerts.errors import AlertAddress
from core.clock import database_now
from core.errors import ConnectorError
from core.models import (
    AlertRule,
    Event,
    Grant,
    Integration,
    Organisation,
    Role,
    Server,
    Tenant,
    WebhookEvent,
    WebhookMessage,
)
from core.secret import Secret
from sftp_app.address import check_address, read_endpoint
from sftp_app.errors import AddressRefused, KeyRefused
from sftp_app.keys import load_private_key
from tests.connector.commands.running import run, run_json
from tests.connector.console.worlds import World
from tests.factories import GrantFactory, OrganisationFactory, TenantAccessFactory
from tests.security import hostile
from xero_app.webhooks import sign

pytestmark = pytest.mark.django_db
KEY = "a-signing-key"


def numbered(table):
    return [pytest.param(row, id=str(number)) for number, row in enumerate(table)]


def test_there_are_more_than_two_hundred_of_them_and_each_is_another_one():
    assert hostile.COUNT > 350
    for table in hostile.TABLES:
        shown = [repr(row) for row in table]
        assert sorted(set(shown)) == sorted(shown)


@pytest.fixture
def webhooks(settings):
    settings.XERO_WEBHOOK_KEYS = [KEY]
    settings.WEBHOOKS_PER_SECOND = 10_000


@pytest.mark.parametrize("row", numbered(hostile.WEBHOOK))
def test_webhook(webhooks, row):
    body, is_signed, headers, status = row
    signature = {"x-xero-signature": sign(body, Secret(KEY))} if is_signed else {}
    answer = Client(raise_request_exception=False).post(
        "/webhooks/xero", body, content_type="application/json", headers=signature | headers
    )
    assert (answer.status_code, answer.content, answer.cookies.output()) == (status, b"", "")
    assert WebhookMessage.objects.count() == (1 if status == 200 else 0)
    if status == 200:
        assert bytes(WebhookMessage.objects.get().body) == body
    assert not WebhookEvent.objects.exclude(state="ignored").exists()


@pytest.fixture
def tenant():
    return World.make("ours").tenant


@pytest.fixture
def person(tenant):
    client = Client(raise_request_exception=False)
    client.force_login(TenantAccessFactory(tenant=tenant, role=Role.INTEGRATOR).user)
    return client


def callback(client, parameters):
    return client.get(f"/xero/callback?{urlencode(parameters, doseq=True)}")


@pytest.mark.parametrize("row", numbered(hostile.CALLBACK))
def test_callback_without_a_state_of_this_browser(person, row):
    for client in (person, Client(raise_request_exception=False)):
        answer = callback(client, row)
        assert answer.status_code == 400
        assert answer["Content-Type"].startswith("text/plain")
        assert b"<script>" not in answer.content
    assert not Grant.objects.filter(state="connected").exists()


@pytest.mark.parametrize("row", numbered(hostile.CALLBACK_WITH_STATE))
def test_callback_with_a_good_state_and_anything_beside_it(person, tenant, row, settings):
    settings.XERO_IDENTITY_BASE = "http://127.0.0.1:1"
    settings.XERO_CLIENT_ID, settings.XERO_CLIENT_SECRET = "app", "a-secret"
    organisation = OrganisationFactory(
        tenant=tenant, grant=GrantFactory(tenant=tenant, auth="authorization_code", client_id="")
    )
    session = person.session
    until = int(database_now().timestamp()) + 60
    state = {"organisation": str(organisation.pk), "uri": "https://conn.example/xero/callback", "until": until}
    session[views_xero.SESSION_KEY] = {views_xero._digest("good"): state}
    session.save()
    answer = callback(person, {"state": "good", **row})
    if "\0" in "".join(row.values()):
        assert answer.status_code == 400
        answer = callback(person, {"state": "good"})
    assert answer["Location"] == reverse("xero-connection", args=[organisation.pk])
    page = person.get(answer["Location"]).content.decode()
    assert not any(text in page for text in ("<script>alert", "\x1b", "{% debug %}49"))
    assert not Organisation.objects.filter(pk=organisation.pk).exclude(xero_tenant_id="").exists()
    assert callback(person, {"state": "good", **row}).status_code == 400


SERVER = {
    "name": "erp",
    "host": "sftp.example.com",
    "port": 22,
    "username": "harbor",
    "publish": "rename",
    "password": "x",
}


@pytest.mark.parametrize("row", numbered(hostile.SERVER_FORM))
def test_form_of_a_server(person, row):
    answer = person.post(reverse("admin:core_server_add"), {**SERVER, **row})
    if answer.status_code == 302:
        assert set(row) == {"name"}, "only a name may be harmless enough"
        assert Server.objects.filter(name=row["name"]).exists()
        return
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert "<script>alert(1)" not in answer.content.decode()
    assert not Server.objects.filter(name="erp").exists()


@pytest.mark.parametrize("row", numbered(hostile.CONFIGURATION))
def test_configuration_file(tmp_path, row):
    path = tmp_path / "connector.yaml"
    path.write_bytes(row)
    for command in (["apply", path], ["apply", path, "--dry-run"]):
        code, (shown,) = run_json(*command)
        assert code == 1
        assert shown["sentence"]
        assert shown["findings"]
        assert "Traceback" not in run(*command)[2]
    assert not Tenant.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.parametrize("row", numbered(hostile.FILE_NAMES))
def test_template_of_a_file_name(row):
    findings = naming.check_file_name(row)
    assert findings
    assert all(finding.reason for finding in findings)


@pytest.mark.parametrize("row", numbered(hostile.FOLDERS))
def test_template_of_a_folder(row):
    assert naming.check_folder(row)


@pytest.mark.parametrize("row", numbered(hostile.KEYS))
def test_private_key(row):
    for passphrase in (None, Secret("x")):
        with pytest.raises(KeyRefused) as refused:
            load_private_key(Secret(row), passphrase=passphrase)
        assert refused.value.sentence
        assert len(row) < 20 or row not in refused.value.sentence


@pytest.mark.parametrize("row", numbered(hostile.ADDRESSES))
def test_address_of_a_server(row):
    with pytest.raises(AddressRefused) as refused:
        check_address(ipaddress.ip_address(read_endpoint(row).host))
    assert refused.value.next_step
    assert refused.value.sentence.isprintable()


@pytest.mark.parametrize("row", numbered(hostile.WEBHOOK_URLS))
def test_address_of_a_webhook(row):
    with pytest.raises(AlertAddress) as refused:
        read_destination(row, allowed_nets=())
    assert refused.value.next_step
    assert refused.value.sentence.isprintable()
    assert "latest" not in refused.value.sentence


ALERT = {"name": "on-call", "channel": "webhook", "url": "https://hooks.example.com/x", "every_minutes": "15"}
ALERT |= {"secret": "a-signing-secret-1"}


@pytest.mark.parametrize("row", numbered(hostile.ALERT_FORM))
def test_form_of_an_alert_rule(person, row):
    before = AlertRule.objects.count()
    answer = person.post(reverse("admin:core_alertrule_add"), {**ALERT, **row})
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert "<script>alert(1)" not in answer.content.decode()
    assert AlertRule.objects.count() == before


@pytest.mark.parametrize("row", numbered(hostile.EVIL))
def test_search_and_filters_of_the_console(person, row):
    for place in (
        "search",
        "core_export_changelist",
        "core_event_changelist",
        "core_file_changelist",
        "core_run_changelist",
    ):
        for parameter in ("s", "q", "state", "p", "o", "e", "integration__id__exact", "password__startswith"):
            answer = person.get(reverse(f"admin:{place}"), {parameter: row})
            assert answer.status_code in (200, 302, 400), (place, parameter)
            assert "<script>alert(1)" not in answer.content.decode()


@pytest.mark.parametrize("row", numbered(hostile.EVIL))
def test_ids_in_addresses_of_the_console(person, row):
    for model in (Server, Integration, Event):
        place = reverse(f"admin:core_{model._meta.model_name}_changelist")
        answer = person.get(f"{place}{quote(row, safe='')}/change/")
        assert answer.status_code in (302, 400, 403, 404)


@pytest.mark.parametrize(
    "command", ["sync", "audit --record", "audit --file", "verify_audit", "purge", "check_connection", "export_config"]
)
@pytest.mark.parametrize("row", numbered(hostile.EVIL))
def test_arguments_of_commands(command, row):
    try:
        code, out, err = run(*command.split(), row)
    except ConnectorError as error:
        pytest.fail(f"an error left the command: {error}")
    assert code in (0, 1, 2)
    assert "Traceback" not in out + err
