"""Integrations: what goes where, how it is doing, and "run now"."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString

from connector import schedule, tasks
from connector.backfill import start as start_backfill
from connector.console import integration_page, moments, second_person, words
from connector.console.configuring.change import change_entry, said, written
from connector.console.configuring.integration_form import IntegrationForm
from connector.console.configuring.page import ConfigPage
from connector.console.deciding import dialog, ring_for
from connector.console.dialogs import RequestForm, leave_dialog
from connector.console.dry_runs import DryRunPages
from connector.console.filters import OwnRelatedFilter
from connector.console.going_live import is_ready, next_task, tasks_of
from connector.console.standing import standing_of, with_standing
from connector.console.theme import ActionVariant, action, display
from core.clock import database_now
from core.errors import ConnectorError
from core.models import Integration, Mode, RunTrigger


class BackfillForm(RequestForm):
    """The days whose documents are read again, both included."""

    dated_from = forms.DateField(label="Dated from", widget=forms.DateInput({"type": "date"}))
    dated_to = forms.DateField(label="Dated to", widget=forms.DateInput({"type": "date"}))

    def clean(self) -> dict[str, Any]:
        """Refuse a range that ends before it begins."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("dated_from") and data.get("dated_to") and data["dated_to"] < data["dated_from"]:
            self.add_error("dated_to", "The last day is before the first.")
        return data

    def cleaned_data_for_start(self) -> dict[str, Any]:
        """Give what a backfill is started with."""
        return {name: self.cleaned_data[name] for name in ("dated_from", "dated_to", "request_id")}


