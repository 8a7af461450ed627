"""Problems: what a person must look at, in plain words, with the next step."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Count, Max, Min, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString

from connector.console import moments, words
from connector.console.access import Access, access_of
from connector.console.deciding import CommentForm, ReasonForm, decided, dialog
from connector.console.dialogs import RequestForm
from connector.console.evidence import EvidenceAdmin, View
from connector.console.filters import OwnRelatedFilter, age_filter
from connector.console.search import Joined
from connector.console.theme import MultipleChoicesDropdownFilter, action, display
from connector.problems import assign_problems, comment_problem, ignore_problems, resolve_problems
from core.models import Export, File, Problem, ProblemState

MOST_GROUPS = 12


class AssignForm(RequestForm):
    """Who takes care: somebody with a role in the problem's tenant."""

    person = forms.ModelChoiceField(User.objects.none(), required=False, empty_label="Nobody")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        works_here = Q(tenant_access__tenant__problems__pk=self.object_id or "0")
        people = User.objects.filter(works_here | Q(is_superuser=True), is_active=True).distinct()
        self.fields["person"].queryset = people.order_by("username")  # type: ignore[attr-defined]


class ProblemAdmin(EvidenceAdmin):
    """Problems, the latest first."""

    list_display = ("what", "shown_state", "tenant", "about", "times", "next_step", "last_seen", "assignee")
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
    actions_detail = ("resolve", "ignore", "assign", "comment")
    list_before_template = "console/parts/problem_groups.html"
    detail_related = ("organisation", "run", "export", "file")
    empty_why = "No problems. Nothing needs your attention."

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Show the open problems of a kind together above the list."""
        groups = open_groups(access_of(request))
        return super().changelist_view(request, {"groups": groups, **(extra_context or {})})

    def has_care_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let operators take care of problems that are open."""
        row = self.named_row(request, obj)
        return bool(row and row.state == ProblemState.OPEN) and self.has_operate_permission(request, row)

    @action(
        description="Resolved",
        url_path="resolve",
        icon="check",
        permissions=["care"],
        dialog=dialog("Is it dealt with?", "The same trouble again opens a new problem.", CommentForm, "Resolved"),
    )
    def resolve(self, request: HttpRequest, form: CommentForm, object_id: str) -> HttpResponse:
        """End a problem that somebody has dealt with."""
        comment = form.cleaned_data["comment"]
        return self._cared(request, resolve_problems, object_id, done="The problem is resolved.", comment=comment)

    @action(
        description="Ignore",
        url_path="ignore",
        icon="visibility_off",
        permissions=["care"],
        dialog=dialog("Ignore this problem?", "A record that failed is left out with it.", ReasonForm, "Ignore"),
    )
    def ignore(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        """End a problem without dealing with it."""
        reason = form.cleaned_data["reason"]
        return self._cared(request, ignore_problems, object_id, done="The problem is ignored.", reason=reason)

    @action(
        description="Assign",
        url_path="assign",
        icon="person",
        permissions=["care"],
        dialog=dialog("Who takes care of it?", "Empty takes it back.", AssignForm, "Assign"),
    )
    def assign(self, request: HttpRequest, form: AssignForm, object_id: str) -> HttpResponse:
        """Give a problem to a person of its tenant."""
        person = form.cleaned_data["person"]
        done = f"{person} takes care of it." if person else "Nobody takes care of it any more."
        return self._cared(request, assign_problems, object_id, done=done, to=person)

    @action(
        description="Comment",
        url_path="comment",
        icon="chat",
        permissions=["care"],
        dialog=dialog("Comment", "Everybody who sees the problem reads it.", CommentForm, "Add"),
    )
    def comment(self, request: HttpRequest, form: CommentForm, object_id: str) -> HttpResponse:
        """Add a comment to a problem."""
        problem = self.require(request, object_id)
        back = reverse("admin:core_problem_change", args=[problem.pk])
        text = form.cleaned_data["comment"]
        return decided(request, _commented, problem, done="The comment is added.", back=back, text=text)

    def _cared(self, request: HttpRequest, care: Any, object_id: str, *, done: str, **details: Any) -> HttpResponse:
        problem = self.require(request, object_id)
        back = reverse("admin:core_problem_change", args=[problem.pk])
        return decided(request, care, Problem.objects.filter(pk=problem.pk), done=done, back=back, **details)

    @display(description="What")
    def what(self, obj: Problem) -> str:
        """Say what is wrong."""
        return obj.sentence

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


def _commented(problem: Problem, **details: Any) -> bool:
    comment_problem(problem, **details)
    return True


def open_groups(access: Access) -> list[Any]:
    """Put open problems with the same code about the same integration together, the most frequent first."""
    rows = access.scope(Problem.objects.filter(state=ProblemState.OPEN)).order_by()
    grouped = rows.values("code", "integration_id", "integration__name", "tenant__time_zone").annotate(
        count=Count("pk"), first=Min("first_seen_at"), last=Max("last_seen_at"), sentence=Max("sentence")
    )
    return list(grouped.filter(count__gt=1).order_by("-count", "code")[:MOST_GROUPS])


admin.site.register(Problem, ProblemAdmin)
