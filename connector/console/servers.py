"""SFTP servers and their host keys. Passwords and keys are never shown."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils.safestring import SafeString

from connector.console import moments, words
from connector.console.filters import OwnRelatedFilter
from connector.console.scoping import TenantScoped
from connector.console.theme import display
from core.models import HostKey, HostKeyState, Server


class ServerAdmin(TenantScoped):
    """SFTP servers."""

    list_display = ("name", "tenant", "address", "username", "host_key", "last_ok")
    list_filter: ClassVar[Any] = [("tenant", OwnRelatedFilter)]
    list_select_related = ("tenant",)
    search_fields = ("name__istartswith", "host__istartswith")
    ordering = ("tenant__slug", "name")
    fieldsets = (
        (None, {"fields": ("tenant", "name", "host", "port", "username", "public_key")}),
        ("How files get their name", {"fields": ("publish", "staging_folder", "options")}),
        (
            "State",
            {"fields": ("tested_at", "last_ok_at", "failures", "next_attempt_at", "hold_code", "capabilities")},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """Count each server's approved and waiting host keys."""
        keys = {
            f"{state}_keys": Count("host_keys", filter=Q(host_keys__state=state), distinct=True)
            for state in (HostKeyState.APPROVED, HostKeyState.PENDING)
        }
        return super().get_queryset(request).annotate(**keys)

    @display(description="Address", ordering="host")
    def address(self, obj: Server) -> str:
        """Show host and port."""
        return f"{obj.host}:{obj.port}"

    @display(description="Host key")
    def host_key(self, obj: Any) -> SafeString:
        """Show whether a host key is approved, and whether another one waits."""
        if obj.pending_keys and obj.approved_keys:
            return words.chip(words.Look("Changed", "bad", "gpp_maybe"))
        if obj.approved_keys:
            return words.chip(words.HOST_KEY[HostKeyState.APPROVED])
        return words.chip(words.Look("Missing", "warn", "key_off"))

    @display(description="Last session that worked", ordering="last_ok_at")
    def last_ok(self, obj: Server) -> SafeString:
        """Show when a session worked last."""
        return moments.moment(obj.last_ok_at, obj.tenant.time_zone)


class HostKeyAdmin(TenantScoped):
    """Host keys that were seen or announced."""

    tenant_path = "server__tenant_id"
    list_display = ("fingerprint", "server", "key_type", "shown_state", "approved_by")
    list_filter: ClassVar[Any] = ["state", ("server", OwnRelatedFilter)]
    list_select_related = ("server", "approved_by")
    search_fields = ("fingerprint__startswith", "server__name__istartswith")
    fields = ("server", "key_type", "fingerprint", "key", "state", "last_seen_at", "approved_at", "approved_by")

    @display(description="State", ordering="state")
    def shown_state(self, obj: HostKey) -> SafeString:
        """Show whether a person vouched for it."""
        return words.chip(words.HOST_KEY.get(obj.state))


admin.site.register(Server, ServerAdmin)
admin.site.register(HostKey, HostKeyAdmin)
