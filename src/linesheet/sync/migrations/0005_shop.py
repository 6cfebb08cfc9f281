"""Has every change of a catalogue, of what is linked and of a connection's settings noted."""

from django.db import migrations, models

from linesheet.books.touching import trigger, trigger_undone

NOTED = {
    'sync_section': 'INSERT OR UPDATE',
    'sync_placement': 'INSERT OR UPDATE',
    'sync_match': 'INSERT OR UPDATE',
    # What was accepted last is of no account, but that something was.
    'sync_link': 'INSERT OR UPDATE OF remote_id',
    # Every call writes when the next may be made.
    'sync_connection': 'INSERT OR UPDATE OF settings, base_url, active',
}


class Migration(migrations.Migration):

    dependencies = [
        ('sync', '0004_matches'),
        ('books', '0005_shop'),
    ]

    operations = [
        migrations.AddField(
            model_name='look',
            name='snapshot',
            field=models.TextField(blank=True),
        ),
        *(migrations.RunSQL(trigger(table, on), trigger_undone(table)) for table, on in NOTED.items()),
    ]
