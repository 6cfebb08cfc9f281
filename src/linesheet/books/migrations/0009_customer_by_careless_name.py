"""An index of customers by their names read without care, by which an order finds whom it is from."""

from django.db import migrations, models

import linesheet.books.names


class Migration(migrations.Migration):
    dependencies = [
        ("books", "0008_left_alone"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                models.F("company"), linesheet.books.names.Careless("name"), name="customer_by_careless_name"
            ),
        ),
    ]
