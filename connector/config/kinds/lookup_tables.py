"""Lookup tables that mappings look values up in: rows written out, or a CSV file beside the configuration."""

from collections.abc import Iterable
from typing import Any

from connector.config.entries import Entry, World
from connector.config.kinds.kind import Kind, Writing
from connector.config.shape import BAD_REFERENCE, MISSING_KEY, Key, Place, block, is_reference, name
from connector.config.sources import Missing
from core.errors import Finding, Invalid
from core.lookups import save
from core.models import LookupTable, Tenant
from edi_app.mapping.tables import LARGEST_BYTES, LONGEST, MOST_ENTRIES, read_table


def _rows(value: Any, place: Place) -> Any:
    """Read keys with values, both texts; whole numbers count as their digits."""
    if not isinstance(value, dict):
        return place.refuse("This is keys with values.", "Write them as in {EACH: EA, HOUR: HR}.")
    if len(value) > MOST_ENTRIES:
        return place.refuse(f"This table has {len(value)} rows; {MOST_ENTRIES} are allowed.")
    for key, found in value.items():
        if isinstance(found, bool) or not isinstance(found, (str, int)):
            place.at(key).refuse("This is a text.", "Put it in quotes.")
        elif max(len(key), len(str(found))) > LONGEST:
            place.at(key[:40]).refuse(f"It has a text of more than {LONGEST} characters.")
    return {key: str(found) for key, found in value.items()}


def _csv(value: Any, place: Place) -> Any:
    """Read a file of keys with values, as the console imports it."""
    if not is_reference(value):
        return place.refuse("This is a reference.", "Write {file: PATH}.", BAD_REFERENCE)
    try:
        return read_table(place.sources.read(value, most=LARGEST_BYTES).encode())
    except Missing as missing:
        return place.refuse(missing.reason, missing.hint, BAD_REFERENCE)
    except Invalid as refused:
        place.findings.extend(Finding(f"{place.path} {each.path}", each.reason, each.hint) for each in refused.findings)
        return None


_KEYS = {"name": Key(name(), required=True), "rows": Key(_rows), "csv": Key(_csv)}


def _read(value: Any, place: Place) -> Any:
    """Read a table's name and its rows, from wherever they come."""
    found = block(_KEYS)(value, place)
    if found is None:
        return None
    if (value.get("rows") is None) == (value.get("csv") is None):
        place.refuse("A table has either rows or csv.", "Write rows: {EACH: EA}, or csv: {file: PATH}.", MISSING_KEY)
    rows = found["csv"] if found["rows"] is None else found["rows"]
    return {"name": found["name"], "rows": rows}


def _stored(tenant: Tenant) -> Iterable[tuple[Entry, Any]]:
    for row in LookupTable.objects.filter(tenant=tenant).select_related("newest").order_by("name"):
        yield Entry("lookup_table", tenant.slug, row.name, {"rows": row.newest.rows}), row


def _check(_: Entry, __: World) -> list[Finding]:
    return []


def _write(_: LookupTable | None, entry: Entry, writing: Writing) -> LookupTable:
    author = writing.author
    actor = author.account or author.name
    saved = save(writing.tenant, entry.name, entry.plain["rows"], actor=actor, note=author.note, now=writing.now)
    writing.events.extend(saved.events)
    return saved.table


def _shown(entry: Entry) -> dict[str, Any]:
    return {"name": entry.name, **entry.plain}


LOOKUP_TABLE = Kind("lookup_table", _read, _stored, _check, _write, _shown)
