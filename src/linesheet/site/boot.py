"""Bring Django up for a door: settings, database and, when asked, the schema."""

import gc
import os

import django
from django.apps import apps
from django.conf import settings


def start(*, migrate: bool = False) -> None:
    """Set Django up; starts our own PostgreSQL when there is no DATABASE_URL.

    With `migrate`, brings the schema up to date under an advisory lock, so that many processes may start
    at once. Raises PostgresUnavailable when no database can be reached, or another version has changed its schema.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linesheet.site.settings")
    django.setup()
    if migrate:
        _migrate()
    # What starting up made lasts as long as the process. To look through it takes a tenth of a second, again and again:
    # a third of an import's time, and a halt of everything in the middle of a run.
    gc.freeze()


def start_apart() -> None:
    """Have what books and platforms declare at hand, without a database or a data folder."""
    if not apps.ready:
        django_apps = [f"django.contrib.{name}" for name in ("contenttypes", "auth", "postgres")]
        installed = [*django_apps, "procrastinate.contrib.django", "tree_queries", "linesheet.books", "linesheet.sync"]
        settings.configure(INSTALLED_APPS=installed, AUTH_USER_MODEL="books.User", USE_TZ=True)
        django.setup()


def _migrate() -> None:
    from django.core.management import call_command
    from django.db import connection

    from linesheet.site import schema
    from linesheet.site.postgres import PostgresUnavailable

    try:
        cursor = connection.cursor()
    except django.db.OperationalError as error:
        raise PostgresUnavailable(f"The database cannot be reached: {error}") from error
    version: int = connection.pg_version  # type: ignore[attr-defined]
    if version < OLDEST_POSTGRES:
        raise PostgresUnavailable(
            f"The database is PostgreSQL {version // 10_000}, and the schema needs "
            f"{OLDEST_POSTGRES // 10_000} or later. Let a newer one serve it."
        )
    with cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [SCHEMA_LOCK])
        try:
            if unknown := schema.unknown_changes():
                raise PostgresUnavailable(
                    f"Another version of Linesheet has changed the database's schema: {', '.join(unknown)}. Start that "
                    "version, or restore a backup that this one made."
                )
            call_command("migrate", verbosity=0, interactive=False)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [SCHEMA_LOCK])


SCHEMA_LOCK = 0x11E5EE7
# Unique keys that tell nothing from nothing (NULLS NOT DISTINCT); Django would leave them out without a word.
OLDEST_POSTGRES = 15_00_00
