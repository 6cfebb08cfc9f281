"""Orders keep what the platform they came from calls the price list they were priced by."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('books', '0003_order_sums'),
    ]

    operations = [
        migrations.AddField(
            model_name='order',
            name='price_label',
            field=models.CharField(blank=True, max_length=120),
        ),
    ]
