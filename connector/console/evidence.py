"""Pages of evidence: what happened is read, never edited."""

from typing import Any, ClassVar, NamedTuple

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict

from connector.console.detail import DetailPage
from connector.console.search import PrefixSearch
from connector.console.theme import NewestPaginator


class View(NamedTuple):
    """A way to look at a list that people come back to: its title and its filters."""

    title: str
    query: str


class EvidenceAdmin(PrefixSearch, DetailPage):
    """A page family without adding, changing and deleting, newest rows first."""

    paginator = NewestPaginator
    list_before_template = "console/parts/views.html"
    views: ClassVar[tuple[View, ...]] = ()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Offer the views that people come back to above the list."""
        here = {key: value for key, value in request.GET.lists() if key not in ("p", "o", "q")}
        views = [(view.title, f"?{view.query}", dict(QueryDict(view.query).lists()) == here) for view in self.views]
        shown = {"views": views, "shows_all": not here, "may_operate": self.has_operate_permission(request)}
        return super().changelist_view(request, {**shown, **(extra_context or {})})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show one row on its own page; there is no form."""
        if object_id is None or request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        return self.detail_view(request, object_id, extra_context or {})

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Refuse Django's edit history: evidence is never edited, its history is the audit trail."""
        raise PermissionDenied


def rows_of(rows: QuerySet[Any], *, most: int) -> tuple[list[Any], bool]:
    """Read at most so many rows; say whether there are more."""
    found = list(rows[: most + 1])
    return found[:most], len(found) > most
