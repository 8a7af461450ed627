"""The console's admin site: own search over what people look for, no page outside the scope of its reader."""

from typing import Any

from django.contrib.admin.utils import quote
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from connector.console.theme import SearchResult, ThemeSite
from core.models import Export, File, Integration, Mapping, Partner, Server, Tenant

SEARCHED: tuple[tuple[type[Model], str], ...] = (
    (Export, "receipt_long"),
    (File, "draft"),
    (Integration, "conversion_path"),
    (Partner, "handshake"),
    (Server, "dns"),
    (Mapping, "table_convert"),
    (Tenant, "domain"),
)
MOST_EACH = 6


class ConsoleSite(ThemeSite):
    """The Django admin as the product's console."""

    site_title = "ml-connector"
    index_title = "Overview"

    def app_index(self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None) -> Any:
        """Lead from Django's list of an app's models to the overview: people think in pages, not apps."""
        return redirect(f"{self.name}:index")

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Find records, files and what is configured, a few of each; nothing is kept between searches."""
        term = request.GET.get("s", "").strip()[:100]
        found = [result for model, icon in SEARCHED for result in self._find(request, model, icon, term)]
        context = {"results": found, "page_obj": None, "page_counter": 0, "command_show_history": False}
        template = "unfold/helpers/command_results.html"
        return TemplateResponse(request, template, context, headers={"HX-Trigger": "search"})

    def _find(self, request: HttpRequest, model: type[Model], icon: str, term: str) -> list[SearchResult]:
        page: Any = self._registry[model]
        if not term or not page.has_view_permission(request):
            return []
        rows, _ = page.get_search_results(request, page.get_queryset(request), term)
        name = f"{self.name}:core_{model._meta.model_name}_change"
        return [
            SearchResult(
                title=str(row),
                description=str(model._meta.verbose_name).capitalize(),
                link=reverse(name, args=[quote(row.pk)]),
                icon=icon,
            )
            for row in rows[:MOST_EACH]
        ]
