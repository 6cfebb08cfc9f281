"""Files to begin from: of each kind the columns that are read, and an example that goes into new books."""

from pathlib import Path

from linesheet.books.files.export import write_file
from linesheet.books.files.importing import IMPORTERS

SEASON_OF_EXAMPLES = "Standard"
"""The season every company begins with."""


def write_template(kind: str, path: Path, *, season: str = SEASON_OF_EXAMPLES) -> int:
    """Write an example file of a kind that can be imported, .csv or .xlsx; how many rows there are below the header.

    Examples of all kinds fit together: imported in the order of `IMPORTERS`, the books of a new company take every
    row, as long as they have the season. Raises FileUnreadable for another ending, or a folder that is not there.
    """
    vocabulary = IMPORTERS[kind].vocabulary
    names = list(dict.fromkeys(name for row in vocabulary.examples for name in row))
    header = [vocabulary.title(name) for name in names]
    rows = [[row.get(name, "") for name in names] for row in vocabulary.examples]
    dated = [[season if value == SEASON_OF_EXAMPLES else value for value in row] for row in rows]
    return write_file(path, [header, *dated])
