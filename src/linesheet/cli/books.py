"""Seasons and barcodes."""

import datetime

import click

from linesheet.books import words
from linesheet.cli.common import Door, examples, in_books, json_option, products_called, season_called
from linesheet.cli.showing import show_json, show_said, show_table

DATE = click.DateTime(formats=["%Y-%m-%d"])


@click.group(cls=Door)
def season() -> None:
    """What prices, visibility and orders hang on."""


@season.command(epilog=examples("linesheet season create SS26 --starts 2026-01-01 --previous AW25"))
@click.argument("name")
@click.option("--starts", type=DATE, required=True, help="First day; the order of seasons follows it.")
@click.option("--previous", metavar="SEASON", help="The season whose prices are carried over.")
@click.option("--delivery-from", type=DATE, help="Orders ship from this day, unless they say otherwise.")
@click.option("--delivery-until", type=DATE, help="Orders are cancelled after this day, unless they say otherwise.")
@in_books
def create(
    name: str,
    starts: datetime.datetime,
    previous: str | None,
    delivery_from: datetime.datetime | None,
    delivery_until: datetime.datetime | None,
) -> None:
    """Add a season."""
    from linesheet.books.seasons import create_season

    new = create_season(
        name,
        starts.date(),
        previous=season_called(previous) if previous else None,
        delivery_starts_on=delivery_from.date() if delivery_from else None,
        delivery_cancels_on=delivery_until.date() if delivery_until else None,
    )
    click.echo(f"{new} is in the books. Make products visible in it: linesheet season make-visible {new} --all")


@season.command("list")
@json_option
@in_books
def list_(as_json: bool) -> None:
    """The seasons, oldest first, with how many products are visible in each."""
    from django.db.models import Count

    from linesheet.books.models import Season

    rows = [
        {
            "name": each.name,
            "starts_on": each.starts_on,
            "previous": each.previous.name if each.previous else None,
            "delivery_starts_on": each.delivery_starts_on,
            "delivery_cancels_on": each.delivery_cancels_on,
            "products": each.visible,
            "archived": each.archived,
        }
        for each in Season.objects.select_related("previous").annotate(visible=Count("visibilities"))
    ]
    if as_json:
        show_json(rows)
    else:
        headers = ("Season", "Starts", "Previous", "Delivery from", "Until", "Products", "Archived")
        show_table(headers, [list(row.values()) for row in rows], empty="None yet. See `linesheet season create -h`.")


@season.command(
    "make-visible",
    epilog=examples(
        "linesheet season make-visible SS26 COAT-WOOL-BLACK COAT-WOOL-RED",
        "linesheet season make-visible SS26 --all",
    ),
)
@click.argument("name")
@click.argument("codes", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All products on offer.")
@in_books
def make_visible(name: str, codes: tuple[str, ...], everything: bool) -> None:
    """Make products visible in a season, and carry their prices into it.

    CODES are product codes, styles, SKU codes or barcodes. A product takes the prices of the nearest season
    before, by `previous`, that has any, in all lists and currencies in which it has none here yet.
    """
    from linesheet.books.prices import make_visible as make_products_visible
    from linesheet.books.products import products_on_offer

    if everything == bool(codes):
        raise click.UsageError("Give product codes, or --all.")
    into = season_called(name)
    products = list(products_on_offer()) if everything else products_called(codes)
    new = make_products_visible(products, into)
    click.echo(f"{words.counted(len(products), 'product is', 'products are')} visible in {into}, {new} of them newly.")


@season.command()
@click.argument("name")
@click.option("--undo", is_flag=True, help="Take it back from the archive.")
@in_books
def archive(name: str, undo: bool) -> None:
    """Put a season away."""
    from linesheet.books import seasons

    held = season_called(name)
    change = seasons.unarchive if undo else seasons.archive
    change(held)
    click.echo(f"{held} is {'back' if undo else 'archived'}.")


@click.group(cls=Door)
def barcodes() -> None:
    """Ranges of barcodes, and giving them to sizes."""


@barcodes.command(
    "add-range", epilog=examples("linesheet barcodes add-range 400638100000 400638199999 --warn-below 500")
)
@click.argument("first")
@click.argument("last")
@click.option("--random", "at_random", is_flag=True, help="Give its numbers at random, not one after the other.")
@click.option("--warn-below", type=click.IntRange(0), default=500, show_default=True, help="Warn when fewer are left.")
@in_books
def add_range(first: str, last: str, at_random: bool, warn_below: int) -> None:
    """Add a range of numbers to give barcodes from, as GS1 assigned it.

    FIRST and LAST come without the check digit (12 digits for EAN-13, 11 for UPC-A) or as whole barcodes.
    """
    from linesheet.books import barcodes as rules
    from linesheet.books.models import BarcodeRange

    method = BarcodeRange.Method.RANDOM if at_random else BarcodeRange.Method.SEQUENTIAL
    added = rules.add_range(first, last, method, warn_below)
    click.echo(f"Barcodes can be given from {added.range}.")
    for said in added.warnings:
        show_said(said.says, said.fix)


@barcodes.command()
@click.option("--include-inactive", is_flag=True, help="Inactive and withdrawn products too.")
@json_option
@in_books
def give(include_inactive: bool, as_json: bool) -> None:
    """Give every size without a barcode one from the ranges, oldest range first."""
    from linesheet.books.barcodes import give_barcodes

    given = give_barcodes(include_inactive=include_inactive)
    if as_json:
        warnings = [{"reason": each.reason.code, "says": each.says, "fix": each.fix} for each in given.warnings]
        show_json({"given": given.given, "without": given.without, "left": given.left, "warnings": warnings})
        return
    click.echo(f"{given.given} barcodes given, {given.without} sizes still without, {given.left} numbers left.")
    for said in given.warnings:
        show_said(said.says, said.fix)


@barcodes.command()
@json_option
@in_books
def missing(as_json: bool) -> None:
    """Sizes of products on offer that have no barcode."""
    from linesheet.books.products import skus_without_barcode

    rows = [{"product": sku.product.code, "size": sku.size, "sku": sku.code} for sku in skus_without_barcode()]
    if as_json:
        show_json(rows)
        return
    show_table(("Product", "Size", "SKU code"), [list(row.values()) for row in rows], empty="None: all have one.")
    if rows:
        click.echo(f"\n{len(rows)} sizes. Give them barcodes: linesheet barcodes give")
