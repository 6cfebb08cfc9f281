"""What JOOR is to hold by the books of the company in hand."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from linesheet.books.images import main_images
from linesheet.books.models import SKU, Address, Customer, FutureStock, Image, Price, Product, Season, Visibility
from linesheet.books.stock import available_to_sell
from linesheet.cli.sides.words import Buyer, Shown, Units
from linesheet.sync.catalogue import placement_paths, read_tree
from linesheet.sync.models import Connection, Link

PRICE_TYPE = "Wholesale EUR"
# Parts of an address here, and what its kinds are called there.
ADDRESS = ("line_1", "city", "postcode", "country")
ADDRESS_KINDS = {Address.Kind.DELIVERY: "shipping", Address.Kind.ACCOUNTS: "billing"}
# The levels of the catalogue that are a linesheet.
SHEET = 2


def style_key(product: Product) -> str:
    """What JOOR knows the style of a product by (sheet joor.md 9.10)."""
    return f"{product.style}-{product.fabric}" if product.fabric else product.style


def product_key(product: Product) -> str:
    """Its style there, and its colour."""
    return f"{style_key(product)} {product.colour}"


def sheet(name: str, season: str | None) -> str:
    """How we call a linesheet."""
    return f"{name} > {season}"


def names(kind: str) -> Mapping[str, str]:
    """What the records of links are called, by record id."""
    if kind == "customer":
        return {str(pk): code for pk, code in Customer.objects.values_list("pk", "account_code")}
    if kind == "linesheet":
        nodes = read_tree(Connection.objects.get().pk).by_id
        return {str(pk): sheet(node.path[0], node.name) for pk, node in nodes.items() if node.depth == SHEET}
    return {str(product.pk): product_key(product) for product in Product.objects.all()}


@dataclass(frozen=True, slots=True)
class _Going:
    """A product that goes to JOOR, with its barcodes by size, and the linesheets it stands on."""

    product: Product
    sizes: Mapping[str, str]
    sheets: tuple[str, ...]

    @property
    def on_offer(self) -> bool:
        return self.product.active and not self.product.withdrawn and bool(self.sizes)

    @property
    def group(self) -> tuple[str, str]:
        return self.product.style, self.product.fabric


def _going() -> list[_Going]:
    """Placed products that JOOR has or that are ready, oldest first; of two styles of one key those of the first."""
    linked = {int(pk) for pk in Link.objects.filter(kind="product").values_list("record_id", flat=True)}
    products = list(Product.objects.order_by("pk"))
    paths = placement_paths(Connection.objects.get().pk, [product.pk for product in products])
    found = []
    for product in products:
        sizes = dict(SKU.objects.filter(product=product).exclude(barcode="").values_list("size", "barcode"))
        sheets = sorted({sheet(*path[:SHEET]) for path in paths.get(product.pk, ()) if len(path) >= SHEET})
        one = _Going(product, sizes, tuple(sheets))
        if paths.get(product.pk) and (product.pk in linked or one.on_offer):
            found.append(one)
    holders: dict[str, tuple[str, str]] = {}
    for one in sorted(found, key=lambda each: (each.product.pk not in linked, each.product.pk)):
        holders.setdefault(style_key(one.product), one.group)
    return [one for one in found if holders[style_key(one.product)] == one.group]


def products() -> list[Shown]:
    """Each colour that goes there. What a style has once is that of its oldest colour."""
    going = _going()
    leaders: dict[tuple[str, str], Product] = {}
    for one in going:
        leaders.setdefault(one.group, one.product)
    main = main_images([one.product.pk for one in going])
    shown: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in going:
        if image := main.get(one.product.pk):
            shown[one.group].append(_content(image))
    visible = set(Visibility.objects.values_list("product_id", flat=True))
    amounts = dict(Price.objects.values_list("product_id", "amount"))
    return [
        Shown(
            key=product_key(one.product),
            name=leaders[one.group].name,
            sizes=one.sizes,
            # Without a season or a price, a product costs nothing there (sheet joor.md 9.3).
            prices={PRICE_TYPE: amounts.get(one.product.pk, Decimal(0)) if one.product.pk in visible else Decimal(0)},
            on_offer=one.on_offer,
            # The last picture of a style cannot be taken back: there is no call for it (sheet joor.md 3.6).
            pictures=sorted(shown[one.group]) or None,
            places=list(one.sheets) if one.on_offer else [],
        )
        for one in going
    ]


def linesheets() -> Mapping[str, set[str]]:
    """Barcodes by linesheet."""
    found: dict[str, set[str]] = defaultdict(set)
    for one in _going():
        for name in one.sheets if one.on_offer else ():
            found[name].update(one.sizes.values())
    return found


def customers() -> list[Buyer]:
    """Active customers with an account code, who buy in the brand's currency or none; terms are their price types."""
    currency = PRICE_TYPE.rpartition(" ")[2]
    return [
        Buyer(
            key=customer.account_code,
            name=customer.name,
            terms=PRICE_TYPE,
            addresses=sorted(
                (ADDRESS_KINDS[Address.Kind(each.kind)], each.code, *(getattr(each, part) for part in ADDRESS))
                for each in customer.addresses.all()
                if each.kind in ADDRESS_KINDS
            ),
        )
        for customer in Customer.objects.filter(currency__in=("", currency)).prefetch_related("addresses")
    ]


def stock(there: Collection[str]) -> Mapping[str, Units]:
    """What is there to sell of each barcode that JOOR has from us, now and later; there is one warehouse."""
    linked = [int(pk) for pk in Link.objects.filter(kind="product").values_list("record_id", flat=True)]
    skus = dict(SKU.objects.filter(product__in=linked, barcode__in=list(there)).values_list("pk", "barcode"))
    now = available_to_sell(skus, list(Season.objects.all()))
    coming = dict(FutureStock.objects.values_list("sku_id").annotate(Sum("quantity")).order_by())
    return {
        barcode: {
            "now": [max(sum(each.quantity for each in now[pk]), 0)],
            **({"coming": [coming[pk]]} if coming.get(pk) else {}),
        }
        for pk, barcode in skus.items()
    }


def _content(image: Image) -> str:
    return f"{image.content_hash}.{image.format}"
