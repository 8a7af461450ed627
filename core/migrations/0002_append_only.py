"""The audit trail only grows: triggers refuse changes on both databases.

Deleting (retention, and the test database's flush) is possible only while `audit_retention.open_until` lies in
the future; `core/audit.py` opens that switch and writes an event about it. Changing a line is never possible.
"""

from django.db import migrations

SQLITE = [
    "CREATE TABLE audit_retention (id integer PRIMARY KEY CHECK (id = 1), open_until text NOT NULL)",
    "INSERT INTO audit_retention VALUES (1, '1970-01-01 00:00:00')",
    """CREATE TRIGGER event_no_update BEFORE UPDATE ON core_event
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END""",
    """CREATE TRIGGER event_no_delete BEFORE DELETE ON core_event
    WHEN NOT EXISTS (SELECT 1 FROM audit_retention WHERE open_until > strftime('%Y-%m-%d %H:%M:%f', 'now'))
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END""",
]

POSTGRESQL = [
    "CREATE TABLE audit_retention (id integer PRIMARY KEY CHECK (id = 1), open_until timestamptz NOT NULL)",
    "INSERT INTO audit_retention VALUES (1, '1970-01-01 00:00:00Z')",
    """CREATE FUNCTION event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' OR NOT EXISTS (SELECT 1 FROM audit_retention WHERE open_until > statement_timestamp())
        THEN RAISE EXCEPTION 'the audit trail is append-only';
        END IF;
        RETURN OLD;
    END $$""",
    """CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON core_event
    FOR EACH ROW EXECUTE FUNCTION event_append_only()""",
    """CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON core_event
    FOR EACH STATEMENT EXECUTE FUNCTION event_append_only()""",
]


def forwards(apps, schema_editor):
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [migrations.RunPython(forwards, elidable=False)]
