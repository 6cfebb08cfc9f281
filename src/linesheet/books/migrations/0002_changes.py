"""Has the database record changes, so that they can be undone, and note that something changed."""

from django.db import migrations

from linesheet.books import recording, touching

RECORDED = {
    'books_season': '',
    'books_sizerange': '',
    'books_product': 'changed_at',
    'books_visibility': '',
    'books_sku': '',
    'books_retiredbarcode': '',
    'books_image': '',
    'books_pricelist': '',
    'books_price': '',
    'books_holdstatus': '',
    'books_customer': 'changed_at',
    'books_address': '',
    'books_contact': '',
    'books_location': '',
    'books_stock': '',
    'books_futurestock': '',
    'books_order': '',
    'books_orderline': '',
}
"""Tables whose changes can be undone, each with its column that tells when a row was touched."""

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
"""Tables whose changes make stale what was worked out of them."""


class Migration(migrations.Migration):

    dependencies = [
        ('books', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL(recording.FUNCTION, recording.FUNCTION_UNDONE),
        *(
            migrations.RunSQL(recording.trigger(table, touched), recording.trigger_undone(table))
            for table, touched in RECORDED.items()
        ),
        migrations.RunSQL(touching.FUNCTION, touching.FUNCTION_UNDONE),
        *(migrations.RunSQL(touching.trigger(table), touching.trigger_undone(table)) for table in NOTED),
    ]
