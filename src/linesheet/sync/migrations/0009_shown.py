"""Customers who are picked to be shown to a platform, and when that changed; a person can undo it."""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

from linesheet.books import recording
from linesheet.sync import shown


class Migration(migrations.Migration):

    dependencies = [
        ('books', '0005_versions'),
        ('sync', '0008_webhooks'),
    ]

    operations = [
        migrations.CreateModel(
            name='ShownCustomer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='books.company')),
                ('connection', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='shown_customers', to='sync.connection')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shown_by', to='books.customer')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'everywhere',
                'constraints': [models.UniqueConstraint(models.F('connection'), models.F('customer'), name='customer_shown_once')],
            },
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('everywhere', django.db.models.manager.Manager()),
            ],
        ),
        migrations.RunSQL(recording.trigger('sync_showncustomer'), recording.trigger_undone('sync_showncustomer')),
        migrations.RunSQL(shown.TRIGGERS, shown.TRIGGERS_UNDONE),
    ]
