"""Stock knows when it was counted and when units last came or went, and orders when the ERP took them.

The columns are empty to begin with, so that the database adds them without touching a row. None has an index: the tables
are filled by imports, and who asks for orders not taken reads them in the order of their versions anyway.
The triggers of `books_order` stay as they are: that an order was acknowledged counts as a change of it, so that a
collect of orders not taken tells it as gone, and everybody else who keeps orders learns that it is locked.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('books', '0005_versions'),
    ]

    operations = [
        migrations.AddField(
            model_name='stock',
            name='counted_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='stock',
            name='moved_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='order',
            name='acknowledged_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]
