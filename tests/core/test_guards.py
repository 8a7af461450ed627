"""The database refuses rows that mix two tenants, whoever writes them."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from core import guards, models
from tests import factories

pytestmark = pytest.mark.django_db
MODELS = {model._meta.db_table: model for model in vars(models).values() if hasattr(model, "_meta")}
REFERENCES = sorted((table, column) for table, parents in guards.OWNED.items() for column in parents)


@pytest.fixture
def ours():
    return rows_of_one_tenant()


def rows_of_one_tenant():
    """Make one row of every guarded table, all of one tenant; give them by table, with what they refer to."""
    partner = factories.PartnerFactory()
    partner.test_server = factories.ServerFactory(tenant=partner.tenant)
    partner.save()
    integration = factories.IntegrationFactory(tenant=partner.tenant, partner=partner)
    run = factories.RunFactory(integration=integration)
    export = factories.ExportFactory(integration=integration)
    content = factories.ExportContentFactory(export=export)
    ack = factories.AcknowledgmentFactory(partner=partner)
    inbound = models.Inbound.objects.create(tenant=partner.tenant, partner=partner, name="a", size=1, sha256="")
    interchange = models.Interchange.objects.create(
        tenant=partner.tenant, partner=partner, inbound=inbound, position=models.Inbound.objects.count(), state="taken"
    )
    problem = factories.ProblemFactory(tenant=partner.tenant)
    rule = factories.AlertRuleFactory(tenant=partner.tenant)
    message = models.AlertMessage.objects.create(tenant=partner.tenant, rule=rule)
    item = models.AlertItem.objects.create(tenant=partner.tenant, rule=rule, problem=problem, kind="opened")
    found = [
        problem,
        rule,
        message,
        item,
        interchange,
        partner,
        partner.server,
        integration,
        integration.organisation,
        integration.organisation.grant,
    ]
    found += [integration.mapping, run, export, export.record, content, content.file, ack, inbound]
    return {row._meta.db_table: row for row in found}


def test_every_table_with_a_tenant_and_a_guarded_parent_is_guarded():
    """A new table of deliveries is not forgotten."""
    left_out = {"core_hostkey", "core_problem", "core_tenantaccess"}
    parents = {parent for columns in guards.OWNED.values() for parent in columns.values()}
    for table, model in MODELS.items():
        columns = {field.attname: field.related_model for field in model._meta.concrete_fields if field.is_relation}
        if "tenant_id" not in columns or table in left_out:
            continue
        wanted = {column for column, parent in columns.items() if parent._meta.db_table in parents}
        assert wanted <= set(guards.OWNED.get(table, ())) | OPTIONAL.get(table, set()), table


OPTIONAL = {
    "core_integration": {"pinned_version_id"},
    "core_export": {"file_id", "mapping_version_id", "run_id", "replay_of_id"},
    "core_file": {"mapping_version_id", "run_id", "replay_of_id"},
    "core_acknowledgment": {"inbound_id", "file_id", "interchange_id"},
}
"""References that follow from guarded ones: what they lead to is made from the same row."""


@pytest.mark.parametrize(("table", "column"), REFERENCES)
def test_a_row_cannot_be_moved_under_a_parent_of_another_tenant(ours, table, column):
    theirs = rows_of_one_tenant()
    foreign = theirs[guards.OWNED[table][column]].pk
    with pytest.raises(IntegrityError, match="different tenants"), transaction.atomic():
        MODELS[table].objects.filter(pk=ours[table].pk).update(**{column: foreign})


@pytest.mark.parametrize("table", sorted(guards.OWNED))
def test_a_row_cannot_be_given_to_another_tenant(ours, table):
    other = factories.TenantFactory()
    with pytest.raises(IntegrityError, match="different tenants"), transaction.atomic():
        MODELS[table].objects.filter(pk=ours[table].pk).update(tenant=other)


def test_a_file_for_another_tenants_server_cannot_be_made(ours):
    theirs = rows_of_one_tenant()
    with pytest.raises(IntegrityError, match="different tenants"), transaction.atomic():
        factories.FileFactory(integration=ours["core_integration"], server=theirs["core_server"])


def test_one_bad_row_among_many_is_refused(ours):
    theirs = rows_of_one_tenant()
    integration = ours["core_integration"]
    records = [factories.RecordFactory(organisation=integration.organisation) for _ in range(3)]
    rows = [factories.ExportFactory.build(integration=integration, record=record) for record in records]
    rows[1].record = theirs["core_record"]
    with pytest.raises(IntegrityError, match="different tenants"), transaction.atomic():
        models.Export.objects.bulk_create(rows)


def test_contents_of_another_tenant_cannot_be_put_into_a_file(ours):
    theirs = rows_of_one_tenant()
    with pytest.raises(IntegrityError, match="different tenants"), transaction.atomic():
        models.ExportContent.objects.filter(pk=ours["core_exportcontent"].pk).update(file=theirs["core_file"])


def test_the_guards_come_back_with_the_next_migrate(ours):
    """SQLite forgets a table's triggers when a migration alters the table."""
    on = " ON core_file" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER core_file_one_tenant_insert{on}")
    call_command("migrate", verbosity=0)
    test_a_file_for_another_tenants_server_cannot_be_made(ours)


def test_the_audit_trails_triggers_are_among_them():
    with connection.cursor() as cursor:
        cursor.execute(guards._PRESENT[connection.vendor])
        present = {name for (name,) in cursor.fetchall()}
    wanted = {"event_append_only", "event_no_truncate"}
    assert (wanted if connection.vendor == "postgresql" else {"event_no_update", "event_no_delete"}) <= present
