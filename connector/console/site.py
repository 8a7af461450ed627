"""The console's admin site: own search over what people look for, no page outside the scope of its reader."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse

from connector.client_address import client_address
from connector.console import system
from connector.console.finding import find_everywhere
from connector.console.signin import step_up
from connector.console.signin.events import note
from connector.console.signin.forms import SignInForm
from connector.console.signin.pages import addresses
from connector.console.theme import ThemeSite
from connector.rates import is_too_often

SIGNINS_A_MINUTE = 30


class ConsoleSite(ThemeSite):
    """The Django admin as the product's console."""

    site_title = "ml-connector"
    index_title = "Overview"
    login_form = SignInForm

    def may_enter(self, request: HttpRequest) -> bool:
        """Say whether this account may use the console at all, second factor or not."""
        return super().has_permission(request)

    def has_permission(self, request: HttpRequest) -> bool:
        """Let people in who gave their password and, where it is asked for, their second factor."""
        return self.may_enter(request) and not step_up.is_second_factor_missing(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Ask for name and password; who gave them goes on to the second factor."""
        if request.method == "POST" and is_too_often("signin", client_address(request), a_minute=SIGNINS_A_MINUTE):
            return HttpResponse("Too many sign-ins from this address. Wait a minute.", status=429)
        if request.method == "GET" and self.may_enter(request) and step_up.is_second_factor_missing(request):
            query = urlencode({"next": step_up.safe_next(request)})
            return redirect(f"{reverse('admin:second_factor')}?{query}")
        return super().login(request, extra_context)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Protect a page: signed in, allowed, and with the password again where the page asks for it."""
        return super().admin_view(step_up.guarded(view), cacheable)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Let people change their own password, with a line in the audit trail."""
        response = super().password_change(request, extra_context)
        if request.method == "POST" and response.status_code == HTTPStatus.FOUND:
            note("signin.password_changed", request.user)
        return response

    def extra_urls(self) -> list[URLPattern]:
        """Add the pages of signing in, and that of the installation."""
        return [*addresses(self), *system.addresses(self)]

    def app_index(self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None) -> Any:
        """Lead from Django's list of an app's models to the overview: people think in pages, not apps."""
        return redirect(f"{self.name}:index")

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Find records, files and what is configured, a few of each; nothing is kept between searches."""
        term = request.GET.get("s", "").strip()[:100]
        found = find_everywhere(self, request, term) if term else []
        context = {"results": found, "page_obj": None, "page_counter": 0, "command_show_history": False}
        template = "unfold/helpers/command_results.html"
        return TemplateResponse(request, template, context, headers={"HX-Trigger": "search"})
