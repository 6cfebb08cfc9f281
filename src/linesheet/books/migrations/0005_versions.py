"""Has the database note when each product, customer and order last changed, with whatever belongs to it."""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

from linesheet.books import versions

NOTED = (
    ('books_product', 'product', 'id', False),
    ('books_sku', 'product', 'product_id', False),
    ('books_price', 'product', 'product_id', False),
    ('books_image', 'product', 'product_id', False),
    ('books_visibility', 'product', 'product_id', False),
    ('books_customer', 'customer', 'id', False),
    ('books_address', 'customer', 'customer_id', True),
    ('books_contact', 'customer', 'customer_id', True),
    ('books_order', 'order', 'id', False),
    ('books_orderline', 'order', 'order_id', False),
)
"""Tables, the kind of record whose changes theirs are, the column that names it, and whether rows move."""

AS_FAR_AS_KNOWN = """
INSERT INTO books_version (company_id, kind, record_id, transaction, at)
SELECT company_id, 'product', id, 0, changed_at FROM books_product
UNION ALL SELECT company_id, 'customer', id, 0, changed_at FROM books_customer
UNION ALL SELECT company_id, 'order', id, 0, created_at FROM books_order;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('books', '0004_price_label'),
    ]

    operations = [
        migrations.CreateModel(
            name='Version',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40)),
                ('record_id', models.BigIntegerField()),
                ('transaction', models.BigIntegerField()),
                ('at', models.DateTimeField()),
                ('company', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='books.company')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'everywhere',
                'indexes': [models.Index(fields=['company', 'kind', 'at', 'record_id'], name='version_by_time')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'record_id', 'transaction'), name='version_once')],
            },
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('everywhere', django.db.models.manager.Manager()),
            ],
        ),
        migrations.RunSQL(versions.FUNCTION, versions.FUNCTION_UNDONE),
        *(
            migrations.RunSQL(versions.trigger(table, kind, column, moves=moves), versions.trigger_undone(table))
            for table, kind, column, moves in NOTED
        ),
        migrations.RunSQL(AS_FAR_AS_KNOWN, migrations.RunSQL.noop),
    ]
