"""Webhook events: what Xero announced, and which fetch followed."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from connector.console import moments, words
from connector.console.evidence import EvidenceAdmin
from connector.console.theme import display
from core.models import Export, WebhookEvent


class WebhookEventAdmin(EvidenceAdmin):
    """Changes that Xero announced, newest first. Events of unknown organisations are shown to superusers."""

    tenant_path = "organisation__tenant_id"
    list_display = ("what", "organisation", "xero_id", "shown_state", "received")
    list_filter: ClassVar[Any] = ["state", "category"]
    list_select_related = ("organisation__tenant", "message")
    ordering = ("-pk",)
    own_prefixes = ("xero_id",)
    search_help_text = "Xero id"
    detail_template = "console/webhook_event.html"
    detail_related = ("fetch",)
    empty_why = "Xero has not announced anything yet. The webhook address is /webhooks/xero."

    def detail_context(self, request: HttpRequest, obj: WebhookEvent) -> dict[str, Any]:
        """Give what became of the announced object: its newest exports."""
        mine = Export.objects.filter(integration__organisation=obj.organisation_id, xero_id=obj.xero_id)
        return {"exports": list(mine.select_related("integration").order_by("-pk")[:20]) if obj.organisation_id else []}

    def tenant_of(self, obj: WebhookEvent) -> Any:
        """Follow the organisation; an unknown one belongs to nobody."""
        return obj.organisation.tenant_id if obj.organisation else None

    def zone_of(self, obj: WebhookEvent) -> str:
        """Use the tenant's zone; UTC for an unknown organisation."""
        return obj.organisation.tenant.time_zone if obj.organisation else "UTC"

    @display(description="What")
    def what(self, obj: WebhookEvent) -> str:
        """Name category and kind."""
        return f"{obj.category} {obj.kind}".capitalize()

    @display(description="State")
    def shown_state(self, obj: WebhookEvent) -> SafeString:
        """Show whether it was read."""
        return words.chip(words.WEBHOOK.get(obj.state))

    @display(description="Received", ordering="pk")
    def received(self, obj: WebhookEvent) -> SafeString:
        """Show when it arrived, in the tenant's zone."""
        return moments.moment(obj.message.received_at, self.zone_of(obj))


admin.site.register(WebhookEvent, WebhookEventAdmin)
