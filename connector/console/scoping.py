"""Every page of the console stands on this: rows, choices and rights only within the reader's tenants."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib.admin import ShowFacets
from django.contrib.admin.utils import unquote
from django.db.models import BinaryField, Model, QuerySet
from django.http import HttpRequest

from connector.console.access import access_of
from connector.console.theme import ModelAdmin
from core.models import Role


class TenantScoped(ModelAdmin):
    """A page family whose rows belong to tenants. `tenant_path` leads from a row to its tenant's id."""

    tenant_path: ClassVar[str] = "tenant_id"
    view_role: ClassVar[str] = Role.VIEWER
    add_role: ClassVar[str | None] = None
    change_role: ClassVar[str | None] = None
    delete_role: ClassVar[str | None] = None
    list_filter_submit = True
    list_fullwidth = True
    list_disable_select_all = True
    list_per_page = 25
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    actions = None

    def get_queryset(self, request: HttpRequest) -> Any:
        """Give the rows of the reader's tenants."""
        return access_of(request).scope(super().get_queryset(request), path=self.tenant_path, role=self.view_role)

    def tenant_of(self, obj: Any) -> UUID | None:
        """Follow `tenant_path` from a row to its tenant's id."""
        for name in self.tenant_path.split("__"):
            obj = getattr(obj, name)
        tenant_id: UUID | None = obj
        return tenant_id

    def holds(self, request: HttpRequest, role: str | None, row: Any = None) -> bool:
        """Say whether the reader holds a role in the row's tenant; without a row, in any tenant.

        The theme passes a row's id instead of the row; such a row must be visible, too.
        """
        if role is None:
            return False
        if isinstance(row, str):
            row = self.named_row(request, row)
            if row is None:
                return False
        access = access_of(request)
        if row is None:
            return access.may(role)
        tenant_id = self.tenant_of(row)
        return access.everything if tenant_id is None else access.may(role, tenant_id)

    def named_row(self, request: HttpRequest, row: Any) -> Any:
        """Read the row that an address names, once a request; a row itself is given back."""
        if not isinstance(row, str):
            return row
        known: dict[Any, Any] = request.__dict__.setdefault("console_rows", {})
        if (self.model, row) not in known:
            known[self.model, row] = self.get_object(request, unquote(row))
        return known[self.model, row]

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the page family to everyone who may see rows of some tenant."""
        return self.holds(request, self.view_role)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let viewers of the row's tenant see it."""
        return self.holds(request, self.view_role, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let holders of `add_role` add rows."""
        return self.holds(request, self.add_role)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let holders of `change_role` in the row's tenant change it."""
        return self.holds(request, self.change_role, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let holders of `delete_role` in the row's tenant delete it."""
        return self.holds(request, self.delete_role, obj)

    def has_operate_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let operators of the row's tenant run, replay, ignore and export."""
        return self.holds(request, Role.OPERATOR, obj)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Refuse to search by bytes: sealed secrets and payloads are no filter."""
        name = lookup.split("__")[0]
        field = next((field for field in self.opts.get_fields() if field.name == name), None)
        return not isinstance(field, BinaryField) and super().lookup_allowed(lookup, value, request)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer only rows that the reader may see."""
        kwargs.setdefault("queryset", self._choices(db_field, request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer only rows that the reader may see."""
        kwargs.setdefault("queryset", self._choices(db_field, request))
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def _choices(self, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        return visible_rows(self.admin_site, db_field.remote_field.model, request)


def visible_rows(site: Any, model: type[Model], request: HttpRequest) -> QuerySet[Any]:
    """Give the rows of a model that its own page family would show to the reader; none without a page."""
    page = site._registry.get(model)
    return page.get_queryset(request) if page else model._default_manager.none()
