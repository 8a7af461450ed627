"""Signing in to Xero in the browser: state, consent, choice of the organisation, refusals, disconnecting."""

import contextlib
import http.client
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.db.models.functions import Now
from django.test import Client

from connector import views_xero, xero_connection
from core import cursors
from core.clock import database_now
from core.models import Event, Grant, Organisation, Problem, Role, StreamCursor
from tests.factories import GrantFactory, OrganisationFactory, RecordFactory, TenantAccessFactory, TenantFactory
from tests.world import open_world
from xero_app.simulator import AppConfig, OrganisationConfig

pytestmark = pytest.mark.django_db(transaction=True)
CALLBACK = "https://conn.example/xero/callback"
WEB = AppConfig(client_id="WEB", client_secret="a-web-secret", redirect_uris=(CALLBACK,))
CUSTOM = AppConfig(client_id="SIMCUSTOM", client_secret="sim-custom-secret", organisation=0)
HARBOR, SECOND = OrganisationConfig(name="Harbor Supply Co"), OrganisationConfig(name="Second Ltd")


@pytest.fixture
def world(settings, tmp_path):
    settings.PUBLIC_URL = "https://conn.example"
    settings.XERO_CLIENT_ID, settings.XERO_CLIENT_SECRET = "WEB", "a-web-secret"
    empty = {"invoices": 0, "contacts": 1, "manual_journals": 0, "limits": False}
    with open_world(settings, tmp_path, apps=(WEB, CUSTOM), organisations=(HARBOR, SECOND), **empty) as world:
        yield world


def connection_of(tenant, **fields):
    grant = GrantFactory(tenant=tenant, auth="authorization_code", client_id="", name="web")
    return OrganisationFactory(tenant=tenant, grant=grant, base_currency="", **fields)


@pytest.fixture
def organisation(world):
    return connection_of(TenantFactory(slug="harbor"))


def integrator(tenant, role=Role.INTEGRATOR):
    client = Client()
    client.force_login(TenantAccessFactory(tenant=tenant, role=role).user)
    return client


@pytest.fixture
def client(organisation):
    return integrator(organisation.tenant)


def leave(client, organisation):
    """Press Connect; give the address at Xero."""
    return client.post(f"/xero/connect/{organisation.pk}").headers["Location"]


def consent(address, organisations="0"):
    """Agree on Xero's page for some organisations; give where the browser is sent."""
    parts = urlsplit(address)
    with contextlib.closing(http.client.HTTPConnection(parts.hostname, parts.port)) as wire:
        wire.request("GET", f"{parts.path}?{parts.query}&_sim_organisations={organisations}")
        return wire.getresponse().headers["Location"]


def come_back(client, address):
    parts = urlsplit(address)
    return client.get(f"{parts.path}?{parts.query}", follow=True)


def connect(client, organisation, organisations="0"):
    answer = come_back(client, consent(leave(client, organisation), organisations))
    organisation.refresh_from_db()
    return answer.content.decode()


def test_connecting_binds_the_organisation_and_keeps_the_tokens(world, client, organisation):
    text = connect(client, organisation)
    assert "Connected to Harbor Supply Co" in text
    assert organisation.xero_tenant_id == world.xero.tenant_id
    assert organisation.connection_id
    grant = Grant.objects.get(pk=organisation.grant_id)
    assert (grant.state, grant.refresh_token is not None) == ("connected", True)
    events = set(Event.objects.values_list("event", flat=True))
    assert {"grant.connected", "organisation.connected"} <= events


def test_what_is_sent_to_xero_is_exact(world, client, organisation, settings):
    asked = parse_qs(urlsplit(leave(client, organisation)).query)
    assert (asked["redirect_uri"], asked["client_id"]) == ([CALLBACK], ["WEB"])
    assert asked["scope"] == [settings.XERO_SCOPES]
    assert len(asked["state"][0]) >= 43
    assert (asked["code_challenge_method"], len(asked["code_challenge"][0])) == (["S256"], 43)


def test_a_code_without_its_verifier_is_worth_nothing(world, client, organisation, settings):
    back = consent(leave(client, organisation))
    settings.XERO_PKCE = False
    come_back(client, back)
    assert not Event.objects.filter(event="grant.connected").exists()


def test_the_verifier_is_told_to_nobody_and_stored_nowhere(world, client, organisation):
    address = leave(client, organisation)
    verifier = views_xero._verifier(parse_qs(urlsplit(address).query)["state"][0])
    assert len(verifier) == 64
    assert verifier not in address
    assert verifier not in str([session.get_decoded() for session in Session.objects.all()])


