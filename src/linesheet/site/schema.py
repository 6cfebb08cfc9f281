"""The schema this version works with, and whether the database has it."""

from functools import cache

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def unknown_changes() -> list[str]:
    """Changes that the database has and this version does not know, as a newer version leaves them."""
    known = _of_this_version()
    apps = {app for app, _ in known}
    applied = MigrationRecorder(connection).applied_migrations()
    return [f"{app}.{name}" for app, name in applied if app in apps and (app, name) not in known]


def missing_changes() -> list[str]:
    """Changes of this version that the database lacks, like "sync.0001_initial"; [] when it is up to date.

    Two small queries. Raises django.db.Error when the database does not answer.
    """
    applied = MigrationRecorder(connection).applied_migrations()
    return [f"{app}.{name}" for app, name in _of_this_version() if (app, name) not in applied]


@cache
def _of_this_version() -> tuple[tuple[str, str], ...]:
    return tuple(sorted(MigrationLoader(None).disk_migrations))
