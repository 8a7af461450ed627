"""Every address of the console, read from the site's own address list: a new page cannot be forgotten."""

from dataclasses import dataclass

from django.contrib import admin
from django.urls import URLResolver, reverse

import connector.urls  # noqa: F401 (registers the pages)
from core import models

SIGN_OUT = {"admin:logout", "admin:login", "admin:password_change", "admin:password_change_done"}
NOT_PAGES = {"admin:jsi18n", "admin:view_on_site", "admin:app_list", None}


@dataclass(frozen=True)
class Address:
    """One address: its name, the page family it belongs to, and whether it is about one row."""

    name: str
    model: type | None
    about_a_row: bool

    def of(self, world):
        """Give the address for a world's row."""
        return reverse(self.name, args=[world[self.model].pk] if self.about_a_row else [])


def page_families():
    return sorted(admin.site._registry, key=lambda model: model._meta.label)


def page_of(model):
    """Give the page family of a model, None for pages that belong to none."""
    return admin.site._registry.get(model)


def all_addresses():
    """List every address of the console; one with parameters that nobody knows here is an error."""
    found = {address.name: address for address in _walk(admin.site.get_urls(), None)}
    return [found[name] for name in sorted(found) if name not in SIGN_OUT]


def _walk(patterns, model):
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, model)
            continue
        name = f"admin:{pattern.name}" if pattern.name else None
        if name in NOT_PAGES or pattern.callback.__qualname__.endswith("catch_all_view"):
            continue
        parameters = set(pattern.pattern.converters)
        assert parameters <= {"object_id", "id"}, f"{name}: say in addresses.py what {parameters} are"
        yield Address(name, _model_of(pattern), bool(parameters))


def _model_of(pattern):
    page = getattr(pattern.callback, "model_admin", None)
    if page is not None:
        return page.model
    for model in page_families():
        if pattern.name.startswith(f"{model._meta.app_label}_{model._meta.model_name}_"):
            return model
    return None


def snapshot(world):
    """Read all rows of a world's tenant, to see that nothing changed."""
    tables = [model for model in vars(models).values() if isinstance(model, type) and hasattr(model, "_meta")]
    rows = {model: list(model.objects.order_by("pk").values()) for model in tables}
    return {model._meta.label: [row for row in found if _mine(row, world)] for model, found in rows.items()}


def _mine(row, world):
    return row.get("tenant_id", world.tenant.pk) == world.tenant.pk
