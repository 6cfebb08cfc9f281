"""What is wrong with placed products, counted for a whole tree at once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db import connection as database
from django.db import transaction
from django.db.models import Count

from linesheet.books.models import PriceList, Season
from linesheet.books.tenancy import company_in_hand
from linesheet.sync import registry
from linesheet.sync.catalogue.reading import Tree
from linesheet.sync.models import Connection, Placement


class Warn(StrEnum):
    """What a product may lack, in the order of how much it hinders."""

    INACTIVE = "inactive"
    WITHDRAWN = "withdrawn"
    NOT_VISIBLE = "not visible"
    NO_PRICE = "price 0"
    NO_BARCODE = "no barcode"
    PARTLY = "size without barcode"
    NO_PICTURE = "no picture"

    @property
    def means(self) -> str:
        """The warning in a sentence."""
        return _MEANS[self]


_MEANS = {
    Warn.INACTIVE: "Is not active in the books.",
    Warn.WITHDRAWN: "Is withdrawn.",
    Warn.NOT_VISIBLE: "Is visible in no active season, or in none of those whose prices are shown.",
    Warn.NO_PRICE: "Has no wholesale price above 0 in the latest season it is visible in.",
    Warn.NO_BARCODE: "Has no barcode on any size.",
    Warn.PARTLY: "Has sizes without a barcode, which are left out.",
    Warn.NO_PICTURE: "Has no picture.",
}

_COLUMNS = ("inactive", "withdrawn", "not_visible", "no_price", "no_barcode", "partly", "no_picture")
_KINDS = tuple(Warn)


@dataclass(frozen=True, slots=True)
class Counting:
    """What counts for a catalogue: prices of these `seasons` (None: of all active ones), and barcodes of each size."""

    seasons: tuple[int, ...] | None = None
    each_size: bool = False


USUAL = Counting()


def counting_for(connection: Connection) -> Counting:
    """What counts for the catalogue of a connection, by what its platform declares and its settings say."""
    platform = registry.platforms().get(connection.platform)
    rules = platform.catalogue if platform else None
    if rules is None:
        return USUAL
    chosen = connection.settings.get(rules.seasons) if rules.seasons else None
    seasons = Season.objects.filter(pk__in=chosen).values_list("pk", flat=True) if chosen else ()
    return Counting(tuple(seasons) or None, rules.each_size)


# Of all products in their places, or of those in an array of ids. The season that counts for a price is the latest
# active one that the product is visible in, as in `books.prices`; seasons are ranked by that first, as they are few.
# NOT IN looks products up in what was found; to join it would take half as long again.
_FACTS = """
    season AS MATERIALIZED (
        SELECT id, row_number() OVER (ORDER BY starts_on, id) AS rank
        FROM books_season WHERE company_id = %(company)s
         AND CASE WHEN %(seasons)s::bigint[] IS NULL THEN active ELSE id = ANY(%(seasons)s::bigint[]) END
    ),
    latest AS MATERIALIZED (
        SELECT product_id, max(rank) AS rank
        FROM books_visibility seen JOIN season ON season.id = seen.season_id
        WHERE seen.company_id = %(company)s {of_them} GROUP BY product_id
    ),
    facts AS MATERIALIZED (
        SELECT {which},
            NOT product.active AS inactive,
            product.withdrawn,
            latest.rank IS NULL AS not_visible,
            latest.rank IS NOT NULL AND (product.id, latest.rank) NOT IN (
                SELECT product_id, rank FROM books_price price JOIN season ON season.id = price.season_id
                JOIN books_pricelist list ON list.id = price.price_list_id
                WHERE list.kind = %(wholesale)s AND price.amount > 0 AND price.company_id = %(company)s {of_them}
            ) AS no_price,
            product.id NOT IN (
                SELECT product_id FROM books_sku WHERE barcode <> '' AND company_id = %(company)s {of_them}
            ) AS no_barcode,
            %(each_size)s AND product.id IN (
                SELECT product_id FROM books_sku WHERE barcode = '' AND company_id = %(company)s {of_them}
            ) AND product.id IN (
                SELECT product_id FROM books_sku WHERE barcode <> '' AND company_id = %(company)s {of_them}
            ) AS partly,
            product.id NOT IN (
                SELECT product_id FROM books_image WHERE company_id = %(company)s {of_them}
            ) AS no_picture
        FROM books_product product LEFT JOIN latest ON latest.product_id = product.id {placed}
        WHERE product.company_id = %(company)s {of_it}
    )
