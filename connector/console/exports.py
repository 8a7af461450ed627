"""Exports: one record bound for one integration, as a story from Xero to the partner's answer."""

from typing import Any, ClassVar

import msgspec
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString

from connector.console import moments, words
from connector.console.deciding import ReasonForm, decided, dialog
from connector.console.evidence import EvidenceAdmin, View
from connector.console.filters import OwnRelatedFilter, age_filter
from connector.console.replaying import ReplayPages
from connector.console.search import Joined
from connector.console.story import content_of, steps_of
from connector.console.theme import ActionVariant, MultipleChoicesDropdownFilter, action, display
from connector.console.xero_links import address_in_xero
from connector.holds import approve_exports, ignore_exports
from core.lookups import versions_of
from core.models import Event, Export, ExportContent, File
from core.states import AckOutcome, ExportState

DOWNLOADS = (("csv", "CSV"), ("jsonl", "JSON lines"), ("zip", "ZIP"))


class ExportAdmin(ReplayPages, EvidenceAdmin):
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
    search_help_text = "Xero number, id, control number or file"
    detail_template = "console/export.html"
    list_before_template = "console/parts/export_views.html"
    actions_detail = ("approve", "ignore")
    views = (
        View("Failed", "state__exact=failed"),
        View("On hold", "state__exact=held"),
        View("Waiting", "state__exact=pending"),
        View("Awaiting an answer", "ack_outcome__exact=awaited&ack_outcome__exact=overdue"),
        View("Rejected by the partner", "ack_outcome__exact=rejected"),
    )
    detail_related = (
        "content", "run", "record__fetch", "record__organisation", "mapping_version__mapping", "replay_of",
        "requested_by",
    )  # fmt: skip
    empty_why = "No records yet. They appear as soon as an enabled integration has read Xero."

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Offer the downloads of what the list shows."""
        return super().changelist_view(request, {"download_forms": DOWNLOADS, **(extra_context or {})})

    def detail_context(self, request: HttpRequest, obj: Export) -> dict[str, Any]:
        """Give the export's story: its steps, its content, the tries, problems, replays and events."""
        return {
            "steps": steps_of(obj),
            "content": content_of(obj),
            "payload": readable_json(obj.record.payload),
            "in_xero": address_in_xero(obj.record),
            "attempts": list(obj.file.attempt_rows.order_by("number")[:50]) if obj.file else [],
            "problems": list(obj.problems.order_by("-last_seen_at")[:20]),
            "replays": list(obj.replays.order_by("pk")[:50]),
            "events": events_of(obj),
            "lookups": versions_of(obj.file) if obj.file else [],
            "may_replay": self.has_operate_permission(request, obj),
        }

    def has_approve_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let operators approve what is on hold."""
        return self._waits(request, obj, ExportState.HELD)

    def has_ignore_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let operators leave out what is on hold or failed."""
        return self._waits(request, obj, ExportState.HELD, ExportState.FAILED)

    def _waits(self, request: HttpRequest, obj: Any, *states: str) -> bool:
        row = self.named_row(request, obj)
        return bool(row and row.state in states) and self.has_operate_permission(request, row)

    @action(
        description="Let it go out",
        url_path="approve",
        icon="check",
        variant=ActionVariant.PRIMARY,
        permissions=["approve"],
        dialog=dialog("Let this go out?", "It is sent with a run of its own, at once.", ReasonForm, "Let it go out"),
    )
    def approve(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        """Let a held change or cancellation go out."""
        return self._decided(request, approve_exports, object_id, form, done="It goes out now.")

    @action(
        description="Ignore",
        url_path="ignore",
        icon="visibility_off",
        permissions=["ignore"],
        dialog=dialog("Ignore this record?", "It is not sent, and its problem ends.", ReasonForm, "Ignore"),
    )
    def ignore(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        """Leave a held or failed record out for good."""
        return self._decided(request, ignore_exports, object_id, form, done="It is left out.")

    def _decided(
        self, request: HttpRequest, decide: Any, object_id: str, form: ReasonForm, *, done: str
    ) -> HttpResponse:
        export = self.require(request, object_id)
        back = reverse("admin:core_export_change", args=[export.pk])
        reason = form.cleaned_data["reason"]
        return decided(request, decide, Export.objects.filter(pk=export.pk), done=done, back=back, reason=reason)

    @display(description="Number", ordering="number")
    def shown_number(self, obj: Export) -> SafeString:
        """Show Xero's number, or the id where Xero has no number."""
        return words.together(obj.number or obj.xero_id)

    @display(description="Kind")
    def shown_kind(self, obj: Export) -> SafeString:
        """Name what it is."""
        return words.together(words.kind_of(obj.stream, obj.record.kind))

    @display(description="Amount")
    def shown_amount(self, obj: Export) -> SafeString:
        """Show amount and currency."""
        return words.together(f"{words.amount(obj.record.total)} {obj.record.currency}".strip() or words.DASH)

    @display(description="State")
    def shown_state(self, obj: Export) -> SafeString:
        """Show the state, with the reason in the tooltip."""
        return words.chip(words.EXPORT.get(obj.state), title=obj.sentence)

    @display(description="File")
    def shown_file(self, obj: Export) -> SafeString:
        """Name the file."""
        return words.narrow(str(obj.file) if obj.file else words.DASH)

    @display(description="Partner's answer")
    def shown_ack(self, obj: Export) -> SafeString:
        """Show what the partner answered."""
        return words.chip(words.ACK.get(obj.ack_outcome) if obj.ack_outcome != AckOutcome.NONE else None)

    @display(description="Made", ordering="created_at")
    def made(self, obj: Export) -> SafeString:
        """Show when the export was made, in the tenant's zone."""
        return moments.moment(obj.created_at, obj.tenant.time_zone)


def readable_json(payload: Any) -> str | None:
    """Give a record's JSON as Xero wrote it, only with line breaks and indents; None once it was purged."""
    if payload is None:
        return None
    data = bytes(payload)
    try:
        return msgspec.json.format(data, indent=2).decode()
    except (msgspec.DecodeError, UnicodeDecodeError):
        return data.decode("utf-8", "replace")


def events_of(export: Export) -> list[Event]:
    """Give an export's events, with those of its file, newest first."""
    mine = Q(export_id=export.pk)
    if export.file_id:
        mine |= Q(file_id=export.file_id, export_id=None)
    return list(Event.objects.filter(mine, tenant_id=export.tenant_id).order_by("-at", "-pk")[:100])


admin.site.register(Export, ExportAdmin)
