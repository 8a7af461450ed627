"""§10 rows 1 to 4: authorize, token, rotation, connections."""

import base64
import json
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.xero_app.simulator.caller import SCOPES, Caller, calling
from xero_app.simulator import OrganisationConfig

REDIRECT = "http://localhost:8000/xero/callback"


def authorize(caller: Caller, **changes: str) -> httpx.Response:
    query = {
        "response_type": "code",
        "client_id": "SIMWEBAPP",
        "redirect_uri": REDIRECT,
        "scope": SCOPES,
        "state": "s1",
    }
    return caller.http.get("/identity/connect/authorize", params={**query, **changes})


def answered(response: httpx.Response) -> dict[str, str]:
    assert response.status_code == 302
    return {name: values[0] for name, values in parse_qs(urlsplit(response.headers["Location"]).query).items()}


def code_of(caller: Caller) -> str:
    return answered(authorize(caller))["code"]


def trade(caller: Caller, code: str, uri: str = REDIRECT, **more: str) -> httpx.Response:
    return caller.token(grant_type="authorization_code", code=code, redirect_uri=uri, **more)


def refresh(caller: Caller, token: str) -> httpx.Response:
    return caller.token(grant_type="refresh_token", refresh_token=token)


def claims_of(token: str) -> dict[str, object]:
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_consent_sends_code_and_state_back(caller: Caller) -> None:
    response = authorize(caller)
    assert response.headers["Location"].startswith(f"{REDIRECT}?")
    assert answered(response)["state"] == "s1"
    assert trade(caller, answered(response)["code"]).status_code == 200


def test_a_code_works_once_only(caller: Caller) -> None:
    code = code_of(caller)
    assert trade(caller, code).status_code == 200
    again = trade(caller, code)
    assert (again.status_code, again.json()) == (400, {"error": "invalid_grant"})


def test_a_code_dies_after_five_minutes(caller: Caller) -> None:
    code = code_of(caller)
    caller.simulator.advance(seconds=301)
    assert trade(caller, code).json() == {"error": "invalid_grant"}


def test_a_code_is_bound_to_its_redirect_address(caller: Caller) -> None:
    assert trade(caller, code_of(caller), uri=f"{REDIRECT}/").json() == {"error": "invalid_grant"}


@pytest.mark.parametrize("change", [{"redirect_uri": f"{REDIRECT}/"}, {"client_id": "SOMEONE"}])
def test_an_unregistered_address_or_client_is_not_redirected_to(caller: Caller, change: dict[str, str]) -> None:
    assert authorize(caller, **change).status_code == 400


def test_an_unknown_scope_is_refused(caller: Caller) -> None:
    assert answered(authorize(caller, scope="openid accounting.everything"))["error"] == "invalid_scope"


def test_a_new_app_gets_granular_scopes_only(caller: Caller) -> None:
    broad = "openid offline_access accounting.transactions.read"
    assert answered(authorize(caller, scope=broad))["error"] == "invalid_scope"
    caller.control("config", granular_only=False)
    assert "code" in answered(authorize(caller, scope=broad))


CHALLENGE = {"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256"}
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
"""The pair of RFC 7636, appendix B."""


@pytest.mark.parametrize(
    ("asked", "told", "status"),
    [
        (CHALLENGE, {"code_verifier": VERIFIER}, 200),
        (CHALLENGE, {}, 400),
        (CHALLENGE, {"code_verifier": VERIFIER[:-1] + "l"}, 400),
        ({}, {"code_verifier": VERIFIER}, 400),
        ({}, {}, 200),
    ],
    ids=["both", "no verifier", "wrong verifier", "no challenge", "neither"],
)
def test_a_code_with_a_challenge_needs_its_verifier(
    caller: Caller, asked: dict[str, str], told: dict[str, str], status: int
) -> None:
    assert trade(caller, answered(authorize(caller, **asked))["code"], **told).status_code == status


def test_a_challenge_in_the_clear_is_refused(caller: Caller) -> None:
    asked = {**CHALLENGE, "code_challenge_method": "plain"}
    assert answered(authorize(caller, **asked))["error"] == "invalid_request"


