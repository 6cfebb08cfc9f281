"""What the demo does, from empty books to orders that came back."""

import csv
import tempfile
from decimal import Decimal
from pathlib import Path

from django.db.models import QuerySet

from linesheet.books.barcodes import add_range, give_barcodes
from linesheet.books.companies import create_company
from linesheet.books.files.importing import import_file
from linesheet.books.files.report import ImportReport
from linesheet.books.images import add_image
from linesheet.books.models import SKU, Company, Price, PriceList, Product, Season
from linesheet.books.prices import make_visible
from linesheet.books.seasons import create_season
from linesheet.books.tenancy import acting_for
from linesheet.cli.demo import brand
from linesheet.cli.demo.remote import Remote
from linesheet.cli.demo.trip import Account, RoundTrip, Say
from linesheet.sync.catalogue import add_section, place
from linesheet.sync.connections import add_connection
from linesheet.sync.models import Connection

EXPORTS = ("data-export", "images-export", "stock-export", "product-csv")
REPEATED = ("data-export", "images-export", "stock-export", "orders-import")
OWNER = "demo@linesheet.example"


def brand_story(remote: Remote, account: Account, password: str, say: Say) -> Company:
    """The made-up brand: its files go in, and a connection makes the whole round trip."""
    say("Atelier Nord, a made-up brand")
    company = create_company("Atelier Nord", owner_email=OWNER, password=password)
    with acting_for(company), tempfile.TemporaryDirectory() as folder:
        _seasons()
        files = brand.write_files(Path(folder))
        for kind in ("products", "prices", "customers", "stock"):
            _import(kind, getattr(files, kind), account, say)
        for season in Season.objects.filter(name__in=[name for name, *_ in brand.SEASONS]):
            make_visible(Product.objects.filter(visibilities__season=season), season)
        add_range("560100000000", "560100009999")
        given = give_barcodes(_all_but_one_product())
        say(f"  {given.given} barcodes given, {given.left} left in the range; one product is left without on purpose")
        by_code = {product.code: product for product in Product.objects.all()}
        drawn = [add_image(by_code[code], content) for code, content in brand.pictures()]
        say(f"  {len(drawn)} pictures drawn and kept")

        connection = _connect("NuORDER", remote, season="AW26")
        for code, (department, category) in brand.departments().items():
            place(add_section(connection, ("AW26", department, category)), [by_code[code]])
        _round(connection, remote, account, say)
    return company


def file_story(path: Path, remote: Remote, account: Account, say: Say) -> Company:
    """A real product file, as a shop exported it: not ready at first, then published."""
    say(f"{path.name}, a product file as a Shopify shop exported it")
    company = create_company("From Shopify", owner_email=OWNER)
    with acting_for(company), tempfile.TemporaryDirectory() as folder:
        _seasons()
        season = Season.objects.get(name="AW26")
        report = import_file("products", path, season="AW26", currency=brand.CURRENCY, location="Main warehouse")
        _account_for(report, account, say)
        for kind, file in (
            ("customers", brand.write_files(Path(folder)).customers),
            ("prices", _wholesale_from_retail(Path(folder) / "wholesale.csv", season)),
        ):
            _import(kind, file, account, say)
        make_visible(Product.objects.all(), season)

        connection = _connect("NuORDER for the shop", remote, season="AW26")
        for product in Product.objects.all():
            place(add_section(connection, ("AW26", "Shop", product.category or "Other")), [product])
        trip = RoundTrip(connection, remote, account, say)
        run = trip.run("data-export")
        without = run.items.filter(reason_code="no_barcode").count()
        say(f"  not ready: {without} products have no barcode")
        add_range("560200000000", "560200000999")
        say(f"  {give_barcodes().given} barcodes given")
        _round(connection, remote, account, say)
    return company


def _round(connection: Connection, remote: Remote, account: Account, say: Say) -> None:
    trip = RoundTrip(connection, remote, account, say)
    trip.publish(EXPORTS)
    trip.take_orders()
    trip.run("orders-import")
    # Imported orders are sold, so what is available changed: once it is sent, nothing is left to send.
    trip.run("stock-export")
    trip.repeat(REPEATED)
    trip.reconcile()


def _seasons() -> None:
    previous = None
    for name, starts, opens, closes in brand.SEASONS:
        previous = create_season(name, starts, previous=previous, delivery_starts_on=opens, delivery_cancels_on=closes)


def _import(kind: str, path: Path, account: Account, say: Say) -> None:
    _account_for(import_file(kind, path), account, say)


def _account_for(report: ImportReport, account: Account, say: Say) -> None:
    parts = f"{report.created} created, {report.updated} updated, {report.refused} refused"
    say(f"  {report.kind}: {parts} of {report.total} rows")
    for row in report.rows[:3]:
        say(f"    row {row.row}: {row.says} {row.fix}")
    if report.refused:
        account.wrong.append(f"{report.file}: {report.refused} rows refused")


def _all_but_one_product() -> QuerySet[SKU]:
    left_out = Product.objects.order_by("pk").last()
    skus: QuerySet[SKU] = SKU.objects.exclude(product=left_out)
    return skus


def _connect(name: str, remote: Remote, season: str) -> Connection:
    answers = {"import_season": season, "stock_seasons": ",".join(name for name, *_ in brand.SEASONS)}
    return add_connection(remote.platform, name, base_url=remote.url, credentials=remote.credentials, settings=answers)


def _wholesale_from_retail(path: Path, season: Season) -> Path:
    """A price file for a shop that has retail prices only: wholesale at two fifths of them."""
    retail = Price.objects.filter(season=season, price_list__kind=PriceList.Kind.RETAIL).select_related("product")
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("Product Code", "Season", "Price List", "Currency", "Amount"))
        for price in retail:
            amount = (price.amount * Decimal("0.4")).quantize(Decimal("0.01"))
            writer.writerow((price.product.code, season.name, "Wholesale", price.currency, amount))
    return path
