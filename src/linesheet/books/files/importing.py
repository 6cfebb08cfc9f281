"""Bringing a file into the books of the company in hand."""

from collections.abc import Mapping
from pathlib import Path

from django.db import transaction

from linesheet.books.bulk import look_anew
from linesheet.books.files.columns import PRICE, Columns, recognise
from linesheet.books.files.customers import CustomersImporter
from linesheet.books.files.importer import Importer
from linesheet.books.files.job import Job, Known, Told, chosen, chosen_currency
from linesheet.books.files.orders import OrdersImporter
from linesheet.books.files.prices import PricesImporter
from linesheet.books.files.products import ProductsImporter
from linesheet.books.files.read import Table, open_table
from linesheet.books.files.reasons import FILE_NO_ROWS, KIND_UNKNOWN, MAPPING_MISSING
from linesheet.books.files.report import FileUnreadable, ImportReport, report_on
from linesheet.books.files.shopify import ShopifyImporter, is_shopify, shopify_columns, shopify_fields
from linesheet.books.files.sku_barcodes import BarcodesImporter
from linesheet.books.files.stock import StockImporter
from linesheet.books.models import ColumnMapping

IMPORTERS: dict[str, type[Importer]] = {
    "products": ProductsImporter,
    "prices": PricesImporter,
    "customers": CustomersImporter,
    "stock": StockImporter,
    "barcodes": BarcodesImporter,
    "orders": OrdersImporter,
}
"""What can come in, by the kind callers name."""

MANY_ROWS = 5_000


def import_file(
    kind: str,
    path: Path,
    *,
    dry_run: bool = False,
    sheet: str | None = None,
    mapping: Mapping[str, str] | None = None,
    use_mapping: str | None = None,
    save_mapping_as: str | None = None,
    season: str | None = None,
    price_list: str | None = None,
    currency: str | None = None,
    location: str | None = None,
    create_missing: bool = False,
    told: Told | None = None,
) -> ImportReport:
    """Bring the rows of a CSV file or a workbook's sheet into the books, and account for every one of them.

    Each row is created, updated, unchanged or refused, and a refused row leaves the others alone. All is written
    in one transaction; a dry run does the same and takes it back. Products exported by Shopify are told by their
    headers.

    `mapping` says which field a header stands for ("" leaves it out); `use_mapping` takes one saved by that name,
    over which `mapping` goes; `save_mapping_as` saves how the headers were read. `season`, `price_list`, `currency`
    and `location` are names that stand in where the file has none. `create_missing` lets an order file create the
    customers, seasons and locations it names. `told` hears of every row as it goes; then the report keeps none.

    Raises FileUnreadable, with a sentence and a remedy, when nothing of the file can be read or a choice is wrong.
    """
    importer_of = IMPORTERS.get(kind)
    if importer_of is None:
        raise FileUnreadable(KIND_UNKNOWN, kind=kind, known=", ".join(IMPORTERS))
    report = report_on(path, kind, dry_run=dry_run)
    with transaction.atomic():
        known = Known.load()
        table = open_table(path, sheet)
        columns, importer_of = _columns(kind, importer_of, table, _mapping(kind, mapping, use_mapping), known)
        report.columns = shopify_fields(columns) if importer_of is ShopifyImporter else columns.read
        report.ignored = columns.ignored
        for said in (*table.warnings, *columns.warnings):
            report.warn(said)
        job = Job(
            file=path.name,
            columns=columns,
            known=known,
            season=chosen(known.seasons, season, what="season"),
            price_list=chosen(known.price_lists, price_list, what="price list"),
            currency=chosen_currency(currency),
            location=chosen(known.locations_by_name_or_code(), location, what="location"),
            create_missing=create_missing,
            told=told,
        )
        importer = importer_of(job)
        importer.ready(report)
        importer.run(table.rows(columns), report)
        if report.total == 0:
            raise FileUnreadable(FILE_NO_ROWS, file=path.name)
        if save_mapping_as:
            _save_mapping(kind, save_mapping_as, columns, known)
        if dry_run:
            transaction.set_rollback(True)
        elif report.created >= MANY_ROWS:
            look_anew("books")
    return report


def _columns(
    kind: str, importer_of: type[Importer], table: Table, mapping: dict[str, str], known: Known
) -> tuple[Columns, type[Importer]]:
    if kind == "products" and not mapping and is_shopify(table.headers):
        return shopify_columns(table.headers), ShopifyImporter
    columns = recognise(
        importer_of.vocabulary,
        table.headers,
        file=table.file,
        price_lists=known.price_list_ids(),
        mapping=mapping,
    )
    return columns, importer_of


def _mapping(kind: str, mapping: Mapping[str, str] | None, name: str | None) -> dict[str, str]:
    """The header-to-field mapping to use. Raises FileUnreadable when there is no saved one of that name."""
    if name is None:
        return dict(mapping or {})
    saved = ColumnMapping.objects.filter(kind=kind, name__iexact=name.strip()).first()
    if saved is None:
        names = ColumnMapping.objects.filter(kind=kind).order_by("name").values_list("name", flat=True)
        raise FileUnreadable(MAPPING_MISSING, kind=kind, name=name, known=", ".join(names) or "none is saved yet")
    return {**saved.columns, **(mapping or {})}


def _save_mapping(kind: str, name: str, columns: Columns, known: Known) -> None:
    """Keep how the headers were read."""
    shown = " ".join(name.split())
    saved = ColumnMapping.objects.filter(kind=kind, name__iexact=shown).first()
    saved = saved or ColumnMapping(kind=kind, name=shown)
    saved.columns = mapping_of(columns, known)
    saved.save()


def mapping_of(columns: Columns, known: Known) -> dict[str, str]:
    """How the headers were read, as a mapping to give; price lists by name, as their ids mean nothing to people."""
    lists = {str(each.pk): each.name for each in known.price_lists.values()}
    mapping = dict.fromkeys(columns.ignored, "")
    for field, header in columns.headers.items():
        if field.startswith(PRICE):
            _, price_list, currency = field.split(":")
            field = f"{lists[price_list]}:{currency}"
        mapping[header] = field
    return mapping
