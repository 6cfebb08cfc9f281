"""What the list of products tells of each: pictures, barcodes, seasons and prices of a page of them at once."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from linesheet.books.images import main_images
from linesheet.books.models import SKU, Image, Price, PriceList, Product, Season, Visibility
from linesheet.books.prices import prices_in, prices_of
from linesheet.web.lists import Column
from linesheet.web.templatetags.pictures import small_picture
from linesheet.web.templatetags.show import money, when
from linesheet.web.why import why_mark


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A product as the list shows it; `prices` are those of `priced_in`, None where it is visible in no season."""

    product: Product
    image: Image | None
    skus: int
    with_barcode: int
    seasons: list[str]
    priced_in: Season | None
    prices: Sequence[Price]

    @property
    def barcodes(self) -> str:
        """How many of its SKUs have one."""
        return f"{self.with_barcode} of {self.skus}"

    @property
    def states(self) -> list[str]:
        """What keeps it from being sold at all."""
        found = ((not self.product.active, "Inactive"), (self.product.withdrawn, "Withdrawn"))
        return [label for holds, label in found if holds]


def load_rows(season: Season | None) -> Callable[[list[Product]], list[ProductRow]]:
    """What makes rows of products. Prices are those of the season, else of the latest each one is visible in."""

    def load(products: list[Product]) -> list[ProductRow]:
        ids = [product.pk for product in products]
        images, counts, seasons = main_images(ids), _sku_counts(ids), _seasons(ids)
        priced = _prices(ids, season)
        return [
            ProductRow(
                product,
                images.get(product.pk),
                *counts.get(product.pk, (0, 0)),
                seasons[product.pk],
                *priced.get(product.pk, (None, ())),
            )
            for product in products
        ]

    return load


def price_column(price_list: PriceList) -> Column:
    """The prices of one list, in every currency it has."""

    def of(row: ProductRow) -> list[Price]:
        return [price for price in row.prices if price.price_list_id == price_list.pk]

    return Column(
        key=f"list-{price_list.pk}",
        label=price_list.name,
        value=lambda row: "; ".join(f"{price.amount.normalize():f} {price.currency}" for price in of(row)),
        cell=lambda row: format_html_join(SafeString("<br>"), "{}", ((money(p.amount, p.currency),) for p in of(row))),
        number=True,
        usual=price_list.kind in (PriceList.Kind.WHOLESALE, PriceList.Kind.RETAIL),
    )


COLUMNS = (
    Column(
        key="picture",
        label="Picture",
        value=lambda row: "yes" if row.image else "no",
        cell=lambda row: small_picture(row.image, 96, "thumb"),
    ),
    Column(
        key="code",
        label="Product",
        value=lambda row: row.product.code,
        cell=lambda row: format_html(
            '<a href="{}">{}</a>{} {}',
            reverse("product", args=[row.product.pk]),
            row.product.code,
            format_html_join("", ' <span class="tag">{}</span>', ((state,) for state in row.states)),
            why_mark("product", row.product.pk, row.product.code),
        ),
        sort="code",
    ),
    Column(key="name", label="Name", value=lambda row: row.product.name, sort="name"),
    Column(key="style", label="Style", value=lambda row: row.product.style, sort="style", usual=False),
    Column(key="fabric", label="Fabric", value=lambda row: row.product.fabric, usual=False),
    Column(key="colour", label="Colour", value=lambda row: row.product.colour, sort="colour", usual=False),
    Column(key="category", label="Category", value=lambda row: row.product.category, sort="category"),
    Column(key="skus", label="SKUs", value=lambda row: row.skus, number=True),
    Column(
        key="barcodes",
        label="Barcodes",
        value=lambda row: row.barcodes,
        cell=lambda row: (
            row.barcodes
            if row.with_barcode == row.skus and row.skus
            else format_html('<span class="short">{}</span>', row.barcodes)
        ),
    ),
    Column(key="seasons", label="Seasons", value=lambda row: ", ".join(row.seasons)),
)
UPDATED = Column(
    key="updated",
    label="Updated",
    value=lambda row: row.product.changed_at,
    cell=lambda row: when(row.product.changed_at),
    sort="changed_at",
)
MORE = (
    Column(key="active", label="Active", value=lambda row: _yes(row.product.active), usual=False),
    Column(key="withdrawn", label="Withdrawn", value=lambda row: _yes(row.product.withdrawn), usual=False),
    Column(key="origin", label="Origin", value=lambda row: row.product.origin, usual=False),
    Column(key="composition", label="Composition", value=lambda row: row.product.composition, usual=False),
)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _sku_counts(ids: list[int]) -> dict[int, tuple[int, int]]:
    rows: Any = SKU.objects.filter(product_id__in=ids).order_by().values_list("product_id")
    counted = rows.annotate(all=Count("pk"), known=Count("pk", filter=~Q(barcode="")))
    return {product_id: (count, known) for product_id, count, known in counted}


def _seasons(ids: list[int]) -> dict[int, list[str]]:
    found = defaultdict[int, list[str]](list)
    visible = Visibility.objects.filter(product_id__in=ids, season__archived=False)
    for product_id, name in visible.order_by("-season__starts_on", "-season").values_list("product_id", "season__name"):
        found[product_id].append(name)
    return found


def _prices(ids: list[int], season: Season | None) -> dict[int, tuple[Season, Sequence[Price]]]:
    if season is not None:
        return {product_id: (season, prices) for product_id, prices in prices_in(ids, season).items()}
    return {product_id: (held.season, held.prices) for product_id, held in prices_of(ids).items()}
