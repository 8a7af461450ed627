"""The sign-in addresses: authorize, token, revocation, and the list of connections."""

import base64
import binascii
import hmac
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

from xero_app.simulator.books import Books
from xero_app.simulator.config import AppConfig
from xero_app.simulator.exchange import HTML, Request, Response, json_answer, not_found, problem
from xero_app.simulator.scopes import refused_scopes
from xero_app.simulator.tokens import AccessToken, Connection, Refused, TokenDesk

AUTHORIZE = "/identity/connect/authorize"
TOKEN = "/connect/token"  # noqa: S105 - an address
REVOCATION = "/connect/revocation"


class SignIn:
    """Translates sign-in requests into calls of the token desk."""

    def __init__(self, *, desk: TokenDesk, organisations: Callable[[], list[Books]]) -> None:
        self._desk = desk
        self._organisations = organisations

    def authorize(self, request: Request) -> Response:
        """The consent page, already agreed to: 302 to the app with code and state, or with an error.

        A client or redirect address that is not registered gets a page instead, since there is nowhere safe
        to send the browser (RFC 6749 §4.1.2.1). `_sim_organisations` (indexes, comma-separated) connects some
        organisations only; by default the user connects all of them.
        """
        query = request.query
        app = self._desk.app(query.get("client_id", ""))
        uri = query.get("redirect_uri", "")
        if app is None or app.organisation is not None or uri not in app.redirect_uris:
            text = b"<h1>Sorry, something went wrong</h1><p>Error: invalid redirect_uri or client_id</p>"
            return Response(status=400, body=text, content_type=HTML)
        answer = self._consent(app, query.get("scope", "").split(), uri, query)
        if state := query.get("state"):
            answer["state"] = state
        return Response(status=302, content_type=HTML, headers={"Location": f"{uri}?{urlencode(answer)}"})

    def _consent(self, app: AppConfig, scopes: list[str], uri: str, query: object) -> dict[str, str]:
        config = self._desk.config
        params = query if isinstance(query, dict) else {}
        if params.get("response_type") != "code":
            return {"error": "unsupported_response_type"}
        if not scopes or refused_scopes(scopes, granular_only=config.granular_only):
            return {"error": "invalid_scope"}
        challenge, method = params.get("code_challenge", ""), params.get("code_challenge_method", "plain")
        if challenge and (config.pkce == "refuse" or method != "S256"):
            return {"error": "invalid_request"}
        if config.deny_consent:
            return {"error": "access_denied"}
        grant = self._desk.new_grant(client_id=app.client_id, scopes=frozenset(scopes))
        chosen = params.get("_sim_organisations", "")
        for number, books in enumerate(self._organisations()):
            if not chosen or str(number) in chosen.split(","):
                self._desk.connect(grant, tenant_id=books.tenant_id, tenant_name=books.name)
        return {"code": self._desk.new_code(grant, redirect_uri=uri, challenge=challenge), "scope": " ".join(scopes)}

    def token(self, request: Request) -> Response:
        """code, refresh_token and client_credentials; errors are OAuth-shaped with 400."""
        form = request.form()
        self._desk.counts["token"] += 1
        try:
            app = self._client(request, form)
            return json_answer(self._granted(app, form))
        except Refused as refusal:
            self._desk.counts[refusal.error] += 1
            body = {"error": refusal.error}
            if refusal.description:
                body["error_description"] = refusal.description
            wrong_client = refusal.error == "invalid_client"
            return json_answer(body, status=self._desk.config.invalid_client_status if wrong_client else 400)

    def _granted(self, app: AppConfig, form: dict[str, str]) -> dict[str, object]:
        kind = form.get("grant_type")
        if kind == "authorization_code":
            told = {"redirect_uri": form.get("redirect_uri", ""), "verifier": form.get("code_verifier", "")}
            return self._desk.exchange_code(app=app, code=form.get("code", ""), **told)
        if kind == "refresh_token":
            return self._desk.refresh(app=app, token=form.get("refresh_token", ""))
        if kind == "client_credentials":
            books = self._organisations()[app.organisation or 0]
            return self._desk.client_credentials(
                app=app, scopes=form.get("scope", "").split(), tenant_id=books.tenant_id
            )
        raise Refused("unsupported_grant_type")

    def revoke(self, request: Request) -> Response:
        """200 with an empty body, also for a token that is not known (RFC 7009 §2.2)."""
        form = request.form()
        try:
            self._client(request, form)
        except Refused as refusal:
            return json_answer({"error": refusal.error}, status=400)
        self._desk.revoke(form.get("token", ""))
        return Response()

    def _client(self, request: Request, form: dict[str, str]) -> AppConfig:
        client_id, secret = _basic(request.header("Authorization"))
        client_id = client_id or form.get("client_id", "")
        secret = secret or form.get("client_secret", "")
        if not client_id:
            raise Refused("unauthorized_client")
        app = self._desk.app(client_id)
        if app is None or not hmac.compare_digest(app.client_secret.encode(), secret.encode()):
            raise Refused("invalid_client")
        return app

    def connections(self, request: Request, *, token: AccessToken) -> Response:
        """GET the user's connections, oldest first, or DELETE one by its own id (never by tenant id)."""
        mine = [one for one in self._desk.connections if _is_of(one, token)]
        connection_id = request.path.removeprefix("/connections").strip("/")
        if request.method == "DELETE":
            return self._delete(mine, connection_id)
        event = request.query.get("authEventId")
        shown = [_shown(one) for one in mine if not event or one.auth_event_id == event]
        return json_answer(shown) if not connection_id else not_found()

    def _delete(self, mine: list[Connection], connection_id: str) -> Response:
        found = next((one for one in mine if one.id == connection_id), None)
        if found is not None:
            self._desk.connections.remove(found)
            return Response(status=204)
        if any(one.tenant_id == connection_id for one in mine):
            return problem(status=403, title="Forbidden", detail="AuthenticationUnsuccessful")
        return not_found()


def _is_of(connection: Connection, token: AccessToken) -> bool:
    return (connection.client_id, connection.user_id) == (token.grant.client_id, token.grant.user_id)


def _shown(connection: Connection) -> dict[str, str]:
    return {
        "id": connection.id, "authEventId": connection.auth_event_id, "tenantId": connection.tenant_id,
        "tenantType": "ORGANISATION", "tenantName": connection.tenant_name,
        "createdDateUtc": _seven_decimals(connection.created_at),
        "updatedDateUtc": _seven_decimals(connection.updated_at),
    }  # fmt: skip


def _seven_decimals(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + "0"


def _basic(header: str) -> tuple[str, str]:
    kind, _, value = header.partition(" ")
    if kind.lower() != "basic":
        return "", ""
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, secret
