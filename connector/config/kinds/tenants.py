"""Tenants: slug, name, time zone, how long what is kept, and whether two people decide."""

from collections.abc import Iterable
from typing import Any

from connector.config.entries import Entry, World
from connector.config.kinds.kind import Kind, Writing, store
from connector.config.shape import Key, block, flag, given, text, whole
from connector.cron import check_zone
from core.errors import Finding
from core.models import Tenant
from core.retention import KEYS as RETENTION

SLUG = text(longest=50, shape=r"[A-Za-z0-9_-]+", hint="Use letters, digits, hyphen and underscore, as in harbor.")
KEYS = {
    "slug": Key(SLUG, required=True),
    "name": Key(text(longest=200)),
    "time_zone": Key(text(longest=64)),
    "retention": Key(block({key: Key(whole(low=1, high=36_500)) for key in RETENTION})),
    "two_person_approval": Key(flag),
}

OPTIONS = ("retention", "two_person_approval")
NEW: dict[str, Any] = {"time_zone": "UTC", "retention": {}, "two_person_approval": False}


def _stored(tenant: Tenant) -> Iterable[tuple[Entry, Any]]:
    retention = tenant.options.get("retention") or {}
    is_two = bool(tenant.options.get("two_person_approval"))
    plain = {
        "name": tenant.name,
        "time_zone": tenant.time_zone,
        "retention": retention,
        "two_person_approval": is_two,
    }
    yield Entry("tenant", tenant.slug, tenant.slug, plain), tenant


def _check(entry: Entry, world: World) -> list[Finding]:
    """Keep what a file leaves out; a new tenant is named after its slug."""
    before = world.before(entry)
    usual = before.plain if before else {**NEW, "name": entry.name}
    if entry.plain["retention"] is not None:
        entry.plain["retention"] = given(entry.plain["retention"])
    for key, value in usual.items():
        entry.plain[key] = value if entry.plain[key] is None else entry.plain[key]
    return check_zone(entry.plain["time_zone"], path=f"{entry.path}.time_zone")


def _write(row: Tenant | None, entry: Entry, _: Writing) -> Tenant:
    tenant = row or Tenant(slug=entry.name)
    columns = {key: entry.plain[key] for key in ("name", "time_zone")}
    columns["options"] = tenant.options | {key: entry.plain[key] for key in OPTIONS}
    store(tenant, columns, is_new=row is None)
    return tenant


def _shown(entry: Entry) -> dict[str, Any]:
    return {"slug": entry.name, **{key: value for key, value in entry.plain.items() if value not in ({}, False)}}


TENANT = Kind("tenant", block(KEYS), _stored, _check, _write, _shown)
