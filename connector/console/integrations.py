"""Integrations: what goes where, how it is doing, and "run now"."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString

from connector.console import moments, words
from connector.console.dialogs import RequestForm, leave_dialog
from connector.console.filters import OwnRelatedFilter
from connector.console.scoping import TenantScoped
from connector.console.theme import ActionVariant, action, display
from core.clock import database_now
from core.models import Integration, Run, RunTrigger
from core.runs import open_run


class IntegrationAdmin(TenantScoped):
    """Integrations with their last run and next slot."""

    list_display = ("name", "tenant", "partner", "carries", "last_run", "next_run", "shown_enabled")
    list_filter: ClassVar[Any] = [
        ("tenant", OwnRelatedFilter),
        ("partner", OwnRelatedFilter),
        "is_enabled",
    ]
    search_fields = ("name__istartswith", "partner__name__istartswith")
    list_select_related = ("tenant", "partner", "mapping", "organisation")
    ordering = ("tenant__slug", "name")
    actions_detail = ("run_now",)
    fieldsets = (
        (None, {"fields": ("tenant", "name", "organisation", "streams", "where", "partner", "mapping")}),
        ("Start", {"fields": ("start_on", "opening")}),
        ("Output", {"fields": ("folder", "file_name", "batch", "when_empty", "options")}),
        ("When something changes", {"fields": ("on_webhook", "on_change", "on_void", "bad_record", "after")}),
        ("Schedule", {"fields": ("cron", "time_zone", "is_enabled")}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """Give the integrations with the state and end of their newest run."""
        newest = Run.objects.filter(integration=OuterRef("pk")).order_by("-pk")
        return (
            super()
            .get_queryset(request)
            .annotate(
                last_run_state=Subquery(newest.values("state")[:1]),
                last_run_at=Subquery(newest.values("created_at")[:1]),
            )
        )

    @display(description="Carries")
    def carries(self, obj: Integration) -> str:
        """Name the streams and the mapping."""
        return f"{', '.join(words.STREAMS.get(stream, stream) for stream in obj.streams)} · {obj.mapping}"

    @display(description="Last run")
    def last_run(self, obj: Any) -> SafeString:
        """Show how the newest run stands."""
        return words.chip(words.RUN.get(obj.last_run_state))

    @display(description="Next run", ordering="next_due_at")
    def next_run(self, obj: Integration) -> SafeString:
        """Show the next slot in the integration's zone."""
        return moments.moment(obj.next_due_at if obj.is_enabled else None, obj.time_zone or obj.tenant.time_zone)

    @display(description="State", ordering="is_enabled")
    def shown_enabled(self, obj: Integration) -> SafeString:
        """Show whether it runs by itself."""
        return words.chip(words.ENABLED[obj.is_enabled])

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
        integration = self.get_object(request, object_id)
        if integration is None:
            raise Http404
        run = open_run(
            integration,
            trigger=RunTrigger.MANUAL,
            requested_by=request.user,
            request_id=form.cleaned_data["request_id"],
            now=database_now(),
        )
        if run is None or run.integration_id != integration.pk:
            raise Http404
        messages.success(request, f"Run {run.pk} of {integration} is open.")
        return leave_dialog(reverse("admin:core_run_change", args=[run.pk]))


admin.site.register(Integration, IntegrationAdmin)
