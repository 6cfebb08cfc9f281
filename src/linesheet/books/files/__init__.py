"""Getting the books in and out of files: `import_file`, `export_file`, and what they tell."""

from linesheet.books.files.export import EXPORTS, export_file
from linesheet.books.files.importing import IMPORTERS, import_file
from linesheet.books.files.report import FileUnreadable, ImportReport, RowOutcome, State

__all__ = [
    "EXPORTS",
    "IMPORTERS",
    "FileUnreadable",
    "ImportReport",
    "RowOutcome",
    "State",
    "export_file",
    "import_file",
]
