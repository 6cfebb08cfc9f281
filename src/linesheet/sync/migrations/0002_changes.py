"""Has changes of the catalogue, links and matches recorded, so that they can be undone, and noted like those of settings."""

from django.db import migrations

from linesheet.books import recording, touching

RECORDED = {
    'sync_section': '',
    'sync_placement': '',
    'sync_link': 'accepted_at',
    'sync_match': 'made_at',
}
"""Tables whose changes can be undone, each with its column that tells when a row was touched."""

NOTED = {
    'sync_section': 'INSERT OR UPDATE',
    'sync_placement': 'INSERT OR UPDATE',
    'sync_match': 'INSERT OR UPDATE',
    # What was accepted last is of no account, but that something was.
    'sync_link': 'INSERT OR UPDATE OF remote_id',
    # Every call writes when the next may be made.
    'sync_connection': 'INSERT OR UPDATE OF settings, base_url, active',
}
"""Tables, and their events beside deletions, that make stale what was worked out of them."""


class Migration(migrations.Migration):

    dependencies = [
        ('sync', '0001_initial'),
        ('books', '0002_changes'),
    ]

    operations = [
        *(
            migrations.RunSQL(recording.trigger(table, touched), recording.trigger_undone(table))
            for table, touched in RECORDED.items()
        ),
        # Suggestions come and go by themselves; what a person decides is to set them aside.
        migrations.RunSQL(
            recording.trigger('sync_suggestion', on='UPDATE OF set_aside'), recording.trigger_undone('sync_suggestion')
        ),
        *(migrations.RunSQL(touching.trigger(table, on), touching.trigger_undone(table)) for table, on in NOTED.items()),
    ]
