"""Partners: who receives, where, and under which ids."""

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.safestring import SafeString

from connector.console import words
from connector.console.configuring.page import ConfigPage
from connector.console.configuring.partner_form import PartnerForm
from connector.console.detail import Card
from connector.console.filters import OwnRelatedFilter
from connector.console.theme import display
from core.models import Partner


class PartnerAdmin(ConfigPage):
    """Partners."""

    list_display = ("name", "tenant", "server", "shown_mode")
    list_filter: ClassVar[Any] = ["mode", ("tenant", OwnRelatedFilter), ("server", OwnRelatedFilter)]
    list_select_related = ("tenant", "server")
    search_fields = ("name__istartswith",)
    ordering = ("tenant__slug", "name")
    form_class = PartnerForm
    detail_related = ("tenant", "server", "test_server")

    def cards(self, obj: Partner) -> list[Card]:
        """Show the partner's server, folders and ids."""
        return [
            Card(
                "Partner",
                [
                    ("Mode", words.chip(words.MODE.get(obj.mode))),
                    ("Tenant", obj.tenant),
                    ("Server", obj.server),
                    ("Server in test mode", obj.test_server),
                ],
            ),
            Card("Folders", [(_title(name), folder) for name, folder in obj.folders.items()]),
            Card("X12", [(_title(name), _text(value)) for name, value in obj.x12.items()]),
            Card("EDIFACT", [(_title(name), _text(value)) for name, value in obj.edifact.items()]),
            Card("Acknowledgments", [(_title(name), _text(value)) for name, value in obj.acks.items()]),
        ]

    @display(description="Mode", ordering="mode")
    def shown_mode(self, obj: Partner) -> SafeString:
        """Show whether files count for the partner."""
        return words.chip(words.MODE.get(obj.mode))


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {item}" for key, item in value.items())
    return " ".join(str(item) for item in value) if isinstance(value, list) else str(value)


admin.site.register(Partner, PartnerAdmin)
