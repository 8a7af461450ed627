"""Files: what was put on the servers, how each try went, and their exact bytes."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.safestring import SafeString

from connector.console import moments, words
from connector.console.evidence import EvidenceAdmin, rows_of
from connector.console.filters import OwnRelatedFilter, age_filter
from connector.console.theme import MultipleChoicesDropdownFilter, display
from core.models import Event, File


class FileAdmin(EvidenceAdmin):
    """Files, newest first."""

    list_display = (
        "__str__",
        "partner",
        "shown_state",
        "record_count",
        "shown_size",
        "shown_ack",
        "next_try",
        "made",
    )
    list_filter: ClassVar[Any] = [
        ("state", MultipleChoicesDropdownFilter),
        ("ack_outcome", MultipleChoicesDropdownFilter),
        ("partner", OwnRelatedFilter),
        ("integration", OwnRelatedFilter),
        ("tenant", OwnRelatedFilter),
        age_filter("created_at"),
    ]
    list_select_related = ("partner", "tenant")
    ordering = ("-created_at", "-pk")
    own_prefixes = ("name", "interchange_number")
    search_help_text = "Begins with: file name or control number"
    detail_template = "console/file.html"
    empty_why = "No files yet. They appear when a run has something to deliver."

    def get_queryset(self, request: HttpRequest) -> Any:
        """Leave the bytes in the database: lists never need them."""
        return super().get_queryset(request).defer("header", "trailer")

    def get_detail_object(self, request: HttpRequest, object_id: str) -> Any:
        """Read the file with what its page names."""
        rows = self.get_queryset(request).select_related("integration", "partner", "server", "tenant", "run")
        return rows.filter(pk=object_id).first() if object_id.isdigit() else None

    def detail_context(self, request: HttpRequest, obj: File) -> dict[str, Any]:
        """Give the file's exports, attempts, acknowledgments and events."""
        exports, more_exports = rows_of(obj.exports.order_by("content__position", "pk"), most=50)
        return {
            "exports": exports,
            "more_exports": more_exports,
            "attempts": list(obj.attempt_rows.order_by("number")[:50]),
            "acknowledgments": list(obj.acknowledgments.order_by("pk")[:50]),
            "problems": list(obj.problems.order_by("-last_seen_at")[:20]),
            "events": list(Event.objects.filter(tenant_id=obj.tenant_id, file_id=obj.pk).order_by("-at")[:100]),
        }

    @display(description="State")
    def shown_state(self, obj: File) -> SafeString:
        """Show the state."""
        return words.chip(words.FILE.get(obj.state))

    @display(description="Size", ordering="size")
    def shown_size(self, obj: File) -> str:
        """Show the size once the file is sealed."""
        return filesizeformat(obj.size) if obj.size is not None else words.DASH

    @display(description="Partner's answer")
    def shown_ack(self, obj: File) -> SafeString:
        """Show what the partner answered."""
        return words.chip(words.ACK.get(obj.ack_outcome))

    @display(description="Next try")
    def next_try(self, obj: File) -> SafeString:
        """Show when the next try is due."""
        waits = obj.state in ("ready", "retry_wait")
        return moments.moment(obj.next_attempt_at if waits else None, obj.tenant.time_zone)

    @display(description="Made", ordering="created_at")
    def made(self, obj: File) -> SafeString:
        """Show when the file was opened, in the tenant's zone."""
        return moments.moment(obj.created_at, obj.tenant.time_zone)


admin.site.register(File, FileAdmin)