@pytest.mark.parametrize(("asked", "reading"), [(True, "check"), (True, "ignore"), (False, "refuse")])
def test_signing_in_works_whatever_xero_makes_of_pkce(world, client, organisation, settings, asked, reading):
    settings.XERO_PKCE = asked
    world.xero.configure(pkce=reading)
    assert ("code_challenge" in leave(client, organisation)) is asked
    assert "Connected to Harbor Supply Co" in connect(client, organisation)


def test_an_app_that_may_not_send_pkce_is_told_the_way_out(world, client, organisation):
    world.xero.configure(pkce="refuse")
    assert "XERO_PKCE=false" in connect(client, organisation)


def test_the_state_is_not_stored_as_it_is(world, client, organisation):
    state = parse_qs(urlsplit(leave(client, organisation)).query)["state"][0]
    stored = [session.get_decoded() for session in Session.objects.all()]
    assert state not in str(stored)
    assert views_xero.SESSION_KEY in str(stored)


def test_a_state_is_good_once(world, client, organisation):
    back = consent(leave(client, organisation))
    assert come_back(client, back).status_code == 200
    assert come_back(client, back).status_code == 400


@pytest.mark.parametrize("state", ["", "guessed", "ünï"])
def test_a_foreign_state_is_refused(world, client, organisation, state):
    leave(client, organisation)
    assert client.get("/xero/callback", {"code": "c", "state": state}).status_code == 400
    assert not Event.objects.filter(event="grant.connected").exists()


def test_a_state_of_another_browser_is_refused(world, client, organisation):
    back = consent(leave(client, organisation))
    assert come_back(integrator(organisation.tenant), back).status_code == 400


def test_a_state_ends_after_ten_minutes(world, client, organisation):
    back = consent(leave(client, organisation))
    session = client.session
    for entry in session[views_xero.SESSION_KEY].values():
        entry["until"] -= views_xero.STATE_SECONDS + 1
    session.save()
    assert come_back(client, back).status_code == 400


def test_denial_and_errors_are_shown_escaped(world, client, organisation):
    world.xero.configure(deny_consent=True)
    assert "not allowed in Xero" in connect(client, organisation)
    state = parse_qs(urlsplit(leave(client, organisation)).query)["state"][0]
    answer = client.get("/xero/callback", {"error": "<script>alert(1)</script>", "state": state}, follow=True)
    assert "<script>alert(1)" not in answer.content.decode()
    assert "&lt;script&gt;" in answer.content.decode()


def test_a_code_that_xero_refuses_is_said(world, client, organisation):
    state = parse_qs(urlsplit(leave(client, organisation)).query)["state"][0]
    answer = client.get("/xero/callback", {"code": "made-up", "state": state}, follow=True)
    assert "no longer accepts our sign-in" in answer.content.decode()


def test_of_several_organisations_one_is_chosen(world, client, organisation):
    text = connect(client, organisation, organisations="")
    assert organisation.xero_tenant_id == ""
    assert "Which organisation" in text
    assert "Second Ltd" in text
    second = world.xero.books(1).tenant_id
    client.post(f"/xero/choose/{organisation.pk}", {"xero_tenant_id": second})
    organisation.refresh_from_db()
    assert organisation.xero_tenant_id == second


def test_a_choice_that_was_not_offered_is_refused(world, client, organisation):
    connect(client, organisation, organisations="")
    answer = client.post(f"/xero/choose/{organisation.pk}", {"xero_tenant_id": "f" * 36}, follow=True)
    organisation.refresh_from_db()
    assert organisation.xero_tenant_id == ""
    assert "not among those" in answer.content.decode()


def test_an_organisation_of_another_tenant_cannot_be_bound(world, client, organisation):
    other = connection_of(TenantFactory(name="Secret Rival Ltd"), xero_tenant_id=world.xero.tenant_id)
    text = connect(client, organisation)
    assert "bound to another connection" in text
    assert other.tenant.name not in text
    assert (organisation.xero_tenant_id, Grant.objects.get(pk=organisation.grant_id).state) == ("", "new")


def test_what_another_tenant_reads_is_not_offered(world, client, organisation):
    connection_of(TenantFactory(), xero_tenant_id=world.xero.tenant_id)
    assert "Connected to Second Ltd" in connect(client, organisation, organisations="")


def test_reconnecting_must_be_for_the_same_organisation(world, client, organisation):
    connect(client, organisation)
    RecordFactory(organisation=organisation)
    world.xero.disconnect()
    text = connect(client, organisation, organisations="1")
    assert "You connected Second Ltd" in text
    assert organisation.xero_tenant_id == world.xero.tenant_id


