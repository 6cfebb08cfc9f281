"""A connection's catalogue: its sections, and the products in them."""

import re
from typing import TYPE_CHECKING, Any

import click

from linesheet.books import words
from linesheet.cli.common import Door, Failure, connection_called, examples, in_books, json_option, products_called
from linesheet.cli.showing import show_json

if TYPE_CHECKING:
    from linesheet.sync.models import Connection, Section


@click.group(cls=Door)
def catalogue() -> None:
    """The sections a connection publishes, and the products placed in them.

    A path names sections from the top: SS26/Women/Coats. Write \\/ for a slash in a name.
    """


@catalogue.command(epilog=examples('linesheet catalogue add NuORDER SS26/Women/Coats "SS26/Women/Shirts \\/ Tops"'))
@click.argument("connection")
@click.argument("paths", nargs=-1, required=True)
@in_books
def add(connection: str, paths: tuple[str, ...]) -> None:
    """Add sections, with those above them."""
    from django.db import transaction

    from linesheet.sync import catalogue as rules

    row = connection_called(connection)
    rules.rules_of(row)
    with transaction.atomic():
        for path in paths:
            section = rules.add_section(row, _names(path))
            click.echo(rules.shown(rules.path_of(section)))


@catalogue.command(
    epilog=examples(
        "linesheet catalogue place NuORDER SS26/Women/Coats COAT-WOOL-BLACK",
        "linesheet catalogue place NuORDER SS26/Women/Coats --category Coats",
    )
)
@click.argument("connection")
@click.argument("path")
@click.argument("codes", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All products on offer.")
@click.option("--category", help="All products on offer of this category.")
@in_books
def place(connection: str, path: str, codes: tuple[str, ...], everything: bool, category: str | None) -> None:
    """Place products in a section, behind those there.

    CODES are product codes, styles, SKU codes or barcodes.
    """
    from linesheet.books.products import products_on_offer
    from linesheet.sync import catalogue as rules

    if [bool(codes), everything, category is not None].count(True) != 1:
        raise click.UsageError("Give product codes, or --all, or --category.")
    section = _section(connection_called(connection), path)
    if codes:
        products = products_called(codes)
    elif category is None:
        products = list(products_on_offer())
    else:
        products = list(products_on_offer().filter(category__iexact=category.strip()))
        if not products:
            raise Failure(f"No product on offer has the category {category}.", "Categories are matched whole.")
    new = rules.place(section, products)
    click.echo(
        f"{words.counted(len(products), 'product is', 'products are')} in {rules.shown(rules.path_of(section))}, "
        f"{new} of them newly."
    )


@catalogue.command(epilog=examples("linesheet catalogue unplace NuORDER SS26/Women/Coats COAT-WOOL-BLACK"))
@click.argument("connection")
@click.argument("path")
@click.argument("codes", nargs=-1, required=True)
@in_books
def unplace(connection: str, path: str, codes: tuple[str, ...]) -> None:
    """Take products out of a section.

    CODES are product codes, styles, SKU codes or barcodes.
    """
    from linesheet.sync import catalogue as rules

    section = _section(connection_called(connection), path)
    gone = rules.unplace(section, products_called(codes))
    click.echo(f"{gone} products were taken out of {rules.shown(rules.path_of(section))}.")


@catalogue.command(epilog=examples("linesheet catalogue rename NuORDER SS26/Women/Coats Outerwear"))
@click.argument("connection")
@click.argument("path")
@click.argument("name")
@in_books
def rename(connection: str, path: str, name: str) -> None:
    """Give a section another name."""
    from linesheet.sync import catalogue as rules

    section = _section(connection_called(connection), path)
    rules.rename(section, name)
    click.echo(rules.shown(rules.path_of(section)))


@catalogue.command(
    epilog=examples(
        "linesheet catalogue move NuORDER SS26/Women/Coats --into SS26/Men",
        "linesheet catalogue move NuORDER SS26/Women --before SS26/Men",
        "linesheet catalogue move NuORDER SS26/Outlet --top",
    )
)
@click.argument("connection")
@click.argument("path")
@click.option("--into", metavar="PATH", help="The section to move it into, behind those there.")
@click.option("--before", metavar="PATH", help="The section to move it before.")
@click.option("--after", metavar="PATH", help="The section to move it after.")
@click.option("--top", is_flag=True, help="Move it to the top, behind those there.")
@in_books
def move(connection: str, path: str, into: str | None, before: str | None, after: str | None, top: bool) -> None:
    """Move a section, with all below it."""
    from linesheet.sync import catalogue as rules

    given = {rules.Where.INTO: into, rules.Where.BEFORE: before, rules.Where.AFTER: after}
    targets = [(where, target) for where, target in given.items() if target is not None]
    if len(targets) + top != 1:
        raise click.UsageError("Give one of --into, --before, --after and --top.")
    row = connection_called(connection)
    section = _section(row, path)
    where, target = targets[0] if targets else (rules.Where.INTO, None)
    rules.move_beside(section, _section(row, target).pk if target else None, where)
    click.echo(rules.shown(rules.path_of(section)))


@catalogue.command(epilog=examples("linesheet catalogue remove NuORDER SS25"))
@click.argument("connection")
@click.argument("path")
@in_books
def remove(connection: str, path: str) -> None:
    """Remove a section, with all below it; their products stay in the books."""
    from linesheet.sync import catalogue as rules

    gone = rules.remove(_section(connection_called(connection), path))
    click.echo(f"{gone.sections} sections are removed, and {gone.places} products are no longer in them.")


@catalogue.command(epilog=examples("linesheet catalogue copy NuORDER SS26 AW26"))
@click.argument("connection")
@click.argument("path")
@click.argument("name")
@click.option(
    "--products",
    type=click.Choice(["copied", "left", "moved"]),
    default="copied",
    show_default=True,
    help="What becomes of the products: also placed in the copy, left where they are, or moved to the copy.",
)
@in_books
def copy(connection: str, path: str, name: str, products: str) -> None:
    """Copy a section, with all below it, under another name; as for a new season."""
    from linesheet.sync import catalogue as rules

    made = rules.copy(_section(connection_called(connection), path), name, rules.Keep(products))
    click.echo(f"{made.sections} sections are made, with {made.places} products.")


@catalogue.command()
@click.argument("connection")
@json_option
@in_books
def show(connection: str, as_json: bool) -> None:
    """The tree of sections, each with how many products are in it."""
    from django.db.models import Count

    from linesheet.sync.models import Placement, Section

    row = connection_called(connection)
    placed: dict[int, int] = dict(
        Placement.objects.filter(section__connection=row).order_by().values_list("section_id").annotate(Count("pk"))
    )
    sections: list[Any] = list(Section.objects.filter(connection=row).with_tree_fields())
    if as_json:
        names = {each.pk: each.name for each in sections}
        show_json(
            [{"path": [names[pk] for pk in each.tree_path], "products": placed.get(each.pk, 0)} for each in sections]
        )
        return
    for each in sections:
        count = f" ({placed[each.pk]})" if each.pk in placed else ""
        click.echo(f"{'  ' * each.tree_depth}{each.name}{count}")
    if not sections:
        click.echo(f"It is empty. Add a section: linesheet catalogue add '{row}' SS26/Women/Coats")


def _names(path: str) -> list[str]:
    """Names in a path, of which \\/ is a slash within a name."""
    return [part.replace("\\/", "/").strip() for part in re.split(r"(?<!\\)/", path)]


def _section(connection: "Connection", path: str) -> "Section":
    """The section at a path. It is not added when missing, as it may be a slip."""
    from linesheet.sync.models import Section

    section: Section | None = None
    for name in _names(path):
        siblings = Section.objects.filter(connection=connection, parent=section)
        section = siblings.filter(name__iexact=" ".join(name.split())).first()
        if section is None:
            raise Failure(
                f"{connection} has no section {path}: {name or 'an empty name'} is not there.",
                f"Add it: linesheet catalogue add '{connection}' '{path}'",
            )
    assert section is not None
    return section
