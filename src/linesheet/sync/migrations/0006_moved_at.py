"""Keeps when a connection was led to another account: what was done at the former one says nothing of the new one."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('sync', '0005_offers'),
    ]

    operations = [
        migrations.AddField(
            model_name='connection',
            name='moved_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
