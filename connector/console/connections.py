"""Xero connections: the grants, and the organisations they reach. Tokens are never shown."""

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.safestring import SafeString

from connector.console import moments, words
from connector.console.filters import OwnRelatedFilter
from connector.console.scoping import TenantScoped
from connector.console.theme import display
from core.models import Grant, Organisation


class GrantAdmin(TenantScoped):
    """Xero connections."""

    list_display = ("name", "tenant", "auth", "shown_state", "refreshed")
    list_filter: ClassVar[Any] = ["state", "auth", ("tenant", OwnRelatedFilter)]
    list_select_related = ("tenant",)
    search_fields = ("name__istartswith",)
    ordering = ("tenant__slug", "name")
    fields = ("tenant", "name", "auth", "client_id", "state", "scopes", "refreshed_at", "access_expires_at")

    @display(description="State", ordering="state")
    def shown_state(self, obj: Grant) -> SafeString:
        """Show whether Xero accepts the connection."""
        return words.chip(words.GRANT.get(obj.state))

    @display(description="Tokens renewed", ordering="refreshed_at")
    def refreshed(self, obj: Grant) -> SafeString:
        """Show when the tokens were renewed last."""
        return moments.moment(obj.refreshed_at, obj.tenant.time_zone)


class OrganisationAdmin(TenantScoped):
    """Xero organisations."""

    list_display = ("name", "legal_name", "tenant", "grant", "base_currency", "poll")
    list_filter: ClassVar[Any] = [("tenant", OwnRelatedFilter)]
    list_select_related = ("tenant", "grant")
    search_fields = ("name__istartswith", "legal_name__istartswith", "xero_tenant_id__istartswith")
    ordering = ("tenant__slug", "name")
    fields = (
        "tenant", "grant", "name", "legal_name", "xero_tenant_id", "base_currency", "country", "xero_time_zone",
        "poll", "next_poll_at", "day_limit",
    )  # fmt: skip


admin.site.register(Grant, GrantAdmin)
admin.site.register(Organisation, OrganisationAdmin)
