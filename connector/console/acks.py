"""Acknowledgments: what partners answered, and what we answered them."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString

from connector import tasks
from connector.ack_story import notes_on, outcomes_of, trace
from connector.console import moments, words
from connector.console.configuring.change import said
from connector.console.deciding import ReasonForm, dialog
from connector.console.dialogs import leave_dialog, say
from connector.console.evidence import View
from connector.console.filters import OwnRelatedFilter, age_filter
from connector.console.inbound.awaited import AwaitedPages
from connector.console.inbound.looks import EFFECT, VERDICT
from connector.console.search import Joined
from connector.console.theme import MultipleChoicesDropdownFilter, action, display
from connector.steps.answer import send_again
from core.clock import database_now
from core.errors import ConnectorError
from core.models import AckDirection, Acknowledgment, File

MOST_EXPORTS = 50


class AcknowledgmentAdmin(AwaitedPages):
    """TA1, 997, 999 and CONTRL in both directions, newest first."""

    list_display = (
        "shown_kind", "shown_outcome", "shown_effect", "numbers", "file", "arrived",
    )  # fmt: skip
    list_filter: ClassVar[Any] = [
        ("kind", MultipleChoicesDropdownFilter),
        ("direction", MultipleChoicesDropdownFilter),
        ("outcome", MultipleChoicesDropdownFilter),
        ("effect", MultipleChoicesDropdownFilter),
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
    views = (
        View("Rejected", "outcome__exact=rejected"),
        View("Theirs", "direction__exact=theirs"),
        View("Ours", "direction__exact=ours"),
        View("Unmatched", "effect__exact=unmatched"),
        View("Damaged", "effect__exact=damaged"),
    )
    detail_related = ("inbound", "interchange", "file__mapping_version")
    actions_detail = ("send_again",)
    empty_why = "No acknowledgments yet. They are picked up from the partners' folders."

    def detail_context(self, request: HttpRequest, obj: Acknowledgment) -> dict[str, Any]:
        """Give the answer's story: what it is about, each fault led back, how it stands to others; copies of ours."""
        exports = list(outcomes_of(obj, most=MOST_EXPORTS + 1))
        is_ours, traced = obj.direction == AckDirection.OURS, trace(obj)
        return {
            "is_ours": is_ours,
            "effect": EFFECT.get(obj.effect),
            "notes": notes_on(obj),
            "traced": traced,
            "told": [line for line in obj.details if not any(item.sentence in line for item in traced)],
            "exports": exports[:MOST_EXPORTS],
            "more_exports": len(exports) > MOST_EXPORTS,
            "copies": list(File.objects.filter(replay_of=obj.file).order_by("pk")[:20]) if is_ours and obj.file else [],
        }

    def has_again_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let operators send one of ours again."""
        row = self.named_row(request, obj)
        is_ours = bool(row and row.direction == AckDirection.OURS and row.file_id)
        return is_ours and self.has_operate_permission(request, row)

    @action(
        description="Send again",
        url_path="send-again",
        icon="forward_to_inbox",
        permissions=["again"],
        dialog=dialog(
            "Send it once more?", "The same bytes and control numbers, under a name of its own.", ReasonForm, "Send"
        ),
    )
    def send_again(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        """Send an acknowledgment of ours again, when the partner has lost it."""
        row = self.require(request, object_id)
        reason = form.cleaned_data["reason"]
        try:
            file = send_again(row, actor=request.user, reason=reason, now=database_now())
        except ConnectorError as error:
            return say(" ".join(said(error)))
        tasks.ring(tasks.deliver, server_id=file.server_id)
        messages.success(request, f"{file.name} is on its way.")
        return leave_dialog(reverse("admin:core_acknowledgment_change", args=[row.pk]))

    @display(description="Acknowledgment", ordering="kind")
    def shown_kind(self, obj: Acknowledgment) -> str:
        """Name the kind and whose it is."""
        return f"{obj.kind} {'from' if obj.direction == AckDirection.THEIRS else 'to'} {obj.partner}"

    @display(description="Outcome")
    def shown_outcome(self, obj: Acknowledgment) -> SafeString:
        """Show the outcome."""
        is_theirs = obj.direction == AckDirection.THEIRS
        return words.chip((words.ACK if is_theirs else VERDICT).get(obj.outcome))

    @display(description="Effect")
    def shown_effect(self, obj: Acknowledgment) -> SafeString:
        """Show whether an answer of theirs took effect."""
        return words.chip(EFFECT.get(obj.effect))

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
