"""Exports: one record bound for one integration, as a story from Xero to the partner's answer."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from connector.console import moments, words
from connector.console.evidence import EvidenceAdmin
from connector.console.filters import OwnRelatedFilter, age_filter
from connector.console.search import Joined
from connector.console.theme import MultipleChoicesDropdownFilter, display
from core.models import Event, Export, ExportContent, File


class ExportAdmin(EvidenceAdmin):
    """Exports, newest first: every record that is, was or will be sent."""

    list_display = (
        "shown_number", "shown_kind", "shown_amount", "integration", "shown_state",
        "shown_file", "shown_ack", "made",
    )  # fmt: skip
    list_display_links = ("shown_number",)
    list_filter: ClassVar[Any] = [
        ("state", MultipleChoicesDropdownFilter),
        ("ack_outcome", MultipleChoicesDropdownFilter),
        ("integration", OwnRelatedFilter),
        ("tenant", OwnRelatedFilter),
        age_filter("created_at"),
    ]
    list_select_related = ("integration", "tenant", "record", "file")
    ordering = ("-created_at", "-pk")
    own_prefixes = ("number", "xero_id")
    joined_prefixes = (
        Joined("file_id", File, ("name", "interchange_number")),
        Joined("pk", ExportContent, ("control_number",), "export__tenant_id"),
    )
    search_help_text = "Begins with: Xero number, Xero id, control number or file name"
    detail_template = "console/export.html"
    empty_why = "No records yet. They appear as soon as an enabled integration has read Xero."

    def get_detail_object(self, request: HttpRequest, object_id: str) -> Any:
        """Read the export with what its page names."""
        rows = self.get_queryset(request).select_related(
            "integration", "tenant", "record__fetch", "file", "run", "mapping_version__mapping", "replay_of"
        )
        return rows.filter(pk=object_id).first() if object_id.isdigit() else None

    def detail_context(self, request: HttpRequest, obj: Export) -> dict[str, Any]:
        """Give the export's content, attempts, problems, replays and events."""
        return {
            "content": ExportContent.objects.filter(pk=obj.pk).first(),
            "attempts": list(obj.file.attempt_rows.order_by("number")[:50]) if obj.file else [],
            "problems": list(obj.problems.order_by("-last_seen_at")[:20]),
            "replays": list(obj.replays.order_by("pk")[:50]),
            "events": list(Event.objects.filter(tenant_id=obj.tenant_id, export_id=obj.pk).order_by("-at")[:100]),
        }

    @display(description="Number", ordering="number")
    def shown_number(self, obj: Export) -> str:
        """Show Xero's number, or the id where Xero has no number."""
        return obj.number or obj.xero_id

    @display(description="Kind")
    def shown_kind(self, obj: Export) -> str:
        """Name what it is."""
        return words.kind_of(obj.stream, obj.record.kind)

    @display(description="Amount")
    def shown_amount(self, obj: Export) -> str:
        """Show amount and currency."""
        return f"{words.amount(obj.record.total)} {obj.record.currency}".strip() or words.DASH

    @display(description="State")
    def shown_state(self, obj: Export) -> SafeString:
        """Show the state, with the reason in the tooltip."""
        return words.chip(words.EXPORT.get(obj.state), title=obj.sentence)

    @display(description="File")
    def shown_file(self, obj: Export) -> str:
        """Name the file."""
        return str(obj.file) if obj.file else words.DASH

    @display(description="Partner's answer")
    def shown_ack(self, obj: Export) -> SafeString:
        """Show what the partner answered."""
        return words.chip(words.ACK.get(obj.ack_outcome))

    @display(description="Made", ordering="created_at")
    def made(self, obj: Export) -> SafeString:
        """Show when the export was made, in the tenant's zone."""
        return moments.moment(obj.created_at, obj.tenant.time_zone)


admin.site.register(Export, ExportAdmin)
