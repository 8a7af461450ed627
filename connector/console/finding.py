"""Searching everywhere: records and files by what people have at hand, and what is configured by its name."""

from typing import Any

from django.contrib.admin.utils import quote
from django.db.models import CharField, Model, Value
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.urls import reverse

from connector.console.access import access_of
from connector.console.theme import SearchResult
from core.models import Export, File, Integration, Mapping, Partner, Server, Tenant

EVIDENCE: tuple[tuple[type[Model], str], ...] = ((Export, "receipt_long"), (File, "draft"))
NAMED: tuple[tuple[type[Model], str], ...] = (
    (Integration, "conversion_path"),
    (Partner, "handshake"),
    (Server, "dns"),
    (Mapping, "table_convert"),
    (Tenant, "domain"),
)
MOST_EACH = 6


def find_everywhere(site: Any, request: HttpRequest, term: str) -> list[SearchResult]:
    """Find a few rows of each kind within the reader's tenants; what is configured takes one query together."""
    found = [
        _result(site, model, icon, row.pk, str(row))
        for model, icon in EVIDENCE
        for row in _rows(site, request, model, term)[:MOST_EACH]
    ]
    return [*found, *_named(site, request, term)]


def _rows(site: Any, request: HttpRequest, model: type[Model], term: str) -> Any:
    page = site._registry[model]
    if not page.has_view_permission(request):
        return model._default_manager.none()
    return page.get_search_results(request, page.get_queryset(request), term)[0]


def _named(site: Any, request: HttpRequest, term: str) -> list[SearchResult]:
    first, *others = [_few(site, request, number, term) for number in range(len(NAMED))]
    rows = sorted(first.union(*others, all=True))
    return [_result(site, NAMED[number][0], NAMED[number][1], key, name) for number, name, key in rows]


def _few(site: Any, request: HttpRequest, number: int, term: str) -> Any:
    """Choose a few rows of one kind, shaped like those of the others."""
    model = NAMED[number][0]
    page = site._registry[model]
    mine = access_of(request).scope(model._default_manager.order_by("name"), path=page.tenant_path)
    chosen = page.get_search_results(request, mine, term)[0].values("pk")[:MOST_EACH]
    rows = model._default_manager.filter(pk__in=chosen).order_by()
    return rows.values_list(Value(number), "name", Cast("pk", CharField()))


def _result(site: Any, model: type[Model], icon: str, key: Any, title: str) -> SearchResult:
    name = f"{site.name}:core_{model._meta.model_name}_change"
    return SearchResult(
        title=title,
        description=str(model._meta.verbose_name).capitalize(),
        link=reverse(name, args=[quote(model._meta.pk.to_python(key))]),
        icon=icon,
    )
