"""Records of a CSV file, whatever its delimiter, quotes, line ends and encoding."""

import codecs
import csv
import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from linesheet.books.files.reasons import (
    FILE_CELL_UNBOUNDED,
    FILE_ENCODING,
    FILE_NOT_A_SPREADSHEET,
    QUOTE_OPEN,
    READ_AS_1252,
)
from linesheet.books.files.records import Record
from linesheet.books.files.report import FileUnreadable
from linesheet.books.files.rows import RowRefused
from linesheet.books.reasons import Said

DELIMITERS = ",;\t|"

# Python's reader loses its place when a cell passes its limit of 128 KiB, and would read the rest of the cell as
# rows; so the limit is put where only a file that is all one cell meets it.
csv.field_size_limit(64 * 2**20)

_SAMPLE_CHARACTERS = 2**17
_SAMPLE_RECORDS = 50
_FORMULA_STARTS = ("=", "+", "-", "@")


def delimited_records(path: Path, warnings: list[Said]) -> Iterator[Record]:
    """The records of a CSV file, numbered by the line on which each begins.

    Text that `protected` made harmless is given back as it was. Raises FileUnreadable.
    """
    encoding = _encoding(path)
    if encoding == "cp1252":
        warnings.append(READ_AS_1252.about())
    delimiter, skipped = _delimiter(path, encoding)
    return _records(path, encoding, delimiter, skipped)


def protected(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe goes before = + - and @.

    Reading takes that apostrophe off again, so text that begins with apostrophes before such a sign gets one too.
    """
    return "'" + text if text.lstrip("'").startswith(_FORMULA_STARTS) else text


def unprotected(text: str) -> str:
    """The text that `protected` made harmless."""
    if text[:1] == "'" and text.lstrip("'").startswith(_FORMULA_STARTS):
        return text[1:]
    return text


def _records(path: Path, encoding: str, delimiter: str, skipped: int) -> Iterator[Record]:
    with path.open(encoding=encoding, newline="") as file:
        for _ in range(skipped):
            file.readline()
        lines = _Lines(file)
        reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
        line = skipped
        while True:
            lines.quotes = 0
            first = line + 1
            try:
                cells = next(reader, None)
            except csv.Error as error:
                raise FileUnreadable(FILE_CELL_UNBOUNDED, file=path.name, line=first, detail=str(error)) from None
            line = skipped + reader.line_num
            if cells is None:
                return
            if line > first and lines.ended and lines.quotes % 2:
                yield Record(first, [], RowRefused(QUOTE_OPEN.about(first=first, last=line)))
                return
            yield Record(first, [unprotected(cell) if cell[:1] == "'" else cell for cell in cells])


class _Lines:
    """Lines of a file, counting the quotation marks in them."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.lines = lines
        self.quotes = 0
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        try:
            line = next(self.lines)
        except StopIteration:
            self.ended = True
            raise
        self.quotes += line.count('"')
        return line


def _encoding(path: Path) -> str:
    """The encoding the whole file can be read in. Raises FileUnreadable."""
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    else:
        if start.count(0) * 20 > len(start):
            raise FileUnreadable(FILE_NOT_A_SPREADSHEET, file=path.name, detail="its content is not text")
        candidates = ["utf-8-sig", "cp1252"]
    for encoding in candidates:
        if _decodes(path, encoding):
            return encoding
    raise FileUnreadable(FILE_ENCODING, file=path.name)


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while block := file.read(2**20):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(path: Path, encoding: str) -> tuple[str, int]:
    """The delimiter, and how many lines stand above the data to say so (`sep=;`, which Excel writes and reads).

    Of those that split the header, the one which splits most rows into as many cells as the header has.
    """
    with path.open(encoding=encoding, newline="") as file:
        sample = file.read(_SAMPLE_CHARACTERS)
    lines = io.StringIO(sample, newline="").readlines()
    hint = lines[0].rstrip("\r\n") if lines else ""
    if len(hint) == 5 and hint.startswith("sep=") and hint[4] in DELIMITERS:
        return hint[4], 1
    best, best_score = ",", (False, 0.0, 0)
    for delimiter in DELIMITERS:
        reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
        try:
            widths = [len(cells) for cells in islice(reader, _SAMPLE_RECORDS) if cells]
        except csv.Error:
            continue
        if not widths:
            continue
        share = sum(width == widths[0] for width in widths) / len(widths)
        score = (widths[0] > 1, round(share, 1), widths[0])
        if score > best_score:
            best, best_score = delimiter, score
    return best, 0
