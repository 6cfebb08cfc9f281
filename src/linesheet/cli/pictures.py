"""Pictures of products."""

import click

from linesheet.cli.common import NOT_ALL_TAKEN, Door, examples, in_books, json_option, products_called
from linesheet.cli.showing import show_json, show_said


@click.group(cls=Door)
def pictures() -> None:
    """Pictures of products."""


@pictures.command(epilog=examples("linesheet pictures fetch", "linesheet pictures fetch COAT-WOOL-BLACK --json"))
@click.argument("codes", nargs=-1)
@json_option
@in_books
def fetch(codes: tuple[str, ...], as_json: bool) -> None:
    """Fetch the pictures that products name by URL, as Shopify's product CSV does.

    CODES are product codes, styles, SKU codes or barcodes; all products without. A picture taken in before is not
    fetched again, one that could not be is told with its reason and tried again the next time. Exits with 3 when
    there are such.
    """
    from linesheet.books.fetching import fetch_pictures, products_naming_pictures

    report = fetch_pictures(products_called(codes) if codes else products_naming_pictures())
    if as_json:
        show_json(report.to_dict())
    else:
        click.echo(f"{report.total} pictures = {report.fetched} fetched + {len(report.refused)} refused")
        for each in report.refused:
            show_said(each.said.says, each.said.fix)
    if report.refused:
        raise click.exceptions.Exit(NOT_ALL_TAKEN)
