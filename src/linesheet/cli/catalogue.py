"""A connection's catalogue: its sections, and the products in them."""

import re
from typing import TYPE_CHECKING, Any

import click

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
    click.echo(f"{len(products)} products are in {rules.shown(rules.path_of(section))}, {new} of them newly.")


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
