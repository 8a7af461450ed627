"""Who changed what is configured, and when: the audit trail's lines about one thing."""

from typing import Any

from django.db.models import Q

from core.models import Event, Tenant

MOST = 100
_OWN_KEYS = {"server": "server", "mapping": "mapping", "lookup_table": "lookup_table"}


def changes_of(kind: str, row: Any, tenant: Tenant) -> list[Event]:
    """Give the newest events about one configured thing: changes of its configuration, and what is its own."""
    name = tenant.slug if kind == "tenant" else row.name
    chosen = Q(event__startswith="config.", detail__kind=kind, detail__name=name)
    if own := _OWN_KEYS.get(kind):
        chosen |= Q(**{f"detail__{own}": name})
    return list(Event.objects.filter(chosen, tenant_id=tenant.pk).order_by("-at", "-sequence")[:MOST])
