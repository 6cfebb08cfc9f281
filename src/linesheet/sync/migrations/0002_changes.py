"""Has changes of the catalogue recorded, so that they can be undone."""

from django.db import migrations

from linesheet.books.recording import trigger, trigger_undone


class Migration(migrations.Migration):

    dependencies = [
        ('books', '0002_changes'),
        ('sync', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL(trigger(table), trigger_undone(table)) for table in ("sync_section", "sync_placement")
    ]
