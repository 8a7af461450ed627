"""The one place that knows the theme (django-unfold): what pages are made of, under our names.

The theme's own types do not agree with Django's; to the type checker its classes are Django's.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from django import forms
from unfold import decorators
from unfold.dataclasses import SearchResult
from unfold.enums import ActionVariant
from unfold.paginator import InfinitePaginator

if TYPE_CHECKING:
    from django.contrib.admin import (
        AdminSite,
        ChoicesFieldListFilter,
        RelatedFieldListFilter,
        SimpleListFilter,
        TabularInline,
    )
    from django.contrib.admin import ModelAdmin as DjangoModelAdmin
    from django.contrib.admin.forms import AdminAuthenticationForm as AuthenticationForm
    from django.contrib.auth.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
    from django.http import HttpRequest

    class ModelAdmin(DjangoModelAdmin[Any]):
        """Django's page family with what the theme adds."""

        actions_detail: Any
        get_actions_detail: Any
        _get_actions_navigation: Any
        _get_obj_does_not_exist_redirect: Any

    class DialogForm(forms.Form):
        """A form in a dialog."""

        request: HttpRequest
        object_id: str | None

    class ThemeSite(AdminSite):
        """Django's admin site with what the theme adds."""

    TextInput = forms.TextInput
    PasswordInput = forms.PasswordInput
    DropdownFilter = SimpleListFilter
    MultipleChoicesDropdownFilter = ChoicesFieldListFilter
    RelatedDropdownFilter = RelatedFieldListFilter
else:
    from unfold.admin import ModelAdmin, TabularInline
    from unfold.contrib.filters.admin import (
        DropdownFilter,
        MultipleChoicesDropdownFilter,
        RelatedDropdownFilter,
    )
    from unfold.forms import AdminPasswordChangeForm, AuthenticationForm, UserChangeForm, UserCreationForm
    from unfold.forms import BaseDialogForm as DialogForm
    from unfold.sites import UnfoldAdminSite as ThemeSite
    from unfold.widgets import UnfoldAdminPasswordWidget as PasswordInput
    from unfold.widgets import UnfoldAdminTextInputWidget as TextInput

__all__ = [
    "ActionVariant",
    "AdminPasswordChangeForm",
    "AuthenticationForm",
    "DialogForm",
    "DropdownFilter",
    "ModelAdmin",
    "MultipleChoicesDropdownFilter",
    "NewestPaginator",
    "PasswordInput",
    "RelatedDropdownFilter",
    "SearchResult",
    "TabularInline",
    "TextInput",
    "ThemeSite",
    "UserChangeForm",
    "UserCreationForm",
    "action",
    "display",
]

Method = TypeVar("Method", bound=Callable[..., Any])


class NewestPaginator(InfinitePaginator):
    """Pages without counting. Nobody reads on past 10,000 rows, and the database should not skip more."""

    count = 10_000


def display(*, description: str, ordering: str | None = None) -> Callable[[Method], Method]:
    """Mark a method as a column of a list."""
    decorate: Any = decorators.display(description=description, ordering=ordering)
    return lambda method: decorate(method)


def action(*, permissions: list[str], **options: Any) -> Callable[[Method], Method]:
    """Mark a method as an action. Whatever changes something has a `dialog`: plain actions are GET links."""
    decorate: Any = decorators.action(permissions=permissions, **options)
    return lambda method: decorate(method)
