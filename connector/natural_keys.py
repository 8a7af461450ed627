"""Names that people type: `TENANT/NAME`, with the nearest valid name in the answer when there is none."""

from typing import Any

from django.db.models import Model

from core.errors import PermanentError
from core.models import Integration, Organisation, Partner, Server, Tenant
from edi_app.mapping.nearest import nearest


class NotFound(PermanentError):
    """There is nothing of this name."""

    code = "NOT_FOUND"


def find_tenant(slug: str) -> Tenant:
    """Find a tenant by its slug. Raises `NotFound` with the nearest one."""
    found = Tenant.objects.filter(slug=slug).first()
    if found is None:
        raise _not_found("tenant", slug, Tenant.objects.values_list("slug", flat=True))
    return found


def find_integration(key: str) -> Integration:
    """Find `TENANT/INTEGRATION`. Raises `NotFound` with the nearest name."""
    found: Integration = _find(Integration, key, "integration")
    return found


def find_server(key: str) -> Server:
    """Find `TENANT/SERVER`. Raises `NotFound` with the nearest name."""
    found: Server = _find(Server, key, "server")
    return found


def find_partner(key: str) -> Partner:
    """Find `TENANT/PARTNER`. Raises `NotFound` with the nearest name."""
    found: Partner = _find(Partner, key, "partner")
    return found


def find_organisation(key: str) -> Organisation:
    """Find `TENANT/CONNECTION` to Xero. Raises `NotFound` with the nearest name."""
    found: Organisation = _find(Organisation, key, "Xero connection")
    return found


def _find(model: type[Model], key: str, word: str) -> Any:
    slug, slash, name = key.partition("/")
    if not slash:
        raise NotFound(f"{key!r} is not TENANT/NAME.", next_step=f"Name the {word} as in harbor/erp.")
    rows = model._default_manager.filter(tenant=find_tenant(slug)).select_related("tenant")
    found = rows.filter(name=name).first()
    if found is None:
        raise _not_found(word, name, rows.values_list("name", flat=True))
    return found


def _not_found(word: str, name: str, names: Any) -> NotFound:
    near = nearest(name, names)
    return NotFound(f"There is no {word} {name!r}.", next_step=f"Did you mean {near}?" if near else "")
