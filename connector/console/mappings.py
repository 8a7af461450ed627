"""Mappings: drafts that are edited, and published versions that never change."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Max
from django.http import HttpRequest

from connector.console import words
from connector.console.filters import OwnRelatedFilter
from connector.console.scoping import TenantScoped
from connector.console.theme import display
from core.models import Mapping, MappingVersion


class MappingAdmin(TenantScoped):
    """Mappings with their newest published version."""

    list_display = ("name", "tenant", "base", "published")
    list_filter: ClassVar[Any] = [("tenant", OwnRelatedFilter)]
    list_select_related = ("tenant",)
    search_fields = ("name__istartswith",)
    ordering = ("tenant__slug", "name")
    fields = ("tenant", "name", "draft")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Find each mapping's newest version."""
        return super().get_queryset(request).annotate(newest=Max("versions__number"))

    @display(description="Format")
    def base(self, obj: Mapping) -> str:
        """Name the shipped base or the format."""
        return str(obj.draft.get("base") or obj.draft.get("format") or words.DASH)

    @display(description="Published version", ordering="newest")
    def published(self, obj: Any) -> str:
        """Show the newest published version."""
        return f"version {obj.newest}" if obj.newest else "none yet"


class MappingVersionAdmin(TenantScoped):
    """Published versions."""

    tenant_path = "mapping__tenant_id"
    list_display = ("__str__", "note", "published_by", "published_at")
    list_filter: ClassVar[Any] = [("mapping", OwnRelatedFilter)]
    list_select_related = ("mapping", "published_by")
    search_fields = ("mapping__name__istartswith",)
    fields = ("mapping", "number", "definition", "sha256", "note", "published_by", "published_at")


admin.site.register(Mapping, MappingAdmin)
admin.site.register(MappingVersion, MappingVersionAdmin)
