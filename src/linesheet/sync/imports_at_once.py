"""Bringing a file in, and taking an import back, in one go and without a worker, as the command line does.

What came of it is an import like those of the app, which lists it and can undo it; both wait for each other, as two
that write the same records could do so for ever. Its file is not kept.
"""

from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from linesheet.books import changes, imports
from linesheet.books.bulk import insert
from linesheet.books.files import ImportReport, import_file
from linesheet.books.files.importer import ROWS_AT_A_TIME
from linesheet.books.files.report import RowOutcome
from linesheet.books.models import Import, ImportRow
from linesheet.books.undoing import Undone
from linesheet.sync.import_teller import ROW_FIELDS
from linesheet.sync.imports import NOTHING_TO_UNDO, in_turn, subject_of, told_of, what_came_of


def bring_in(kind: str, path: Path, **choices: Any) -> tuple[ImportReport, Import | None]:
    """Bring a file into the books, as `import_file` does with these choices; the report, and the import to undo.

    None where nothing changed, so that there is nothing to undo. Raises FileUnreadable.
    """
    with transaction.atomic():
        in_turn()
        imported: Import = Import.objects.create(
            kind=kind, file_name=path.name[:200], bytes=path.stat().st_size, started_at=timezone.now()
        )
        with changes.recorded("import", f"Brought in {path.name}.", subject=subject_of(imported)) as change_set:
            report = import_file(kind, path, **choices)
            change_set.says = what_came_of(report)
        if not change_set.pk:
            imported.delete()
            return report, None
        imported.state, imported.change_set, imported.finished_at = Import.State.DONE, change_set, timezone.now()
        imported.seen = imported.total = report.total
        imported.report = told_of(report)
        imported.save()
        for at in range(0, len(report.rows), ROWS_AT_A_TIME):
            rows = [_row(imported, row) for row in report.rows[at : at + ROWS_AT_A_TIME]]
            insert(ImportRow, ROW_FIELDS, rows)
    return report, imported


def take_back(imported: Import) -> Undone:
    """Undo an import; what had to stay. Raises ImportRefused when it is worked on or nothing of it is to undo."""
    with transaction.atomic():
        in_turn()
        held: Import = Import.objects.select_for_update(of=("self",)).select_related("change_set").get(pk=imported.pk)
        if held.state in Import.AT_WORK:
            raise imports.ImportRefused(imports.AT_WORK, file=held.file_name)
        if not held.change_set or held.undone:
            raise imports.ImportRefused(NOTHING_TO_UNDO, file=held.file_name)
        undone = changes.undo(held.change_set)
        held.report = {**held.report, "kept": undone.kept, "kept_rows": undone.kept_rows}
        held.save(update_fields=["report"])
    return undone


def _row(imported: Import, row: RowOutcome) -> tuple[Any, ...]:
    """A refused row as it is kept; its cells are not, as the file is not either."""
    at_fault = row.column or ""
    return (imported.pk, row.row, str(row.state), "", at_fault, row.value, row.reason, row.says, row.fix)
