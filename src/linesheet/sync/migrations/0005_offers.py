"""Keeps what accounts have to choose from, and counts what a comparison found to agree."""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

from linesheet.books import touching


class Migration(migrations.Migration):

    dependencies = [
        ('books', '0003_order_sums'),
        ('sync', '0004_quota'),
    ]

    operations = [
        migrations.AddField(
            model_name='connection',
            name='offers_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name='Offers',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('choices', models.JSONField(blank=True, default=dict)),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='books.company')),
                ('connection', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='sync.connection')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'everywhere',
            },
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('everywhere', django.db.models.manager.Manager()),
            ],
        ),
        # What an account offers decides what records meet, as settings do.
        migrations.RunSQL(touching.trigger('sync_offers'), touching.trigger_undone('sync_offers')),
        migrations.AddField(
            model_name='run',
            name='agreed',
            field=models.PositiveIntegerField(default=0),
        ),
    ]