def test_a_user_can_deny_consent(caller: Caller) -> None:
    caller.control("config", deny_consent=True)
    assert answered(authorize(caller)) == {"error": "access_denied", "state": "s1"}


def test_the_token_answer_has_the_fields_of_a_live_one(caller: Caller) -> None:
    answer = trade(caller, code_of(caller)).json()
    assert list(answer) == ["id_token", "access_token", "expires_in", "token_type", "refresh_token", "scope"]
    assert (answer["expires_in"], answer["token_type"]) == (1800, "Bearer")
    assert set(answer["scope"].split()) == set(SCOPES.split())


def test_the_access_token_carries_the_claims_of_a_live_one(caller: Caller) -> None:
    claims = claims_of(trade(caller, code_of(caller)).json()["access_token"])
    assert claims["iss"] == "https://identity.xero.com"
    assert claims["aud"] == "https://identity.xero.com/resources"
    assert claims["exp"] == claims["nbf"] + 1800
    for name in (
        "client_id",
        "sub",
        "auth_time",
        "xero_userid",
        "global_session_id",
        "jti",
        "authentication_event_id",
    ):
        assert claims[name]
    assert "offline_access" in claims["scope"]


def test_id_and_secret_may_be_in_the_form(caller: Caller) -> None:
    form = {"grant_type": "authorization_code", "code": code_of(caller), "redirect_uri": REDIRECT}
    form |= {"client_id": "SIMWEBAPP", "client_secret": "sim-web-secret"}
    assert caller.http.post("/connect/token", data=form).status_code == 200


@pytest.mark.parametrize(
    ("auth", "error"), [(("SIMWEBAPP", "wrong"), "invalid_client"), (("", ""), "unauthorized_client")]
)
def test_a_wrong_client_is_refused(caller: Caller, auth: tuple[str, str], error: str) -> None:
    answer = caller.http.post("/connect/token", data={"grant_type": "refresh_token"}, auth=auth)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


def test_without_offline_access_there_is_no_refresh_token(caller: Caller) -> None:
    code = answered(authorize(caller, scope="openid accounting.contacts.read"))["code"]
    assert "refresh_token" not in trade(caller, code).json()


def test_a_custom_connection_needs_no_browser_and_no_tenant_header(caller: Caller) -> None:
    form = {"grant_type": "client_credentials", "scope": "accounting.invoices.read"}
    answer = caller.http.post("/connect/token", data=form, auth=("SIMCUSTOM", "sim-custom-secret")).json()
    assert list(answer) == ["access_token", "expires_in", "token_type", "scope"]
    headers = {"Authorization": f"Bearer {answer['access_token']}", "Accept": "application/json"}
    assert caller.http.get("/api.xro/2.0/Invoices?page=1", headers=headers).status_code == 200


def test_a_custom_connection_with_a_wrong_scope_is_told_so(caller: Caller) -> None:
    form = {"grant_type": "client_credentials", "scope": "accounting.nothing"}
    answer = caller.http.post("/connect/token", data=form, auth=("SIMCUSTOM", "sim-custom-secret"))
    wanted = {"error": "invalid_scope", "error_description": "Client credentials scope validation failed"}
    assert (answer.status_code, answer.json()) == (400, wanted)


def test_every_refresh_gives_a_new_refresh_token(caller: Caller) -> None:
    first = caller.tokens["refresh_token"]
    second = refresh(caller, first).json()["refresh_token"]
    assert second != first
    assert refresh(caller, second).status_code == 200
    assert caller.simulator.stats["refreshes"] == 2


def test_the_replaced_refresh_token_works_for_thirty_minutes_more(caller: Caller) -> None:
    first = caller.tokens["refresh_token"]
    second = refresh(caller, first).json()["refresh_token"]
    caller.simulator.advance(seconds=1790)
    fresh = refresh(caller, first).json()["refresh_token"]
    assert fresh not in (first, second)
    caller.simulator.advance(seconds=20)
    assert refresh(caller, first).json() == {"error": "invalid_grant"}
    assert refresh(caller, second).status_code == 200


