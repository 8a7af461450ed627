"""Detail pages: one row on one page, read from top to bottom. Forms open only where somebody asks to edit."""

from typing import Any, ClassVar, NamedTuple

from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db.models.functions import Now
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from connector.console.scoping import TenantScoped
from core.models import Event


class Card(NamedTuple):
    """A titled group of facts: label and value, where a value may be ready markup."""

    title: str
    facts: list[tuple[str, Any]]


class DetailPage(TenantScoped):
    """A page family whose rows are shown on a page of their own. `pages` are further views of one row, `list_pages`
    of the whole family."""

    detail_template: ClassVar[str] = "console/facts.html"
    detail_related: ClassVar[tuple[str, ...]] = ()
    pages: ClassVar[tuple[str, ...]] = ()
    list_pages: ClassVar[tuple[str, ...]] = ()
    empty_why: ClassVar[str] = "Nothing here yet."

    def get_urls(self) -> list[URLPattern]:
        """Add the further pages of a row, each named after its method."""
        prefix = f"{self.opts.app_label}_{self.opts.model_name}"
        further = [
            path(
                f"<path:object_id>/{name.replace('_', '-')}/",
                self.admin_site.admin_view(getattr(self, name)),
                name=f"{prefix}_{name}",
            )
            for name in self.pages
        ]
        listed = [
            path(
                f"{name.replace('_', '-')}/",
                self.admin_site.admin_view(getattr(self, name)),
                name=f"{prefix}_{name}",
            )
            for name in self.list_pages
        ]
        return listed + further + super().get_urls()

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show one row on its own page; with `?edit`, or when a form is sent, the form."""
        if object_id is None or request.method == "POST" or "edit" in request.GET:
            return super().changeform_view(request, object_id, form_url, extra_context)
        return self.detail_view(request, object_id, extra_context or {})

    def detail_view(self, request: HttpRequest, object_id: str, extra: dict[str, Any]) -> HttpResponseBase:
        """Show one row on its own page."""
        obj = self.find(request, object_id)
        if obj is None:
            answer: HttpResponseBase = self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
            return answer
        request.__dict__.setdefault("console_rows", {})[self.model, object_id] = obj
        context = {
            **self.page_context(request, obj),
            "actions_detail": self._detail_actions(request, object_id),
            "may_change": self.has_change_permission(request, obj),
            "may_edit": hasattr(self, "form_class"),
            "has_history": type(self).changes_of is not DetailPage.changes_of,
            **self.detail_context(request, obj),
            **extra,
        }
        return TemplateResponse(request, self.detail_template, context)

    def page_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Give what every page about a row needs: the site's frame, the row, its zone and the time."""
        request.current_app = self.admin_site.name
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": obj,
            "title": str(obj),
            "now": obj.read_now,
            "zone": self.zone_of(obj),
        }

    def find(self, request: HttpRequest, object_id: str) -> Any:
        """Read a row with what its page names, within the reader's tenants; None when there is none.

        It carries the database's time of the reading as `read_now`."""
        try:
            key = self.opts.pk.to_python(unquote(object_id))
        except (ValidationError, ValueError):
            return None
        related = (*self.list_related, *self.detail_related)
        rows = self.get_queryset(request).select_related(*related).annotate(read_now=Now())
        return rows.filter(pk=key).first()

    @property
    def list_related(self) -> tuple[str, ...]:
        """Name what the list reads with its rows: a row's page needs it, too."""
        return tuple(self.list_select_related) if isinstance(self.list_select_related, list | tuple) else ()

    def require(self, request: HttpRequest, object_id: str) -> Any:
        """Read a row as `find` does; 404 when there is none."""
        obj = self.find(request, object_id)
        if obj is None:
            raise Http404
        return obj

    def zone_of(self, obj: Any) -> str:
        """Name the zone in which a row's times are shown: its tenant's."""
        return str(obj.tenant.time_zone)

    def detail_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Give what the detail template shows beside the row; by default its cards of facts."""
        return {"cards": self.cards(obj)}

    def cards(self, obj: Any) -> list[Card]:
        """Give the row's facts, grouped, for the plain detail page."""
        return []

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show who changed the row and when, from the audit trail: it knows files and commands, too."""
        obj = self.require(request, object_id)
        context = {**self.page_context(request, obj), "changes": self.changes_of(obj)}
        return TemplateResponse(request, "console/history.html", context)

    def changes_of(self, obj: Any) -> list[Event]:
        """Give the newest events about this row's configuration; none where nothing is configured."""
        return []

    def _detail_actions(self, request: HttpRequest, object_id: str) -> Any:
        allowed = self.get_actions_detail(request, object_id)
        return self._get_actions_navigation(self.actions_detail, allowed, object_id)
