# What the lists of products and stock look for.

from django.contrib.postgres.indexes import OpClass
from django.db import migrations, models
from django.db.models.expressions import F, Value
from django.db.models.functions import Concat, Lower
from django.db.models.query_utils import Q


class Migration(migrations.Migration):

    dependencies = [
        ('books', '0003_people'),
    ]

    operations = [
        migrations.AddField(
            model_name='product',
            name='search',
            field=models.GeneratedField(
                db_persist=True,
                expression=Lower(Concat('code', Value(' '), 'name', Value(' '), 'style')),
                output_field=models.TextField(),
            ),
        ),
        migrations.AddIndex(
            model_name='product',
            index=models.Index(fields=['company', 'code', 'id'], name='product_by_code'),
        ),
        migrations.RemoveIndex(
            model_name='sku',
            name='sku_code',
        ),
        migrations.AddIndex(
            model_name='sku',
            index=models.Index(F('company'), OpClass(Lower('code'), name='text_pattern_ops'), name='sku_code'),
        ),
        migrations.AddIndex(
            model_name='sku',
            index=models.Index(condition=Q(('barcode', '')), fields=['product'], name='sku_wants_barcode'),
        ),
    ]
