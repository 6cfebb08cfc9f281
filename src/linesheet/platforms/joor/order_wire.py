"""What Linesheet reads of a JOOR order (sheet joor.md 7.2)."""

import datetime
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import field

from linesheet.platforms.joor.wire import Json

TOLD = "linesheet"
"""The key under which an order is kept with what JOOR told of it by other calls than the one that gave it."""


class Told(msgspec.Struct, frozen=True):
    """What other calls told: the name of the season where the order has its code only, and whether it is cancelled.

    The code of a cancelled order is not known for sure, and the list of cancelled orders is (sheet 7.2).
    """

    season: str = ""
    cancelled: bool = False


class LineWire(msgspec.Struct, frozen=True):
    """Units of one size; `multiplier` is what a case pack holds."""

    number: str = field(name="item_number", default="")
    style_id: str = field(name="item_style_id", default="")
    color: str = field(name="item_color", default="")
    size: str = field(name="item_size", default="")
    upc: str = field(name="item_upc", default="")
    price: Decimal | None = field(name="item_price", default=None)
    unit_price: Decimal | None = field(name="item_unit_price", default=None)
    quantity: Decimal = field(name="item_quantity", default=Decimal(0))
    multiplier: Decimal = field(name="item_multiplier", default=Decimal(0))
    extended: Decimal | None = field(name="item_price_extended", default=None)
    comment: str = field(name="item_comment", default="")
    color_comment: str = field(name="item_color_comment", default="")
    door_id: str = field(name="item_door_id", default="")


class DoorWire(msgspec.Struct, frozen=True):
    """A shop of the buyer that units are for."""

    id: str = field(name="door_id", default="")
    name: str = field(name="door_name", default="")
    code: str = field(name="door_code", default="")
    deleted: bool = field(name="door_deleted", default=False)


class DivisionWire(msgspec.Struct, frozen=True):
    """A division of the brand that the order is of."""

    code: str = field(name="division_code", default="")
    name: str = field(name="division_name", default="")


class OrderWire(msgspec.Struct, frozen=True, kw_only=True):
    """An order; `status` is the code of JOOR's own `order_type`, `type` is the brand's. `discount` is an amount."""

    id: str = field(name="order_id", default="")
    status: str = field(name="order_type", default="")
    type: str = field(name="order_type_name", default="")
    event: str = field(name="order_event", default="")
    purchase_order: str = field(name="customer_purchase_order", default="")
    season: str = field(name="order_season_name", default="")
    season_code: str = field(name="order_season_code", default="")
    currency: str = field(name="order_currency", default="")
    price_label: str = field(name="order_currency_name", default="")
    discount: Decimal = field(name="order_discount", default=Decimal(0))
    discount_percent: Decimal = field(name="order_discount_percent", default=Decimal(0))
    shipping: Decimal = field(name="order_shipping_total", default=Decimal(0))
    total: Decimal | None = field(name="order_total", default=None)
    ships_from: datetime.date | None = field(name="date_ship_start", default=None)
    ships_until: datetime.date | None = field(name="date_ship_end", default=None)
    customer_name: str = ""
    customer_code: str = ""
    email: str = field(name="shipping_email", default="")
    sales_representative: str = ""
    shipping_method: str = field(name="shipping_method_name", default="")
    payment_method: str = field(name="payment_method_name", default="")
    warehouse: str = field(name="warehouse_name", default="")
    comments: str = field(name="order_comments", default="")
    internal_comments: str = field(name="order_internal_comments", default="")
    divisions: tuple[DivisionWire, ...] = field(name="order_divisions", default=())
    doors: tuple[DoorWire, ...] = field(name="order_doors", default=())
    lines: tuple[LineWire, ...] = field(name="line_items", default=())
    told: Told = field(name=TOLD, default=Told())


def with_told(order: Json, told: Told) -> Json:
    """The order as it is kept: as JOOR gave it, and with what else JOOR told of it."""
    said: dict[str, Any] = {key: value for key, value in msgspec.to_builtins(told).items() if value}
    return {**order, TOLD: said} if said else order
