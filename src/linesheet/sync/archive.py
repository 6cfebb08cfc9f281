"""What a backup is: one ZIP file of tables as CSV, files as they are, keys, and `backup.json` that says what it holds.

Left out are sessions, so that everybody logs in anew, and the queue's own tables: what was queued is known from the
runs, and is queued again after a restore.
"""

import hashlib
import struct
import zipfile
import zlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

import msgspec
from django.apps import apps
from django.db import connection, models

from linesheet.books.reasons import Reason, Refused

MANIFEST = "backup.json"
KEYS = "keys.json"
TABLES = "tables/"
FILES = "files/"
PIECE = 1024 * 1024
_LEFT_OUT = {
    "django_session",
    "usersessions_usersession",
    "books_touch",
    "books_version",
    "sync_collect",
    "sync_look",
    "sync_finding",
    "sync_matchlook",
}
"""Who is logged in, and what is worked out of the rest; numbers of transactions mean nothing to another server."""
# What reading a damaged ZIP file raises, all told: an offset out of place makes the system refuse to go there
# (OSError), and a name out of place cannot be decoded (ValueError).
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OverflowError,
    OSError,
    ValueError,
)

BACKUP_DAMAGED = Reason(
    "backup_damaged",
    "{file} is no whole backup: {said}",
    "Take another backup; nothing was written.",
)
BACKUP_OF_ANOTHER_VERSION = Reason(
    "backup_of_another_version",
    "{file} was made by Linesheet {theirs}, and this is Linesheet {ours}, whose tables may differ.",
    "Restore it with Linesheet {theirs}, then let this version bring the schema up to date.",
)

REASONS = (BACKUP_DAMAGED, BACKUP_OF_ANOTHER_VERSION)


class BackupRefused(Refused):
    """The backup cannot be made, or not be restored here; nothing was written."""


class Keys(msgspec.Struct):
    """The keys of an installation: for sessions and picture links, and for credentials, newest first."""

    signing: str
    encryption: list[str]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: rows by table, and how many files.

    `shape` tells the schema; `keys` are the fingerprints of the keys that its credentials are encrypted with, which it
    holds too if `with_keys`; `missing` names files that the books speak of and the storage did not have.
    """

    linesheet: str
    shape: str
    made_at: str
    tables: dict[str, int]
    files: int
    missing: list[str]
    keys: list[str]
    with_keys: bool

    def as_json(self) -> bytes:
        """The manifest as it stands in the backup."""
        return msgspec.json.format(msgspec.json.encode(asdict(self)), indent=1)


@cache
def kept_models() -> Sequence[type[models.Model]]:
    """Models of every table that a backup holds."""
    return [model for model in every_model() if model._meta.db_table not in _LEFT_OUT]


def every_model() -> Sequence[type[models.Model]]:
    """The same with those that are left out of backups, and may point to rows that are not."""
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]


@cache
def shape() -> str:
    """A mark of this version's schema: two that differ in a table or column differ here."""
    described: list[list[Any]] = [
        [model._meta.db_table, field.column, field.db_type(connection), field.null]
        for model in kept_models()
        for field in model._meta.local_concrete_fields
    ]
    return hashlib.sha256(msgspec.json.encode(described)).hexdigest()[:16]


def this_version() -> str:
    """The version of Linesheet that runs."""
    return version("linesheet")


def copying(model: type[models.Model], way: str) -> str:
    """The COPY statement for a table: `way` is "TO STDOUT" or "FROM STDIN"."""
    quoted = connection.ops.quote_name
    own = [str(field.column) for field in model._meta.local_concrete_fields if not field.generated]
    return f"COPY {quoted(model._meta.db_table)} ({', '.join(map(quoted, own))}) {way} WITH (FORMAT csv, HEADER)"


def member_of(model: type[models.Model]) -> str:
    """Name of a table's file in a backup."""
    return f"{TABLES}{model._meta.db_table}.csv"


def read_whole(file: Path) -> tuple[zipfile.ZipFile, Manifest]:
    """Open a backup after reading all of it; close it when done.

    Raises BackupRefused when part of it is missing or damaged, or when it is of another version, and OSError when
    there is no such file or it may not be read.
    """
    with ExitStack() as unless_whole:
        try:
            archive = unless_whole.enter_context(zipfile.ZipFile(file))
            if damaged := archive.testzip():
                _refuse(file, f"{damaged} is damaged.")
            manifest = msgspec.json.decode(archive.read(MANIFEST), type=Manifest)
        except KeyError:
            _refuse(file, f"it has no {MANIFEST}.")
        except msgspec.MsgspecError as error:
            _refuse(file, f"its {MANIFEST} cannot be read ({error}).")
        except _UNREADABLE as error:
            if isinstance(error, OSError) and error.filename:  # it is the file itself that cannot be had
                raise
            _refuse(file, f"{error}.")
        if (manifest.linesheet, manifest.shape) != (this_version(), shape()):
            theirs, ours = (manifest.linesheet, this_version())
            if theirs == ours:
                theirs, ours = (f"{theirs} ({manifest.shape})", f"{ours} ({shape()})")
            raise BackupRefused(BACKUP_OF_ANOTHER_VERSION, file=file, theirs=theirs, ours=ours)
        names = archive.namelist()
        expected = {MANIFEST, *(member_of(model) for model in kept_models()), *([KEYS] if manifest.with_keys else [])}
        if lacking := expected - set(names):
            _refuse(file, f"it has no {min(lacking)}.")
        if sum(name.startswith(FILES) for name in names) != manifest.files:
            _refuse(file, "some of its files are missing.")
        unless_whole.pop_all()
    return archive, manifest


def _refuse(file: Path, said: str) -> NoReturn:
    raise BackupRefused(BACKUP_DAMAGED, file=file, said=said)