def test_a_refresh_token_unused_for_sixty_days_is_dead(caller: Caller) -> None:
    caller.control("clock", seconds=60 * 86_400 + 1)
    assert refresh(caller, caller.tokens["refresh_token"]).json() == {"error": "invalid_grant"}


def test_revocation_ends_tokens_and_connections(caller: Caller) -> None:
    form = {"token": caller.tokens["refresh_token"]}
    answer = caller.http.post("/connect/revocation", data=form, auth=("SIMWEBAPP", "sim-web-secret"))
    assert (answer.status_code, answer.content) == (200, b"")
    assert refresh(caller, caller.tokens["refresh_token"]).json() == {"error": "invalid_grant"}
    assert caller.get("Organisation").status_code == 403


def test_an_answer_lost_after_rotation_has_rotated(caller: Caller) -> None:
    caller.simulator.add_fault(kind="lost", path="/connect/token")
    with pytest.raises(httpx.TransportError):
        refresh(caller, caller.tokens["refresh_token"])
    caller.simulator.advance(seconds=1801)
    assert refresh(caller, caller.tokens["refresh_token"]).json() == {"error": "invalid_grant"}


def test_the_token_endpoint_can_fail_and_be_slow(caller: Caller) -> None:
    caller.simulator.add_fault(kind="status", status=500, path="/connect/token")
    assert refresh(caller, caller.tokens["refresh_token"]).status_code == 500
    caller.simulator.add_fault(kind="slow", seconds=5, path="/connect/token")
    with pytest.raises(httpx.ReadTimeout):
        caller.http.post("/connect/token", data={}, timeout=httpx.Timeout(10, read=0.05))


def connections(caller: Caller, method: str = "GET", path: str = "", **params: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {caller.tokens['access_token']}"}
    return caller.http.request(method, f"/connections{path}", headers=headers, params=params)


def test_connections_are_listed_with_plain_iso_dates(caller: Caller) -> None:
    answer = connections(caller)
    (one,) = answer.json()
    assert one["tenantId"] == caller.tenant_id
    assert one["tenantType"] == "ORGANISATION"
    assert len(one["createdDateUtc"].partition(".")[2]) == 7
    limits = {name for name in answer.headers if "limit" in name}
    assert limits == {"x-appminlimit-remaining"}


def test_connections_can_be_filtered_by_the_consent_that_made_them() -> None:
    two = (OrganisationConfig(), OrganisationConfig(name="Kauri Ltd", country="NZ"))
    with calling(organisations=two) as caller:
        first = answered(authorize(caller, _sim_organisations="1"))["code"]
        caller.tokens = trade(caller, first).json()
        event = str(claims_of(caller.tokens["access_token"])["authentication_event_id"])
        assert [one["tenantName"] for one in connections(caller, authEventId=event).json()] == ["Kauri Ltd"]
        assert len(connections(caller).json()) == 2


def test_deleting_a_connection_closes_the_organisation_but_not_the_grant(caller: Caller) -> None:
    (one,) = connections(caller).json()
    assert connections(caller, "DELETE", f"/{one['tenantId']}").status_code == 403
    assert connections(caller, "DELETE", f"/{one['id']}").status_code == 204
    assert connections(caller, "DELETE", f"/{one['id']}").status_code == 404
    assert caller.get("Organisation").json()["Detail"] == "AuthenticationUnsuccessful"
    assert refresh(caller, caller.tokens["refresh_token"]).status_code == 200
    assert connections(caller).json() == []


def test_a_custom_connection_can_be_disconnected_and_connected_again(caller: Caller) -> None:
    form = {"grant_type": "client_credentials", "scope": "accounting.settings.read"}
    auth = ("SIMCUSTOM", "sim-custom-secret")
    caller.control("disconnect")
    caller.tokens = caller.http.post("/connect/token", data=form, auth=auth).json()
    assert caller.get("Organisation").status_code == 403
    assert [one["client_id"] for one in caller.control("connect")] == ["SIMCUSTOM"]
    assert caller.get("Organisation").status_code == 200


def test_a_user_can_disconnect_in_xero(caller: Caller) -> None:
    caller.control("disconnect")
    assert caller.get("Invoices", page=1).status_code == 403
    assert connections(caller).json() == []
