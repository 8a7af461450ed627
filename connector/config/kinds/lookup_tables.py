"""Lookup tables that mappings look values up in."""

from collections.abc import Iterable
from typing import Any

from connector.config.entries import Entry, World
from connector.config.kinds.kind import Kind, Writing, store
from connector.config.shape import Key, Place, block, name
from core.errors import Finding
from core.models import LookupTable, Tenant

_MOST_ROWS = 10_000


def _rows(value: Any, place: Place) -> Any:
    """Read keys with values, both texts; whole numbers count as their digits."""
    if not isinstance(value, dict):
        return place.refuse("This is keys with values.", "Write them as in {EACH: EA, HOUR: HR}.")
    if len(value) > _MOST_ROWS:
        return place.refuse(f"This table has {len(value)} rows; {_MOST_ROWS} are allowed.")
    for key, found in value.items():
        if isinstance(found, bool) or not isinstance(found, (str, int)):
            place.at(key).refuse("This is a text.", "Put it in quotes.")
    return {key: str(found) for key, found in value.items()}


_KEYS = {"name": Key(name(), required=True), "rows": Key(_rows, required=True)}


def _stored(tenant: Tenant) -> Iterable[tuple[Entry, Any]]:
    for row in LookupTable.objects.filter(tenant=tenant).order_by("name"):
        yield Entry("lookup_table", tenant.slug, row.name, {"rows": row.rows}), row


def _check(_: Entry, __: World) -> list[Finding]:
    return []


def _write(row: LookupTable | None, entry: Entry, writing: Writing) -> LookupTable:
    table = row or LookupTable(tenant=writing.tenant, name=entry.name)
    store(table, {"rows": entry.plain["rows"]}, is_new=row is None)
    return table


def _shown(entry: Entry) -> dict[str, Any]:
    return {"name": entry.name, **entry.plain}


LOOKUP_TABLE = Kind("lookup_table", block(_KEYS), _stored, _check, _write, _shown)
