"""What the database has configured, as entries and rows."""

from collections.abc import Iterable
from typing import Any

from connector.config.entries import Entry, Identity
from connector.config.kinds.all_kinds import KINDS
from core.models import Tenant

Rows = dict[Identity, Any]


def load(tenants: Iterable[str]) -> tuple[dict[Identity, Entry], Rows]:
    """Load everything of these tenants, in the order in which it is written, and hold the tenants until the end
    of the transaction."""
    entries: dict[Identity, Entry] = {}
    rows: Rows = {}
    for tenant in Tenant.objects.select_for_update().filter(slug__in=list(tenants)).order_by("slug"):
        for kind in KINDS.values():
            for entry, row in kind.stored(tenant):
                entries[entry.identity] = entry
                rows[entry.identity] = row
    return entries, rows
