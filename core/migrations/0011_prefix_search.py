"""Numbers, ids and file names are looked up by how they begin; PostgreSQL needs pattern indexes for that."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0010_signin'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='event',
            name='event_xero_id',
        ),
        migrations.RemoveIndex(
            model_name='export',
            name='export_number',
        ),
        migrations.RemoveIndex(
            model_name='export',
            name='export_xero_id',
        ),
        migrations.RemoveIndex(
            model_name='file',
            name='file_name',
        ),
        migrations.RemoveIndex(
            model_name='file',
            name='file_interchange',
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(condition=models.Q(('xero_id', ''), _negated=True), fields=['xero_id'], name='event_xero_id', opclasses=['varchar_pattern_ops']),
        ),
        migrations.AddIndex(
            model_name='export',
            index=models.Index(fields=['number'], name='export_number', opclasses=['varchar_pattern_ops']),
        ),
        migrations.AddIndex(
            model_name='export',
            index=models.Index(fields=['xero_id'], name='export_xero_id', opclasses=['varchar_pattern_ops']),
        ),
        migrations.AddIndex(
            model_name='exportcontent',
            index=models.Index(condition=models.Q(('control_number', ''), _negated=True), fields=['control_number'], name='content_control_number', opclasses=['varchar_pattern_ops']),
        ),
        migrations.AddIndex(
            model_name='file',
            index=models.Index(fields=['name'], name='file_name', opclasses=['varchar_pattern_ops']),
        ),
        migrations.AddIndex(
            model_name='file',
            index=models.Index(fields=['interchange_number'], name='file_interchange', opclasses=['varchar_pattern_ops']),
        ),
    ]
