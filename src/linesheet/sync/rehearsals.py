"""A test order: what would become of one that the platform submits, without anything of it being kept."""

from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Length

from linesheet.books.models import SKU, Customer, PriceList
from linesheet.books.prices import prices_of
from linesheet.books.reasons import Reason, Refused
from linesheet.sync import registry
from linesheet.sync.endpoints import Rehearsal, Sample
from linesheet.sync.models import Connection, Placement

NO_REHEARSAL = Reason(
    "no_rehearsal", "{platform} submits no orders that could be rehearsed.", "Look at the tasks of the connection."
)
NOTHING_TO_ORDER = Reason(
    "nothing_to_order",
    "Nothing in the catalogue of {connection} can be ordered: no active product there has a barcode.",
    "Place a product with barcodes in the catalogue, or give the barcode to try.",
)
NOBODY_TO_ORDER = Reason(
    "nobody_to_order",
    "There is no active customer in the books who could order.",
    "Add one, or give the name to try.",
)
REASONS = (NO_REHEARSAL, NOTHING_TO_ORDER, NOBODY_TO_ORDER)
LONGEST_NAME = 100
LONGEST_BARCODE = 40


class RehearsalRefused(Refused):
    """There is nothing to rehearse."""


def rehearse(connection: Connection, *, barcode: str = "", customer: str = "") -> Rehearsal:
    """What would become of an order of one unit by a customer, as both are typed.

    Without, it is of the first product of the catalogue that has a barcode, and by the first active customer. Nothing
    is kept. Raises RehearsalRefused.
    """
    platform = registry.platform(connection.platform)
    if platform.endpoints is None or platform.endpoints.rehearse is None:
        raise RehearsalRefused(NO_REHEARSAL, platform=platform.name)
    barcode, customer = _tidy(barcode, LONGEST_BARCODE), _tidy(customer, LONGEST_NAME)
    sku = _known(barcode) if barcode else _first_in_catalogue(connection)
    if not customer:
        named = Customer.objects.alias(length=Length("name")).filter(active=True, length__lte=LONGEST_NAME)
        first = named.order_by("name").first()
        if first is None:
            raise RehearsalRefused(NOBODY_TO_ORDER)
        customer = first.name
    amount, currency = _price(sku)
    sample = Sample(sku.barcode if sku else barcode, str(sku) if sku else "", amount, currency, customer)
    with transaction.atomic():
        found = platform.endpoints.rehearse(connection, sample)
        transaction.set_rollback(True)
    return found


def _tidy(typed: str, longest: int) -> str:
    return " ".join(typed.replace("\0", "").split())[:longest]


def _known(barcode: str) -> SKU | None:
    found: SKU | None = SKU.objects.filter(barcode=barcode).select_related("product").first()
    return found


def _first_in_catalogue(connection: Connection) -> SKU:
    barcoded = SKU.objects.exclude(barcode="").order_by("position", "id")
    placed = Placement.objects.filter(
        Exists(barcoded.filter(product=OuterRef("product"))),
        section__connection=connection,
        product__active=True,
        product__withdrawn=False,
    )
    first = placed.order_by("section__position", "position", "id").first()
    if first is None:
        raise RehearsalRefused(NOTHING_TO_ORDER, connection=connection)
    return barcoded.filter(product=first.product_id).select_related("product")[0]  # type: ignore[no-any-return]


def _price(sku: SKU | None) -> tuple[Decimal, str]:
    """A wholesale price of the books, with its currency; 1 in none where there is none."""
    held = prices_of([sku.product_id]).get(sku.product_id) if sku else None
    prices = [each for each in held.prices if each.price_list.kind == PriceList.Kind.WHOLESALE] if held else []
    return (prices[0].amount, prices[0].currency) if prices else (Decimal(1), "")
