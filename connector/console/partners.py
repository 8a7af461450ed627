"""Partners: who receives, where, and under which ids."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString

from connector.console import second_person, words
from connector.console.configuring.change import change_entry, said
from connector.console.configuring.page import ConfigPage
from connector.console.configuring.partner_form import PartnerForm
from connector.console.control_numbers import ControlNumberPages
from connector.console.detail import Card
from connector.console.filters import OwnRelatedFilter
from connector.console.theme import display
from core.clock import database_now
from core.errors import ConnectorError
from core.models import Mode, Partner


class PartnerAdmin(ControlNumberPages, ConfigPage):
    """Partners."""

    list_display = ("name", "tenant", "server", "shown_mode")
    list_filter: ClassVar[Any] = ["mode", ("tenant", OwnRelatedFilter), ("server", OwnRelatedFilter)]
    list_select_related = ("tenant", "server")
    search_fields = ("name__istartswith",)
    ordering = ("tenant__slug", "name")
    form_class = PartnerForm
    detail_related = ("tenant", "server", "test_server")
    detail_template = "console/partner.html"
    pages = ("production", "control_numbers")
    empty_why = "No partner yet. A partner receives files in folders of an SFTP server."

    def production(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Show what differs between test and production, and change over in one reviewed step."""
        partner = self.require(request, object_id)
        if not self.has_change_permission(request, partner):
            raise PermissionDenied
        mode = Mode.PRODUCTION if partner.mode == Mode.TEST else Mode.TEST
        refused: list[str] = []
        if request.method == "POST":
            try:
                return self._change_over(request, partner, mode)
            except ConnectorError as error:
                refused = said(error)
        context = {
            **self.page_context(request, partner),
            "differences": differences_of(partner),
            "refused": refused,
            "asked": second_person.asked(matter_of(partner), now=partner.read_now),
        }
        return TemplateResponse(request, "console/production.html", context)

    def _change_over(self, request: HttpRequest, partner: Partner, mode: Mode) -> HttpResponseBase:
        """Change a partner's mode; going to production may need a second person, coming back never does."""
        user, now = request.user, database_now()
        is_done = True

        def change(*, dry_run: bool = False) -> None:
            change_entry("partner", partner, user=user, dry_run=dry_run, now=now, mode=str(mode))

        if mode == Mode.PRODUCTION:
            change(dry_run=True)
            is_done = second_person.carry_out(matter_of(partner), change, user=user, now=now)
        else:
            change()
        if is_done:
            messages.success(request, f"{partner} is in {mode} mode now.")
        else:
            messages.info(request, second_person.WAITS)
        return redirect("admin:core_partner_change", partner.pk)

    def detail_context(self, request: HttpRequest, obj: Partner) -> dict[str, Any]:
        """Give the partner's facts, how its mode is shown, and what is sent to it."""
        integrations = obj.integrations.select_related("tenant").order_by("name")[:50]
        return {
            **super().detail_context(request, obj),
            "mode_look": words.MODE[obj.mode],
            "integrations": list(integrations),
        }

    def cards(self, obj: Any) -> list[Card]:
        """Show the partner's server, folders and ids."""
        return [
            Card(
                "Partner",
                [
                    ("Mode", words.chip(words.MODE.get(obj.mode))),
                    *second_person.facts(matter_of(obj), zone=self.zone_of(obj), now=obj.read_now),
                    ("Tenant", words.link(obj.tenant)),
                    ("Server", words.link(obj.server)),
                    ("Server in test mode", words.link(obj.test_server)),
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


def matter_of(partner: Partner) -> second_person.Matter:
    """Say what two people decide about a partner: production with these very differences."""
    seen = [str(partner.server), partner.server.host, differences_of(partner)]
    return second_person.Matter(partner.tenant, "partner.production", str(partner.pk), seen, partner.name)


def differences_of(partner: Partner) -> list[tuple[str, str, str]]:
    """List what a partner's test mode changes: setting, in test, in production."""
    rows = [("Server", str(partner.test_server or partner.server), str(partner.server))]
    for block in ("folders", "x12", "edifact"):
        for key, value in partner.test.get(block, {}).items():
            rows.append((f"{_title(block)}: {_title(key)}", _text(value), _text(getattr(partner, block).get(key, ""))))
    return [*rows, ("Files are marked", "as tests", "as production")]


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {item}" for key, item in value.items())
    return " ".join(str(item) for item in value) if isinstance(value, list) else str(value)


admin.site.register(Partner, PartnerAdmin)
