"""The books side of JOOR's catalogue: placed products with all that goes with them, and their pictures."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Lower

from linesheet.books.files.rows import fold
from linesheet.books.images import main_images
from linesheet.books.models import SKU, Image, PriceList, Product
from linesheet.books.prices import prices_of
from linesheet.platforms.joor.image_mapping import MainImage
from linesheet.platforms.joor.offers import CATEGORIES, price_types_offered
from linesheet.platforms.joor.product_mapping import PlacedProduct
from linesheet.platforms.joor.styles import (
    Claim,
    Colourway,
    same_there,
    style_key,
    style_of,
    styles_within,
)
from linesheet.platforms.joor.terms import Terms, categories_offered, paired_types
from linesheet.sync.catalogue import placement_paths, products_in_catalogue
from linesheet.sync.legs import Context
from linesheet.sync.models import Link, Placement

PRODUCT = "product"


def terms_of(context: Context) -> Terms:
    """What products are mapped by. One query."""
    pairs = context.settings["price_types"] or {}
    kinds = dict(PriceList.objects.filter(pk__in=list(pairs)).values_list("pk", "kind"))
    return Terms(
        paired_types(pairs, kinds, price_types_offered(context.offers)),
        categories_offered(context.offers.get(CATEGORIES, ())),
    )


def placed_products(context: Context, ids: Sequence[str]) -> list[PlacedProduct]:
    """The products of these ids that are in the catalogue. Twelve queries, however many."""
    wanted = [int(pk) for pk in ids]
    in_hand = set(Product.objects.filter(pk__in=wanted).order_by().values_list("style", "fabric"))
    keys = (style_key(style, fabric) for style, fabric in in_hand)
    claims = claims_of(context.connection_id, {fold(each) for key in keys for each in styles_within(key)})
    by_group = defaultdict[tuple[str, str], list[Claim]](list)
    for claim in claims:
        by_group[claim.group].append(claim)
    groups = {(fold(style), fold(fabric)) for style, fabric in in_hand}
    members = {claim.pk: claim for group in groups for claim in by_group[group] if claim.placed}
    paths = placement_paths(context.connection_id, members)
    colourways = defaultdict[tuple[str, str], list[Colourway]](list)
    skus = _skus_of(paths)
    for product in Product.objects.filter(pk__in=list(paths)).order_by("pk"):
        claim = members[product.pk]
        colourways[claim.group].append(
            Colourway(
                product=product,
                paths=tuple(paths[product.pk]),
                skus=tuple(skus[product.pk]),
                remote_id=claim.remote_id,
            )
        )
    styles = {group: style_of(of_style) for group, of_style in colourways.items()}
    positions = {claim.pk: at for of_style in by_group.values() for at, claim in enumerate(_oldest_first(of_style), 1)}
    same_as = same_there(claims)
    prices = prices_of(wanted, context.settings["price_seasons"] or [])
    asked = set(wanted)
    return [
        PlacedProduct(
            colourway=each,
            style=styles[group],
            position=positions[each.product.pk],
            prices=prices.get(each.product.pk),
            same_as=same_as.get(each.product.pk, ""),
        )
        for group, of_style in colourways.items()
        for each in of_style
        if each.product.pk in asked
    ]


def claims_of(connection_id: int, styles: Collection[str] | None = None) -> list[Claim]:
    """Products of these styles (folded), whether placed or not; without styles, all placed products. Two queries."""
    placed = Placement.objects.filter(section__connection_id=connection_id, product=OuterRef("pk"))
    barcodes = SKU.objects.filter(product=OuterRef("pk")).exclude(barcode="")
    products: QuerySet[Product] = Product.objects.order_by("pk")
    if styles is None:
        products = products.filter(Exists(placed))
    else:
        products = products.alias(folded=Lower("style")).filter(folded__in=list(styles))
    fields = ("pk", "code", "style", "fabric", "colour", "active", "withdrawn")
    rows = list(
        products.annotate(has_barcode=Exists(barcodes), placed=Exists(placed)).values(*fields, "has_barcode", "placed")
    )
    there = dict(product_links(connection_id, [row["pk"] for row in rows]).values_list("record_id", "remote_id"))
    return [
        Claim(on_offer=row.pop("active") and not row.pop("withdrawn"), remote_id=there.get(str(row["pk"]), ""), **row)
        for row in rows
    ]


def products_with_sizes(ids: Iterable[int]) -> list[Product]:
    """Products of these ids with their SKUs at hand, oldest first. Two queries."""
    in_order = Prefetch("skus", SKU.objects.order_by("position", "id"))
    return list(Product.objects.filter(pk__in=list(ids)).prefetch_related(in_order).order_by("pk"))


def product_links(connection_id: int, ids: Iterable[int]) -> "QuerySet[Link]":
    """The links of those of these products that JOOR has taken."""
    record_ids = [str(pk) for pk in ids]
    links: QuerySet[Link] = Link.objects.filter(connection_id=connection_id, kind=PRODUCT, record_id__in=record_ids)
    return links


def main_images_of(connection_id: int, ids: Sequence[str]) -> list[MainImage]:
    """The products of these ids, each with the main images of all placed colours of JOOR's product. Four queries."""
    wanted = [int(pk) for pk in ids]
    there = dict(product_links(connection_id, wanted).values_list("record_id", "remote_id"))
    linked = Link.objects.filter(connection_id=connection_id, kind=PRODUCT, remote_id__in=set(there.values()))
    there |= dict(linked.values_list("record_id", "remote_id"))
    of_them = Q(pk__in=wanted) | (Q(pk__in=[int(pk) for pk in there]) & Q(pk__in=products_in_catalogue(connection_id)))
    products = {product.pk: product for product in Product.objects.filter(of_them).order_by("pk")}
    images = main_images(products)
    pictures: dict[str, list[tuple[str, Image]]] = defaultdict(list)
    for pk, product in products.items():
        if str(pk) in there and pk in images:
            pictures[there[str(pk)]].append((product.code, images[pk]))
    return [
        MainImage(products[pk], images.get(pk), product_id, pictures.get(product_id, []))
        for pk in wanted
        if pk in products
        for product_id in [there.get(str(pk), "")]
    ]


