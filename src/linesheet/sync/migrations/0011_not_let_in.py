"""Finds the row that a refused call belongs to, and has people told of webhooks that were switched off."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):

    dependencies = [
        ('sync', '0010_webhooks_of_connections'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='apicall',
            index=models.Index(fields=['key', 'route', '-id'], condition=~Q(refused=''), name='api_call_refusals'),
        ),
        migrations.AlterField(
            model_name='notice',
            name='connection',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='sync.connection'),
        ),
        migrations.AlterField(
            model_name='notice',
            name='run',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='sync.run'),
        ),
        migrations.AlterField(
            model_name='notice',
            name='task',
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AddField(
            model_name='notice',
            name='webhook',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='sync.webhook'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.CheckConstraint(
                condition=Q(connection__isnull=False, run__isnull=False, webhook=None)
                | Q(connection=None, run=None, webhook__isnull=False),
                name='notice_of_one',
            ),
        ),
    ]
