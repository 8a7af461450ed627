"""Problems: what a person must look at, in plain words, with the next step."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, Max, Min
from django.http import HttpRequest
from django.utils.safestring import SafeString

from connector.console import moments, words
from connector.console.access import Access, access_of
from connector.console.evidence import EvidenceAdmin, View
from connector.console.filters import OwnRelatedFilter, age_filter
from connector.console.search import Joined
from connector.console.theme import MultipleChoicesDropdownFilter, display
from core.models import Export, File, Problem, ProblemState

MOST_GROUPS = 12


class ProblemAdmin(EvidenceAdmin):
    """Problems, the latest first."""

    list_display = ("sentence", "shown_state", "tenant", "about", "times", "next_step", "last_seen", "assignee")
    list_filter: ClassVar[Any] = [
        ("state", MultipleChoicesDropdownFilter),
        ("integration", OwnRelatedFilter),
        ("tenant", OwnRelatedFilter),
        age_filter("last_seen_at"),
    ]
    list_select_related = ("tenant", "integration", "partner", "server", "assignee")
    ordering = ("-last_seen_at", "-pk")
    own_prefixes = ("code",)
    joined_prefixes = (
        Joined("export_id", Export, ("number", "xero_id")),
        Joined("file_id", File, ("name", "interchange_number")),
    )
    search_help_text = "Code, Xero number, id or file"
    detail_template = "console/problem.html"
    views = (View("Open", "state__exact=open"), View("Ended", "state__exact=resolved&state__exact=ignored"))
    list_before_template = "console/parts/problem_groups.html"
    detail_related = ("organisation", "run", "export", "file")
    empty_why = "No problems. Nothing needs your attention."

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Show the open problems of a kind together above the list."""
        groups = open_groups(access_of(request))
        return super().changelist_view(request, {"groups": groups, **(extra_context or {})})

    @display(description="State")
    def shown_state(self, obj: Problem) -> SafeString:
        """Show whether someone still has to look."""
        return words.chip(words.PROBLEM.get(obj.state), title=obj.code)

    @display(description="About")
    def about(self, obj: Problem) -> str:
        """Name the integration, server or partner it is about."""
        return str(obj.integration or obj.server or obj.partner or obj.subject)

    @display(description="Last seen", ordering="last_seen_at")
    def last_seen(self, obj: Problem) -> SafeString:
        """Show when it happened last."""
        return moments.moment(obj.last_seen_at, obj.tenant.time_zone)


def open_groups(access: Access) -> list[Any]:
    """Put open problems with the same code about the same integration together, the most frequent first."""
    rows = access.scope(Problem.objects.filter(state=ProblemState.OPEN)).order_by()
    grouped = rows.values("code", "integration_id", "integration__name", "tenant__time_zone").annotate(
        count=Count("pk"), first=Min("first_seen_at"), last=Max("last_seen_at"), sentence=Max("sentence")
    )
    return list(grouped.filter(count__gt=1).order_by("-count", "code")[:MOST_GROUPS])


admin.site.register(Problem, ProblemAdmin)
