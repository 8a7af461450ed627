"""Somebody with the database's own rights: the append-only triggers are out of the way for a moment."""

import contextlib

from django.db import connection


@contextlib.contextmanager
def tampering():
    """Let the audit trail be changed inside this block."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE core_event DISABLE TRIGGER USER")
            yield
            cursor.execute("ALTER TABLE core_event ENABLE TRIGGER USER")
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'core_event'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        yield
        for _, sql in triggers:
            cursor.execute(sql)
