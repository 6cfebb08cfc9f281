"""Counts what calls cost by windows of time, for platforms that give so many credits for each."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('sync', '0003_guards'),
    ]

    operations = [
        migrations.AddField(
            model_name='connection',
            name='quota_from',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='connection',
            name='quota_spent',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
    ]
