"""Pages of evidence: what happened is read, never edited."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from connector.console.detail import DetailPage
from connector.console.search import PrefixSearch
from connector.console.theme import NewestPaginator


class EvidenceAdmin(PrefixSearch, DetailPage):
    """A page family without adding, changing and deleting, newest rows first."""

    paginator = NewestPaginator

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
