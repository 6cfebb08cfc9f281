"""An index that finds the rows of an import by what they begin with."""

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('books', '0002_triggers'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='importrow',
            index=models.Index(models.F('of'), django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('label'), name='text_pattern_ops'), name='import_row_label'),
        ),
    ]
