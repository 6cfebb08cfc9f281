"""The products in a connection's catalogue, with all that goes to NuORDER with them, and those taken out of it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.db.models import CharField, Exists, OuterRef, Prefetch, QuerySet
from django.db.models.functions import Cast, Lower

from linesheet.books.files.rows import fold
from linesheet.books.models import SKU, Product, Season
from linesheet.books.prices import SeasonPrices, prices_of
from linesheet.platforms.nuorder.wire import Json
from linesheet.sync.catalogue import placement_paths
from linesheet.sync.legs import Context
from linesheet.sync.models import Link, Placement

PRODUCT = "product"
COLOUR_AND_FABRIC = "colour_and_fabric"

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedProduct:
    """A product with its sizes, its places (the one that counts first) and the prices that hold.

    `colour` is its colour as NuORDER shall show it. `same_as` is the code of another placed product that
    NuORDER would take for the same one and that goes first, "" when there is none. `last_custom` are the custom
    fields that NuORDER last took.
    """

    product: Product
    paths: tuple[Path, ...]
    colour: str
    skus: tuple[SKU, ...] = ()
    prices: SeasonPrices | None = None
    linked: bool = False
    same_as: str = ""
    last_custom: Json = field(default_factory=dict)

    @property
    def on_offer(self) -> bool:
        """Whether the product is active and not withdrawn."""
        return self.product.active and not self.product.withdrawn

    @property
    def season(self) -> str:
        """The season it is on NuORDER under: the top section of the place that counts."""
        return self.paths[0][0]


@dataclass(frozen=True, slots=True)
class TakenOut:
    """A product that is no longer in the catalogue, and how NuORDER, which calls it `remote_id`, last took it."""

    product: Product
    remote_id: str
    last: Json


def placed_or_published(connection_id: int) -> "QuerySet[Product]":
    """All products that are in the catalogue or that NuORDER has."""
    placed = Placement.objects.filter(section__connection_id=connection_id, product=OuterRef("pk"))
    links = Link.objects.filter(connection_id=connection_id, kind=PRODUCT)
    published = links.filter(record_id=Cast(OuterRef("pk"), CharField()))
    products: QuerySet[Product] = Product.objects.filter(Exists(placed) | Exists(published))
    return products


def placed_products(context: Context, ids: Sequence[str]) -> list[PlacedProduct]:
    """The products of these ids that are in the catalogue. Eleven queries, however many."""
    products = {product.pk: product for product in products_with_sizes(ids)}
    styles = {fold(product.style) for product in products.values()}
    namesakes = Product.objects.alias(folded=Lower("style")).filter(folded__in=styles).exclude(pk__in=products)
    rivals: dict[int, Product] = products | {product.pk: product for product in namesakes}
    paths = placement_paths(context.connection_id, rivals)
    links = product_links(context.connection_id, rivals).values_list("record_id", "payload__custom")
    last_custom = {int(pk): fields or {} for pk, fields in links}
    ranks = _season_ranks()
    with_fabric = context.settings["colour_text"] == COLOUR_AND_FABRIC
    placed = [
        PlacedProduct(
            product=rivals[pk],
            paths=counting_first(places, ranks),
            colour=colour_text(rivals[pk], with_fabric=with_fabric),
            linked=pk in last_custom,
        )
        for pk, places in paths.items()
    ]
    same_as = _goes_first(placed)
    prices = prices_of(products)
    return [
        replace(
            each,
            skus=tuple(each.product.skus.all()),
            prices=prices.get(each.product.pk),
            same_as=same_as.get(each.product.pk, ""),
            last_custom=last_custom.get(each.product.pk, {}),
        )
        for each in placed
        if each.product.pk in products
    ]


def products_taken_out(context: Context, ids: Sequence[str]) -> list[TakenOut]:
    """The products of these ids as NuORDER has them; the caller knows that they are not placed. Two queries."""
    products = Product.objects.in_bulk([int(pk) for pk in ids])
    links = product_links(context.connection_id, products).filter(payload__isnull=False)
    return [TakenOut(products[int(link.record_id)], link.remote_id, link.payload or {}) for link in links]


def products_with_sizes(ids: Iterable[str]) -> list[Product]:
    """Products of these ids with their SKUs at hand. Two queries."""
    in_order = Prefetch("skus", SKU.objects.order_by("position", "id"))
    return list(Product.objects.filter(pk__in=[int(pk) for pk in ids]).prefetch_related(in_order).order_by("pk"))


def product_links(connection_id: int, ids: Iterable[int]) -> QuerySet[Link]:
    """The links of those of these products that NuORDER has taken. Ask for no payloads that nobody reads."""
    record_ids = [str(pk) for pk in ids]
    links: QuerySet[Link] = Link.objects.filter(connection_id=connection_id, kind=PRODUCT, record_id__in=record_ids)
    return links


def colour_text(product: Product, *, with_fabric: bool) -> str:
    """The colour as NuORDER shall show it."""
    return f"{product.colour} {product.fabric}".strip() if with_fabric else product.colour


def counting_first(paths: Collection[Path], ranks: Mapping[str, int]) -> tuple[Path, ...]:
    """The places of a product, the one that counts first.

    It is the one whose top section names the most recent season of the books (`ranks`, by name without case);
    of several, or when none names one, the last in the catalogue.
    """
    ordered = list(paths)
    counts = max(range(len(ordered)), key=lambda place: (ranks.get(ordered[place][0].casefold(), -1), place))
    return (ordered[counts], *ordered[:counts], *ordered[counts + 1 :])


def _season_ranks() -> dict[str, int]:
    names = Season.objects.order_by("starts_on", "id").values_list("name", flat=True)
    return {name.casefold(): rank for rank, name in enumerate(names)}


def _goes_first(placed: Iterable[PlacedProduct]) -> dict[int, str]:
    """By product, the code of the one that goes first where NuORDER's natural key is the same (sheet 4.1).

    First goes what NuORDER has already, then the older product. What is neither there nor on offer never goes.
    """
    first: dict[tuple[str, ...], PlacedProduct] = {}
    same_as: dict[int, str] = {}
    going = [each for each in placed if each.linked or each.on_offer]
    for each in sorted(going, key=lambda each: (not each.linked, each.product.pk)):
        key = tuple(map(fold, (each.product.style, each.colour, each.season)))
        holder = first.setdefault(key, each)
        if holder is not each:
            same_as[each.product.pk] = holder.product.code
    return same_as