"""
_OF_PLACES = _FACTS.format(
    which="section.id AS section_id",
    of_them="",
    placed="""
        JOIN sync_placement place ON place.product_id = product.id
        JOIN sync_section section ON section.id = place.section_id AND section.connection_id = %(connection)s
    """,
    of_it="",
)
_OF_SOME = _FACTS.format(
    which="product.id AS product_id",
    of_them="AND product_id = ANY(%(ids)s::bigint[])",
    placed="",
    of_it="AND product.id = ANY(%(ids)s::bigint[])",
)
_MEMORY = "256MB"
"""May be taken to look products up: enough for some millions of SKUs. With too little, each would be searched for."""


@dataclass(slots=True)
class Tally:
    """How many places of products there are, how many of them lack anything, and how many have which warning."""

    places: int = 0
    lacking: int = 0
    warned: dict[Warn, int] = field(default_factory=dict)

    @property
    def ordered(self) -> list[tuple[Warn, int]]:
        """The warnings there are, what hinders most first."""
        return [(kind, self.warned[kind]) for kind in Warn if kind in self.warned]

    def add(self, other: "Tally") -> None:
        """Count the other's as well."""
        self.places += other.places
        self.lacking += other.lacking
        for kind, number in other.warned.items():
            self.warned[kind] = self.warned.get(kind, 0) + number


def tallies(connection_id: int, counting: Counting = USUAL) -> dict[int, Tally]:
    """The places and warnings of each section that has products, those below not counted. One query."""
    counts = ", ".join(f"count(*) FILTER (WHERE {column})" for column in _COLUMNS)
    sql = f"""
        WITH {_OF_PLACES}
        SELECT section_id, count(*), count(*) FILTER (WHERE {" OR ".join(_COLUMNS)}), {counts}
        FROM facts GROUP BY section_id
    """  # noqa: S608 - only what stands in this file is in it
    found = {}
    for section_id, places, lacking, *numbers in _rows(sql, counting, connection=connection_id):
        warned = {kind: number for kind, number in zip(_KINDS, numbers, strict=True) if number}
        found[section_id] = Tally(places, lacking, warned)
    return found


def warnings_of(product_ids: Collection[int], counting: Counting = USUAL) -> dict[int, tuple[Warn, ...]]:
    """What each of these products lacks; those that lack nothing are left out. One query."""
    if not product_ids:
        return {}
    sql = f"""
        WITH {_OF_SOME}
        SELECT product_id, {", ".join(_COLUMNS)} FROM facts
    """  # noqa: S608 - only what stands in this file is in it
    found = {}
    for row in _rows(sql, counting, ids=list(product_ids)):
        found[row[0]] = tuple(kind for kind, has in zip(_KINDS, row[1:], strict=True) if has)
    return {pk: kinds for pk, kinds in found.items() if kinds}


def places_by_section(connection_id: int) -> dict[int, Tally]:
    """How many products are in each section that has any, those below not counted; warnings are not looked for."""
    placed = Placement.objects.filter(section__connection_id=connection_id).order_by()
    return {pk: Tally(number) for pk, number in placed.values_list("section_id").annotate(Count("pk"))}


def with_those_below(tree: Tree, own: Mapping[int, Tally]) -> dict[int, Tally]:
    """The tally of each section of the tree, all sections below it counted too."""
    total = {pk: Tally() for pk in tree.by_id}
    for pk, node in reversed(tree.by_id.items()):  # children before their parents
        if pk in own:
            total[pk].add(own[pk])
        if node.parent is not None:
            total[node.parent.pk].add(total[pk])
    return total


def _rows(sql: str, counting: Counting, **given: int | list[int]) -> list[tuple[Any, ...]]:
    fixed: dict[str, Any] = {
        "company": company_in_hand(),
        "wholesale": PriceList.Kind.WHOLESALE.value,
        "seasons": None if counting.seasons is None else list(counting.seasons),
        "each_size": counting.each_size,
    }
    with transaction.atomic(), database.cursor() as cursor:
        cursor.execute("SELECT set_config('work_mem', %s, true)", [_MEMORY])
        cursor.execute(sql, {**fixed, **given})
        return list(cursor.fetchall())
