"""Pages of evidence: what happened is read, never edited. Lists, and one detail page a family."""

from typing import Any, ClassVar

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from connector.console.scoping import TenantScoped
from connector.console.search import PrefixSearch
from connector.console.theme import NewestPaginator
from core.clock import database_now


class EvidenceAdmin(PrefixSearch, TenantScoped):
    """A page family without adding, changing and deleting. `detail_template` shows one row."""

    detail_template: ClassVar[str]
    paginator = NewestPaginator
    empty_why: ClassVar[str] = "Nothing here yet."

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show one row on its own page."""
        if object_id is None or request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        obj = self.get_detail_object(request, unquote(object_id))
        if obj is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": obj,
            "title": str(obj),
            "actions_detail": self._detail_actions(request, object_id),
            "now": database_now(),
            **self.detail_context(request, obj),
            **(extra_context or {}),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, self.detail_template, context)

    def get_detail_object(self, request: HttpRequest, object_id: str) -> Any:
        """Read the row to show, within the reader's tenants; None when there is none."""
        return self.get_object(request, object_id)

    def detail_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Give what the detail template shows beside the row."""
        return {}

    def _detail_actions(self, request: HttpRequest, object_id: str) -> Any:
        allowed = self.get_actions_detail(request, object_id)
        return self._get_actions_navigation(self.actions_detail, allowed, object_id)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Refuse Django's edit history: evidence is never edited, its history is the audit trail."""
        raise PermissionDenied


def rows_of(rows: QuerySet[Any], *, most: int) -> tuple[list[Any], bool]:
    """Read at most so many rows; say whether there are more."""
    found = list(rows[: most + 1])
    return found[:most], len(found) > most
