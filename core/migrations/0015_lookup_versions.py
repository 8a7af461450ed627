"""Lookup tables get versions, and files name those that they were made with. What is stored becomes version 1."""

import hashlib
import json

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def begin_with_what_is_stored(apps, schema_editor):
    """Copy the rows of every table into its first version."""
    table_model, version_model = apps.get_model("core", "LookupTable"), apps.get_model("core", "LookupVersion")
    for table in table_model.objects.all():
        text = json.dumps(table.rows, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        table.newest = version_model.objects.create(
            tenant_id=table.tenant_id,
            name=table.name,
            number=1,
            rows=table.rows,
            row_count=len(table.rows),
            sha256=hashlib.sha256(text.encode()).hexdigest(),
            note="As it was before tables had versions.",
        )
        table.save(update_fields=["newest"])
    if schema_editor.connection.vendor == "postgresql":
        # Foreign keys are checked at the end; with checks waiting, no table can be altered in this transaction.
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0014_alerts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="LookupVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100)),
                ("number", models.PositiveIntegerField()),
                ("rows", models.JSONField(help_text="Key to value, both text.")),
                ("row_count", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("saved_at", models.DateTimeField(db_default=models.functions.Now())),
                (
                    "saved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lookup_versions",
                        to="core.tenant",
                    ),
                ),
            ],
            options={
                "ordering": ["tenant", "name", "-number"],
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "name", "number"), name="lookup_version_number")
                ],
            },
        ),
        migrations.AddField(
            model_name="lookuptable",
            name="newest",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="core.lookupversion",
            ),
        ),
        migrations.RunPython(begin_with_what_is_stored, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="lookuptable",
            name="newest",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="core.lookupversion",
            ),
        ),
        migrations.RemoveField(model_name="lookuptable", name="rows"),
        migrations.AddField(
            model_name="file",
            name="lookup_versions",
            field=models.JSONField(
                blank=True,
                help_text="Ids of the lookup versions it was made with; empty where nobody noted them.",
                null=True,
            ),
        ),
    ]
