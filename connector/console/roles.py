"""Roles: who may see and do what in a tenant. Owners give and take them; every change is in the audit trail."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest

from connector.console import words
from connector.console.access import access_of
from connector.console.detail import Card, DetailPage
from connector.console.filters import OwnRelatedFilter
from core import audit
from core.audit import EventDraft
from core.clock import database_now
from core.models import Role, TenantAccess


class AccessForm(forms.ModelForm):  # type: ignore[type-arg]
    """A person, named exactly (owners of one tenant do not browse the people of others), and their role."""

    person = forms.CharField(max_length=150, help_text="The user name, exactly.")

    class Meta:
        model = TenantAccess
        fields = ("tenant", "role")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["person"].initial = self.instance.user.get_username()
            self.fields["person"].disabled = self.fields["tenant"].disabled = True

    def clean(self) -> dict[str, Any]:
        """Find the person; each has one role in a tenant."""
        data: dict[str, Any] = super().clean() or {}
        user = User.objects.filter(username=data.get("person", ""), is_active=True).first()
        if user is None:
            self.add_error("person", "There is nobody of this name.")
            return data
        held = TenantAccess.objects.filter(user=user, tenant=data.get("tenant"))
        if held.exclude(pk=self.instance.pk).exists():
            self.add_error("person", "This person has a role in this tenant already. Change that one.")
        self.instance.user = user
        return data


class TenantAccessAdmin(DetailPage):
    """Roles: only owners of a tenant see and change them."""

    view_role = add_role = change_role = delete_role = Role.OWNER
    form = AccessForm
    list_display = ("user", "tenant", "role")
    list_filter: ClassVar[Any] = ["role", ("tenant", OwnRelatedFilter)]
    list_select_related = ("user", "tenant")
    search_fields = ("user__username__istartswith", "user__email__istartswith")
    fields = ("person", "tenant", "role")
    detail_related = ("user", "tenant")
    detail_template = "console/access.html"

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer only tenants that the reader owns."""
        if db_field.name == "tenant":
            tenants = db_field.related_model.objects.all()
            kwargs["queryset"] = access_of(request).scope(tenants, path="pk", role=Role.OWNER)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def cards(self, obj: TenantAccess) -> list[Card]:
        """Show whose role it is."""
        facts = [("Person", obj.user), ("Tenant", words.link(obj.tenant)), ("Role", obj.get_role_display())]
        return [Card("Access", facts)]

    def save_model(self, request: HttpRequest, obj: TenantAccess, form: Any, change: bool) -> None:
        """Store the role with its event."""
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            _record(request, obj, "access.changed" if change else "access.given")

    def delete_model(self, request: HttpRequest, obj: TenantAccess) -> None:
        """Take the role away with its event."""
        with transaction.atomic():
            _record(request, obj, "access.taken")
            super().delete_model(request, obj)


def _record(request: HttpRequest, access: TenantAccess, event: str) -> None:
    detail = {"person": access.user.get_username(), "role": access.role}
    actor = request.user.get_username()
    draft = EventDraft(tenant_id=access.tenant_id, event=event, actor=actor, detail=detail)
    audit.append([draft], now=database_now())


admin.site.register(TenantAccess, TenantAccessAdmin)
