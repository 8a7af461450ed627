"""Signing in to Xero: away to Xero's page, back with a code, choosing the organisation, disconnecting.

The state is bound to the browser's session, to the connection and to ten minutes, and is good once. Whoever acts
must be an integrator of the connection's tenant, when they leave and when they come back.
"""

import hashlib
import secrets
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.views.decorators.http import require_GET, require_POST

from connector import xero_connection
from connector.console.access import access_of
from connector.xero_connection import Consent
from core.clock import database_now
from core.errors import ConnectorError
from core.models import GrantAuth, GrantState, Organisation, Role
from xero_app import grants, oauth

STATE_SECONDS = 600
SESSION_KEY = "xero_sign_in"
MOST_AT_A_TIME = 5
"""Sign-ins that one browser may have open."""


def organisation_for(request: HttpRequest, organisation_id: UUID | str) -> Organisation:
    """Read a connection that this person may change: 404 outside their tenants, 403 without the role."""
    rows = Organisation.objects.select_related("grant", "tenant").filter(pk=organisation_id)
    organisation = access_of(request).scope(rows).first()
    if organisation is None:
        raise Http404
    if not access_of(request).may(Role.INTEGRATOR, organisation.tenant_id):
        raise PermissionDenied
    return organisation


def for_integrators(view: Any) -> Any:
    """Hand a view the connection of its address, for people signed in to the console who may change it."""

    @wraps(view)
    def guarded(request: HttpRequest, organisation_id: UUID) -> Any:
        return view(request, organisation_for(request, organisation_id))

    return admin.site.admin_view(guarded)


