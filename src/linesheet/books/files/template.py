"""Files to begin from: of each kind the columns that are read, and an example that goes into new books."""

from pathlib import Path

from linesheet.books.files.export import write_file
from linesheet.books.files.importing import IMPORTERS


def write_template(kind: str, path: Path) -> int:
    """Write an example file of a kind that can be imported, .csv or .xlsx; how many rows there are below the header.

    Examples of all kinds fit together: imported in the order of `IMPORTERS`, the books of a new company take every
    row. Raises FileUnreadable for another ending.
    """
    vocabulary = IMPORTERS[kind].vocabulary
    names = list(dict.fromkeys(name for row in vocabulary.examples for name in row))
    header = [vocabulary.title(name) for name in names]
    return write_file(path, [header, *([row.get(name, "") for name in names] for row in vocabulary.examples)])
