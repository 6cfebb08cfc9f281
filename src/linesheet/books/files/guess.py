"""What a file is about, told by its headers, and what its columns hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from linesheet.books.files.columns import Columns, recognise
from linesheet.books.files.importing import IMPORTERS
from linesheet.books.files.job import Known
from linesheet.books.files.read import Table, is_workbook, open_table
from linesheet.books.files.reasons import FILE_NO_ROWS, HEADERS_TWICE
from linesheet.books.files.report import FileUnreadable
from linesheet.books.files.rows import shortened
from linesheet.books.files.shopify import is_shopify, shopify_columns, shopify_fields
from linesheet.books.files.workbook import sheets_of
from linesheet.books.models import Product

EXAMPLES = 3
LOOKED_AT = 200
PRODUCTS = "products"


@dataclass(frozen=True, slots=True)
class Look:
    """A first look at a file: of each column its header and a few of its values, and the sheets of a workbook."""

    headers: list[str]
    examples: list[list[str]]
    sheets: list[str]


@dataclass(frozen=True, slots=True)
class KnownExport:
    """A file as another program exports it: whose it is, and the field of each header that is read."""

    of: str
    fields: dict[str, str]


def known_export(kind: str, headers: Sequence[str]) -> KnownExport | None:
    """The export that a file of this kind is by its headers; its columns are read as they are, and not chosen."""
    if kind == PRODUCTS and is_shopify(headers):
        return KnownExport("Shopify", shopify_fields(shopify_columns(list(headers))))
    return None


def look_at(path: Path, sheet: str | None = None) -> Look:
    """Look at the beginning of a file. Raises FileUnreadable, also when there is nothing below its header."""
    table = open_table(path, sheet)
    examples: list[list[str]] = [[] for _ in table.headers]
    if not _collect(table, examples):
        raise FileUnreadable(FILE_NO_ROWS, file=path.name)
    return Look(table.headers, examples, sheets_of(path) if is_workbook(path) else [])


def guess_kind(headers: Sequence[str], *, file: str, known: Known) -> str:
    """The kind of file that has most of these headers, of those it has all that is needed for; "" when none is.

    Raises FileUnreadable for headers that appear twice.
    """
    if known_export(PRODUCTS, headers):
        return PRODUCTS
    found: dict[str, tuple[int, int]] = {}
    for kind, importer in IMPORTERS.items():
        try:
            columns = recognise(importer.vocabulary, headers, file=file, price_lists=known.price_list_ids())
        except FileUnreadable as unreadable:
            if unreadable.reason is HEADERS_TWICE:
                raise
            continue
        # Where several kinds read every column, the one with fewer fields is more about them, such as barcodes.
        narrow = -len(importer.vocabulary.fields) if not columns.ignored else -1000
        found[kind] = len(columns.headers), narrow
    most = max(found.values(), default=(0, 0))[0]
    # All else is about products that are there.
    if found.get(PRODUCTS, (0, 0))[0] == most and most and not Product.objects.exists():
        return PRODUCTS
    return max(found, key=lambda kind: found[kind], default="")


def recognised(kind: str, headers: Sequence[str], *, file: str, known: Known, mapping: dict[str, str]) -> Columns:
    """What the headers stand for as far as it can be told. Raises FileUnreadable for a mapping that is wrong."""
    vocabulary = IMPORTERS[kind].vocabulary
    return recognise(vocabulary, headers, file=file, price_lists=known.price_list_ids(), mapping=mapping, whole=False)


def _collect(table: Table, examples: list[list[str]]) -> int:
    """Put the first few different values of each column into `examples`; how many rows there were."""
    seen = 0
    for record in islice(table.records, LOOKED_AT):
        seen += 1
        for values, cell in zip(examples, record.cells, strict=False):
            text = shortened(" ".join(cell.replace("\0", "␀").split()))
            if text and len(values) < EXAMPLES and text not in values:
                values.append(text)
    return seen
