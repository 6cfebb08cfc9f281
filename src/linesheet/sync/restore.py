"""Bringing a backup back, into an installation that is empty: all of it, or nothing."""

import os
import zipfile
from pathlib import Path

import msgspec
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.management.color import no_style
from django.db import OperationalError, connection, transaction
from django.db.models.functions import Now
from psycopg.errors import LockNotAvailable

from linesheet.books.models import Import
from linesheet.books.reasons import Reason
from linesheet.site.folder import encryption_keys, fingerprints, keep_keys
from linesheet.sync import archive
from linesheet.sync.archive import BACKUP_DAMAGED, BackupRefused, Keys, Manifest
from linesheet.sync.models import Run
from linesheet.sync.vitals import workers_alive

NOT_EMPTY = Reason(
    "not_empty",
    "This installation is in use: {table} has rows.",
    "Restore into an empty one: choose a new data folder with LINESHEET_DATA, or an empty database with DATABASE_URL.",
)
STILL_RUNNING = Reason(
    "installation_running",
    "Workers or other processes use this installation's database.",
    "Stop them, restore, and start them afterwards: they have to read the restored keys.",
)
KEYS_ELSEWHERE = Reason(
    "keys_elsewhere",
    "The credentials in {file} are encrypted with keys that this installation would not have.",
    "Give those keys in LINESHEET_ENCRYPTION_KEYS, or unset it and restore a backup that holds its keys.",
)

REASONS = (NOT_EMPTY, STILL_RUNNING, KEYS_ELSEWHERE)

LOCK_SECONDS = 10


def restore(file: Path) -> Manifest:
    """Fill this installation from a backup: rows, pictures, files, and keys in the data folder.

    The backup is read to its end before anything is written. Runs that were not finished are queued again by the first
    worker. Raises BackupRefused with the installation as empty as it was.
    """
    source, manifest = archive.read_whole(file)
    with source:
        _check_keys(file, manifest)
        if workers_alive():
            raise BackupRefused(STILL_RUNNING)
        with transaction.atomic(durable=True):
            _be_alone()
            _check_empty()
            _fill(file, source, manifest)
            _forget_jobs()
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            # Before the rows are there for good: a crash leaves files and keys that nothing speaks of, and an empty
            # installation that can be restored into again.
            _put_files(source)
            if manifest.with_keys:
                keys = msgspec.json.decode(source.read(archive.KEYS), type=Keys)
                keep_keys(keys.signing, keys.encryption)
    return manifest


def _check_keys(file: Path, manifest: Manifest) -> None:
    comes_along = manifest.with_keys and not os.environ.get("LINESHEET_ENCRYPTION_KEYS")
    if not comes_along and not set(manifest.keys) <= set(fingerprints(encryption_keys())):
        raise BackupRefused(KEYS_ELSEWHERE, file=file)


def _be_alone() -> None:
    tables = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in archive.kept_models())
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{LOCK_SECONDS}s"])
            cursor.execute(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE")
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise BackupRefused(STILL_RUNNING) from None
        raise


def _check_empty() -> None:
    for model in archive.kept_models():
        own = model._meta.app_config is not None and model._meta.app_config.name.startswith("linesheet.")
        if own and model._base_manager.exists():
            raise BackupRefused(NOT_EMPTY, table=model._meta.db_table)


def _fill(file: Path, source: zipfile.ZipFile, manifest: Manifest) -> None:
    quoted = connection.ops.quote_name
    with connection.cursor() as cursor:
        # What an empty installation has rows of already, such as content types, comes back as it was.
        cursor.execute(f"TRUNCATE {', '.join(quoted(model._meta.db_table) for model in archive.every_model())}")
        for model in archive.kept_models():
            member = source.open(archive.member_of(model))
            with member, cursor.copy(archive.copying(model, "FROM STDIN")) as rows:
                while piece := member.read(archive.PIECE):
                    rows.write(piece)
            expected = manifest.tables.get(model._meta.db_table)
            if cursor.rowcount != expected:
                said = f"{model._meta.db_table} has {cursor.rowcount} rows instead of {expected}."
                raise BackupRefused(BACKUP_DAMAGED, file=file, said=said)
        for statement in connection.ops.sequence_reset_sql(no_style(), archive.kept_models()):
            cursor.execute(statement)


def _forget_jobs() -> None:
    """The queue is not in a backup: have unfinished runs and imports look like those of a dead worker."""
    Run.everywhere.update(job_id=None)
    Import.everywhere.update(job_id=None)
    held = Run.everywhere.filter(state__in=Run.UNFINISHED, lease_until__isnull=False)
    held.update(lease_until=Now(), worker="")


def _put_files(source: zipfile.ZipFile) -> None:
    for name in source.namelist():
        if name.startswith(archive.FILES):
            with source.open(name) as content:
                default_storage.save(name.removeprefix(archive.FILES), File(content))
