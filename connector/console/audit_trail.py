"""The audit trail: every line that was written, newest first."""

import json
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest
from django.utils.safestring import SafeString

from connector.console import moments, words
from connector.console.access import access_of
from connector.console.evidence import EvidenceAdmin
from connector.console.filters import age_filter
from connector.console.search import Joined
from connector.console.theme import DropdownFilter, display
from core.audit import INSTALLATION
from core.models import Event, Export, File, Tenant


class TenantOfEventFilter(DropdownFilter):
    """A filter by tenant; events carry the tenant's id without a foreign key."""

    title = "tenant"
    parameter_name = "tenant"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the reader's tenants."""
        access = access_of(request)
        mine = access.scope(Tenant.objects.all(), path="pk")
        own = [(str(INSTALLATION), "The installation: sign-ins, accounts, keys")] if access.everything else []
        return [*own, *((str(tenant.pk), tenant.name) for tenant in mine[:500])]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Keep one tenant's events."""
        value = self.value()
        known = {key for key, _ in self.lookup_choices}
        return queryset.filter(tenant_id=value) if value in known else queryset


class EventAdmin(EvidenceAdmin):
    """Events, newest first."""

    list_display = ("happened", "shown_tenant", "shown_event", "integration", "subject", "who")
    list_display_links = ("happened",)
    list_filter: ClassVar[Any] = [TenantOfEventFilter, age_filter("at")]
    ordering = ("-at", "-pk")
    own_prefixes = ("xero_id",)
    joined_prefixes = (
        Joined("xero_id", Export, ("number",), value="xero_id"),
        Joined("file_id", File, ("name", "interchange_number")),
    )
    search_help_text = "Xero number, id, control number or file"
    detail_template = "console/event.html"
    empty_why = "Nothing has happened yet."

    def get_queryset(self, request: HttpRequest) -> Any:
        """Give the events of the reader's tenants, with each tenant's name and zone."""
        tenant = Tenant.objects.filter(pk=OuterRef("tenant_id"))
        return (
            super()
            .get_queryset(request)
            .annotate(
                tenant_name=Subquery(tenant.values("name")[:1]),
                tenant_zone=Subquery(tenant.values("time_zone")[:1]),
            )
        )

    def zone_of(self, obj: Any) -> str:
        """Use the zone of the event's tenant."""
        return obj.tenant_zone or "UTC"

    def detail_context(self, request: HttpRequest, obj: Event) -> dict[str, Any]:
        """Give the event's detail as readable JSON."""
        return {"detail": json.dumps(obj.detail, indent=2, ensure_ascii=False)}

    @display(description="When", ordering="at")
    def happened(self, obj: Any) -> SafeString:
        """Show when it happened, in the tenant's zone."""
        return moments.moment(obj.at, obj.tenant_zone, seconds=True)

    @display(description="Tenant")
    def shown_tenant(self, obj: Any) -> str:
        """Name the tenant; its id when the tenant is gone."""
        return obj.tenant_name or ("Installation" if obj.tenant_id == INSTALLATION else str(obj.tenant_id))

    @display(description="Event", ordering="event")
    def shown_event(self, obj: Event) -> str:
        """Say in words what happened."""
        return words.event_in_words(obj.event)

    @display(description="About")
    def subject(self, obj: Event) -> str:
        """Name the record or the file."""
        return obj.number or obj.file or obj.xero_id or words.DASH

    @display(description="Who")
    def who(self, obj: Event) -> str:
        """Name the person; the product itself where nobody asked."""
        return obj.actor or "ml-connector"


admin.site.register(Event, EventAdmin)