class IntegrationAdmin(DryRunPages, ConfigPage):
    """Integrations with how they stand and their next slot."""

    list_display = ("name", "tenant", "partner", "carries", "shown_standing", "last_success", "next_run")
    list_filter: ClassVar[Any] = [
        ("tenant", OwnRelatedFilter),
        ("partner", OwnRelatedFilter),
        "is_enabled",
    ]
    search_fields = ("name__istartswith", "partner__name__istartswith")
    search_help_text = "Name or partner"
    list_select_related = ("tenant", "partner__server", "mapping", "organisation__grant")
    ordering = ("tenant__slug", "name")
    form_class = IntegrationForm
    actions_detail = ("run_now", "backfill", "pause")
    pages = ("go_live", "dry_run")
    detail_template = "console/integration.html"
    detail_related = ("tenant", "partner__server", "mapping", "organisation__grant", "pinned_version")
    empty_why = "No integration yet. One carries records of a Xero organisation to a partner."

    def get_queryset(self, request: HttpRequest) -> Any:
        """Give the integrations with what their standing rests on."""
        return with_standing(super().get_queryset(request))

    def detail_context(self, request: HttpRequest, obj: Integration) -> dict[str, Any]:
        """Give the integration's way, schedule, settings, waiting records, runs and problems."""
        return {**integration_page.context(obj), "may_operate": self.has_operate_permission(request, obj)}

    def go_live(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Show what is left to do and what would happen, and let the integration run by itself."""
        integration = self.require(request, object_id)
        if not self.has_change_permission(request, integration):
            raise PermissionDenied
        tasks, now = tasks_of(integration), database_now()
        outcome: dict[str, Any] = {"is_ready": is_ready(tasks), "notes": [], "refused": []}
        if outcome["is_ready"]:
            try:
                changes = change_entry(
                    "integration", integration, user=request.user, dry_run=True, now=now, enabled=True
                )
                outcome["notes"] = [note for change in changes for note in change.notes]
                if request.method == "POST":
                    return self._enable(request, integration)
            except ConnectorError as error:
                outcome["refused"] = said(error)
        asked = second_person.asked(going_live_matter(integration), now=now)
        frame = {
            **self.page_context(request, integration),
            "tasks": tasks,
            "next_task": next_task(tasks),
            "may_change": True,
        }
        return TemplateResponse(request, "console/go_live.html", {**frame, **outcome, "asked": asked})

    def _enable(self, request: HttpRequest, integration: Integration) -> HttpResponseBase:
        """Let an integration run by itself; to a partner in production a second person may have to agree."""
        user, now = request.user, database_now()

        def enable() -> None:
            change_entry("integration", integration, user=user, now=now, enabled=True)

        is_done = True
        if integration.partner.mode == Mode.PRODUCTION:
            is_done = second_person.carry_out(going_live_matter(integration), enable, user=user, now=now)
        else:
            enable()
        if is_done:
            messages.success(request, f"{integration} runs by itself now.")
        else:
            messages.info(request, second_person.WAITS)
        return redirect("admin:core_integration_change", integration.pk)

    def has_pause_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let integrators pause what runs by itself."""
        row = self.named_row(request, obj)
        return bool(row and row.is_enabled) and self.has_change_permission(request, row)

    @action(
        description="Pause",
        url_path="pause",
        icon="pause",
        permissions=["pause"],
        dialog={
            "title": "Pause this integration?",
            "description": "It does not run by itself any more. What changes in Xero is kept and sent later.",
            "form_class": RequestForm,
            "form_submit_text": "Pause",
        },
    )
    def pause(self, request: HttpRequest, form: RequestForm, object_id: str) -> HttpResponse:
        """Take an integration's schedule away; its records wait."""
        integration = self.require(request, object_id)
        change_entry("integration", integration, user=request.user, now=database_now(), enabled=False)
        messages.success(request, f"{integration} is paused.")
        return leave_dialog(reverse("admin:core_integration_change", args=[integration.pk]))

    @action(
        description="Backfill",
        url_path="backfill",
        icon="history",
        permissions=["operate"],
        dialog=dialog(
            "Read and send older documents?",
            "Month by month, beside what goes on. What was sent already is not sent again.",
            BackfillForm,
            "Begin",
        ),
    )
    def backfill(self, request: HttpRequest, form: BackfillForm, object_id: str) -> HttpResponse:
        """Read the documents of a range of days again and send what was not sent."""
        integration, now = self.require(request, object_id), database_now()
        run = start_backfill(integration, requested_by=request.user, now=now, **form.cleaned_data_for_start())
        if run.integration_id != integration.pk:
            raise Http404
        ring_for([run])
        messages.success(request, f"Run {run.pk} reads and sends the documents of these days.")
        return leave_dialog(reverse("admin:core_run_change", args=[run.pk]))

    @display(description="Carries")
    def carries(self, obj: Integration) -> str:
        """Name the streams and the mapping."""
        return f"{integration_page.streams_in_words(obj)} · {obj.mapping}"

    @display(description="State")
    def shown_standing(self, obj: Any) -> SafeString:
        """Show how the integration stands."""
        return words.chip(standing_of(obj))

    @display(description="Last success")
    def last_success(self, obj: Any) -> SafeString:
        """Say how long ago a run ended well."""
        return moments.relative(obj.last_success_at, obj.judged_at, schedule.zone_of(obj))

    @display(description="Next run", ordering="next_due_at")
    def next_run(self, obj: Integration) -> SafeString:
        """Show the next slot in the integration's zone."""
        return moments.moment(obj.next_due_at if obj.is_enabled else None, schedule.zone_of(obj))

    @action(
        description="Run now",
        url_path="run-now",
        icon="play_arrow",
        variant=ActionVariant.PRIMARY,
        permissions=["operate"],
        dialog={
            "title": "Run now",
            "description": "Reads what changed in Xero, builds the files and delivers them.",
            "form_class": RequestForm,
            "form_submit_text": "Run now",
        },
    )
    def run_now(self, request: HttpRequest, form: RequestForm, object_id: str) -> HttpResponse:
        """Open a run by hand; the request id of the dialog makes a double click one run."""
        integration = self.require(request, object_id)
        run = schedule.open_run(
            integration,
            trigger=RunTrigger.MANUAL,
            requested_by=request.user,
            request_id=form.cleaned_data["request_id"],
            now=database_now(),
        )
        if run is None or run.integration_id != integration.pk:
            raise Http404
        tasks.ring(tasks.advance, run_id=run.pk)
        messages.success(request, f"Run {run.pk} of {integration} is open.")
        return leave_dialog(reverse("admin:core_run_change", args=[run.pk]))


def going_live_matter(integration: Integration) -> second_person.Matter:
    """Say what two people decide about an integration: going live as it is configured now."""
    seen = written("integration", integration, integration.tenant)
    return second_person.Matter(integration.tenant, "integration.go_live", str(integration.pk), seen, integration.name)


admin.site.register(Integration, IntegrationAdmin)
