"""Signing in to Xero: authorize address, token calls, connections, disconnect. HTTP only, no database.

Source: Xero's pages "The standard authorization code flow", "Custom connections" and "Managing connections";
RFC 6749 for the token endpoint, RFC 7636 for the proof that goes with a code.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec
from django.conf import settings

from core.secret import Secret
from xero_app.errors import XeroBadAnswer, XeroNotFound
from xero_app.refusals import refusal
from xero_app.token_refusals import token_refusal
from xero_app.wire import Answer, address, open_client, send

READ_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class AppCredentials:
    """The app that asks: its client id and secret."""

    client_id: str
    client_secret: Secret


@dataclass(frozen=True, slots=True)
class TokenSet:
    """What a token call gave. `refresh_token` is None for custom connections; `expires_in` is in seconds."""

    access_token: Secret
    refresh_token: Secret | None
    expires_in: int
    scopes: tuple[str, ...]


class _TokenBody(msgspec.Struct):
    access_token: str
    expires_in: int
    refresh_token: str = ""
    scope: str = ""


class Connection(msgspec.Struct, frozen=True, rename="camel"):
    """One organisation that a grant reaches. `id` is the connection's own, `tenant_id` the organisation's."""

    id: str
    tenant_id: str
    tenant_type: str = ""
    tenant_name: str = ""
    auth_event_id: str = ""


def authorize_url(*, client_id: str, redirect_uri: str, scopes: str, state: str, verifier: str = "") -> str:
    """Build the address that a person's browser is sent to. `state` must be unguessable and used once.

    With a `verifier` (43 to 128 characters, never shown to the browser) Xero is told its SHA-256, and gives tokens only
    to who knows the verifier itself (RFC 7636, S256)."""
    params = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": scopes,
        "state": state,
    }
    if verifier:
        params |= {"code_challenge": challenge(verifier), "code_challenge_method": "S256"}
    return address(settings.XERO_LOGIN_BASE, "/identity/connect/authorize", params)


def challenge(verifier: str) -> str:
    """Give what may be shown of a verifier (RFC 7636 section 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def exchange_code(app: AppCredentials, *, code: str, redirect_uri: str, verifier: str = "") -> TokenSet:
    """Trade a code (good once, for five minutes) for tokens, with the verifier it was asked for with. Raises as
    `refresh`."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    return _token(app, form | ({"code_verifier": verifier} if verifier else {}))


def refresh(app: AppCredentials, *, refresh_token: Secret) -> TokenSet:
    """Trade a refresh token for a new set; the old one is good for 30 minutes more.

    Raises `XeroReconnectNeeded` (invalid_grant), `XeroAppRefused`, `XeroScopeMissing`, `XeroDown` or
    `XeroBadAnswer`.
    """
    return _token(app, {"grant_type": "refresh_token", "refresh_token": refresh_token.reveal()})


def client_credentials(app: AppCredentials, *, scopes: str) -> TokenSet:
    """Get an access token of a custom connection; there is no refresh token. Raises as `refresh`."""
    return _token(app, {"grant_type": "client_credentials", "scope": custom_connection_scopes(scopes)})


def custom_connection_scopes(scopes: str) -> str:
    """Leave out what only a signed-in person can grant; Xero refuses these for custom connections."""
    personal = {"openid", "profile", "email", "offline_access"}
    return " ".join(scope for scope in scopes.split() if scope not in personal)


def revoke(app: AppCredentials, *, refresh_token: Secret) -> None:
    """End a grant: its refresh token and all connections of that person to the app."""
    form = {"token": refresh_token.reveal()}
    answer = _post(app, "/connect/revocation", form)
    if answer.status != 200:
        raise token_refusal(answer)


def _token(app: AppCredentials, form: Mapping[str, str]) -> TokenSet:
    answer = _post(app, "/connect/token", form)
    if answer.status != 200:
        raise token_refusal(answer)
    try:
        body = msgspec.json.decode(answer.body, type=_TokenBody)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise XeroBadAnswer("Xero's answer to our sign-in cannot be read.") from error
    access = Secret(body.access_token)
    granted = body.scope.split() or claims(access).get("scope", [])
    return TokenSet(
        access_token=access,
        refresh_token=Secret(body.refresh_token) if body.refresh_token else None,
        expires_in=body.expires_in,
        scopes=tuple(granted),
    )


def _post(app: AppCredentials, path: str, form: Mapping[str, str]) -> Answer:
    auth = httpx.BasicAuth(app.client_id, app.client_secret.reveal())
    with open_client(read_seconds=READ_SECONDS) as client:
        request = client.build_request("POST", address(settings.XERO_IDENTITY_BASE, path), data=dict(form))
        signed = next(auth.auth_flow(request))
        return send(client, signed, max_body=1024 * 1024)


def claims(access_token: Secret) -> dict[str, Any]:
    """Read what an access token says of itself, for display and filters only: the signature is not checked."""
    parts = access_token.reveal().split(".")
    if len(parts) != 3:
        return {}
    try:
        body = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def missing_scopes(granted: Iterable[str], *, wanted: str) -> list[str]:
    """Name the scopes that were asked for and not granted."""
    have = set(granted)
    return [scope for scope in wanted.split() if scope not in have]


def connections(access_token: Secret, *, auth_event_id: str = "") -> tuple[Connection, ...]:
    """List the organisations that the grant reaches; with the token's event id only those chosen just now."""
    params = {"authEventId": auth_event_id} if auth_event_id else None
    answer = _api("GET", access_token, "/connections", params)
    if answer.status != 200:
        raise refusal(answer, what="connections")
    try:
        return msgspec.json.decode(answer.body, type=tuple[Connection, ...])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise XeroBadAnswer("Xero's list of connections cannot be read.") from error


def disconnect(access_token: Secret, *, connection_id: str) -> None:
    """End the connection to one organisation. Nothing happens when it has ended already."""
    answer = _api("DELETE", access_token, f"/connections/{connection_id}", None)
    if answer.status not in (200, 204):
        error = refusal(answer, what="connections")
        if not isinstance(error, XeroNotFound):
            raise error


def _api(method: str, access_token: Secret, path: str, params: Mapping[str, str] | None) -> Answer:
    headers = {"Authorization": f"Bearer {access_token.reveal()}"}
    with open_client(read_seconds=READ_SECONDS) as client:
        request = client.build_request(method, address(settings.XERO_API_BASE, path, params), headers=headers)
        return send(client, request, max_body=1024 * 1024)
