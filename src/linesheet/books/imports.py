"""Files that people upload to bring into the books: kept, looked at, mapped, and given up again."""

import csv
import datetime
import io
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePath
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import models, transaction

from linesheet.books.files.columns import recognise
from linesheet.books.files.delimited import protected
from linesheet.books.files.guess import guess_kind, known_export, look_at
from linesheet.books.files.importing import IMPORTERS
from linesheet.books.files.job import Known
from linesheet.books.files.read import open_table
from linesheet.books.models import Import, ImportRow, User
from linesheet.books.reasons import Reason, Refused
from linesheet.books.tenancy import acting_for

MOST_BYTES = 100 * 2**20
FOLDER = "imports"
LONGEST_NAME = 120

OPTIONS: dict[str, tuple[str, ...]] = {
    "products": ("season", "currency", "location"),
    "prices": ("season", "price_list", "currency"),
    "customers": (),
    "stock": ("season", "location"),
    "barcodes": (),
    "orders": ("season", "location", "currency", "create_missing"),
}
"""What may stand in, by kind, where the rows of a file name nothing."""

FILE_TOO_BIG = Reason(
    "upload_too_big",
    "{file} is larger than {most} MB, which is the most that can be uploaded.",
    "Split it into several files, or save a workbook as CSV, which is smaller to read.",
)
FILE_GONE = Reason("upload_gone", "{file} is no longer kept.", "Upload it again.")
AT_WORK = Reason("import_at_work", "{file} is being worked on.", "Wait until that is done.")
BROUGHT_IN = Reason(
    "import_brought_in",
    "{file} was brought into the books, so it is not discarded.",
    "Undo it, if what it brought in shall go again; old imports are deleted by themselves.",
)

REASONS = (FILE_TOO_BIG, FILE_GONE, AT_WORK, BROUGHT_IN)


class ImportRefused(Refused):
    """The file cannot be taken, or not be worked on now; nothing was changed."""