def test_reconnecting_clears_what_was_blocked_and_polls_at_once(world, client, organisation):
    connect(client, organisation)
    Grant.objects.update(state="needs_reconnect")
    Organisation.objects.update(blocked_code="XERO_DISCONNECTED", blocked_at=Now(), next_poll_at=None)
    StreamCursor.objects.create(
        organisation=organisation, stream="payments", blocked_code="XERO_SCOPE", blocked_at=Now()
    )
    Problem.objects.create(
        tenant=organisation.tenant, code="XERO_AUTH_EXPIRED", subject=f"grant:{organisation.grant_id}"
    )
    connect(client, organisation)
    assert cursors.blocked_code(organisation, "payments", now=database_now()) == ""
    assert not Problem.objects.filter(state="open").exists()
    assert organisation.next_poll_at <= database_now()


def test_missing_permissions_are_named(world, client, organisation, settings):
    address = leave(client, organisation).replace("%20accounting.payments.read", "")
    text = come_back(client, consent(address)).content.decode()
    assert "accounting.payments.read" in text


@pytest.mark.parametrize(
    ("role", "status"), [(Role.VIEWER, 403), (Role.OPERATOR, 403), (Role.INTEGRATOR, 302), (Role.OWNER, 302)]
)
def test_only_integrators_may_connect(world, organisation, role, status):
    answer = integrator(organisation.tenant, role).post(f"/xero/connect/{organisation.pk}")
    assert answer.status_code == status


@pytest.mark.parametrize("address", ["/xero/connect/{}", "/xero/choose/{}", "/xero/disconnect/{}", "/admin/xero/{}/"])
def test_other_tenants_connections_do_not_exist(world, organisation, address):
    stranger = integrator(TenantFactory())
    call = stranger.get if address.startswith("/admin") else stranger.post
    assert call(address.format(organisation.pk)).status_code == 404


def test_who_lost_the_role_on_the_way_is_refused(world, client, organisation):
    back = consent(leave(client, organisation))
    organisation.tenant.access.update(role=Role.VIEWER)
    assert come_back(client, back).status_code == 403
    assert Grant.objects.get(pk=organisation.grant_id).state == "new"


def test_nobody_who_is_not_signed_in_gets_anywhere(world, organisation):
    assert "/login" in Client().post(f"/xero/connect/{organisation.pk}").headers["Location"]
    assert Client().get("/xero/callback", {"code": "c", "state": "s"}).status_code == 400


def test_a_form_of_another_site_does_nothing(world, organisation):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(TenantAccessFactory(tenant=organisation.tenant, role=Role.INTEGRATOR).user)
    for name in ("connect", "choose", "disconnect"):
        assert strict.post(f"/xero/{name}/{organisation.pk}").status_code == 403


def test_connecting_by_get_is_refused(world, client, organisation):
    assert client.get(f"/xero/connect/{organisation.pk}").status_code == 405


def test_disconnecting_asks_first_and_revokes(world, client, organisation):
    connect(client, organisation)
    client.post(f"/xero/disconnect/{organisation.pk}")
    assert Grant.objects.get(pk=organisation.grant_id).state == "connected"
    client.post(f"/xero/disconnect/{organisation.pk}", {"confirmed": "yes"})
    grant = Grant.objects.get(pk=organisation.grant_id)
    assert (grant.state, grant.refresh_token) == ("disconnected", None)
    assert [one for one in world.xero.desk.connections if one.client_id == "WEB"] == []
    assert Event.objects.get(event="grant.disconnected").actor


def test_a_disconnected_connection_can_be_connected_again(world, client, organisation):
    connect(client, organisation)
    client.post(f"/xero/disconnect/{organisation.pk}", {"confirmed": "yes"})
    assert "Connected to Harbor Supply Co" in connect(client, organisation)


def test_a_custom_connection_is_signed_in_at_once(world, client, organisation):
    custom = world.organisation(organisation.tenant)
    text = client.post(f"/xero/connect/{custom.pk}", follow=True).content.decode()
    custom.refresh_from_db()
    assert "Connected to Harbor Supply Co" in text
    assert custom.xero_tenant_id == world.xero.tenant_id


def test_days_left_are_counted_from_the_last_renewal(world, client, organisation):
    connect(client, organisation)
    Grant.objects.update(refreshed_at=Now() - timedelta(days=50))
    grant = Grant.objects.get(pk=organisation.grant_id)
    assert xero_connection.days_left(grant, now=database_now()) in (9, 10)
    assert "end in" in client.get(f"/admin/xero/{organisation.pk}/").content.decode()
    grant.auth = "custom_connection"
    assert xero_connection.days_left(grant, now=database_now()) is None


def test_pages_outside_the_console_load_nothing(world, client, organisation):
    answer = client.get("/xero/callback", {"state": "x"})
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