def spoken_for(connection_id: int) -> tuple[set[str], set[str]]:
    """JOOR's ids of all products that ours are linked with, and the folded keys of all styles in the catalogue.

    Two queries.
    """
    linked = Link.objects.filter(connection_id=connection_id, kind=PRODUCT).values_list("remote_id", flat=True)
    styles = products_in_catalogue(connection_id).order_by().values_list("style", "fabric").distinct()
    return set(linked), {fold(style_key(style, fabric)) for style, fabric in styles}


def linked_styles(connection_id: int, product_ids: Collection[str]) -> dict[str, list[str]]:
    """The keys of the styles whose placed products are linked with these products of JOOR's, the oldest first.

    Two queries.
    """
    links = Link.objects.filter(connection_id=connection_id, kind=PRODUCT, remote_id__in=list(product_ids))
    there = {int(record): remote_id for record, remote_id in links.values_list("record_id", "remote_id")}
    found: dict[str, list[str]] = defaultdict(list)
    linked = products_in_catalogue(connection_id).filter(pk__in=list(there)).order_by("pk")
    for pk, style, fabric in linked.values_list("pk", "style", "fabric"):
        found[there[pk]].append(style_key(style, fabric))
    return found


def _skus_of(product_ids: Iterable[int]) -> dict[int, list[SKU]]:
    """The SKUs of these products in order. One query, and none of what a prefetch does beside it for each product."""
    found = defaultdict[int, list[SKU]](list)
    for sku in SKU.objects.filter(product_id__in=list(product_ids)).order_by("position", "id"):
        found[sku.product_id].append(sku)
    return found


def _oldest_first(claims: Iterable[Claim]) -> list[Claim]:
    return sorted(claims, key=lambda claim: claim.pk)
