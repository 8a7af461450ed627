"""Mappings: what a file says becomes a published version when it differs from the newest one."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from connector.config.entries import Entry, World
from connector.config.kinds.expressible import check_expressible
from connector.config.kinds.kind import Kind, Writing
from connector.config.shape import Key, Place, block, name
from core.documents import Stream
from core.errors import Finding
from core.mappings import create, latest_version, publish, save_draft
from core.models import Mapping, Tenant
from edi_app.formatter import check_definition, compile_formatter

_BLOCKS = ("base", "format", "options", "fields", "records", "set", "drop", "tables")
_FIELD = ("name", "source", "as", "default", "required", "min", "max", "start", "width")


def _read(value: Any, place: Place) -> Any:
    """Read a mapping's name; the rest is its definition, which the formats check."""
    if not isinstance(value, dict):
        return place.refuse("This is a block of keys.", "Write a name with a base, or with a format and fields.")
    known = block({"name": Key(name(), required=True)})({"name": value.get("name")}, place)
    return {**known, "definition": {key: item for key, item in value.items() if key != "name"}}


def _stored(tenant: Tenant) -> Iterable[tuple[Entry, Any]]:
    for row in Mapping.objects.filter(tenant=tenant).order_by("name"):
        newest = latest_version(row)
        plain = {"definition": newest.definition if newest else None}
        yield Entry("mapping", tenant.slug, row.name, plain), row


def tables_of(world: World, tenant: str) -> dict[str, dict[str, str]]:
    """Give a tenant's lookup tables as they will be."""
    return {entry.name: entry.plain["rows"] or {} for entry in world.all("lookup_table", tenant)}


def _check(entry: Entry, world: World) -> list[Finding]:
    """Check a definition for the streams that its integrations read; for any stream while nothing uses it."""
    users = [user for user in world.all("integration", entry.tenant) if user.plain["mapping"] == entry.name]
    streams = sorted({stream for user in users for stream in user.plain["streams"] or ()}) or list(Stream)
    findings = check_definition(entry.plain["definition"], streams=streams, tables=tables_of(world, entry.tenant))
    refused = [entry.finding(item.path, item.reason, item.hint, item.code) for item in findings]
    return refused or [finding for user in users for finding in _check_user(user, entry, world)]


def _check_user(user: Entry, entry: Entry, world: World) -> list[Finding]:
    """Check an integration that is not in the file and will format with what is published now."""
    if user.identity in world.wanted or user.plain["version"]:
        return []
    tables = tables_of(world, entry.tenant)
    formatters = {
        stream: compile_formatter(entry.plain["definition"], stream=stream, tables=tables)
        for stream in user.plain["streams"]
    }
    return check_expressible(replace(user, path=f"integration {user.name}"), formatters)


def _write(row: Mapping | None, entry: Entry, writing: Writing) -> Mapping:
    definition = entry.plain["definition"]
    mapping = row or create(writing.tenant, entry.name, draft=definition)
    save_draft(mapping, definition)
    author = writing.author
    published = publish(mapping, definition, actor=author.account or author.name, note=author.note, now=writing.now)
    writing.events.extend(published.events)
    return mapping


def _remove(row: Mapping) -> None:
    """Remove a mapping with its versions. Raises `ProtectedError` when an export was made with one of them."""
    row.versions.all().delete()
    row.delete()


def _shown(entry: Entry) -> dict[str, Any]:
    """Show the newest version; a mapping that was never published has none yet."""
    definition = entry.plain["definition"]
    return {"name": entry.name, **_in_order(definition, _BLOCKS)} if definition else {}


def _in_order(value: Any, first: tuple[str, ...]) -> Any:
    """Put keys in the order in which people write them: databases keep JSON in an order of their own."""
    if isinstance(value, list):
        return [_in_order(item, first) for item in value]
    if not isinstance(value, dict):
        return value
    keys = sorted(value, key=lambda key: first.index(key) if key in first else len(first))
    return {key: _in_order(value[key], _FIELD if key in _BLOCKS else ()) for key in keys}


MAPPING = Kind("mapping", _read, _stored, _check, _write, _shown, _remove)
