"""Integrations: what goes where, how it is doing, and "run now"."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString

from connector import schedule, tasks
from connector.console import integration_page, moments, words
from connector.console.configuring.integration_form import IntegrationForm
from connector.console.configuring.page import ConfigPage
from connector.console.dialogs import RequestForm, leave_dialog
from connector.console.filters import OwnRelatedFilter
from connector.console.standing import standing_of, with_standing
from connector.console.theme import ActionVariant, action, display
from core.clock import database_now
from core.models import Integration, RunTrigger


class IntegrationAdmin(ConfigPage):
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
    actions_detail = ("run_now",)
    detail_template = "console/integration.html"
    detail_related = ("tenant", "partner__server", "mapping", "organisation__grant", "pinned_version")
    empty_why = "No integration yet. One carries records of a Xero organisation to a partner."

    def get_queryset(self, request: HttpRequest) -> Any:
        """Give the integrations with what their standing rests on."""
        return with_standing(super().get_queryset(request))

    def detail_context(self, request: HttpRequest, obj: Integration) -> dict[str, Any]:
        """Give the integration's way, schedule, settings, waiting records, runs and problems."""
        return integration_page.context(obj)

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


admin.site.register(Integration, IntegrationAdmin)
