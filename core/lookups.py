"""Lookup tables: the only writer of them and of their versions.

A version never changes, and a file names the versions that it was made with: what is repeated later says the same,
whatever became of the tables meanwhile.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Max, QuerySet

from core.actors import account_of, actor_name
from core.audit import EventDraft
from core.mappings import definition_hash
from core.models import File, LookupTable, LookupVersion, Tenant

Rows = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TableSet:
    """Tables by name, and the ids of the versions whose rows these are."""

    rows: dict[str, dict[str, str]] = field(repr=False)
    versions: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Saved:
    """The table, and the events for the caller to append: none when it said the same before."""

    table: LookupTable
    events: tuple[EventDraft, ...] = ()


def save(
    tenant: Tenant, name: str, rows: Rows, *, actor: Any = None, note: str = "", now: datetime | None = None
) -> Saved:
    """Keep a table's rows as its next version; a table of that name begins where there is none.

    `actor` is an account or a name. The caller has checked the rows, holds a transaction, and appends the returned
    events last."""
    Tenant.objects.select_for_update().get(pk=tenant.pk)
    table = LookupTable.objects.filter(tenant=tenant, name=name).select_related("newest").first()
    if table is not None and table.newest.sha256 == definition_hash(rows):
        return Saved(table)
    version = _next_version(tenant, name, rows, actor=actor, note=note, now=now)
    if table is None:
        table = LookupTable.objects.create(tenant=tenant, name=name, newest=version)
    else:
        table.newest = version
        LookupTable.objects.filter(pk=table.pk).update(newest=version)
    detail = {"lookup_table": name, "version": version.number, "rows": len(rows), "sha256": version.sha256}
    draft = EventDraft(
        tenant_id=tenant.pk,
        event="lookup_table.saved",
        actor=actor_name(actor),
        detail={**detail, "note": version.note},
    )
    return Saved(table, (draft,))


def _next_version(
    tenant: Tenant, name: str, rows: Rows, *, actor: Any, note: str, now: datetime | None
) -> LookupVersion:
    last = LookupVersion.objects.filter(tenant=tenant, name=name).aggregate(last=Max("number"))["last"] or 0
    moment = {} if now is None else {"saved_at": now}
    return LookupVersion.objects.create(
        tenant=tenant,
        name=name,
        number=last + 1,
        rows=dict(rows),
        row_count=len(rows),
        sha256=definition_hash(rows),
        note=note[:500],
        saved_by=account_of(actor),
        **moment,
    )


def newest_tables(tenant_id: Any, *, names: Iterable[str] | None = None) -> TableSet:
    """Give a tenant's tables as they are now; with `names`, only those."""
    chosen = LookupTable.objects.filter(tenant=tenant_id)
    if names is not None:
        chosen = chosen.filter(name__in=list(names))
    return _table_set(LookupVersion.objects.filter(pk__in=chosen.values("newest")))


def pinned_tables(versions: Iterable[int]) -> TableSet:
    """Give tables as they were in these versions."""
    return _table_set(LookupVersion.objects.filter(pk__in=list(versions)))


def tables_of_file(file: File) -> TableSet:
    """Give the tables that a file was made with; those of today where nobody noted them."""
    if file.lookup_versions is None:
        return newest_tables(file.tenant_id)
    return pinned_tables(file.lookup_versions)


def versions_of(file: File) -> list[LookupVersion]:
    """Name the versions that a file was made with, without their rows."""
    return list(LookupVersion.objects.filter(pk__in=file.lookup_versions or ()).defer("rows").order_by("name"))


def table_names(tenant_id: Any) -> list[str]:
    """Name a tenant's tables."""
    return list(LookupTable.objects.filter(tenant=tenant_id).order_by("name").values_list("name", flat=True))


def _table_set(versions: "QuerySet[LookupVersion]") -> TableSet:
    found = list(versions.order_by("name"))
    return TableSet({version.name: version.rows for version in found}, tuple(sorted(row.pk for row in found)))
