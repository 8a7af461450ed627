"""Tenants: the customers of this installation."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString

from connector.config.changes import Change
from connector.config.export import as_yaml, export
from connector.console import words
from connector.console.access import access_of
from connector.console.configuring.form import ConfigForm
from connector.console.configuring.page import ConfigPage
from connector.console.configuring.tenant_form import TenantForm
from connector.console.detail import Card
from connector.console.second_person import WAITS, Matter, carry_out, is_wanted
from connector.console.theme import display
from connector.console.xero_pages.month_end import MonthEndPages
from core.clock import database_now
from core.models import Grant, Tenant


class TenantAdmin(MonthEndPages, ConfigPage):
    """The customers of this installation."""

    tenant_path = "pk"
    detail_template = "console/tenant.html"
    list_display = ("name", "slug", "time_zone", "integrations_count")
    search_fields = ("name__istartswith", "slug__istartswith")
    ordering = ("slug",)
    form_class = TenantForm
    pages = (*MonthEndPages.pages, "configuration")
    empty_why = "No tenant yet. A tenant is a customer; everything belongs to one."

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let only superusers add tenants."""
        return access_of(request).everything

    def tenant_for(self, row: Tenant) -> Tenant:
        """A tenant belongs to itself."""
        return row

    def add(self, request: HttpRequest) -> HttpResponse:
        """Add a tenant; there is none to choose first."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self.form_view(request, None, None)

    def apply(self, request: HttpRequest, form: ConfigForm) -> list[Change] | None:
        """Save the form; that one person is enough again is decided by two."""
        tenant = form.tenant
        if tenant is None or not is_wanted(tenant) or form.cleaned_data["two_person_approval"]:
            return super().apply(request, form)
        found: list[list[Change] | None] = []
        matter, save = Matter(tenant, "tenant.one_person", str(tenant.pk), name=tenant.name), super().apply
        if carry_out(matter, lambda: found.append(save(request, form)), user=request.user, now=database_now()):
            return found[0]
        form.add_error("two_person_approval", WAITS)
        return None

    def configuration(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Send the tenant's configuration as the file that would make it; secrets are names of variables in it."""
        tenant = self.require(request, object_id)
        if not self.has_change_permission(request, tenant):
            raise PermissionDenied
        with transaction.atomic():
            text = as_yaml(export([tenant]))
        response = HttpResponse(text, content_type="text/plain; charset=utf-8")
        response["Content-Disposition"] = content_disposition_header(True, f"{tenant.slug}.yaml")
        response["X-Content-Type-Options"] = "nosniff"
        return response

    def row_of(self, form: ConfigForm) -> Tenant:
        """Find the tenant that a form has written."""
        return Tenant.objects.get(slug=form.cleaned_data["slug"])

    def get_queryset(self, request: HttpRequest) -> Any:
        """Count each tenant's integrations."""
        enabled = Count("integrations", filter=Q(integrations__is_enabled=True), distinct=True)
        return super().get_queryset(request).annotate(enabled_integrations=enabled)

    def zone_of(self, obj: Tenant) -> str:
        """Use the tenant's own zone."""
        return obj.time_zone

    def cards(self, obj: Tenant) -> list[Card]:
        """Show the tenant, what it is connected to, and who may see it."""
        people = obj.access.select_related("user").order_by("user__username")
        return [
            Card("Tenant", [("Name", obj.name), ("Short name", obj.slug), ("Time zone", obj.time_zone)]),
            Card("Decisions", [("Host keys and production", "two people" if is_wanted(obj) else "one person")]),
            Card("Xero", connections_of(obj)),
            Card("People", [(str(access.user), access.get_role_display()) for access in people[:100]]),
        ]

    @display(description="Enabled integrations", ordering="enabled_integrations")
    def integrations_count(self, obj: Any) -> int:
        """Show how many integrations run by themselves."""
        count: int = obj.enabled_integrations
        return count


def connections_of(tenant: Tenant) -> list[tuple[str, Any]]:
    """Give each organisation that is read: its page, and how its connection stands."""
    rows = tenant.organisations.select_related("grant").order_by("name")[:100]
    return [(row.name, format_html("{} {}", words.link(row), _standing(row.grant))) for row in rows]


def _standing(grant: Grant) -> SafeString:
    return words.chip(words.GRANT.get(grant.state))


admin.site.register(Tenant, TenantAdmin)
