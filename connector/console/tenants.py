"""Tenants, and who may see them."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, Q
from django.http import HttpRequest

from connector.console.filters import OwnRelatedFilter
from connector.console.scoping import TenantScoped
from connector.console.theme import display
from core.models import Role, Tenant, TenantAccess


class TenantAdmin(TenantScoped):
    """The customers of this installation."""

    tenant_path = "pk"
    list_display = ("name", "slug", "time_zone", "integrations_count")
    search_fields = ("name__istartswith", "slug__istartswith")
    ordering = ("slug",)
    fields = ("name", "slug", "time_zone")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Count each tenant's integrations."""
        enabled = Count("integrations", filter=Q(integrations__is_enabled=True), distinct=True)
        return super().get_queryset(request).annotate(enabled_integrations=enabled)

    @display(description="Enabled integrations", ordering="enabled_integrations")
    def integrations_count(self, obj: Any) -> int:
        """Show how many integrations run by themselves."""
        count: int = obj.enabled_integrations
        return count


class TenantAccessAdmin(TenantScoped):
    """Roles: only owners of a tenant see and change them."""

    view_role = Role.OWNER
    list_display = ("user", "tenant", "role")
    list_filter: ClassVar[Any] = ["role", ("tenant", OwnRelatedFilter)]
    list_select_related = ("user", "tenant")
    search_fields = ("user__username__istartswith", "user__email__istartswith")
    fields = ("user", "tenant", "role")


admin.site.register(Tenant, TenantAdmin)
admin.site.register(TenantAccess, TenantAccessAdmin)
