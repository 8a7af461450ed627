"""Runs: one pass of an integration, from reading Xero to the files on the server."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString

from connector import backfill
from connector.console import moments, progress, words
from connector.console.deciding import ReasonForm, decided, dialog, ring_for
from connector.console.dialogs import RequestForm, leave_dialog
from connector.console.evidence import EvidenceAdmin, View, rows_of
from connector.console.filters import OwnRelatedFilter, age_filter
from connector.console.theme import MultipleChoicesDropdownFilter, action, display
from connector.replay import cancel_run
from core.clock import database_now
from core.models import Run, RunTrigger
from core.states import RunState

RESUMABLE = (RunState.CANCELLED, RunState.PARTLY, RunState.FAILED)


class RunAdmin(EvidenceAdmin):
    """Runs, newest first."""

    list_display = ("shown_id", "integration", "shown_state", "shown_trigger", "opened", "took", "requested_by")
    list_display_links = ("shown_id",)
    list_filter: ClassVar[Any] = [
        ("state", MultipleChoicesDropdownFilter),
        ("trigger", MultipleChoicesDropdownFilter),
        ("integration", OwnRelatedFilter),
        ("tenant", OwnRelatedFilter),
        age_filter("created_at"),
    ]
    list_select_related = ("integration", "tenant", "requested_by")
    ordering = ("-created_at", "-pk")
    detail_template = "console/run.html"
    actions_detail = ("cancel", "resume")
    views = (
        View("Under way", "state__exact=due&state__exact=fetching&state__exact=formatting&state__exact=delivering"),
        View("Failed or partly done", "state__exact=failed&state__exact=partly"),
    )
    detail_related = ("integration__partner",)
    pages = ("progress",)
    empty_why = "No runs yet. Open an integration and choose Run now, or wait for its schedule."

    def detail_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Give the run's progress, its fetches, its files and its problems."""
        files, more_files = rows_of(obj.files.defer("header", "trailer").order_by("pk"), most=50)
        return {
            **progress.of(obj, now=obj.read_now),
            "files": files,
            "more_files": more_files,
            "problems": list(obj.problem_set.order_by("-last_seen_at")[:20]),
        }

    def has_cancel_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let operators cancel runs that are under way."""
        row = self.named_row(request, obj)
        return bool(row and row.finished_at is None) and self.has_operate_permission(request, row)

    @action(
        description="Cancel",
        url_path="cancel",
        icon="block",
        permissions=["cancel"],
        dialog=dialog("Cancel this run?", "What has not left yet does not leave.", ReasonForm, "Cancel run"),
    )
    def cancel(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        """Cancel a run that is under way."""
        run = self.require(request, object_id)
        back = reverse("admin:core_run_change", args=[run.pk])
        reason = form.cleaned_data["reason"]
        if run.trigger == RunTrigger.BACKFILL:
            return decided(request, _stopped, run, done="The backfill is stopped.", back=back, reason=reason)
        return decided(request, cancel_run, run, done="The run is cancelled.", back=back, reason=reason)

    def has_resume_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let operators take up a backfill that has not read everything."""
        row = self.named_row(request, obj)
        is_left = bool(row and row.trigger == RunTrigger.BACKFILL and row.state in RESUMABLE)
        return is_left and self.has_operate_permission(request, row)

    @action(
        description="Take it up again",
        url_path="resume",
        icon="play_arrow",
        permissions=["resume"],
        dialog=dialog("Take the backfill up again?", "What was read already is not read again.", RequestForm, "Go on"),
    )
    def resume(self, request: HttpRequest, form: RequestForm, object_id: str) -> HttpResponse:
        """Take up a backfill where it was stopped, as a run of its own."""
        request_id = form.cleaned_data["request_id"]
        again = backfill.resume(
            self.require(request, object_id), requested_by=request.user, request_id=request_id, now=database_now()
        )
        ring_for([again])
        return leave_dialog(reverse("admin:core_run_change", args=[again.pk]))

    def progress(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Show how far a run is; the page asks for this part again until the run has ended."""
        run, now = self.require(request, object_id), database_now()
        context = {"original": run, "zone": self.zone_of(run), "now": now, "is_part": True, **progress.of(run, now=now)}
        return TemplateResponse(request, "console/parts/progress.html", context)

    @display(description="Run", ordering="pk")
    def shown_id(self, obj: Run) -> str:
        """Show the run's number."""
        return f"#{obj.pk}"

    @display(description="State")
    def shown_state(self, obj: Run) -> SafeString:
        """Show the state."""
        return words.chip(words.RUN.get(obj.state))

    @display(description="How")
    def shown_trigger(self, obj: Run) -> str:
        """Name what opened the run."""
        return words.TRIGGERS.get(obj.trigger, obj.trigger)

    @display(description="Opened", ordering="created_at")
    def opened(self, obj: Run) -> SafeString:
        """Show when it was opened, in the tenant's zone."""
        return moments.moment(obj.created_at, obj.tenant.time_zone)

    @display(description="Took")
    def took(self, obj: Run) -> str:
        """Say how long the run took."""
        return moments.span(obj.finished_at - obj.started_at) if obj.finished_at and obj.started_at else words.DASH


def _stopped(run: Run, *, actor: Any, reason: str, now: datetime) -> bool:
    return backfill.stop(run, actor=actor.get_username(), reason=reason, now=now)


admin.site.register(Run, RunAdmin)
