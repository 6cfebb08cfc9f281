"""The products a chunk of rows speaks of, taken from the books and put back with a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models.functions import Lower
from django.utils import timezone

from linesheet.books.barcodes import gtin, retire
from linesheet.books.bulk import insert, save_changed, save_new
from linesheet.books.files.importer import Stated
from linesheet.books.files.job import Job
from linesheet.books.files.product_rows import FLAGS, TEXTS, Wanted
from linesheet.books.files.rows import fold, name_key
from linesheet.books.models import SKU, Price, Product, Season, Stock, Visibility
from linesheet.books.prices import make_visible

_SAVED = (*TEXTS, *FLAGS, "code", "custom", "size_range")


@dataclass(slots=True, eq=False)
class Shelved:
    """A product in hand with its SKUs by folded size, and what this file has said of it so far."""

    product: Product
    skus: dict[str, SKU] = field(default_factory=dict)
    visible: set[int] = field(default_factory=set)
    prices: dict[tuple[int, int, str], Decimal] = field(default_factory=dict)
    stated: Stated | None = None
    sku_rows: dict[str, int] = field(default_factory=dict)
    changed: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """Style, fabric and colour, folded."""
        return (name_key(self.product.style), name_key(self.product.fabric), name_key(self.product.colour))

    def next_position(self) -> int:
        """The position behind all sizes there are."""
        return 1 + max((sku.position for sku in self.skus.values()), default=-1)


class Shelf:
    """Products, SKUs and barcode holders in hand while a chunk is worked on."""

    def __init__(self, wanted: list[Wanted], job: Job) -> None:
        self.job = job
        self.by_code: dict[str, Shelved] = {}
        self.by_key: dict[tuple[str, str, str], Shelved] = {}
        self.by_style: dict[str, list[Shelved]] = defaultdict(list)
        self.holders: dict[str, SKU] = {}
        self.stock: dict[int, int] = {}
        self.new: list[Shelved] = []
        self._freed: dict[SKU, str] = {}
        self._changed_skus: dict[SKU, None] = {}
        self._new_skus: list[SKU] = []
        self._hidden: list[tuple[Product, int]] = []
        self._shown: dict[int, list[Product]] = defaultdict(list)
        self._prices: dict[tuple[Shelved, tuple[int, int, str]], Decimal] = {}
        self._stock: dict[int, tuple[SKU, int]] = {}
        self._fetch(wanted)

    def add(self, shelved: Shelved) -> None:
        """Take a new product in hand."""
        self.new.append(shelved)
        self._place(shelved)

    def renamed(self, shelved: Shelved, before: tuple[str, str, str]) -> None:
        """Find a product by its new style, fabric and colour from now on."""
        self.by_key.pop(before, None)
        self.by_style[before[0]].remove(shelved)
        self.by_key[shelved.key] = shelved
        self.by_style[shelved.key[0]].append(shelved)

    def in_fabrics(self, style: str, colour: str) -> list[Shelved]:
        """The products of a style in a colour, both folded, whatever their fabric."""
        return [each for each in self.by_style.get(style, ()) if each.key[2] == colour]

    def holder(self, number: str) -> SKU | None:
        """The SKU that has a barcode, by its 13-digit form, as things stand after the rows so far."""
        return self.holders.get(number)

    def add_sku(self, shelved: Shelved, sku: SKU) -> None:
        """Take a new SKU in hand."""
        shelved.skus[name_key(sku.size)] = sku
        self._new_skus.append(sku)
        if sku.barcode:
            self.holders[gtin(sku.barcode)] = sku

    def change_sku(self, sku: SKU) -> None:
        """Have a SKU saved."""
        if sku.pk is not None:
            self._changed_skus[sku] = None

    def change_barcode(self, sku: SKU, barcode: str) -> None:
        """Put another barcode on a SKU; the number it had is free, and retired."""
        if sku.barcode:
            self.holders.pop(gtin(sku.barcode), None)
            self._freed.setdefault(sku, sku.barcode)
        sku.barcode = barcode
        self.holders[gtin(barcode)] = sku
        self.change_sku(sku)

    def show(self, shelved: Shelved, season: Season) -> None:
        """Make a product visible in a season."""
        shelved.visible.add(season.pk)
        self._shown[season.pk].append(shelved.product)

    def hide(self, shelved: Shelved, season_id: int) -> None:
        """Take a product out of a season."""
        shelved.visible.discard(season_id)
        self._hidden.append((shelved.product, season_id))

    def price(self, shelved: Shelved, key: tuple[int, int, str], amount: Decimal) -> None:
        """Set a price, by season, price list and currency."""
        shelved.prices[key] = amount
        self._prices[shelved, key] = amount

    def count(self, sku: SKU, quantity: int) -> None:
        """Set the opening stock of a SKU at the location and season of the job."""
        self._stock[id(sku)] = (sku, quantity)

    def counted(self, sku: SKU) -> int | None:
        """The opening stock of a SKU there, as things stand after the rows so far."""
        return self._stock[id(sku)][1] if id(sku) in self._stock else self.stock.get(sku.pk)

    def save(self) -> None:
        """Put everything back into the books."""
        changed = [each.product for each in self.by_key.values() if each.changed and each.product.pk]
        save_new(each.product for each in self.new)
        save_changed(changed, _SAVED)
        self._save_skus()
        self._save_visibility()
        insert_prices((shelved.product.pk, *key, amount) for (shelved, key), amount in self._prices.items())
        self._save_stock()

    def _save_skus(self) -> None:
        freed = [sku.pk for sku in self._freed if sku.pk is not None]
        # Numbers may change hands among these SKUs, and no two may have one even for a moment.
        SKU.objects.filter(pk__in=freed).update(barcode="")
        save_changed(self._changed_skus, ["code", "barcode"])
        new = {(sku.product.pk, sku.size): sku for sku in self._new_skus}
        ids = insert(
            SKU,
            ("product", "size", "position", "code", "barcode"),
            [(sku.product.pk, sku.size, sku.position, sku.code, sku.barcode) for sku in self._new_skus],
            returning=("id", "product", "size"),
        )
        for pk, product_id, size in ids:
            new[product_id, size].pk = pk
        if freed:
            retire(self._freed.values())

    def _save_visibility(self) -> None:
        for season_id in {season_id for _, season_id in self._hidden}:
            ids = [product.pk for product, hidden_in in self._hidden if hidden_in == season_id]
            Visibility.objects.filter(season_id=season_id, product_id__in=ids).delete()
        seasons = {season.pk: season for season in self.job.known.seasons.values()}
        for season_id, products in self._shown.items():
            make_visible(products, seasons[season_id])

    def _save_stock(self) -> None:
        if not self._stock or self.job.location is None or self.job.season is None:
            return
        location, season, now = self.job.location.pk, self.job.season.pk, timezone.now()
        insert(
            Stock,
            ("sku", "location", "season", "opening", "adjustments", "received", "counted_at"),
            [(sku.pk, location, season, quantity, 0, 0, now) for sku, quantity in self._stock.values()],
            unique=("sku", "location", "season"),
            update=("opening", "counted_at"),
        )

    def _fetch(self, wanted: list[Wanted]) -> None:
        codes = {fold(each.code) for each in wanted if each.code}
        keys = {each.key for each in wanted if each.key[2] or each.is_image}
        products: dict[int, Product] = {}
        known = Product.objects.select_related("size_range")
        if codes:
            products |= _by_id(known.alias(its_code=Lower("code")).filter(its_code__in=codes))
        if keys:
            found = known.alias(its_style=Lower("style"), its_colour=Lower("colour"))
            found = found.filter(its_style__in={style for style, _, _ in keys})
            colours = {colour for _, _, colour in keys}
            # An image row knows its style only.
            products |= _by_id(found if "" in colours else found.filter(its_colour__in=colours))
        shelved = {pk: Shelved(product) for pk, product in sorted(products.items())}
        for each in shelved.values():
            self._place(each)
        self._fetch_skus(wanted, shelved)
        if any(each.visible is not None or each.visible_too for each in wanted):
            rows = Visibility.objects.filter(product_id__in=shelved).values_list("product_id", "season_id")
            for product_id, season_id in rows:
                shelved[product_id].visible.add(season_id)
        seasons = {key[0] for each in wanted for key in each.prices}
        if seasons:
            prices = Price.objects.filter(product_id__in=shelved, season_id__in=seasons)
            for price in prices:
                key = (price.season_id, price.price_list_id, price.currency)
                shelved[price.product_id].prices[key] = price.amount

    def _fetch_skus(self, wanted: list[Wanted], shelved: dict[int, Shelved]) -> None:
        if any("size" in each.row.headers for each in wanted):
            for sku in SKU.objects.filter(product_id__in=shelved):
                sku.product = shelved[sku.product_id].product
                shelved[sku.product_id].skus[name_key(sku.size)] = sku
                if sku.barcode:
                    self.holders[sku.gtin] = sku
        numbers = {each.gtin for each in wanted if each.barcode} - self.holders.keys()
        if numbers:
            others = SKU.objects.exclude(barcode="").filter(gtin__in=numbers).select_related("product")
            self.holders |= {sku.gtin: sku for sku in others}
        if self.job.location and self.job.season and any(each.quantity is not None for each in wanted):
            rows = Stock.objects.filter(location=self.job.location, season=self.job.season, sku__product_id__in=shelved)
            self.stock = dict(rows.values_list("sku_id", "opening"))

    def _place(self, shelved: Shelved) -> None:
        self.by_code[name_key(shelved.product.code)] = shelved
        self.by_key[shelved.key] = shelved
        self.by_style[shelved.key[0]].append(shelved)


def _by_id(products: Iterable[Product]) -> dict[int, Product]:
    return {product.pk: product for product in products}


def insert_prices(prices: Iterable[tuple[int, int, int, str, Decimal]]) -> None:
    """Set prices by product, season and price list id and currency; they no longer count as carried."""
    insert(
        Price,
        ("product", "season", "price_list", "currency", "amount", "carried_from"),
        [(*price, None) for price in prices],
        unique=("product", "season", "price_list", "currency"),
        update=("amount", "carried_from"),
    )
