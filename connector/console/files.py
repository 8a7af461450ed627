"""Files: what was put on the servers, how each try went, and their exact bytes."""

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString

from connector.console import moments, words
from connector.console.deciding import ReasonForm, decided, dialog
from connector.console.evidence import View, rows_of
from connector.console.filters import OwnRelatedFilter, age_filter
from connector.console.inbound.review import ReviewPages
from connector.console.theme import ActionVariant, MultipleChoicesDropdownFilter, action, display
from connector.holds import cancel_files, deliver_files_by_hand, release_files
from core import outbox
from core.decisions import BY_HAND
from core.models import Event, File
from core.outbox import DUE_STATES
from core.states import AckOutcome, FileState

MOST_SHOWN = 64 * 1024
"""How many bytes of a file its page shows."""


class FileAdmin(ReviewPages):
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
    search_help_text = "File name or control number"
    detail_template = "console/file.html"
    actions_detail = ("release", "cancel", "deliver_by_hand", "review")
    views = (
        View("Waiting to retry", "state__exact=retry_wait"),
        View("On hold", "state__exact=held"),
        View("Failed", "state__exact=failed"),
        View("Awaiting an answer", "ack_outcome__exact=awaited&ack_outcome__exact=overdue"),
    )
    detail_related = ("integration", "server", "run")
    pages = ("download",)
    empty_why = "No files yet. They appear when a run has something to deliver."

    def get_queryset(self, request: HttpRequest) -> Any:
        """Leave the bytes in the database: lists never need them."""
        return super().get_queryset(request).defer("header", "trailer")

    def detail_context(self, request: HttpRequest, obj: File) -> dict[str, Any]:
        """Give the file's exports, attempts, acknowledgments and events."""
        exports, more_exports = rows_of(obj.exports.order_by("content__position", "pk"), most=50)
        return {
            "preview": preview(obj),
            "evidence": words.EVIDENCE.get(obj.evidence, obj.evidence),
            "by_hand": by_hand(obj),
            "waits_for": words.WAITS.get(obj.problem_code, "") if obj.state in DUE_STATES else "",
            "next_try": obj.next_attempt_at if obj.state in DUE_STATES else None,
            "may_download": self.has_operate_permission(request, obj),
            "exports": exports,
            "more_exports": more_exports,
            "attempts": list(obj.attempt_rows.order_by("number")[:50]),
            "acknowledgments": list(obj.acknowledgments.order_by("pk")[:50]),
            "problems": list(obj.problems.order_by("-last_seen_at")[:20]),
            "events": list(Event.objects.filter(tenant_id=obj.tenant_id, file_id=obj.pk).order_by("-at")[:100]),
        }

    def has_release_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let operators decide about files that are on hold."""
        return self._is_in(request, obj, FileState.HELD)

    def has_cancel_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let operators cancel files that wait."""
        return self._is_in(request, obj, FileState.HELD, FileState.READY, FileState.RETRY_WAIT)

    def _is_in(self, request: HttpRequest, obj: Any, *states: str) -> bool:
        row = self.named_row(request, obj)
        return bool(row and row.state in states) and self.has_operate_permission(request, row)

    @action(
        description="Let it go on",
        url_path="release",
        icon="play_arrow",
        variant=ActionVariant.PRIMARY,
        permissions=["release"],
        dialog=dialog("Let this file go on?", "It is delivered as soon as its server is free.", ReasonForm, "Go on"),
    )
    def release(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        """Let a held file go on."""
        return self._decided(request, release_files, object_id, form, done="The file goes on.")

    @action(
        description="Cancel",
        url_path="cancel",
        icon="block",
        permissions=["cancel"],
        dialog=dialog(
            "Cancel this file?", "Neither it nor its records are sent. It is kept.", ReasonForm, "Cancel file"
        ),
    )
    def cancel(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        """End a waiting file."""
        return self._decided(request, cancel_files, object_id, form, done="The file is cancelled.")

    @action(
        description="The partner has it",
        url_path="deliver-by-hand",
        icon="how_to_reg",
        permissions=["release"],
        dialog=dialog("Does the partner have it?", "It counts as delivered; you vouch for it.", ReasonForm, "Yes"),
    )
    def deliver_by_hand(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        """Mark a held file as delivered, since the partner has it."""
        return self._decided(request, deliver_files_by_hand, object_id, form, done="The file counts as delivered.")

    def _decided(
        self, request: HttpRequest, decide: Any, object_id: str, form: ReasonForm, *, done: str
    ) -> HttpResponse:
        file = self.require(request, object_id)
        back = reverse("admin:core_file_change", args=[file.pk])
        reason = form.cleaned_data["reason"]
        return decided(request, decide, File.objects.filter(pk=file.pk), done=done, back=back, reason=reason)

    def download(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Send the file's exact bytes, as a download that no browser opens as a page."""
        file = self.require(request, object_id)
        if not self.has_operate_permission(request, file):
            raise PermissionDenied
        if request.method != "GET" or not file.sealed_at or outbox.is_purged(file):
            raise Http404
        kind = "application/gzip" if file.compression else "text/plain; charset=utf-8"
        response = StreamingHttpResponse(outbox.packed(file), content_type=kind)
        response["Content-Disposition"] = content_disposition_header(True, file.name)
        response["X-Content-Type-Options"] = "nosniff"
        return response

    @display(description="State")
    def shown_state(self, obj: File) -> SafeString:
        """Show the state; what waits although nothing is wrong says for what."""
        waits = words.WAITS.get(obj.problem_code) if obj.state in DUE_STATES else None
        return words.chip(words.FILE.get(obj.state), title=f"Waits for {waits}" if waits else "")

    @display(description="Size", ordering="size")
    def shown_size(self, obj: File) -> str:
        """Show the size once the file is sealed."""
        return filesizeformat(obj.size) if obj.size is not None else words.DASH

    @display(description="Partner's answer")
    def shown_ack(self, obj: File) -> SafeString:
        """Show what the partner answered."""
        return words.chip(words.ACK.get(obj.ack_outcome) if obj.ack_outcome != AckOutcome.NONE else None)

    @display(description="Next try")
    def next_try(self, obj: File) -> SafeString:
        """Show when the next try is due."""
        return moments.moment(obj.next_attempt_at if obj.state in DUE_STATES else None, obj.tenant.time_zone)

    @display(description="Made", ordering="created_at")
    def made(self, obj: File) -> SafeString:
        """Show when the file was opened, in the tenant's zone."""
        return moments.moment(obj.created_at, obj.tenant.time_zone)


def by_hand(file: File) -> Event | None:
    """Give the line of the trail that says who vouched for a delivery; None where the server did."""
    if file.evidence != BY_HAND:
        return None
    return (
        Event.objects.filter(tenant_id=file.tenant_id, file_id=file.pk, event="file.delivered").order_by("-at").first()
    )


def preview(file: File) -> dict[str, Any] | None:
    """Give the beginning of a file as text; None while it is being built."""
    if file.sealed_at is None:
        return None
    if outbox.is_purged(file):
        return {"is_purged": True}
    data = bytearray()
    for piece in outbox.read(file):
        data += piece
        if len(data) > MOST_SHOWN:
            break
    shown = bytes(data[:MOST_SHOWN]).decode("utf-8", "replace")
    return {"text": shown, "is_cut": len(data) > MOST_SHOWN, "most": MOST_SHOWN}


admin.site.register(File, FileAdmin)
