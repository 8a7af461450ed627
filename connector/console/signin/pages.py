"""The pages behind the password: second factor, setting it up, recovery codes, and the password again."""

import math
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django_otp import login as mark_verified

from connector.client_address import client_address
from connector.console.signin import codes, step_up
from connector.console.signin.events import note
from connector.console.signin.forms import CodeForm, PasswordForm
from connector.rates import is_too_often
from core.clock import database_now
from core.errors import ConnectorError
from core.models import Authenticator

CODES_A_MINUTE = 20
Page = Callable[[Any, HttpRequest], HttpResponseBase]


def addresses(site: Any) -> list[URLPattern]:
    """Give the addresses of these pages, for the console's site."""
    pages: dict[str, tuple[str, Page]] = {
        "second_factor": ("second-factor/", second_factor),
        "second_factor_set_up": ("second-factor/set-up/", set_up),
        "recovery_codes": ("second-factor/recovery-codes/", recovery_codes),
        "confirm_password": ("confirm/", confirm_password),
    }
    return [path(place, _signed_in(site, page), name=name) for name, (place, page) in pages.items()]


def _signed_in(site: Any, page: Page) -> Callable[..., HttpResponseBase]:
    """Show a page to whoever gave their password and may enter the console at all; never from a cache."""

    @wraps(page)
    def view(request: HttpRequest) -> HttpResponseBase:
        if not site.may_enter(request):
            return redirect(f"{reverse('admin:login')}?next={reverse('admin:index')}")
        return step_up.guarded(partial(page, site))(request)

    protected = sensitive_post_parameters()(require_http_methods(["GET", "POST"])(view))
    return never_cache(protected)


def _show(site: Any, request: HttpRequest, name: str, title: str, **context: Any) -> HttpResponse:
    shown = {**site.each_context(request), "title": title, "next": step_up.safe_next(request), **context}
    return TemplateResponse(request, f"console/signin/{name}.html", shown)


def second_factor(site: Any, request: HttpRequest) -> HttpResponseBase:
    """Ask for a code and, when it is right, go on to where the person wanted to."""
    if not step_up.is_second_factor_missing(request):
        return redirect(step_up.safe_next(request))
    device = codes.authenticator_of(request.user)
    if device is None:
        return redirect("admin:second_factor_set_up")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and _is_right(request, form, device):
        return redirect(step_up.safe_next(request))
    return _show(site, request, "second_factor", "Second factor", form=form)


def set_up(site: Any, request: HttpRequest) -> HttpResponseBase:
    """Let a person without an authenticator add one: its key, then a first code; then show the recovery codes."""
    if not step_up.is_second_factor_missing(request) or codes.authenticator_of(request.user):
        return redirect("admin:second_factor")
    device = codes.authenticator_to_set_up(request.user)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and _is_right(request, form, device):
        note("signin.second_factor_set_up", request.user)
        return _show_new_codes(site, request)
    key = codes.key_text(device).reveal()
    groups = " ".join(key[start : start + 4] for start in range(0, len(key), 4))
    address = codes.setup_address(device)
    return _show(site, request, "set_up", "Set up your second factor", form=form, key=groups, address=address)


def _is_right(request: HttpRequest, form: CodeForm, device: Authenticator) -> bool:
    """Check a typed code; what is wrong stands in the form."""
    if not form.is_valid():
        return False
    if is_too_often("code", client_address(request), a_minute=CODES_A_MINUTE):
        form.add_error("code", "Too many codes were tried. Wait a minute.")
        return False
    try:
        checked = codes.check(device, form.cleaned_data["code"], now=database_now())
    except ConnectorError as error:
        form.add_error("code", f"{error.sentence} {error.next_step}".strip())
        return False
    if checked.device is None:
        _refuse(request, form, checked.wait_seconds)
        return False
    _verified(request, checked)
    return True


def _refuse(request: HttpRequest, form: CodeForm, wait_seconds: int) -> None:
    if wait_seconds:
        unit = f"{wait_seconds} seconds" if wait_seconds < 120 else f"{math.ceil(wait_seconds / 60)} minutes"
        form.add_error("code", f"A code was wrong a moment ago. Try again in {unit}.")
    else:
        note("signin.code_refused", request.user)
        form.add_error("code", "This code is not right. Codes change every 30 seconds, and each works once.")


def _verified(request: HttpRequest, checked: codes.Checked) -> None:
    device: Any = checked.device
    if not device.confirmed:
        device.confirmed = True
        device.save(update_fields=["confirmed"])
    request.session.cycle_key()
    mark_verified(request, device)
    note("signin.accepted", request.user, by="recovery code" if checked.was_recovery else "authenticator")
    if checked.was_recovery:
        left = request.user.recovery_codes.count()  # type: ignore[union-attr]
        messages.warning(request, f"You used a recovery code; {left} are left.")


def recovery_codes(site: Any, request: HttpRequest) -> HttpResponseBase:
    """Make new recovery codes, and show them once."""
    if step_up.is_second_factor_missing(request) or codes.authenticator_of(request.user) is None:
        return redirect("admin:second_factor")
    if request.method == "POST":
        return _show_new_codes(site, request)
    return _show(site, request, "recovery_codes", "Recovery codes", codes=None)


def _show_new_codes(site: Any, request: HttpRequest) -> HttpResponse:
    made = codes.new_recovery_codes(request.user)
    note("signin.recovery_codes_made", request.user, count=len(made))
    return _show(site, request, "recovery_codes", "Recovery codes", codes=made)


def confirm_password(site: Any, request: HttpRequest) -> HttpResponseBase:
    """Ask for the password again, and go back to what was wanted; wrong ones count towards the lock-out."""
    if step_up.is_second_factor_missing(request):
        return redirect("admin:second_factor")
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name = request.user.get_username()
        if authenticate(request, username=name, password=form.cleaned_data["password"]) == request.user:
            step_up.remember(request)
            request.session.cycle_key()
            note("signin.password_confirmed", request.user)
            return redirect(step_up.safe_next(request))
        form.add_error("password", "This is not your password.")
    return _show(site, request, "confirm", "Your password again", form=form)
