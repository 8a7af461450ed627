"""Inbound: files picked up from partners, with the verdict on each interchange and what was answered."""

from datetime import timedelta
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.defaultfilters import filesizeformat
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString

from connector.console import moments, words
from connector.console.evidence import EvidenceAdmin, View
from connector.console.filters import OwnRelatedFilter, age_filter
from connector.console.inbound.looks import INBOUND, INTERCHANGE
from connector.console.search import Joined
from connector.console.theme import MultipleChoicesDropdownFilter, display
from connector.inbound_story import MOST_BYTES, interchanges_of
from core import inbound
from core.models import Event, Inbound, Interchange, Problem

MOST_SHOWN = 64 * 1024
"""How many bytes of a file its page shows."""
_EVENTS_WITHIN = timedelta(days=7)


class InboundAdmin(EvidenceAdmin):
    """Files that partners left for us, newest first."""

    list_display = ("name", "partner", "shown_state", "control_number", "sender", "shown_size", "arrived")
    list_filter: ClassVar[Any] = [
        ("state", MultipleChoicesDropdownFilter),
        ("partner", OwnRelatedFilter),
        ("tenant", OwnRelatedFilter),
        age_filter("created_at"),
    ]
    list_select_related = ("partner", "tenant")
    ordering = ("-created_at", "-pk")
    own_prefixes = ("name", "control_number")
    joined_prefixes = (Joined("pk", Interchange, ("control_number",), value="inbound_id"),)
    search_help_text = "File name or control number"
    detail_template = "console/inbound.html"
    views = (View("Needs a look", "state__exact=error"), View("Came before", "state__exact=duplicate"))
    pages = ("download",)
    empty_why = "Nothing was picked up yet. Partners' files come from the folder that is set as pick_up_from."

    def get_queryset(self, request: HttpRequest) -> Any:
        """Leave the bytes in the database: lists never need them."""
        return super().get_queryset(request).defer("content")

    def detail_context(self, request: HttpRequest, obj: Inbound) -> dict[str, Any]:
        """Give the file's interchanges, its text, its problems and events."""
        return {
            "look": INBOUND[obj.state],
            "interchanges": [(story, INTERCHANGE[story.row.state]) for story in interchanges_of(obj)],
            "is_too_large": obj.size > MOST_BYTES,
            "text": bytes(obj.content[:MOST_SHOWN]).decode("utf-8", "replace") if obj.content is not None else None,
            "is_cut": obj.size > MOST_SHOWN,
            "may_download": self.has_operate_permission(request, obj),
            "problems": list(Problem.objects.filter(tenant_id=obj.tenant_id, subject=inbound.subject(obj))),
            "events": _events_of(obj),
        }

    def download(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Send the file as it was picked up, as a download that no browser opens as a page."""
        row = self.require(request, object_id)
        if not self.has_operate_permission(request, row):
            raise PermissionDenied
        if request.method != "GET" or row.content is None:
            raise Http404
        response = HttpResponse(bytes(row.content), content_type="text/plain; charset=utf-8")
        response["Content-Disposition"] = content_disposition_header(True, row.name)
        response["X-Content-Type-Options"] = "nosniff"
        return response

    @display(description="State")
    def shown_state(self, obj: Inbound) -> SafeString:
        """Show what became of it, with the reason in the tooltip."""
        return words.chip(INBOUND.get(obj.state), title=obj.sentence)

    @display(description="Size", ordering="size")
    def shown_size(self, obj: Inbound) -> str:
        """Show the size."""
        return filesizeformat(obj.size)

    @display(description="Picked up", ordering="created_at")
    def arrived(self, obj: Inbound) -> SafeString:
        """Show when it was stored."""
        return moments.moment(obj.created_at, obj.tenant.time_zone)


def _events_of(row: Inbound) -> list[Event]:
    """Give what the trail says about a file; it all happens soon after it was stored."""
    when = (row.created_at, row.created_at + _EVENTS_WITHIN)
    events = Event.objects.filter(tenant_id=row.tenant_id, at__range=when, file=row.name[:200])
    return list(events.filter(event__startswith="inbound.").order_by("-at", "-pk")[:100])


admin.site.register(Inbound, InboundAdmin)
