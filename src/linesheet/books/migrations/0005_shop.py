"""Lets the work on an import be cancelled, finds what comes next, and has every change of a company noted."""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

from linesheet.books.touching import FUNCTION, FUNCTION_UNDONE, trigger, trigger_undone

NOTED = (
    'books_season',
    'books_sizerange',
    'books_product',
    'books_visibility',
    'books_sku',
    'books_image',
    'books_pricelist',
    'books_price',
    'books_holdstatus',
    'books_customer',
    'books_address',
    'books_contact',
    'books_location',
    'books_stock',
    'books_futurestock',
    'books_order',
    'books_orderline',
)


class Migration(migrations.Migration):

    dependencies = [
        ('books', '0003_lists'),
    ]

    operations = [
        migrations.AddField(
            model_name='import',
            name='cancelled_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='import',
            name='state',
            field=models.CharField(
                choices=[
                    ('uploaded', 'Uploaded'),
                    ('checking', 'Checking'),
                    ('checked', 'Checked'),
                    ('importing', 'Importing'),
                    ('done', 'Done'),
                    ('failed', 'Failed'),
                    ('undoing', 'Undoing'),
                    ('cancelled', 'Cancelled'),
                ],
                default='uploaded',
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name='Touch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('transaction', models.BigIntegerField()),
                ('at', models.DateTimeField()),
                (
                    'company',
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name='+',
                        to='books.company',
                    ),
                ),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'everywhere',
                'indexes': [
                    models.Index(fields=['company', 'transaction'], name='touch_by_transaction'),
                    models.Index(fields=['at'], name='touch_age'),
                ],
            },
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('everywhere', django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddIndex(
            model_name='futurestock',
            index=models.Index(fields=['company', 'available_on', 'id'], name='future_stock_by_day'),
        ),
        migrations.RunSQL(FUNCTION, FUNCTION_UNDONE),
        *(migrations.RunSQL(trigger(table), trigger_undone(table)) for table in NOTED),
    ]
