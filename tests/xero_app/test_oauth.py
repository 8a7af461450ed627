"""Signing in: the round trip of a consent, connections, disconnecting."""

import threading
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from core.models import Event, Grant, GrantAuth, GrantState
from core.secret import Secret
from tests.factories import GrantFactory
from tests.xero_app.conftest import consent, in_threads, wait_until
from xero_app import errors, grants, oauth
from xero_app.disconnect import end_grant
from xero_app.simulator import CUSTOM_CONNECTION, WEB_APP, SimulatorConfig
from xero_app.tokens import access_token

REDIRECT = WEB_APP.redirect_uris[0]
APP = oauth.AppCredentials(WEB_APP.client_id, Secret(WEB_APP.client_secret))
SCOPES = (
    "openid profile email offline_access accounting.invoices.read accounting.payments.read "
    "accounting.manualjournals.read accounting.contacts.read accounting.settings.read"
)


def go_through_the_browser(url):
    answer = httpx.get(url)
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def authorized(**changes):
    asked = {"client_id": WEB_APP.client_id, "redirect_uri": REDIRECT, "scopes": SCOPES, "state": "s+1&/"}
    return go_through_the_browser(oauth.authorize_url(**{**asked, **changes}))


def test_a_consent_ends_in_tokens_and_the_connections_just_made(xero):
    returned = authorized()

    tokens = oauth.exchange_code(APP, code=returned["code"], redirect_uri=REDIRECT)
    event_id = oauth.claims(tokens.access_token)["authentication_event_id"]
    chosen = oauth.connections(tokens.access_token, auth_event_id=event_id)

    assert returned["state"] == "s+1&/"
    assert tokens.expires_in == 1800
    assert tokens.refresh_token
    assert [(item.tenant_id, item.tenant_name) for item in chosen] == [(xero.tenant_id, "Harbor Supply Co")]
    assert oauth.missing_scopes(tokens.scopes, wanted=SCOPES) == []


def test_connections_of_another_consent_are_not_listed(xero):
    tokens = oauth.exchange_code(APP, code=authorized()["code"], redirect_uri=REDIRECT)

    assert oauth.connections(tokens.access_token, auth_event_id="d99ecdfe-391d-43d2-b834-17636ba90e8d") == ()


def test_a_code_works_once(xero):
    code = authorized()["code"]
    oauth.exchange_code(APP, code=code, redirect_uri=REDIRECT)

    with pytest.raises(errors.XeroReconnectNeeded):
        oauth.exchange_code(APP, code=code, redirect_uri=REDIRECT)


def test_another_redirect_address_is_refused(xero):
    with pytest.raises(errors.XeroReconnectNeeded):
        oauth.exchange_code(APP, code=authorized()["code"], redirect_uri="http://localhost:8000/other")


def test_scopes_that_were_not_given_are_named(xero):
    tokens = oauth.client_credentials(
        oauth.AppCredentials(CUSTOM_CONNECTION.client_id, Secret(CUSTOM_CONNECTION.client_secret)),
        scopes="openid offline_access accounting.contacts.read",
    )

    assert tokens.refresh_token is None
    assert oauth.missing_scopes(tokens.scopes, wanted="accounting.contacts.read accounting.payments.read") == [
        "accounting.payments.read"
    ]


@pytest.mark.parametrize("config", [SimulatorConfig(invoices=1, granular_only=False)])
def test_old_apps_may_still_ask_for_broad_scopes(xero):
    returned = authorized(scopes="offline_access accounting.transactions.read")

    assert (
        "accounting.transactions.read" in oauth.exchange_code(APP, code=returned["code"], redirect_uri=REDIRECT).scopes
    )


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c", "a.!!.c", "a.W10.c"])
def test_a_token_that_says_nothing_has_no_claims(token):
    assert oauth.claims(Secret(token)) == {}


def test_disconnecting_one_organisation_twice_does_no_harm(xero):
    tokens = oauth.exchange_code(APP, code=authorized()["code"], redirect_uri=REDIRECT)
    (connection,) = oauth.connections(tokens.access_token)

    for _ in range(2):
        oauth.disconnect(tokens.access_token, connection_id=connection.id)

    assert oauth.connections(tokens.access_token) == ()


def test_a_consent_just_given_replaces_a_dead_grant(consented, xero):
    Grant.objects.filter(pk=consented.grant_id).update(state=GrantState.NEEDS_RECONNECT)
    tokens = oauth.exchange_code(APP, code=authorized()["code"], redirect_uri=REDIRECT)

    grants.accept(Grant.objects.get(pk=consented.grant_id), tokens, actor="ada")

    assert access_token(consented.grant_id) == tokens.access_token
    event = Event.objects.get(tenant_id=consented.tenant_id)
    assert (event.event, event.actor) == ("grant.connected", "ada")


def test_ending_a_grant_forgets_and_revokes_its_tokens(consented, xero):
    token = access_token(consented.grant_id)

    end_grant(Grant.objects.get(pk=consented.grant_id), actor="ada")

    grant = Grant.objects.get(pk=consented.grant_id)
    assert grant.state == GrantState.DISCONNECTED
    assert grant.refresh_token is grant.access_token is grant.previous_refresh_token is None
    assert oauth.connections(token) == ()
    with pytest.raises(errors.XeroReconnectNeeded):
        access_token(consented.grant_id)


def test_ending_one_of_two_grants_leaves_the_other_alone(consented, xero):
    other = GrantFactory(client_id="", state=GrantState.CONNECTED, auth=GrantAuth.AUTHORIZATION_CODE)

    end_grant(Grant.objects.get(pk=consented.grant_id), actor="ada")

    assert "POST /connect/revocation" not in xero.stats["calls"]
    assert Grant.objects.get(pk=other.pk).state == GrantState.CONNECTED


def test_a_grant_that_xero_has_ended_already_is_forgotten(consented, xero):
    xero.advance(seconds=61 * 86_400)

    end_grant(Grant.objects.get(pk=consented.grant_id), actor="ada")

    assert Grant.objects.get(pk=consented.grant_id).state == GrantState.DISCONNECTED


def test_while_xero_is_down_nothing_is_ended(consented, xero):
    access_token(consented.grant_id)
    xero.add_fault(kind="status", status=503, path="/connections")

    with pytest.raises(errors.XeroDown):
        end_grant(Grant.objects.get(pk=consented.grant_id), actor="ada")

    assert Grant.objects.get(pk=consented.grant_id).state == GrantState.CONNECTED


def test_a_custom_connection_is_only_forgotten(books, xero):
    access_token(books.grant_id)

    end_grant(Grant.objects.get(pk=books.grant_id), actor="ada")

    assert Grant.objects.get(pk=books.grant_id).access_token is None
    assert xero.stats["token_calls"]["token"] == 1


def test_a_refresh_under_way_does_not_bring_an_ended_grant_back(transactional_db, xero):
    organisation = consent(xero)
    is_held = threading.Event()

    def refresh_or_end(number):
        if number == 0:
            is_held.wait(10)
            return refused(organisation)
        with xero.lock:  # Xero answers nobody meanwhile
            is_held.set()
            wait_until(lambda: Grant.objects.get(pk=organisation.grant_id).fence == 1)
            return grants.forget(Grant.objects.get(pk=organisation.grant_id), actor="ada")

    in_threads(2, refresh_or_end)

    assert Grant.objects.get(pk=organisation.grant_id).state == GrantState.DISCONNECTED


def refused(organisation):
    with pytest.raises(errors.XeroReconnectNeeded):
        access_token(organisation.grant_id)
