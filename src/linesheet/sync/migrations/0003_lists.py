"""Indexes that give the problems of a connection and the products of a section in the order of their lists."""

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('books', '0003_lists'),
        ('sync', '0002_triggers'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='placement',
            index=models.Index(fields=['section', 'position', 'id'], name='placed_in_order'),
        ),
        migrations.AddIndex(
            model_name='problem',
            index=models.Index(condition=models.Q(('cleared_at', None)), fields=['connection', '-first_seen_at', '-id'], name='problem_since'),
        ),
        migrations.AddIndex(
            model_name='problem',
            index=models.Index(condition=models.Q(('cleared_at', None)), fields=['connection', 'reason_code', '-first_seen_at', '-id'], name='problem_of_reason'),
        ),
        migrations.AddIndex(
            model_name='problem',
            index=models.Index(models.F('connection'), django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('label'), name='text_pattern_ops'), condition=models.Q(('cleared_at', None)), name='problem_label'),
        ),
    ]
