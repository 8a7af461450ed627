"""Users. Only superusers manage sign-ins; owners of a tenant manage who may see it."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest

from connector.console.theme import AdminPasswordChangeForm, ModelAdmin, UserChangeForm, UserCreationForm


class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg]
    """Sign-ins."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "email", "first_name", "last_name", "is_active", "is_superuser", "last_login")
    list_filter = ("is_superuser", "is_active")
    filter_horizontal = ()
    actions = None
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("Rights", {"fields": ("is_active", "is_staff", "is_superuser")}),
    )

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show users to superusers only."""
        return bool(request.user.is_active and request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Show users to superusers only."""
        return self.has_module_permission(request)

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


# Importing Django's own pages has registered them; ours take their place, and groups are not used.
admin.site.unregister([User, Group])
admin.site.register(User, UserAdmin)
