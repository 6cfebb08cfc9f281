"""Wire to books: a NuORDER order in the hub's words. Pure functions."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec

from linesheet.books.reasons import Said
from linesheet.platforms.nuorder import reasons
from linesheet.platforms.nuorder.wire import Json, LineItem, LineSize, OrderAddress, OrderWire
from linesheet.sync import tolerant
from linesheet.sync.incoming import IncomingLine, IncomingOrder
from linesheet.sync.tolerant import Unfit

CANCELLED = "cancelled"

_CURRENCY = re.compile(r"[A-Z]{3}")
_NO_BARCODE = frozenset({"", "n/a", "na", "none", "-"})
# What the books can hold: four decimals, ten digits before them, and units in 32 bits.
_CENTS = Decimal("0.0001")
_MOST_MONEY = Decimal(10) ** 10
_MOST_UNITS = 2**31 - 1


_READ = {field.encode_name for field in msgspec.structs.fields(OrderWire)} - {"status"}


class _Negative(ValueError):
    """An amount or quantity is below 0; the text names it."""


def order_from_wire(payload: Any) -> IncomingOrder | Said:
    """What an order means (sheet 8.2 and 8.3), whatever is missing; why not, when it cannot be one.

    Sizes without a quantity are passed over. Prices are NuORDER's, net per unit, rounded to the four decimals
    the books hold; the order's discount is not in them. The season is the one all lines share, "" when they do
    not. A surcharge of the header has no place on an order of the books and is noted in its comments. Of a
    cancelled order nothing else needs to make sense.
    """
    try:
        return _order(tolerant.read(OrderWire, payload))
    except _Negative as negative:
        said = reasons.ORDER_NEGATIVE.about(order=order_label(payload), problem=negative)
    except Unfit as unfit:
        said = reasons.ORDER_NOT_READABLE.about(order=order_label(payload), problem=unfit)
    return _cancelled(payload) or said


def alike(one: Json, other: Json) -> bool:
    """Whether two orders agree in all that is read of them; their statuses may differ as long as none is cancelled."""
    return all(one.get(key) == other.get(key) for key in _READ) and not any(map(_is_cancelled, (one, other)))


def order_label(payload: Any) -> str:
    """The number people know an order by, else its id."""
    if not isinstance(payload, dict):
        return "without a number"
    texts = (tolerant.text(key, payload.get(key)) for key in ("order_number", "_id"))
    return next((text for text in texts if text), "without a number")


def _order(wire: OrderWire) -> IncomingOrder | Said:
    for what, value in (("number", wire.order_number), ("id", wire.id)):
        if not value:
            raise Unfit(f"it has no {what}")
    currency = wire.currency_code.upper()
    if not _CURRENCY.fullmatch(currency):
        raise Unfit(f"{currency} is not a currency" if currency else "it has no currency")
    if wire.total is not None:
        _amount("its total", wire.total)
    if not 0 <= wire.discount <= 100:
        raise Unfit(f"its discount is {wire.discount} %")
    lines = tuple(line for item in wire.line_items for line in _lines(item))
    cancelled = wire.status.casefold() == CANCELLED
    if not lines and not cancelled:
        return reasons.ORDER_EMPTY.about(order=wire.order_number)
    seasons = {item.product.season for item in wire.line_items}
    return IncomingOrder(
        remote_id=wire.id,
        number=wire.order_number,
        customer_name=wire.retailer.retailer_name,
        customer_code=wire.retailer.retailer_code,
        customer_id=wire.retailer.id,
        customer_email=wire.retailer.buyer_email,
        currency=currency,
        lines=lines,
        customer_reference=wire.customer_po_number,
        season_name=seasons.pop() if len(seasons) == 1 else "",
        ships_from=wire.start_ship or wire.ship_start,
        ships_until=wire.end_ship or wire.ship_end,
        discount_percent=wire.discount,
        addresses=_addresses(wire),
        comments=_comments(wire),
        total=wire.total,
        cancelled=cancelled,
    )


def _cancelled(payload: Any) -> IncomingOrder | None:
    """A cancelled order by its names alone, None when the payload is not one."""
    if not isinstance(payload, dict):
        return None
    remote_id, number = (tolerant.text(key, payload.get(key)) for key in ("_id", "order_number"))
    if not remote_id or not _is_cancelled(payload):
        return None
    return IncomingOrder(
        remote_id=remote_id,
        number=number or remote_id,
        customer_name="",
        customer_code="",
        currency="",
        lines=(),
        cancelled=True,
    )


def _is_cancelled(payload: Json) -> bool:
    return tolerant.text("status", payload.get("status")).casefold() == CANCELLED


def _lines(item: LineItem) -> Iterator[IncomingLine]:
    for size in item.sizes:
        described = " ".join(part for part in (item.product.style_number, item.product.color, size.size) if part)
        quantity = _units(f"the quantity of {described}", size.quantity)
        if quantity:
            yield IncomingLine(
                barcode="" if size.upc.casefold() in _NO_BARCODE else size.upc,
                described_as=described,
                quantity=quantity,
                price=_price(described, size),
                original_price=_original_price(described, size),
                ships_from=item.ship_start,
                ships_until=item.ship_end,
                comment=item.notes,
                product_id=item.product.id,
                style=item.product.style_number,
                colour=item.product.color,
                size=size.size,
            )


def _units(what: str, quantity: Decimal) -> int:
    if quantity < 0:
        raise _Negative(what)
    if quantity != int(quantity) or quantity > _MOST_UNITS:
        raise Unfit(f"{what} is {quantity}")
    return int(quantity)


def _price(described: str, size: LineSize) -> Decimal:
    if size.price is None:
        raise Unfit(f"{described} has no price")
    return _amount(f"the price of {described}", size.price)


def _original_price(described: str, size: LineSize) -> Decimal | None:
    if size.original_price is None:
        return None
    return _amount(f"the original price of {described}", size.original_price)


def _amount(what: str, amount: Decimal) -> Decimal:
    if amount < 0:
        raise _Negative(what)
    if amount >= _MOST_MONEY:
        raise Unfit(f"{what} is {amount}")
    return amount.quantize(_CENTS)


def _addresses(wire: OrderWire) -> dict[str, dict[str, str]]:
    found = {"delivery": _address(wire.shipping_address), "accounts": _address(wire.billing_address)}
    return {kind: address for kind, address in found.items() if address}


def _address(address: OrderAddress) -> dict[str, str]:
    parts = {
        "code": address.code,
        "description": address.display_name,
        "line_1": address.line_1,
        "line_2": address.line_2,
        "city": address.city,
        "region": address.state,
        "postcode": address.zip,
        "country": address.country,
    }
    return {part: value for part, value in parts.items() if value}


def _comments(wire: OrderWire) -> str:
    surcharge = ""
    if wire.additional_percentage:
        named = wire.additional_percentage_label or "Surcharge"
        surcharge = f"{named}: {wire.additional_percentage.normalize():f} %"
    return "\n".join(part for part in (wire.notes, surcharge) if part)