@require_GET
@for_integrators
def connection(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    """Show a connection's sign-in: its state, the days left, what to choose from, and the ways to change it."""
    grant = organisation.grant
    is_connected = grant.state == GrantState.CONNECTED
    context = {
        **admin.site.each_context(request),
        "title": f"Xero sign-in of {organisation.name}",
        "organisation": organisation,
        "is_connected": is_connected,
        "is_custom": grant.auth == GrantAuth.CUSTOM_CONNECTION,
        "days_left": xero_connection.days_left(grant, now=database_now()),
        "missing": oauth.missing_scopes(grant.scopes.split(), wanted=settings.XERO_SCOPES) if grant.scopes else [],
        "siblings": grant.organisations.exclude(pk=organisation.pk),
        "choices": _choices(request, organisation) if is_connected and not organisation.xero_tenant_id else (),
    }
    return render(request, "console/xero_connection.html", context)


def _choices(request: HttpRequest, organisation: Organisation) -> tuple[oauth.Connection, ...]:
    try:
        return xero_connection.choices_for(organisation)
    except ConnectorError as error:
        _say(request, error)
        return ()


@require_POST
@for_integrators
def connect(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    """Send the browser to Xero's consent page; a custom connection is signed in at once."""
    actor, now = request.user.get_username(), database_now()
    try:
        if organisation.grant.auth == GrantAuth.CUSTOM_CONNECTION:
            return _connected(request, organisation, xero_connection.connect_custom(organisation, actor=actor, now=now))
        app = grants.credentials(organisation.grant)
    except ConnectorError as error:
        return _refused(request, organisation, error)
    uri = _redirect_uri(request)
    state = _new_state(request, organisation, uri, now)
    asked = {"redirect_uri": uri, "scopes": settings.XERO_SCOPES, "state": state, "verifier": _verifier(state)}
    return redirect(oauth.authorize_url(client_id=app.client_id, **asked))


def _verifier(state: str) -> str:
    """Derive the proof of a sign-in from its state and our secret: so nothing of it is stored anywhere."""
    return salted_hmac("xero-sign-in", state, algorithm="sha256").hexdigest() if settings.XERO_PKCE else ""


def _redirect_uri(request: HttpRequest) -> str:
    """Xero compares it letter by letter with what the app's page lists."""
    path = reverse("xero-callback")
    return f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path)


def _new_state(request: HttpRequest, organisation: Organisation, uri: str, now: datetime) -> str:
    state = secrets.token_urlsafe(32)
    waiting = list(request.session.get(SESSION_KEY, {}).items())[-MOST_AT_A_TIME + 1 :]
    entry = {"organisation": str(organisation.pk), "uri": uri, "until": int(now.timestamp()) + STATE_SECONDS}
    request.session[SESSION_KEY] = dict(waiting) | {_digest(state): entry}
    return state


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()


@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """Come back from Xero with a code, or with the reason why not."""
    now = database_now()
    entry = _take_state(request, request.GET.get("state", ""), now)
    if entry is None or not admin.site.has_permission(request):
        text = "This sign-in has expired or was not begun in this browser. Open the connection and connect again."
        return HttpResponse(text, status=400, content_type="text/plain; charset=utf-8")
    organisation = organisation_for(request, entry["organisation"])
    if "error" in request.GET or not request.GET.get("code"):
        messages.error(request, _denied(request.GET.get("error", "")))
        return redirect("xero-connection", organisation.pk)
    try:
        consent = xero_connection.take_consent(
            organisation,
            code=request.GET["code"],
            redirect_uri=entry["uri"],
            verifier=_verifier(request.GET["state"]),
            actor=request.user.get_username(),
            now=now,
        )
    except ConnectorError as error:
        return _refused(request, organisation, error)
    return _connected(request, organisation, consent)


def _take_state(request: HttpRequest, state: str, now: datetime) -> dict[str, Any] | None:
    """Take a state out of the session: it is good once, whatever comes of it."""
    waiting: dict[str, Any] = request.session.get(SESSION_KEY, {})
    entry: dict[str, Any] | None = waiting.pop(_digest(state), None)
    if entry is None:
        return None
    request.session[SESSION_KEY] = waiting
    return entry if now.timestamp() <= entry["until"] else None


def _denied(error: str) -> str:
    if error == "access_denied":
        return "Access was not allowed in Xero. Nothing changed."
    if error == "invalid_scope":
        return "Xero does not give this app the permissions that are asked for: compare XERO_SCOPES with the app."
    if error == "invalid_request" and settings.XERO_PKCE:
        return "Xero does not understand how it was asked. Try again with XERO_PKCE=false; nothing changed."
    return f"Xero answered {error[:60]!r} instead of a code. Nothing changed; connect again."


@require_POST
@for_integrators
def choose(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    """Bind the organisation that a person chose among several."""
    actor, now = request.user.get_username(), database_now()
    try:
        name = xero_connection.choose(organisation, request.POST.get("xero_tenant_id", ""), actor=actor, now=now)
    except ConnectorError as error:
        return _refused(request, organisation, error)
    return _connected(request, organisation, Consent(name, (), ()))


@require_POST
@for_integrators
def disconnect(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    """End the connection, once the box was ticked that says what follows."""
    if request.POST.get("confirmed") != "yes":
        messages.error(request, "Tick the box to disconnect. Nothing changed.")
        return redirect("xero-connection", organisation.pk)
    try:
        xero_connection.disconnect(organisation, actor=request.user.get_username())
    except ConnectorError as error:
        return _refused(request, organisation, error)
    messages.success(request, "Disconnected. Nothing is read any more; what was read is kept.")
    return redirect("xero-connection", organisation.pk)


def _refused(request: HttpRequest, organisation: Organisation, error: ConnectorError) -> HttpResponse:
    _say(request, error)
    return redirect("xero-connection", organisation.pk)


def _say(request: HttpRequest, error: ConnectorError) -> None:
    messages.error(request, f"{error.sentence} {error.next_step}".strip())


def _connected(request: HttpRequest, organisation: Organisation, consent: Consent) -> HttpResponse:
    if consent.missing_scopes:
        missing = ", ".join(consent.missing_scopes)
        messages.warning(request, f"These permissions are missing, and what needs them is not read: {missing}.")
    if consent.bound:
        messages.success(request, f"Connected to {consent.bound}. It is read from now on.")
    else:
        messages.info(request, "Connected. Choose the organisation to read.")
    return redirect("xero-connection", organisation.pk)
