"""Problems: what a person must look at, in plain words, with the next step."""

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.safestring import SafeString

from connector.console import moments, words
from connector.console.evidence import EvidenceAdmin
from connector.console.filters import OwnRelatedFilter, age_filter
from connector.console.search import Joined
from connector.console.theme import MultipleChoicesDropdownFilter, display
from core.models import Export, File, Problem


class ProblemAdmin(EvidenceAdmin):
    """Problems, the latest first."""

    list_display = ("sentence", "shown_state", "tenant", "about", "times", "next_step", "last_seen", "assignee")
    list_filter: ClassVar[Any] = [
        ("state", MultipleChoicesDropdownFilter),
        ("integration", OwnRelatedFilter),
        ("server", OwnRelatedFilter),
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
    detail_related = ("organisation", "run", "export", "file")
    empty_why = "No problems. Nothing needs your attention."

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


admin.site.register(Problem, ProblemAdmin)
