"""Runs: one pass of an integration, from reading Xero to the files on the server."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from connector.console import moments, words
from connector.console.evidence import EvidenceAdmin, rows_of
from connector.console.filters import OwnRelatedFilter, age_filter
from connector.console.theme import MultipleChoicesDropdownFilter, display
from core.models import Run


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
    empty_why = "No runs yet. Open an integration and choose Run now, or wait for its schedule."

    def get_detail_object(self, request: HttpRequest, object_id: str) -> Any:
        """Read the run with what its page names."""
        rows = self.get_queryset(request).select_related("integration__partner", "tenant", "requested_by")
        return rows.filter(pk=object_id).first() if object_id.isdigit() else None

    def detail_context(self, request: HttpRequest, obj: Run) -> dict[str, Any]:
        """Give the run's fetches, its files, its problems, and its exports counted by state."""
        files, more_files = rows_of(obj.files.order_by("pk"), most=50)
        return {
            "counts": count_by_state(obj.exports.all()),
            "fetches": list(obj.fetches.order_by("pk")[:20]),
            "files": files,
            "more_files": more_files,
            "problems": list(obj.problem_set.order_by("-last_seen_at")[:20]),
        }

    @display(description="Run", ordering="pk")
    def shown_id(self, obj: Run) -> str:
        """Show the run's number."""
        return f"#{obj.pk}"

    @display(description="State")
    def shown_state(self, obj: Run) -> SafeString:
        """Show the state."""
        return words.chip(words.RUN.get(obj.state))

    @display(description="Opened by")
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


def count_by_state(exports: QuerySet[Any]) -> list[tuple[str, int]]:
    """Count exports by state, in the order of the states."""
    found = dict(exports.order_by().values_list("state").annotate(Count("pk")))
    return [(state, found[state]) for state in words.EXPORT if state in found]


admin.site.register(Run, RunAdmin)
