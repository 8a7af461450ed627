"""PostgreSQL's row-level security as a second wall around tenants: off unless `ROW_LEVEL_SECURITY` is set.

The first wall are the queries, scoped by the code. With this one the database itself shows a console request only the
rows of its reader's tenants, whatever a query forgets; and a delivery only those of its server's tenant. Policies are
put in place, or taken away, after every `migrate`. They do not bind superusers and roles with BYPASSRLS.
"""

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection, connections

POLICY = "own_tenants_only"
NOBODY = UUID(int=2**128 - 1)
THROUGH = {
    "core_attempt": ("file_id", "core_file"),
    "core_callcount": ("organisation_id", "core_organisation"),
    "core_exportcontent": ("file_id", "core_file"),
    "core_fetch": ("organisation_id", "core_organisation"),
    "core_fetchedpage": ("fetch_id", "core_fetch"),
    "core_filegroup": ("file_id", "core_file"),
    "core_hostkey": ("server_id", "core_server"),
    "core_mappingversion": ("mapping_id", "core_mapping"),
    "core_replayitem": ("run_id", "core_run"),
    "core_sighting": ("partner_id", "core_partner"),
    "core_streamcursor": ("organisation_id", "core_organisation"),
    "core_webhookevent": ("organisation_id", "core_organisation"),
}
"""Tables without a tenant of their own: a row is seen by whoever sees the row that it belongs to."""

LEFT_OUT = {"core_chainhead"}
"""Every writer moves the chain heads, the installation's too; they hold hashes only."""

_CHILD = "sees_all_tenants() OR EXISTS (SELECT 1 FROM {parent} p WHERE p.id = {table}.{column})"
_FUNCTIONS = (
    """CREATE OR REPLACE FUNCTION sees_all_tenants() RETURNS boolean LANGUAGE sql STABLE AS
    $$ SELECT coalesce(current_setting('mlc.tenants', true), '') = '' $$""",
    """CREATE OR REPLACE FUNCTION sees_tenant(tenant uuid) RETURNS boolean LANGUAGE sql STABLE AS
    $$ SELECT sees_all_tenants()
    OR tenant = ANY(string_to_array(current_setting('mlc.tenants', true), ',')::uuid[]) $$""",
)


def install(*, using: str, **_: Any) -> None:
    """Put the policies in place where the setting asks for them, else take them away; after every `migrate`."""
    target = connections[using]
    if target.vendor != "postgresql":
        return
    with target.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_policies WHERE policyname = %s", [POLICY])
        present = {name for (name,) in cursor.fetchall()}
        wanted = _conditions(target.introspection.table_names(cursor)) if settings.ROW_LEVEL_SECURITY else {}
        for statement in (*_added(wanted, present), *_removed(present - set(wanted))):
            cursor.execute(statement)


def _conditions(tables: Iterable[str]) -> dict[str, str]:
    """Per table the condition under which a row is seen."""
    found = {}
    for model in apps.get_app_config("core").get_models():
        table, columns = model._meta.db_table, {field.column for field in model._meta.concrete_fields}
        if "tenant_id" in columns and table not in LEFT_OUT:
            found[table] = "sees_tenant(tenant_id)"
    found["core_tenant"] = "sees_tenant(id)"
    for table, (column, parent) in THROUGH.items():
        found[table] = _CHILD.format(parent=parent, table=table, column=column)
    existing = set(tables)
    return {table: condition for table, condition in found.items() if table in existing}


def _added(wanted: dict[str, str], present: set[str]) -> Iterator[str]:
    if set(wanted) - present:
        yield from _FUNCTIONS
    for table, condition in wanted.items():
        if table not in present:
            yield f"CREATE POLICY {POLICY} ON {table} USING ({condition}) WITH CHECK ({condition})"
            yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"


def _removed(tables: Iterable[str]) -> Iterator[str]:
    for table in tables:
        yield f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY"
        yield f"DROP POLICY {POLICY} ON {table}"


@contextlib.contextmanager
def only(tenant_ids: Iterable[UUID]) -> Iterator[None]:
    """See and write only rows of these tenants (of nobody, when there are none) until the end of the block."""
    with _seeing(",".join(str(item) for item in tenant_ids) or str(NOBODY)):
        yield


@contextlib.contextmanager
def everything() -> Iterator[None]:
    """See and write all rows inside a block that was limited: for the installation's own lines."""
    with _seeing(""):
        yield


@contextlib.contextmanager
def _seeing(tenants: str) -> Iterator[None]:
    if not settings.ROW_LEVEL_SECURITY or connection.vendor != "postgresql":
        yield
        return
    before = _switch(tenants)
    try:
        yield
    finally:
        _switch_back(before)


def _switch_back(tenants: str) -> None:
    """A connection that cannot be switched back is given up: nobody else may get it limited, or open."""
    try:
        if not connection.needs_rollback:
            _switch(tenants)
    except DatabaseError:
        connection.close()


def _switch(tenants: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('mlc.tenants', true), '')")
        before: str = cursor.fetchone()[0]
        cursor.execute("SELECT set_config('mlc.tenants', %s, false)", [tenants])
    return before
