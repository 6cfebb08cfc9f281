"""Undo leaves alone when the ERP took an order, and figures of stock that a count confirms make nothing stale."""

from django.db import migrations

from linesheet.books import recording, touching

FIGURES_CHANGE = 'INSERT OR UPDATE OF opening, adjustments, received'


class Migration(migrations.Migration):

    dependencies = [
        ('books', '0007_customers_from_orders'),
    ]

    operations = [
        migrations.RunSQL(
            recording.trigger_undone('books_order') + recording.trigger('books_order'), migrations.RunSQL.noop
        ),
        migrations.RunSQL(
            touching.trigger_undone('books_stock') + touching.trigger('books_stock', FIGURES_CHANGE),
            touching.trigger_undone('books_stock') + touching.trigger('books_stock'),
        ),
    ]
