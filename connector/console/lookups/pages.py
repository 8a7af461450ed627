"""Lookup tables: a list, one table with its rows and versions, an import, and what a version said."""

import csv
import io
import json
from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, Max
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from connector.console.choosing_tenant import tenant_for_new
from connector.console.configuring.change import said
from connector.console.configuring.changes import changes_of
from connector.console.detail import DetailPage
from connector.console.filters import OwnRelatedFilter
from connector.console.lookups.forms import ImportForm, NewTableForm, RowsForm
from connector.console.lookups.importing import compare, import_rows, table_of
from connector.console.theme import display
from core.clock import database_now
from core.errors import ConnectorError
from core.models import Event, LookupTable, LookupVersion, MappingVersion, Role, Tenant
from core.models import Mapping as MappingRow

MOST_SHOWN = 200
MOST_EDITED = 500
"""Tables of up to so many rows stand in the import's text, ready to be edited."""


class LookupTableAdmin(DetailPage):
    """Tables that mappings look values up in."""

    add_role = Role.INTEGRATOR
    change_role = Role.INTEGRATOR
    list_display = ("name", "tenant", "row_count", "version", "saved_at")
    list_filter: ClassVar[Any] = [("tenant", OwnRelatedFilter)]
    list_select_related = ("tenant", "newest")
    search_fields = ("name__istartswith",)
    ordering = ("tenant__slug", "name")
    detail_related = ("tenant", "newest")
    detail_template = "console/lookup_table.html"
    pages = ("import_rows",)
    empty_why = "No table yet. A lookup table says what a value becomes: units, branches, a partner's own codes."

    def get_queryset(self, request: HttpRequest) -> Any:
        """Leave the rows themselves where they are: a list counts them."""
        return super().get_queryset(request).defer("newest__rows")

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show one table; without one, begin a new one. Changing rows is the import's."""
        if object_id is None:
            return self._add(request)
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        return self.detail_view(request, object_id, extra_context or {})

    def _add(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        frame = {**self.admin_site.each_context(request), "opts": self.opts}
        tenant = tenant_for_new(request, "lookup table", role=Role.INTEGRATOR, frame=frame)
        if not isinstance(tenant, Tenant):
            return tenant
        form = NewTableForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            name = form.cleaned_data["name"]
            if LookupTable.objects.filter(tenant=tenant, name__iexact=name).exists():
                form.add_error("name", "There is a lookup table of this name already.")
            elif self._imported(request, tenant, name, form, before={}):
                return redirect("admin:core_lookuptable_change", table_of(tenant, name).pk)
        context = {**frame, "form": form, "tenant": tenant, "title": "New lookup table"}
        return TemplateResponse(request, "console/lookup_import.html", context)

    def import_rows(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Import rows into a table, as its next version."""
        table = self.require(request, object_id)
        if not self.has_change_permission(request, table):
            raise PermissionDenied
        before = table.newest.rows
        initial = {"text": _as_csv(before)} if len(before) <= MOST_EDITED else {}
        form = ImportForm(request.POST or None, request.FILES or None, initial=initial)
        is_sent = request.method == "POST" and form.is_valid()
        if is_sent and self._imported(request, table.tenant, table.name, form, before=before):
            return redirect("admin:core_lookuptable_change", table.pk)
        more = {"form": form, "tenant": table.tenant, "title": f"Import rows into {table}"}
        context = {**self.page_context(request, table), **more}
        return TemplateResponse(request, "console/lookup_import.html", context)

    def _imported(
        self, request: HttpRequest, tenant: Tenant, name: str, form: RowsForm, *, before: Mapping[str, str]
    ) -> bool:
        try:
            found = import_rows(tenant, name, form, before=before, user=request.user, now=database_now())
        except ConnectorError as error:
            for line in said(error):
                form.add_error(None, line)
            return False
        messages.success(request, f"{name} is saved: {found}. New files are made with it.")
        return True

    def detail_context(self, request: HttpRequest, obj: LookupTable) -> dict[str, Any]:
        """Show rows, the versions, and the mappings that look values up in it."""
        term = request.GET.get("q", "").strip()[:100]
        found = rows_with(obj.newest.rows, term)
        versions = LookupVersion.objects.filter(tenant=obj.tenant, name=obj.name).defer("rows")
        return {
            "term": term,
            "found": len(found),
            "rows": found[:MOST_SHOWN],
            "versions": list(versions.select_related("saved_by").order_by("-number")[:50]),
            "mappings": mappings_with(obj),
        }

    def changes_of(self, obj: LookupTable) -> list[Event]:
        """Give who changed it, whether here or by a file."""
        return changes_of("lookup_table", obj, obj.tenant)

    @display(description="Rows", ordering="newest__row_count")
    def row_count(self, obj: LookupTable) -> int:
        """Count the rows."""
        return obj.newest.row_count

    @display(description="Version", ordering="newest__number")
    def version(self, obj: LookupTable) -> int:
        """Give the number of the newest version."""
        return obj.newest.number

    @display(description="Saved", ordering="newest__saved_at")
    def saved_at(self, obj: LookupTable) -> Any:
        """Say when it was changed last."""
        return obj.newest.saved_at


class LookupVersionAdmin(DetailPage):
    """What a lookup table said at some time: files name the versions that they were made with."""

    list_display = ("__str__", "tenant", "row_count", "note", "saved_by", "saved_at")
    list_filter: ClassVar[Any] = [("tenant", OwnRelatedFilter)]
    list_select_related = ("tenant", "saved_by")
    search_fields = ("name__istartswith",)
    detail_related = ("tenant", "saved_by")
    detail_template = "console/lookup_version.html"
    empty_why = "Nothing was ever looked up here."

    def detail_context(self, request: HttpRequest, obj: LookupVersion) -> dict[str, Any]:
        """Show rows, and what the version changed."""
        versions = LookupVersion.objects.filter(tenant=obj.tenant, name=obj.name, number__lt=obj.number)
        before = versions.order_by("-number").first()
        was = before.rows if before else {}
        keys = sorted(key for key in {*was, *obj.rows} if was.get(key) != obj.rows.get(key))
        term = request.GET.get("q", "").strip()[:100]
        found = rows_with(obj.rows, term)
        return {
            "before": before,
            "compared": compare(was, obj.rows),
            "changes": [(key, was.get(key), obj.rows.get(key)) for key in keys[:MOST_SHOWN]],
            "more": max(0, len(keys) - MOST_SHOWN),
            "term": term,
            "found": len(found),
            "rows": found[:MOST_SHOWN],
        }


def rows_with(rows: Mapping[str, str], term: str) -> list[tuple[str, str]]:
    """Give the rows that hold a text in key or value, by key; all without one."""
    wanted = term.casefold()
    return sorted(pair for pair in rows.items() if wanted in f"{pair[0]}\n{pair[1]}".casefold())


def mappings_with(table: LookupTable) -> list[MappingRow]:
    """Give the mappings that name a table, in their draft or in what is published."""
    versions = MappingVersion.objects.filter(mapping__tenant=table.tenant)
    newest = versions.annotate(last=Max("mapping__versions__number")).filter(number=F("last"))
    published = dict(newest.values_list("mapping_id", "definition"))
    quoted = (f"'{table.name}'", f"lookup:{table.name}")

    def names_it(definition: Any) -> bool:
        text = json.dumps(definition, ensure_ascii=False)
        return any(word in text for word in quoted)

    rows = MappingRow.objects.filter(tenant=table.tenant).order_by("name")
    return [row for row in rows if names_it(row.draft) or names_it(published.get(row.pk))]


def _as_csv(rows: Mapping[str, str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(sorted(rows.items()))
    return out.getvalue()


admin.site.register(LookupTable, LookupTableAdmin)
admin.site.register(LookupVersion, LookupVersionAdmin)
