"""The demo brand's books: its files go in by the importers, as anybody's would."""

import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db.models import QuerySet

from linesheet.books.barcodes import Given, add_range, give_barcodes
from linesheet.books.files.importing import import_file
from linesheet.books.files.report import ImportReport
from linesheet.books.images import add_image
from linesheet.books.models import SKU, Product, Season
from linesheet.books.prices import make_visible
from linesheet.books.seasons import change_season, create_season
from linesheet.demo import brand


@dataclass(frozen=True, slots=True)
class Filled:
    """What came of it: a report for each file, the barcodes given, and how many pictures were drawn."""

    reports: list[ImportReport]
    barcodes: Given
    pictures: int


def fill_books(today: date) -> Filled:
    """Fill the books of the company in hand, which are new, with the seasons around a day.

    One product is left without barcodes, on purpose.
    """
    add_seasons(today)
    with tempfile.TemporaryDirectory() as folder:
        files = brand.write_files(Path(folder), brand.seasons_on(today))
        of_kinds = {
            "products": files.products,
            "prices": files.prices,
            "customers": files.customers,
            "stock": files.stock,
        }
        reports = [import_file(kind, path) for kind, path in of_kinds.items()]
    for season in Season.objects.all():
        make_visible(Product.objects.filter(visibilities__season=season), season)
    add_range("560100000000", "560100009999")
    given = give_barcodes(_all_but_one_product())
    by_code = {product.code: product for product in Product.objects.all()}
    drawn = [add_image(by_code[code], content) for code, content in brand.pictures()]
    return Filled(reports, given, len(drawn))


def add_seasons(today: date) -> Season:
    """The brand's seasons around a day, each after the one before; the newest.

    The season that every company begins with becomes the first of them.
    """
    first, *others = brand.seasons_on(today)
    newest: Season = Season.objects.get()
    change_season(
        newest,
        first.name,
        first.starts_on,
        delivery_starts_on=first.delivered_from,
        delivery_cancels_on=first.delivered_until,
    )
    for season in others:
        newest = create_season(
            season.name,
            season.starts_on,
            previous=newest,
            delivery_starts_on=season.delivered_from,
            delivery_cancels_on=season.delivered_until,
        )
    return newest


def _all_but_one_product() -> "QuerySet[SKU]":
    left_out = Product.objects.order_by("pk").last()
    skus: QuerySet[SKU] = SKU.objects.exclude(product=left_out)
    return skus
