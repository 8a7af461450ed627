"""Webhook events: what Xero announced, and which fetch followed."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from connector.console import moments
from connector.console.evidence import EvidenceAdmin
from connector.console.theme import display
from core.models import WebhookEvent


class WebhookEventAdmin(EvidenceAdmin):
    """Changes that Xero announced, newest first. Events of unknown organisations are shown to superusers."""

    tenant_path = "organisation__tenant_id"
    list_display = ("what", "organisation", "xero_id", "state", "received")
    list_filter: ClassVar[Any] = ["state", "category"]
    list_select_related = ("organisation__tenant", "message")
    ordering = ("-pk",)
    own_prefixes = ("xero_id",)
    search_help_text = "Begins with: Xero id"
    detail_template = "console/webhook_event.html"
    empty_why = "Xero has not announced anything yet. The webhook address is /webhooks/xero."

    def get_detail_object(self, request: HttpRequest, object_id: str) -> Any:
        """Read the event with what its page names."""
        rows = self.get_queryset(request).select_related("organisation__tenant", "message", "fetch")
        return rows.filter(pk=object_id).first() if object_id.isdigit() else None

    def tenant_of(self, obj: WebhookEvent) -> Any:
        """Follow the organisation; an unknown one belongs to nobody."""
        return obj.organisation.tenant_id if obj.organisation else None

    @display(description="What")
    def what(self, obj: WebhookEvent) -> str:
        """Name category and kind."""
        return f"{obj.category} {obj.kind}".capitalize()

    @display(description="Received", ordering="pk")
    def received(self, obj: WebhookEvent) -> SafeString:
        """Show when it arrived, in the tenant's zone."""
        zone = obj.organisation.tenant.time_zone if obj.organisation else "UTC"
        return moments.moment(obj.message.received_at, zone)


admin.site.register(WebhookEvent, WebhookEventAdmin)
