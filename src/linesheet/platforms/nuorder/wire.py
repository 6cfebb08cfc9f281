"""Shapes on NuORDER's wire: what Linesheet sends, and what it reads of an order (sheet nuorder.md 4 to 8)."""

import datetime
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

Json = dict[str, Any]

# Dates and amounts keep their types, so that they can be compared; `encoded` writes them.
_KEPT = (Decimal, datetime.date)
_ENCODER = msgspec.json.Encoder(decimal_format="number")


class SizeWire(msgspec.Struct, frozen=True):
    """A size of a product, in display order; `upc` is the barcode as text."""

    size: str
    upc: str


class PriceWire(msgspec.Struct, frozen=True):
    """Prices in one currency; NuORDER takes a wholesale price of 0 as not for sale (sheet 4.2)."""

    wholesale: Decimal
    retail: Decimal | None = None


class ProductWire(msgspec.Struct, frozen=True, kw_only=True):
    """One style in one colour (sheet 4.2).

    What is None is sent as "", so that NuORDER clears it; what is unset is not sent, and stays as NuORDER has it.
    `custom` are the portal's own fields, which are written beside the others.
    """

    brand_id: str
    style_number: str
    season: str
    color: str
    name: str
    color_code: str = ""
    seasons: tuple[str, ...] = ()
    department: str = ""
    category: str = ""
    subcategory: str = ""
    description: str = ""
    active: bool = True
    cancelled: bool = False
    available_from: datetime.date | UnsetType | None = UNSET
    available_until: datetime.date | UnsetType | None = UNSET
    order_closing: datetime.date | UnsetType | None = UNSET
    sizes: tuple[SizeWire, ...] | UnsetType = UNSET
    pricing: dict[str, PriceWire] | UnsetType = UNSET
    custom: dict[str, Any] = {}


class ImagesWire(msgspec.Struct, frozen=True):
    """The main image of a product by its content, `<sha256>.<format>`; sent as a link made at that moment.

    `product_id` is NuORDER's id of the product. It is not sent: a product made anew there needs its image again.
    """

    brand_id: str
    product_id: str
    image: str


class QuantityWire(msgspec.Struct, frozen=True):
    """Units of one size in a bucket."""

    size: str
    upc: str
    quantity: int


class BucketWire(msgspec.Struct, frozen=True):
    """A delivery bucket: `immediate`, or the day from which the units are there."""

    name: str
    sizes: tuple[QuantityWire, ...]


class WarehouseWire(msgspec.Struct, frozen=True):
    """The stock of a product in one warehouse (sheet 5.1)."""

    warehouse: str
    wip: tuple[BucketWire, ...]
    prebook: bool = False


class StockWire(msgspec.Struct, frozen=True):
    """A product's whole stock picture: what it lacks, NuORDER forgets (sheet 10.3).

    `product_id` is NuORDER's id of the product. It is not sent: a product made anew there needs its stock again.
    """

    brand_id: str
    product_id: str
    inventory: tuple[WarehouseWire, ...]


class CompanyAddressWire(msgspec.Struct, frozen=True, kw_only=True):
    """A company's address; `line_1` and `country` are mandatory (sheet 7.1)."""

    display_name: str
    line_1: str
    line_2: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    country: str
    shipping_code: str = ""
    billing_code: str = ""
    default_shipping: bool = False
    default_billing: bool = False
    type: str


class CompanyWire(msgspec.Struct, frozen=True, kw_only=True):
    """A company that buys (sheet 7.1). Addresses unset stay as NuORDER has them; buyers are never sent."""

    name: str
    code: str
    currency_code: str
    active: bool = True
    payment_terms: str = ""
    credit_status: str = ""
    addresses: tuple[CompanyAddressWire, ...] | UnsetType = UNSET


class OrderAddress(msgspec.Struct, frozen=True):
    """An address on an order; any part may be missing (sheet 8.2)."""

    display_name: str = ""
    code: str = ""
    line_1: str = ""
    line_2: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    country: str = ""


class Retailer(msgspec.Struct, frozen=True):
    """Who ordered; `id` is that of the company (sheet 8.2)."""

    id: str = msgspec.field(name="_id", default="")
    buyer_email: str = ""
    retailer_name: str = ""
    retailer_code: str = ""


class LineProduct(msgspec.Struct, frozen=True):
    """The product of a line, by its words and by NuORDER's id."""

    id: str = msgspec.field(name="_id", default="")
    style_number: str = ""
    color: str = ""
    season: str = ""


class LineSize(msgspec.Struct, frozen=True):
    """One size of a line; `price` is net per unit, `original_price` before discount (sheet 8.3)."""

    size: str = ""
    upc: str = ""
    quantity: Decimal = Decimal(0)
    price: Decimal | None = None
    original_price: Decimal | None = None


class LineItem(msgspec.Struct, frozen=True):
    """A product on an order, with its own ship window."""

    product: LineProduct = LineProduct()
    ship_start: datetime.date | None = None
    ship_end: datetime.date | None = None
    notes: str = ""
    sizes: tuple[LineSize, ...] = ()


class OrderWire(msgspec.Struct, frozen=True):
    """What Linesheet reads of an order (sheet 8.2). The ship window goes by either pair of names."""

    id: str = msgspec.field(name="_id", default="")
    order_number: str = ""
    status: str = ""
    customer_po_number: str = ""
    currency_code: str = ""
    retailer: Retailer = Retailer()
    start_ship: datetime.date | None = None
    end_ship: datetime.date | None = None
    ship_start: datetime.date | None = None
    ship_end: datetime.date | None = None
    billing_address: OrderAddress = OrderAddress()
    shipping_address: OrderAddress = OrderAddress()
    discount: Decimal = Decimal(0)
    additional_percentage: Decimal = Decimal(0)
    additional_percentage_label: str = ""
    total: Decimal | None = None
    notes: str = ""
    line_items: tuple[LineItem, ...] = ()


def plain(shape: msgspec.Struct) -> Json:
    """A shape as NuORDER's JSON object, amounts and dates still typed, custom fields beside the others.

    What has no value is "", NuORDER's own word for it (sheet 2.1).
    """
    fields: Json = _without_none(msgspec.to_builtins(shape, builtin_types=_KEPT))
    return {**fields.pop("custom", {}), **fields}


def encoded(body: Any) -> msgspec.Raw:
    """JSON with amounts as numbers, digit for digit."""
    return msgspec.Raw(_ENCODER.encode(body))


def _without_none(value: Any) -> Any:
    match value:
        case None:
            return ""
        case dict():
            return {key: _without_none(item) for key, item in value.items()}
        case list() | tuple():
            return type(value)(_without_none(item) for item in value)
    return value
