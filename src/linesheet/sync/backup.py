"""Taking a backup: everything as it was at one moment, while the work goes on."""

import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone

from linesheet.books.models import Image
from linesheet.books.reasons import Reason
from linesheet.site.folder import encryption_keys, fingerprints, signing_key
from linesheet.sync import archive
from linesheet.sync.archive import BackupRefused, Keys, Manifest
from linesheet.sync.models import Run

BACKUP_THERE = Reason(
    "backup_there", "{file} is there already.", "Choose another name; a backup never overwrites a file."
)

BACKUP_FOLDER = Reason(
    "backup_folder",
    "No backup can be written into {folder}: {problem}.",
    "Create the folder, or choose another that can be written.",
)

REASONS = (BACKUP_THERE, BACKUP_FOLDER)


def back_up(file: Path, *, with_keys: bool = True) -> Manifest:
    """Write books, sync rows, pictures, files and keys into one archive that only its owner may read.

    The rows are those of one snapshot. Memory does not grow with them; of each picture its name is held. Raises
    BackupRefused when the file is there or came meanwhile, or its folder is missing or cannot be written, and OSError
    when the disk is full; no part of it stays then.
    """
    if file.exists():
        raise BackupRefused(BACKUP_THERE, file=file)
    with _written(file) as out, transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        tables = dict(_tables(out))
        files, missing = _files(out)
        manifest = Manifest(
            linesheet=archive.this_version(),
            shape=archive.shape(),
            made_at=timezone.now().isoformat(timespec="seconds"),
            tables=tables,
            files=files,
            missing=missing,
            keys=fingerprints(encryption_keys()),
            with_keys=with_keys,
        )
        if with_keys:
            out.writestr(archive.KEYS, msgspec.json.encode(Keys(signing_key(), encryption_keys())))
        out.writestr(archive.MANIFEST, manifest.as_json())
    return manifest


@contextmanager
def _written(file: Path) -> Iterator[zipfile.ZipFile]:
    """An archive that gets its name once it is whole, unless another got it meanwhile."""
    folder = file.absolute().parent
    try:
        descriptor, aside = tempfile.mkstemp(prefix=f".{file.name}.", suffix=".part", dir=folder)
    except OSError as error:
        raise BackupRefused(BACKUP_FOLDER, folder=folder, problem=error.strerror) from None
    try:
        with os.fdopen(descriptor, "wb") as raw:
            with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
                yield out
            raw.flush()
            os.fsync(descriptor)
        _claim(file)
        os.rename(aside, file)
    finally:
        Path(aside).unlink(missing_ok=True)


def _claim(file: Path) -> None:
    """Take the name, in a way that all file systems have; only one of several backups can."""
    try:
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        raise BackupRefused(BACKUP_THERE, file=file) from None


def _tables(out: zipfile.ZipFile) -> Iterator[tuple[str, int]]:
    """Write every table; its name with the number of its rows."""
    with connection.cursor() as cursor:
        for model in archive.kept_models():
            member = out.open(archive.member_of(model), "w", force_zip64=True)
            with member, cursor.copy(archive.copying(model, "TO STDOUT")) as rows:
                for piece in rows:
                    member.write(piece)
            yield model._meta.db_table, cursor.rowcount


def _files(out: zipfile.ZipFile) -> tuple[int, list[str]]:
    """Write every picture and download once, as it is; how many, and the names of those that are not there."""
    written = 0
    missing: list[str] = []
    for name in _stored_names():
        try:
            with default_storage.open(name) as content:
                entry = zipfile.ZipInfo(archive.FILES + name, timezone.now().timetuple()[:6])
                with out.open(entry, "w", force_zip64=True) as member:
                    shutil.copyfileobj(content, member, archive.PIECE)
        except FileNotFoundError:
            missing.append(name)
        else:
            written += 1
    return written, missing


def _stored_names() -> Iterator[str]:
    pictures = Image.everywhere.order_by("company_id", "content_hash")
    for image in pictures.distinct("company_id", "content_hash").iterator(chunk_size=2000):
        yield image.storage_name
    yield from Run.everywhere.exclude(file="").values_list("file", flat=True).order_by("file").distinct().iterator()
