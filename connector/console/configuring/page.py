"""Pages that add and edit one configured thing, through the same checks and the same audit as a file."""

from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from connector.config.apply import apply_entries
from connector.config.changes import UNCHANGED, Change
from connector.config.entries import WORDS
from connector.config.kinds.kind import Author
from connector.console.choosing_tenant import tenant_for_new
from connector.console.configuring.change import NOTE, written
from connector.console.configuring.changes import changes_of
from connector.console.configuring.form import ConfigForm
from connector.console.detail import DetailPage
from core.clock import database_now
from core.errors import ConnectorError, Finding, Invalid
from core.models import Event, Role, Tenant


class ConfigPage(DetailPage):
    """A page family that is configured: read on a page, added and edited in a form of ours."""

    form_class: ClassVar[type[ConfigForm]]
    add_role = Role.INTEGRATOR
    change_role = Role.INTEGRATOR

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show one row; with `?edit`, when adding, and when a form is sent: the form."""
        if object_id is None:
            return self.add(request)
        if request.method != "POST" and "edit" not in request.GET:
            return self.detail_view(request, object_id, extra_context or {})
        row = self.find(request, object_id)
        if row is None or not self.has_change_permission(request, row):
            raise PermissionDenied
        return self.form_view(request, self.tenant_for(row), row)

    def tenant_for(self, row: Any) -> Tenant:
        """Give the tenant that a row belongs to."""
        tenant: Tenant = row.tenant
        return tenant

    def add(self, request: HttpRequest) -> HttpResponse:
        """Add a row: choose its tenant where there are several, then fill in the form."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        asked = tenant_for_new(request, self._word(), role=str(self.add_role), frame=self._frame(request))
        return self.form_view(request, asked, None) if isinstance(asked, Tenant) else asked

    def form_view(self, request: HttpRequest, tenant: Tenant | None, row: Any) -> HttpResponse:
        """Show the form of a row, or of a new one (None), and save what is sent."""
        before = written(self.form_class.kind, row, tenant) if row and tenant else None
        form = self.form_class(request.POST or None, tenant=tenant, before=before)
        if request.method == "POST" and form.is_valid():
            changes = self.apply(request, form)
            if changes is not None:
                return self._saved(request, form, changes)
        title = f"Edit {row}" if row else f"New {self._word()}"
        context = {**self._frame(request), "form": form, "original": row, "tenant": tenant, "title": title}
        return TemplateResponse(request, "console/form.html", context)

    def _frame(self, request: HttpRequest) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "opts": self.opts}

    def _word(self) -> str:
        return WORDS[self.form_class.kind]

    def apply(self, request: HttpRequest, form: ConfigForm) -> list[Change] | None:
        """Save a form through the configuration's checks; None when it was refused, which the form then says."""
        entry, findings = form.entry()
        if entry is None:
            form.refuse(findings or [Finding(form.key_field, "This is not a name.")])
            return None
        try:
            author = Author(request.user.get_username(), request.user, NOTE)
            return apply_entries([entry], findings, author=author, may_wait=self.may_wait, now=database_now())
        except Invalid as refused:
            form.refuse(refused.findings)
        except ConnectorError as error:
            form.add_error(None, f"{error.sentence} {error.next_step}".strip())
        return None

    def changes_of(self, obj: Any) -> list[Event]:
        """Give what was changed by whom, whether here, by a file or by a command."""
        return changes_of(self.form_class.kind, obj, self.tenant_for(obj))

    def may_wait(self, finding: Finding) -> bool:
        """Say whether a finding does not stand in the way yet."""
        return False

    def _saved(self, request: HttpRequest, form: ConfigForm, changes: list[Change]) -> HttpResponse:
        row = self.row_of(form)
        is_same = all(change.action == UNCHANGED for change in changes)
        messages.success(request, f"Nothing changed in {row}." if is_same else f"{row} is saved.")
        return HttpResponseRedirect(reverse(f"admin:core_{self.opts.model_name}_change", args=[row.pk]))

    def row_of(self, form: ConfigForm) -> Any:
        """Find the row that a form has written."""
        return self.model._default_manager.get(tenant=form.tenant, name=form.cleaned_data["name"])
