"""Acknowledgments: what partners answered, and what we answered them."""

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.safestring import SafeString

from connector.console import moments, words
from connector.console.evidence import EvidenceAdmin, View
from connector.console.filters import OwnRelatedFilter, age_filter
from connector.console.search import Joined
from connector.console.theme import MultipleChoicesDropdownFilter, display
from core.models import Acknowledgment, File


class AcknowledgmentAdmin(EvidenceAdmin):
    """TA1, 997, 999 and CONTRL in both directions, newest first."""

    list_display = ("shown_kind", "shown_direction", "partner", "shown_outcome", "numbers", "file", "arrived")
    list_filter: ClassVar[Any] = [
        ("kind", MultipleChoicesDropdownFilter),
        ("direction", MultipleChoicesDropdownFilter),
        ("outcome", MultipleChoicesDropdownFilter),
        ("partner", OwnRelatedFilter),
        ("tenant", OwnRelatedFilter),
        age_filter("created_at"),
    ]
    list_select_related = ("partner", "tenant", "file")
    ordering = ("-created_at", "-pk")
    own_prefixes = ("interchange_number", "group_number", "document_number")
    joined_prefixes = (Joined("file_id", File, ("name",)),)
    search_help_text = "Control number or file name"
    detail_template = "console/acknowledgment.html"
    views = (View("Rejected", "outcome__exact=rejected"), View("Theirs", "direction__exact=theirs"))
    detail_related = ("inbound",)
    empty_why = "No acknowledgments yet. They are picked up from the partners' folders."

    @display(description="Kind", ordering="kind")
    def shown_kind(self, obj: Acknowledgment) -> str:
        """Name the kind."""
        return obj.get_kind_display()

    @display(description="Whose")
    def shown_direction(self, obj: Acknowledgment) -> str:
        """Say whose answer it is."""
        return "Theirs" if obj.direction == "theirs" else "Ours"

    @display(description="Outcome")
    def shown_outcome(self, obj: Acknowledgment) -> SafeString:
        """Show the outcome."""
        return words.chip(words.ACK.get(obj.outcome))

    @display(description="Control numbers")
    def numbers(self, obj: Acknowledgment) -> str:
        """Show interchange, group and document number."""
        levels = (obj.interchange_number, obj.group_number, obj.document_number)
        return " / ".join(filter(None, levels)) or words.DASH

    @display(description="When", ordering="created_at")
    def arrived(self, obj: Acknowledgment) -> SafeString:
        """Show when it was read or written."""
        return moments.moment(obj.created_at, obj.tenant.time_zone)


admin.site.register(Acknowledgment, AcknowledgmentAdmin)
