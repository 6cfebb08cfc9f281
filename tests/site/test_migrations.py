import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from linesheet.site import boot
from linesheet.site.postgres import PostgresUnavailable

pytestmark = pytest.mark.django_db


def test_migrations_make_what_the_models_say():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_a_database_that_another_version_has_changed_is_left_alone():
    MigrationRecorder(connection).record_applied("sync", "0999_tomorrow")

    with pytest.raises(PostgresUnavailable, match=r"Another version .* schema: sync\.0999_tomorrow\. Start that"):
        boot.start(migrate=True)
