"""Empties the database behind a test that had transactions of its own.

Django's own flush also makes content types, permissions and triggers anew, and gives every table and index of
PostgreSQL a new file: that takes longer than most tests. What migrations made stays here.
"""

from django.core.management import call_command
from django.db import connection, transaction

from tests.retention import set_audit_retention

MADE_BY_MIGRATIONS = {"django_content_type", "auth_permission", "django_migrations"}


def empty_tables(_test_case=None):
    """Delete every row that a test can have made, in the audit trail too."""
    if connection.vendor == "sqlite":
        set_audit_retention("2999-01-01 00:00:00")
        with connection.constraint_checks_disabled():
            _delete()
    elif _is_superuser():
        with transaction.atomic(), connection.cursor() as cursor:
            # Neither the append-only triggers nor those of foreign keys fire, until this transaction ends.
            cursor.execute("SET LOCAL session_replication_role = replica")
            _delete()
    else:
        set_audit_retention("2999-01-01 00:00:00")
        call_command("flush", verbosity=0, interactive=False, allow_cascade=True)
    set_audit_retention("1970-01-01 00:00:00")


def _is_superuser():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser') = 'on'")
        return cursor.fetchone()[0]


def _delete():
    tables = set(connection.introspection.django_table_names(include_views=False)) - MADE_BY_MIGRATIONS
    statements = [f"DELETE FROM {connection.ops.quote_name(table)}" for table in sorted(tables)]  # noqa: S608
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("; ".join(statements))
        else:
            for statement in statements:
                cursor.execute(statement)
