"""The roles of docs/security/database-roles.sql: the product runs as one that changes neither tables nor its past."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from core import audit, audit_verify, retention
from core.audit import EventDraft
from core.clock import database_now
from core.models import Event, Export
from tests.connector.console.worlds import World
from tests.factories import TenantFactory

pytestmark = pytest.mark.django_db
SCRIPT = Path(__file__).resolve().parent.parent.parent / "docs" / "security" / "database-roles.sql"


def statements():
    lines = [line for line in SCRIPT.read_text().splitlines() if not line.startswith("--")]
    return [statement.strip() for statement in "\n".join(lines).split(";") if statement.strip()]


def test_the_script_gives_no_password_and_no_rights_to_everybody():
    text = " ".join(statements())
    assert "PASSWORD" not in text
    assert "TO PUBLIC" not in text
    assert text.count("NOSUPERUSER") == text.count("CREATE ROLE") == 2


def become(role):
    with connection.cursor() as cursor:
        for statement in statements():
            cursor.execute(statement)
        cursor.execute(f"SET LOCAL ROLE {role}")


def refused(sql):
    with pytest.raises(DatabaseError, match=r"permission denied|must be owner"), transaction.atomic():
        connection.cursor().execute(sql)


if connection.vendor == "postgresql":

    def test_the_product_works_without_any_right_to_change_tables():
        become("connector_app")
        world = World.make("ours")
        assert list(audit_verify.verify(world.tenant.pk)) == []
        Export.objects.filter(tenant=world.tenant).update(sentence="changed")
        for sql in (
            "CREATE TABLE x (y int)",
            "ALTER TABLE core_file ADD x int",
            "DROP TABLE core_file",
            "TRUNCATE core_run",
        ):
            refused(sql)

    def test_it_can_add_to_its_past_and_not_change_it():
        become("connector_app")
        tenant = TenantFactory()
        audit.append([EventDraft(tenant.pk, "x")], now=database_now())
        for sql in (
            "UPDATE core_event SET actor = 'mallory'",
            "DELETE FROM core_event",
            "TRUNCATE core_event",
            "UPDATE audit_retention SET open_until = '2999-01-01'",
            "ALTER TABLE core_event DISABLE TRIGGER USER",
            "DROP FUNCTION event_append_only CASCADE",
            "DELETE FROM django_migrations",
        ):
            refused(sql)
        assert Event.objects.filter(tenant_id=tenant.pk).count() == 1

    def test_only_the_role_for_retention_can_purge():
        become("connector_retention")
        tenant = TenantFactory(options={"retention": {"event_months": 1}})
        long_ago = database_now() - timedelta(days=400)
        audit.append([EventDraft(tenant.pk, "x")], now=long_ago)
        assert retention.purge(tenant, actor="eva", now=database_now())["events"] == 1
        refused("UPDATE core_event SET actor = 'mallory'")

    def test_without_that_role_a_purge_is_refused_and_nothing_is_lost():
        become("connector_app")
        tenant = TenantFactory(options={"retention": {"event_months": 1}})
        audit.append([EventDraft(tenant.pk, "x")], now=database_now() - timedelta(days=400))
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            retention.purge(tenant, actor="eva", now=database_now())
        assert Event.objects.filter(tenant_id=tenant.pk).count() == 1

else:

    def test_the_embedded_database_has_no_roles_and_its_file_belongs_to_its_owner_alone(settings):
        folder = settings.VAR_DIR
        assert folder.stat().st_mode & 0o077 == 0
