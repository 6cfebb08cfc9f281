"""Keeps what accounts have to choose from, and counts what a comparison found to agree."""

from django.db import migrations, models

from linesheet.books import touching

TOUCHED = 'INSERT OR UPDATE OF settings, base_url, active, offers'
TOUCHED_BEFORE = 'INSERT OR UPDATE OF settings, base_url, active'


def touched(on: str) -> str:
    return touching.trigger_undone('sync_connection') + touching.trigger('sync_connection', on)


class Migration(migrations.Migration):

    dependencies = [
        ('sync', '0004_quota'),
    ]

    operations = [
        migrations.AddField(
            model_name='connection',
            name='offers',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name='connection',
            name='offers_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='run',
            name='agreed',
            field=models.PositiveIntegerField(default=0),
        ),
        # What an account offers decides what its records meet.
        migrations.RunSQL(touched(TOUCHED), touched(TOUCHED_BEFORE)),
    ]
