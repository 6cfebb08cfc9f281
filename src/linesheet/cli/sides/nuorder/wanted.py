"""What NuORDER is to hold by the books of the company in hand."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from django.db.models import Sum

from linesheet.books.images import main_images
from linesheet.books.models import SKU, Address, Customer, FutureStock, Price, Product, Season, Visibility
from linesheet.books.stock import available_to_sell
from linesheet.cli.sides.words import Buyer, Shown, Units
from linesheet.sync.models import Link

# Parts of an address here, and what its kinds are called there.
ADDRESS = ("line_1", "city", "postcode", "country")
ADDRESS_KINDS = {Address.Kind.DELIVERY: "shipping", Address.Kind.ACCOUNTS: "billing"}


def products() -> list[Shown]:
    """Products with a barcode, a price and a season; the first of those that NuORDER would take for one."""
    offered = list(_offered())
    main = main_images([product.pk for product, _ in offered])
    prices: dict[int, dict[str, Decimal]] = {}
    for price in Price.objects.filter(product__in=[product for product, _ in offered]):
        prices.setdefault(price.product_id, {})[price.currency] = price.amount
    return [
        Shown(
            key=product.code,
            name=product.name,
            sizes=sizes,
            prices=prices[product.pk],
            on_offer=True,
            pictures=[f"{image.content_hash}.{image.format}"] if (image := main.get(product.pk)) else [],
        )
        for product, sizes in offered
    ]


def _offered() -> Iterator[tuple[Product, Mapping[str, str]]]:
    """Every product that is to be there, with barcodes by size."""
    visible = set(Visibility.objects.values_list("product_id", flat=True))
    priced = set(Price.objects.filter(amount__gt=0).values_list("product_id", flat=True))
    linked = {int(pk) for pk in Link.objects.filter(kind="product").values_list("record_id", flat=True)}
    styles: set[str] = set()
    candidates = [
        product for product in Product.objects.order_by("pk") if not product.withdrawn or product.pk in linked
    ]
    for product in sorted(candidates, key=lambda product: (product.pk not in linked, product.pk)):
        first_of_its_kind = product.style not in styles
        styles.add(product.style)
        sizes = dict(SKU.objects.filter(product=product).exclude(barcode="").values_list("size", "barcode"))
        ready = not product.withdrawn and sizes and product.pk in visible and product.pk in priced
        if ready and first_of_its_kind:
            yield product, sizes


def customers() -> list[Buyer]:
    """Customers with a currency."""
    return [
        Buyer(
            key=customer.name,
            name=customer.name,
            terms=customer.payment_terms,
            addresses=sorted(
                (ADDRESS_KINDS[Address.Kind(each.kind)], each.code, *(getattr(each, part) for part in ADDRESS))
                for each in customer.addresses.all()
            ),
        )
        for customer in Customer.objects.exclude(currency="").prefetch_related("addresses")
    ]


def stock() -> Mapping[str, Units]:
    """What is there to sell of each size that is on offer, now and later; there is one warehouse."""
    barcodes = {barcode for _, sizes in _offered() for barcode in sizes.values()}
    skus = dict(SKU.objects.filter(barcode__in=barcodes).values_list("pk", "barcode"))
    now = available_to_sell(skus, list(Season.objects.all()))
    coming = dict(FutureStock.objects.values_list("sku_id").annotate(Sum("quantity")).order_by())
    return {
        barcode: {
            "now": [max(sum(each.quantity for each in now[pk]), 0)],
            **({"coming": [coming[pk]]} if coming.get(pk) else {}),
        }
        for pk, barcode in skus.items()
    }
