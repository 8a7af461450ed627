"""Mappings: drafts that are edited, and published versions that never change."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from connector.console import words
from connector.console.choosing_tenant import tenant_for_new
from connector.console.configuring.changes import changes_of
from connector.console.detail import DetailPage
from connector.console.dialogs import RequestForm, leave_dialog, say
from connector.console.filters import OwnRelatedFilter
from connector.console.mapping_editor.drafts import create_draft
from connector.console.mapping_editor.pages import EditorPages
from connector.console.mapping_editor.rows import rows_of
from connector.console.mapping_editor.text import as_text, compare
from connector.console.theme import action, display
from connector.publishing import latest_version, roll_back
from core.clock import database_now
from core.errors import ConnectorError
from core.models import Event, Mapping, MappingVersion, Role, Tenant
from edi_app.formatter import base_names


class NewMappingForm(forms.Form):
    """A name and where to begin."""

    name = forms.RegexField(r"^[A-Za-z0-9](?:[A-Za-z0-9 ._-]*[A-Za-z0-9_-])?$", max_length=100)
    base = forms.ChoiceField(
        label="Begin with", choices=[("", "An empty CSV"), *((name, name) for name in base_names())], required=False
    )

    def definition(self) -> dict[str, Any]:
        """Give the draft to begin with."""
        base = self.cleaned_data["base"]
        return {"base": base} if base else {"format": "csv", "fields": []}


class MappingAdmin(EditorPages):
    """Mappings with their newest published version."""

    add_role = Role.INTEGRATOR
    change_role = Role.INTEGRATOR
    list_display = ("name", "tenant", "base", "published")
    list_filter: ClassVar[Any] = [("tenant", OwnRelatedFilter)]
    list_select_related = ("tenant",)
    search_fields = ("name__istartswith",)
    ordering = ("tenant__slug", "name")
    detail_related = ("tenant",)
    detail_template = "console/mapping.html"
    empty_why = "No mapping yet. It says which output field comes from which Xero field."

    def get_queryset(self, request: HttpRequest) -> Any:
        """Find each mapping's newest version."""
        return super().get_queryset(request).annotate(newest=Max("versions__number"))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show one mapping; without one, begin a new one. Editing is the editor's."""
        if object_id is None:
            return self._add(request)
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        return self.detail_view(request, object_id, extra_context or {})

    def _add(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        frame = {**self.admin_site.each_context(request), "opts": self.opts}
        tenant = tenant_for_new(request, "mapping", role=Role.INTEGRATOR, frame=frame)
        if not isinstance(tenant, Tenant):
            return tenant
        form = NewMappingForm(request.POST or None)
        if request.method == "POST" and form.is_valid() and (mapping := self._create(request, tenant, form)):
            return HttpResponseRedirect(reverse("admin:core_mapping_editor", args=[mapping.pk]))
        context = {**frame, "form": form, "tenant": tenant, "title": "New mapping"}
        return TemplateResponse(request, "console/mapping_new.html", context)

    def _create(self, request: HttpRequest, tenant: Tenant, form: NewMappingForm) -> Mapping | None:
        name = form.cleaned_data["name"]
        if Mapping.objects.filter(tenant=tenant, name__iexact=name).exists():
            form.add_error("name", "There is a mapping of this name already.")
            return None
        actor = request.user.get_username()
        return create_draft(tenant, name, form.definition(), actor=actor, now=database_now())

    def detail_context(self, request: HttpRequest, obj: Mapping) -> dict[str, Any]:
        """Show the mapping, its versions and what uses it."""
        newest = latest_version(obj)
        return {
            "newest": newest,
            "versions": list(obj.versions.select_related("published_by").order_by("-number")[:50]),
            "integrations": list(obj.integrations.order_by("name")[:50]),
            "is_unpublished": newest is None or newest.definition != obj.draft,
            "base": self.base(obj),
            "rows": rows_of(newest.definition if newest else obj.draft),
        }

    def changes_of(self, obj: Mapping) -> list[Event]:
        """Give who saved and published what."""
        return changes_of("mapping", obj, obj.tenant)

    @display(description="Format")
    def base(self, obj: Mapping) -> str:
        """Name the shipped base or the format."""
        return str(obj.draft.get("base") or obj.draft.get("format") or words.DASH)

    @display(description="Published version", ordering="newest")
    def published(self, obj: Any) -> str:
        """Show the newest published version."""
        return f"version {obj.newest}" if obj.newest else "none yet"


class MappingVersionAdmin(DetailPage):
    """Published versions."""

    tenant_path = "mapping__tenant_id"
    list_display = ("__str__", "note", "published_by", "published_at")
    list_filter: ClassVar[Any] = [("mapping", OwnRelatedFilter)]
    list_select_related = ("mapping", "published_by")
    search_fields = ("mapping__name__istartswith",)
    detail_related = ("mapping__tenant", "published_by")
    detail_template = "console/mapping_version.html"
    actions_detail = ("publish_again",)
    empty_why = "Nothing is published yet."

    def has_publish_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let integrators publish."""
        return self.holds(request, Role.INTEGRATOR, obj)

    @action(
        description="Publish this version again",
        url_path="publish-again",
        icon="restore",
        permissions=["publish"],
        dialog={
            "title": "Publish this version again?",
            "description": "It becomes the newest version. A draft that nobody published stays as it is.",
            "form_class": RequestForm,
            "form_submit_text": "Publish again",
        },
    )
    def publish_again(self, request: HttpRequest, form: RequestForm, object_id: str) -> HttpResponse:
        """Go back to an old version by publishing it again."""
        version = self.require(request, object_id)
        try:
            roll_back(version.mapping, to=version, actor=request.user, now=database_now())
        except ConnectorError as error:
            return say(error.sentence)
        messages.success(request, f"Version {version.number} of {version.mapping} is published again.")
        return leave_dialog(reverse("admin:core_mapping_change", args=[version.mapping_id]))

    def zone_of(self, obj: MappingVersion) -> str:
        """Use the zone of the mapping's tenant."""
        return obj.mapping.tenant.time_zone

    def detail_context(self, request: HttpRequest, obj: MappingVersion) -> dict[str, Any]:
        """Show the version, and what it changed."""
        before = obj.mapping.versions.filter(number__lt=obj.number).order_by("-number").first()
        return {
            "definition": as_text(obj.definition),
            "before": before,
            "difference": compare(before.definition, obj.definition) if before else [],
        }


admin.site.register(Mapping, MappingAdmin)
admin.site.register(MappingVersion, MappingVersionAdmin)
