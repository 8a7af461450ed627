"""The password again: before pages that hold credentials, approve something, or change who may do what.

Somebody who finds an open browser can read, but not change, what matters most.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

SESSION_KEY = "password_at"
GOOD_FOR_SECONDS = 600
ALWAYS = frozenset(
    {
        "core_alertrule_add",
        "auth_user_add",
        "auth_user_change",
        "auth_user_delete",
        "auth_user_password_change",
        "core_organisation_add",
        "core_hostkey_approve",
        "core_hostkey_reject",
        "core_integration_go_live",
        "core_partner_production",
        "core_server_add",
        "core_tenantaccess_add",
        "core_tenantaccess_change",
        "core_tenantaccess_delete",
        "recovery_codes",
        "xero-choose",
        "xero-connect",
        "xero-disconnect",
    }
)
"""Pages that are only about such things."""
WHEN_EDITING = frozenset({"core_alertrule_change", "core_organisation_change", "core_server_change"})
"""Pages that are read without, and edited with the password."""
View = Callable[..., HttpResponseBase]


def remember(request: HttpRequest) -> None:
    """Note that the person has just given their password."""
    request.session[SESSION_KEY] = int(time.time())


def is_due(request: HttpRequest) -> bool:
    """Say whether this page asks for the password first."""
    match = request.resolver_match
    name = match.url_name if match else None
    edits = request.method == "POST" or "edit" in request.GET
    if name not in ALWAYS and not (name in WHEN_EDITING and edits):
        return False
    given_at = request.session.get(SESSION_KEY, 0)
    return not 0 <= time.time() - given_at < GOOD_FOR_SECONDS


def guarded(view: View) -> View:
    """Wrap a view of the console so that it asks for the password where that is due."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return ask(request) if is_due(request) else view(request, *args, **kwargs)

    return inner


def ask(request: HttpRequest) -> HttpResponse:
    """Lead to the page that asks, and from there back; a dialog leads its whole page there."""
    in_dialog = request.headers.get("HX-Request") == "true"
    address = f"{reverse('admin:confirm_password')}?{urlencode({'next': _back(request, in_dialog)})}"
    if in_dialog:
        return HttpResponse(headers={"HX-Redirect": address})
    return redirect(address)


def _back(request: HttpRequest, in_dialog: bool) -> str:
    """Say where to go on: the page that a dialog or a form was on, else the page that was asked for."""
    if in_dialog:
        return _path_of(request.headers.get("HX-Current-URL", ""))
    home = reverse("admin:index")
    if request.method == "POST" and not request.path.startswith(home):
        return _path_of(request.headers.get("Referer", ""))
    return request.get_full_path()


def _path_of(address: str) -> str:
    try:
        return urlsplit(address).path or reverse("admin:index")
    except ValueError:
        return reverse("admin:index")


def safe_next(request: HttpRequest) -> str:
    """Give where to go on: an address of the console on this host, else its first page."""
    home = reverse("admin:index")
    wanted = request.POST.get("next") or request.GET.get("next") or home
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours and _path_of(wanted).startswith(home) else home


def is_second_factor_missing(request: HttpRequest) -> bool:
    """Say whether a person who gave their password still owes the second factor."""
    is_verified = getattr(request.user, "is_verified", None)
    return bool(settings.SECOND_FACTOR) and not (is_verified is not None and is_verified())
