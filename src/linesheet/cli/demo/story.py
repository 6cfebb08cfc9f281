"""What the demo does, from empty books to orders that came back."""

import csv
import tempfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from django.utils.timezone import localdate

from linesheet.books.barcodes import add_range, give_barcodes
from linesheet.books.companies import create_company
from linesheet.books.files.importing import import_file
from linesheet.books.files.report import ImportReport
from linesheet.books.models import Company, Price, PriceList, Product, Season
from linesheet.books.prices import make_visible
from linesheet.books.tenancy import acting_for
from linesheet.cli.demo.account import Account, Say
from linesheet.cli.demo.called import CalledTrip
from linesheet.cli.demo.trip import RoundTrip
from linesheet.cli.sides.caller import Caller
from linesheet.cli.sides.side import Side
from linesheet.demo import brand, connect, connect_sandboxes, fill_books, section_path
from linesheet.demo.books import add_seasons
from linesheet.sync.catalogue import add_section, place
from linesheet.sync.platform import Catalogue, Direction
from linesheet.sync.registry import platform

OWNER = "demo@linesheet.example"


def brand_story(remotes: Sequence[Side | Caller], address: str, account: Account, password: str, say: Say) -> Company:
    """The made-up brand: its files go in, and each connection makes its whole round trip, one after the other."""
    say("Atelier Nord, a made-up brand")
    company = create_company("Atelier Nord", owner_email=OWNER, password=password)
    with acting_for(company):
        filled = fill_books(localdate(timezone=company.zone))
        for report in filled.reports:
            _account_for(report, account, say)
        given = filled.barcodes
        say(f"  {given.given} barcodes given, {given.left} left in the range; one product is left without on purpose")
        say(f"  {filled.pictures} pictures drawn and kept")
        by_platform = {remote.platform: remote for remote in remotes}
        connections = {connection.platform: connection for connection in connect_sandboxes(address)}
        for key, remote in by_platform.items():
            say(f"{connections[key].name}")
            if isinstance(remote, Caller):
                CalledTrip(connections[key], remote, account, say).make()
            else:
                RoundTrip(connections[key], remote, account, say).make()
    return company


def file_story(path: Path, remote: Side, account: Account, say: Say) -> Company:
    """A real product file, as a shop exported it: not ready at first, then published."""
    say(f"{path.name}, a product file as a Shopify shop exported it")
    company = create_company("From Shopify", owner_email=OWNER)
    with acting_for(company), tempfile.TemporaryDirectory() as folder:
        today = localdate(timezone=company.zone)
        season = add_seasons(today)
        report = import_file("products", path, season=season.name, currency=brand.CURRENCY, location="Main warehouse")
        _account_for(report, account, say)
        for kind, file in (
            ("customers", brand.write_files(Path(folder), brand.seasons_on(today)).customers),
            ("prices", _wholesale_from_retail(Path(folder) / "wholesale.csv", season)),
        ):
            _import(kind, file, account, say)
        make_visible(Product.objects.all(), season)

        declared = platform(remote.platform)
        connection = connect(f"{declared.name} for the shop", declared, remote.url, remote.credentials)
        catalogue = declared.catalogue or Catalogue(())
        for product in Product.objects.all():
            section = section_path(catalogue, season.name, "Shop", product.category or "Other")
            place(add_section(connection, section), [product])
        trip = RoundTrip(connection, remote, account, say)
        run = trip.run(trip.tasks(Direction.OUT)[0])
        without = run.items.filter(reason_code="no_barcode").count()
        say(f"  not ready: {without} products have no barcode")
        add_range("560200000000", "560200000999")
        say(f"  {give_barcodes().given} barcodes given")
        trip.make()
    return company


def _import(kind: str, path: Path, account: Account, say: Say) -> None:
    _account_for(import_file(kind, path), account, say)


def _account_for(report: ImportReport, account: Account, say: Say) -> None:
    parts = f"{report.created} created, {report.updated} updated, {report.refused} refused"
    say(f"  {report.kind}: {parts} of {report.total} rows")
    for row in report.rows[:3]:
        say(f"    row {row.row}: {row.says} {row.fix}")
    if report.refused:
        account.wrong.append(f"{report.file}: {report.refused} rows refused")


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
