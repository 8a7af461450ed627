"""Partners: who receives, where, and under which ids."""

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.safestring import SafeString

from connector.console import words
from connector.console.filters import OwnRelatedFilter
from connector.console.scoping import TenantScoped
from connector.console.theme import display
from core.models import Partner


class PartnerAdmin(TenantScoped):
    """Partners."""

    list_display = ("name", "tenant", "server", "shown_mode")
    list_filter: ClassVar[Any] = ["mode", ("tenant", OwnRelatedFilter), ("server", OwnRelatedFilter)]
    list_select_related = ("tenant", "server")
    search_fields = ("name__istartswith",)
    ordering = ("tenant__slug", "name")
    fieldsets = (
        (None, {"fields": ("tenant", "name", "mode", "server", "folders")}),
        ("EDI", {"fields": ("x12", "edifact", "acks")}),
        ("Test mode", {"fields": ("test_server", "test")}),
    )

    @display(description="Mode", ordering="mode")
    def shown_mode(self, obj: Partner) -> SafeString:
        """Show whether files count for the partner."""
        return words.chip(words.MODE.get(obj.mode))


admin.site.register(Partner, PartnerAdmin)
