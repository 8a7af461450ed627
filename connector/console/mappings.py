"""Mappings: drafts that are edited, and published versions that never change."""

import json
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Max
from django.http import HttpRequest
from django.utils.html import format_html

from connector.console import moments, words
from connector.console.detail import Card, DetailPage
from connector.console.filters import OwnRelatedFilter
from connector.console.theme import display
from core.models import Mapping, MappingVersion


class MappingAdmin(DetailPage):
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

    detail_related = ("tenant",)

    def cards(self, obj: Mapping) -> list[Card]:
        """Show the mapping and its versions."""
        versions = [(str(version), version.note) for version in obj.versions.order_by("-number")[:50]]
        return [
            Card("Mapping", [("Tenant", obj.tenant), ("Format", self.base(obj))]),
            Card("Published versions", versions),
        ]

    @display(description="Format")
    def base(self, obj: Mapping) -> str:
        """Name the shipped base or the format."""
        return str(obj.draft.get("base") or obj.draft.get("format") or words.DASH)

    @display(description="Published version", ordering="newest")
    def published(self, obj: Any) -> str:
        """Show the newest published version."""
        return f"version {obj.newest}" if obj.newest else "none yet"


class MappingVersionAdmin(DetailPage):
    """Published versions."""

    tenant_path = "mapping__tenant_id"
    list_display = ("__str__", "note", "published_by", "published_at")
    list_filter: ClassVar[Any] = [("mapping", OwnRelatedFilter)]
    list_select_related = ("mapping", "published_by")
    search_fields = ("mapping__name__istartswith",)
    fields = ("mapping", "number", "note")
    detail_related = ("mapping__tenant", "published_by")

    def zone_of(self, obj: MappingVersion) -> str:
        """Use the zone of the mapping's tenant."""
        return obj.mapping.tenant.time_zone

    def cards(self, obj: MappingVersion) -> list[Card]:
        """Show the version and its definition."""
        published = moments.moment(obj.published_at, self.zone_of(obj))
        definition = json.dumps(obj.definition, indent=2, ensure_ascii=False)
        return [
            Card(
                "Version",
                [
                    ("Mapping", obj.mapping),
                    ("Number", obj.number),
                    ("Note", obj.note),
                    ("Published by", obj.published_by),
                    ("Published", published),
                    ("SHA-256", obj.sha256),
                ],
            ),
            Card("Definition", [("JSON", format_html('<pre class="mlc-pre" tabindex="0">{}</pre>', definition))]),
        ]


admin.site.register(Mapping, MappingAdmin)
admin.site.register(MappingVersion, MappingVersionAdmin)
