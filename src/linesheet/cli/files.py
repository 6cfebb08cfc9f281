"""Files into the books, and out of them."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from linesheet.cli.common import NOT_ALL_TAKEN, Failure, examples, in_books, json_option, start_apart
from linesheet.cli.showing import show_json, show_said, show_table

if TYPE_CHECKING:
    from linesheet.books.files.report import ImportReport
    from linesheet.books.models import Import

SHOWN_ROWS = 50

_importable = click.argument(
    "kind", type=click.Choice(["products", "prices", "customers", "stock", "barcodes", "orders"])
)


@click.command(
    "import",
    epilog=examples(
        "linesheet import products range-plan.xlsx --dry-run",
        "linesheet import prices ss26.csv --season SS26 --currency EUR",
        "linesheet import stock count.csv --columns 'On hand=quantity' --save-mapping warehouse",
        "linesheet import stock count.csv --mapping warehouse",
    ),
)
@_importable
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would happen, and write nothing.")
@click.option("--season", help="Season of rows that name none.")
@click.option("--price-list", help="Price list of rows that name none.")
@click.option("--currency", help="Currency of prices and orders that name none.")
@click.option("--location", help="Location of rows that name none.")
@click.option("--sheet", help="Sheet of a workbook; else its first.")
@click.option(
    "--columns",
    multiple=True,
    metavar="'HEADER=FIELD'",
    help="Which field of `linesheet columns` a header stands for; none after = leaves it out. May be repeated.",
)
@click.option("--mapping", metavar="NAME", help="Read the headers as saved under this name.")
@click.option("--save-mapping", metavar="NAME", help="Save how the headers were read under this name.")
@click.option("--create-missing", is_flag=True, help="Add customers, seasons and locations that an order file names.")
@json_option
@in_books
def import_(
    kind: str,
    file: Path,
    dry_run: bool,
    season: str | None,
    price_list: str | None,
    currency: str | None,
    location: str | None,
    sheet: str | None,
    columns: tuple[str, ...],
    mapping: str | None,
    save_mapping: str | None,
    create_missing: bool,
    as_json: bool,
) -> None:
    """Bring the rows of a CSV file or a workbook into the books.

    `linesheet columns KIND` says which columns are read, and `linesheet template KIND FILE` writes an example.

    Every row is created, updated, unchanged or refused; a refused row leaves the others alone, and is told with
    its reason and what helps. Exits with 3 when rows were refused. The whole is undone by `linesheet undo-import`, or
    in the app, which lists it among its imports.

    Of a formula its value as last computed is read. Where that is an error such as #N/A, the row is refused. In .xls,
    .xlsb and .ods such a cell cannot be told from an empty one: save a workbook with formulas as .xlsx.
    """
    from linesheet.books.files.importing import import_file
    from linesheet.sync.imports_at_once import bring_in

    choices: dict[str, Any] = {
        "sheet": sheet,
        "mapping": _columns(columns) or None,
        "use_mapping": mapping,
        "save_mapping_as": save_mapping,
        "season": season,
        "price_list": price_list,
        "currency": currency,
        "location": location,
        "create_missing": create_missing,
    }
    imported = None
    if dry_run:
        report = import_file(kind, file, dry_run=True, **choices)
    else:
        report, imported = bring_in(kind, file, **choices)
    if as_json:
        show_json({**report.to_dict(), "import": imported.pk if imported else None})
    else:
        _show(report)
        if imported:
            click.echo(f"Import {imported.pk}. To take it back: linesheet undo-import {imported.pk}")
    if report.refused:
        raise click.exceptions.Exit(NOT_ALL_TAKEN)


@click.command("imports", epilog=examples("linesheet imports --limit 5"))
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="Show at most so many.")
@json_option
@in_books
def imports(limit: int, as_json: bool) -> None:
    """The latest files that were brought in, here or in the app."""
    from linesheet.books.models import Import

    found = list(Import.objects.select_related("change_set", "by")[:limit])
    if as_json:
        show_json([_import_data(each) for each in found])
        return
    show_table(
        ("Import", "File", "Kind", "State", "Rows", "By", "Came"),
        [
            (
                each.pk,
                each.file_name,
                each.kind,
                "Undone" if each.undone else each.get_state_display(),
                each.total if each.total is not None else "",
                each.by or "",
                each.made_at,
            )
            for each in found
        ],
        empty="None yet. Bring one in: linesheet import products FILE",
    )


@click.command("undo-import", epilog=examples("linesheet undo-import 12"))
@click.argument("number", type=int)
@json_option
@in_books
def undo_import(number: int, as_json: bool) -> None:
    """Take back what an import brought into the books; `linesheet imports` lists them.

    What was changed or used since stays as it is, and is told. Exits with 3 then.
    """
    from linesheet.books.models import Import
    from linesheet.sync.imports_at_once import take_back

    imported = Import.objects.select_related("change_set").filter(pk=number).first()
    if imported is None:
        raise Failure(f"There is no import {number}.", "See `linesheet imports`.")
    undone = take_back(imported)
    if as_json:
        show_json({"import": number, "taken_back": undone.taken_back, "kept": undone.kept_rows, "told": undone.kept})
    else:
        click.echo(f"{imported} is taken back: {undone.taken_back} changes undone, {undone.kept_rows} records kept.")
        for says in undone.kept:
            show_said(says)
    if undone.kept_rows:
        raise click.exceptions.Exit(NOT_ALL_TAKEN)


@click.command(epilog=examples("linesheet columns products", "linesheet columns orders --json"))
@_importable
@json_option
def columns(kind: str, as_json: bool) -> None:
    """Which columns a file to import may have, which it must have, and what they hold.

    Headers are read whatever their case, spaces and punctuation; `import --columns` takes others, by the field in
    brackets. A column that is absent leaves what the books have alone.
    """
    start_apart()
    from linesheet.books.files.importing import IMPORTERS

    vocabulary = IMPORTERS[kind].vocabulary
    if as_json:
        needed = [[[vocabulary.title(name) for name in fields] for fields in group] for group in vocabulary.needed]
        fields = [
            {"field": name, "header": field.headers[0], "also": field.headers[1:], "holds": field.holds}
            for name, field in vocabulary.fields.items()
        ]
        show_json({"kind": kind, "needed": needed, "columns": fields})
        return
    for group in vocabulary.needed:
        click.echo(f"Needed: {', or '.join(vocabulary.titles(group))}.")
    click.echo()
    for name, field in vocabulary.fields.items():
        header, *others = field.headers
        show_said(f"{header} ({name}): {field.holds}.", f"also {', '.join(others)}" if others else "", indent="")
    if vocabulary.priced:
        click.echo("Wholesale EUR, Retail SEK ...: A price, in a column named for its price list and currency.")
    if vocabulary.custom:
        click.echo("Custom: ...: A field of your own, under the name that follows.")


@click.command(
    epilog=examples("linesheet template products products.csv --season SS26", "linesheet template orders orders.xlsx")
)
@_importable
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--season", default="Standard", show_default=True, help="Season the rows are for.")
def template(kind: str, file: Path, season: str) -> None:
    """Write an example file to import, .csv or .xlsx, with the columns most files have.

    The examples of all kinds fit together: a new company's books take products, prices, customers, stock, barcodes
    and orders in this order.
    """
    start_apart()
    from linesheet.books.files.template import write_template

    if file.exists():
        raise Failure(f"{file} is there already.", "Give another name, or delete it first.")
    rows = write_template(kind, file, season=season)
    click.echo(f"{file} has {rows} example rows. Put yours in their place.")
    click.echo(f"`linesheet columns {kind}` says what else a file may have.")


@click.command(
    epilog=examples("linesheet export products products.xlsx --season SS26", "linesheet export orders orders.csv")
)
@click.argument("kind", type=click.Choice(["products", "customers", "orders", "stock"]))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--season", help="Add the prices of this season to the products.")
@in_books
def export(kind: str, file: Path, season: str | None) -> None:
    """Write all records of a kind to a .csv or .xlsx file, which comes back in unchanged."""
    from linesheet.books.files.export import export_file

    rows = export_file(kind, file, season=season)
    click.echo(f"{rows} rows of {kind} are in {file}.")


def _import_data(imported: "Import") -> dict[str, Any]:
    return {
        "import": imported.pk,
        "file": imported.file_name,
        "kind": imported.kind,
        "state": imported.state,
        "undone": imported.undone,
        "counts": imported.report.get("counts", {}),
        "by": imported.by.email if imported.by else None,
        "made_at": imported.made_at,
    }


def _columns(given: tuple[str, ...]) -> dict[str, str]:
    columns = {}
    for each in given:
        header, equals, field = each.rpartition("=")
        if not equals or not header.strip():
            raise click.BadParameter(f"{each} is not of the form 'Header=field'.", param_hint="--columns")
        columns[header.strip()] = field.strip()
    return columns


def _show(report: "ImportReport") -> None:
    counts = " + ".join(f"{count} {state}" for state, count in report.counts.items())
    click.echo(f"{report.file}: {report.total} rows = {counts}")
    if report.dry_run:
        click.echo("This was a dry run: nothing was written.")
    if report.ignored:
        click.echo(f"Columns not read: {', '.join(report.ignored)}")
    for warned in report.warnings:
        rows = f" ({warned.count} rows)" if warned.count else ""
        show_said(warned.said.says + rows, warned.said.fix)
    for row in report.rows[:SHOWN_ROWS]:
        where = f"Row {row.row}" + (f", {row.column}" if row.column else "")
        show_said(f"{where}: {row.says}", row.fix)
    if report.refused > SHOWN_ROWS:
        click.echo(f"  ... and {report.refused - SHOWN_ROWS} more refused rows, which --json has.")