def upload(file: "File[bytes]", name: str, *, by: User | None = None, kind: str = "") -> Import:
    """Keep a file, look at it, and guess what it is about unless `kind` says so.

    Raises ImportRefused when it is too big, and FileUnreadable when nothing of it can be read; then nothing is kept.
    """
    shown = _file_name(name)
    if file.size > MOST_BYTES:
        raise ImportRefused(FILE_TOO_BIG, file=shown, most=MOST_BYTES // 2**20)
    imported = Import(file_name=shown, bytes=file.size, by=by)
    # Read here rather than where it is stored, which may be far away.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / shown
        with path.open("wb") as copy:
            for chunk in file.chunks():
                copy.write(chunk)
        _look(imported, path)
        imported.kind = kind if kind in IMPORTERS else _guessed(imported)
        imported.stored = f"{FOLDER}/{secrets.token_hex(16)}/{shown}"
        with path.open("rb") as content:
            imported.stored = default_storage.save(imported.stored, File(content))
        try:
            imported.save()
        except BaseException:
            default_storage.delete(imported.stored)
            raise
    return imported


def choose_sheet(imported: Import, sheet: str) -> None:
    """Take another sheet of a workbook. Raises FileUnreadable or ImportRefused."""
    with local_file(imported) as path:
        _look(imported, path, sheet)
    imported.columns = {}
    imported.kind = imported.kind or _guessed(imported)
    _change(imported, "kind", "sheet", "sheets", "headers", "columns")


def choose_columns(imported: Import, kind: str, columns: Mapping[str, str], options: Mapping[str, Any]) -> None:
    """Say what the file is about, which field each header stands for ("" for none), and what else there is to choose.

    Raises FileUnreadable when that cannot be, naming what is missing or double, and ImportRefused.
    """
    headers = [each["header"] for each in imported.headers]
    if known_export(kind, headers):
        # Its columns are read as they are: a mapping would have the file read as one of ours.
        columns = {}
    else:
        recognise(
            IMPORTERS[kind].vocabulary,
            headers,
            file=imported.file_name,
            price_lists=Known.load().price_list_ids(),
            mapping=columns,
        )
    imported.kind, imported.columns = kind, dict(columns)
    imported.options = {name: options[name] for name in (*OPTIONS[kind], "save_mapping_as") if options.get(name)}
    _change(imported, "kind", "columns", "options")


def discard(imported: Import) -> None:
    """Give up an import, with its file and what is known of its rows.

    Raises ImportRefused while it is worked on, and once it was brought in.
    """
    if not _delete(imported, unless=(*Import.AT_WORK, Import.State.DONE)):
        is_done = Import.objects.filter(pk=imported.pk, state=Import.State.DONE).exists()
        raise ImportRefused(BROUGHT_IN if is_done else AT_WORK, file=imported.file_name)


def forget(before: datetime.datetime) -> int:
    """Delete the files and rows of imports that came before a moment, in all companies; how many."""
    forgotten = 0
    for imported in Import.everywhere.filter(made_at__lt=before).exclude(state__in=Import.AT_WORK).iterator():
        with acting_for(imported.company_id):
            forgotten += _delete(imported, unless=Import.AT_WORK)
    return forgotten


@contextmanager
def local_file(imported: Import) -> Iterator[Path]:
    """The file under its own name, for as long as it is needed. Raises ImportRefused when it is no longer there."""
    if not imported.stored:
        raise ImportRefused(FILE_GONE, file=imported.file_name)
    try:
        stored = default_storage.open(imported.stored)
    except FileNotFoundError:
        raise ImportRefused(FILE_GONE, file=imported.file_name) from None
    with stored, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / imported.file_name
        with path.open("wb") as copy:
            shutil.copyfileobj(stored, copy)
        yield path


def refused_rows(imported: Import) -> Iterator[str]:
    """The refused rows as lines of a CSV file: as they were, then why and what helps. To be corrected and uploaded.

    Raises ImportRefused when the file is no longer there, on the first line.
    """
    refused = imported.rows.filter(state="refused").order_by("number").iterator(chunk_size=2000)
    with local_file(imported) as path:
        table = open_table(path, imported.sheet or None)
        yield _line([*table.headers, "Row in the file", "Why refused", "What helps"])
        next_one = next(refused, None)
        for record in table.records:
            if next_one is None:
                return
            if record.number != next_one.number:
                continue
            width = len(table.headers)
            cells = [*record.cells[:width], *[""] * (width - len(record.cells))]
            yield _line([*cells, str(record.number), next_one.says, next_one.fix])
            next_one = next(refused, None)


def clear_rows(imported: Import) -> None:
    """Forget what became of the rows."""
    # Nothing points at these rows, so they need not be read first.
    rows = ImportRow.objects.filter(of=imported)
    rows._raw_delete(rows.db)


def _guessed(imported: Import) -> str:
    headers = [each["header"] for each in imported.headers]
    return guess_kind(headers, file=imported.file_name, known=Known.load())


def _look(imported: Import, path: Path, sheet: str = "") -> None:
    look = look_at(path, sheet or None)
    imported.sheet = sheet or next(iter(look.sheets), "")
    imported.sheets = look.sheets
    imported.headers = [
        {"header": header, "examples": examples} for header, examples in zip(look.headers, look.examples, strict=True)
    ]


def _change(imported: Import, *fields: str) -> None:
    """Save choices, after which earlier checks count no more. Raises ImportRefused while it is worked on, or done."""
    found: models.QuerySet[Import] = Import.objects.filter(pk=imported.pk)
    changed = found.exclude(state__in=[*Import.AT_WORK, Import.State.DONE]).update(
        **{name: getattr(imported, name) for name in fields},
        state=Import.State.UPLOADED,
        says="",
        fix="",
        report={},
        total=None,
    )
    if not changed:
        raise ImportRefused(AT_WORK, file=imported.file_name)
    imported.state = Import.State.UPLOADED


def _delete(imported: Import, *, unless: Sequence[str]) -> bool:
    """Delete an import with its rows and its file, unless it is in one of these states; whether it was deleted."""
    with transaction.atomic():
        # One statement looks and deletes: a worker may be given the import meanwhile. The rows follow, which the
        # database asks for at the end of the transaction only.
        found: models.QuerySet[Import] = Import.objects.filter(pk=imported.pk).exclude(state__in=unless).order_by()
        if not found._raw_delete(found.db):
            return False
        clear_rows(imported)
        if imported.stored:
            transaction.on_commit(partial(default_storage.delete, imported.stored))
    return True


def _file_name(name: str) -> str:
    """A name that any storage takes, with the ending it had."""
    path = PurePath("".join(sign if sign.isprintable() and sign not in '/\\:*?"<>|' else " " for sign in name).strip())
    ending = path.suffix[:10]
    return f"{path.stem.strip('. ')[: LONGEST_NAME - len(ending)] or 'file'}{ending}"


def _line(cells: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow([protected(cell) for cell in cells])
    return text.getvalue()
