"""What the database itself refuses: rows that mix two tenants, and changes to the audit trail.

Code keeps tenants apart by its queries; these triggers are the wall behind it. They are put in place after every
`migrate`, because SQLite forgets a table's triggers when a later migration alters the table. On PostgreSQL inserts are
checked once a statement, so that bulk inserts cost one join.
"""

from importlib import import_module
from typing import Any

from django.db import connections

OWNED = {
    "core_organisation": {"grant_id": "core_grant"},
    "core_partner": {"server_id": "core_server", "test_server_id": "core_server"},
    "core_integration": {
        "organisation_id": "core_organisation",
        "partner_id": "core_partner",
        "mapping_id": "core_mapping",
    },
    "core_record": {"organisation_id": "core_organisation"},
    "core_run": {"integration_id": "core_integration"},
    "core_export": {"integration_id": "core_integration", "record_id": "core_record"},
    "core_file": {"integration_id": "core_integration", "partner_id": "core_partner", "server_id": "core_server"},
    "core_inbound": {"partner_id": "core_partner"},
    "core_interchange": {"partner_id": "core_partner", "inbound_id": "core_inbound"},
    "core_acknowledgment": {"partner_id": "core_partner"},
    "core_alertmessage": {"rule_id": "core_alertrule"},
    "core_alertitem": {"rule_id": "core_alertrule", "problem_id": "core_problem"},
}
"""Tables with a tenant, and the references that must lead to rows of the same one."""

MESSAGE = "the rows belong to different tenants"
_REFERENCE = "SELECT 1 FROM {{rows}} c JOIN {parent} p ON p.id = c.{column} WHERE p.tenant_id <> c.tenant_id"
_SQLITE_ROW = "(SELECT * FROM {table} WHERE rowid = NEW.rowid)"
_CONTENT = (
    "SELECT 1 FROM {rows} c JOIN core_export e ON e.id = c.export_id JOIN core_file f ON f.id = c.file_id"
    " WHERE e.tenant_id <> f.tenant_id"
)


def install(*, using: str, **_: Any) -> None:
    """Create the triggers that are missing; a receiver of Django's `post_migrate`."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if "core_exportcontent" not in connection.introspection.table_names(cursor):
            return
        wanted = _postgresql() if connection.vendor == "postgresql" else _sqlite()
        cursor.execute(_PRESENT[connection.vendor])
        present = {name for (name,) in cursor.fetchall()}
        for name, statements in wanted.items():
            for statement in statements if name not in present else ():
                cursor.execute(statement)


_PRESENT = {
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
}


def _references() -> dict[str, dict[str, str]]:
    """Per table, the query that finds rows of two tenants among `{rows}`, by the columns that it looks at."""
    found = {}
    for table, parents in OWNED.items():
        queries = [_REFERENCE.format(column=column, parent=parent) for column, parent in parents.items()]
        found[table] = {", ".join(("tenant_id", *parents)): " UNION ALL ".join(queries)}
    found["core_exportcontent"] = {"export_id, file_id": _CONTENT}
    return found


def _sqlite() -> dict[str, list[str]]:
    wanted = {}
    refuse = f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
    for table, checks in _references().items():
        for columns, query in checks.items():
            row = query.format(rows=_SQLITE_ROW.format(table=table))
            for moment, event in (("insert", "INSERT"), ("update", f"UPDATE OF {columns}")):
                name = f"{table}_one_tenant_{moment}"
                wanted[name] = [f"CREATE TRIGGER {name} AFTER {event} ON {table} WHEN EXISTS ({row}) {refuse}"]
    for statement in import_module("core.migrations.0002_append_only").SQLITE:
        if statement.startswith("CREATE TRIGGER"):
            wanted[statement.split()[2]] = [statement]
    return wanted


def _postgresql() -> dict[str, list[str]]:
    wanted = {}
    for table, checks in _references().items():
        for columns, query in checks.items():
            inserted, updated = f"{table}_one_tenant_insert", f"{table}_one_tenant_update"
            on_insert = f"AFTER INSERT ON {table} REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT"
            on_update = f"BEFORE UPDATE OF {columns} ON {table} FOR EACH ROW WHEN ({_differs(columns)})"
            wanted[inserted] = [
                _function(inserted, query.format(rows="fresh"), returns="NULL"),
                f"CREATE TRIGGER {inserted} {on_insert} EXECUTE FUNCTION {inserted}()",
            ]
            wanted[updated] = [
                _function(updated, query.format(rows="(SELECT NEW.*)"), returns="NEW"),
                f"CREATE TRIGGER {updated} {on_update} EXECUTE FUNCTION {updated}()",
            ]
    return wanted


def _differs(columns: str) -> str:
    return " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns.split(", "))


def _function(name: str, query: str, *, returns: str) -> str:
    return f"""CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS ({query}) THEN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END IF;
        RETURN {returns};
    END $$"""
