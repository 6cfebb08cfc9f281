"""Customers that an order brought are marked until somebody looked at them, and may be merged into others."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('books', '0006_counted_and_taken'),
    ]

    operations = [
        migrations.AddField(
            model_name='customer',
            name='unreviewed',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='customer',
            name='merged_into',
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name='merged',
                to='books.customer',
            ),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(
                condition=models.Q(('unreviewed', True)), fields=['company', 'name'], name='customer_unreviewed'
            ),
        ),
    ]
