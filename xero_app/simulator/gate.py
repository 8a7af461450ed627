"""The door of the accounting API: who may read which organisation, and what nobody may do."""

from dataclasses import dataclass

from xero_app.simulator.accounting import BASE
from xero_app.simulator.books import Books
from xero_app.simulator.config import AppConfig
from xero_app.simulator.endpoints import ENDPOINTS
from xero_app.simulator.exchange import Request, Response, problem
from xero_app.simulator.scopes import opens
from xero_app.simulator.tokens import AccessToken, TokenDesk


@dataclass(frozen=True, slots=True)
class Visitor:
    """A call that may go on: its app and the organisation it reads."""

    app: AppConfig
    books: Books


def bearer(desk: TokenDesk, request: Request) -> AccessToken | Response:
    """The token of a call, or the 401 for a missing, unknown or expired one."""
    kind, _, text = request.header("Authorization").partition(" ")
    token = desk.access_tokens.get(text.strip()) if kind.lower() == "bearer" else None
    if token is None:
        return problem(status=401, title="Unauthorized", detail="AuthenticationUnsuccessful")
    if desk.clock.now() >= token.expires_at:
        moment = token.expires_at.strftime("%m/%d/%Y %H:%M:%S")
        detail = f"TokenExpired: token expired at {moment}"
        return problem(status=401, title="Unauthorized", detail=detail)
    return token


def admit(desk: TokenDesk, request: Request, *, organisations: list[Books]) -> Visitor | Response:
    """Checks token, organisation, scope and the user's permission, in this order; answers as the live API does."""
    token = bearer(desk, request)
    if isinstance(token, Response):
        return token
    app = desk.app(token.grant.client_id)
    books = _organisation(desk, request, token, organisations)
    if app is None or books is None:
        return problem(status=403, title="Forbidden", detail="AuthenticationUnsuccessful")
    area = _area(request)
    if area and not opens(token.grant.scopes, area=area):
        return problem(status=401, title="Unauthorized", detail="AuthorizationUnsuccessful")
    if area == "manualjournals" and not desk.config.reports_permission:
        detail = "You cannot access this resource without the reporting role"
        return problem(status=403, title="Forbidden", detail=detail)
    return Visitor(app=app, books=books)


def _organisation(desk: TokenDesk, request: Request, token: AccessToken, organisations: list[Books]) -> Books | None:
    """The connected organisation of the tenant header; a custom connection needs no header and has one only."""
    asked = request.header("xero-tenant-id").lower() or token.tenant_id
    grant = token.grant
    is_connected = any(
        (one.client_id, one.user_id, one.tenant_id) == (grant.client_id, grant.user_id, asked)
        for one in desk.connections
    )
    return next((books for books in organisations if books.tenant_id == asked), None) if is_connected else None


def _area(request: Request) -> str:
    name = request.path.removeprefix(f"{BASE}/").partition("/")[0]
    endpoint = ENDPOINTS.get(name)
    return endpoint.scope if endpoint else "settings"
