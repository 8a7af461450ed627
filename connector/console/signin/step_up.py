"""The password again: before pages that hold credentials, approve a host key, or change who may do what.

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
        "auth_user_add",
        "auth_user_change",
        "auth_user_delete",
        "auth_user_password_change",
        "core_organisation_add",
        "core_hostkey_approve",
        "core_hostkey_reject",
        "core_server_add",
        "core_tenantaccess_add",
        "core_tenantaccess_change",
        "core_tenantaccess_delete",
        "recovery_codes",
    }
)
"""Pages that are only about such things."""
WHEN_EDITING = frozenset({"core_organisation_change", "core_server_change"})
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
    back = urlsplit(request.headers.get("HX-Current-URL", "")).path if in_dialog else request.get_full_path()
    address = f"{reverse('admin:confirm_password')}?{urlencode({'next': back})}"
    if in_dialog:
        return HttpResponse(headers={"HX-Redirect": address})
    return redirect(address)


def safe_next(request: HttpRequest) -> str:
    """Give where to go on: an address of the console on this host, else its first page."""
    home = reverse("admin:index")
    wanted = request.POST.get("next") or request.GET.get("next") or home
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours and urlsplit(wanted).path.startswith(home) else home


def is_second_factor_missing(request: HttpRequest) -> bool:
    """Say whether a person who gave their password still owes the second factor."""
    is_verified = getattr(request.user, "is_verified", None)
    return bool(settings.SECOND_FACTOR) and not (is_verified is not None and is_verified())
