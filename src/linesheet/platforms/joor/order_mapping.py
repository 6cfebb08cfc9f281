"""Wire to books: a JOOR order in the hub's words. Pure functions."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from linesheet.books.reasons import Said
from linesheet.platforms.joor import order_lines, trade_reasons
from linesheet.platforms.joor.order_figures import Negative, amount, discount_of, goods_of, total_of
from linesheet.platforms.joor.order_wire import TOLD, OrderWire
from linesheet.platforms.joor.wire import Json
from linesheet.sync import tolerant
from linesheet.sync.incoming import IncomingOrder
from linesheet.sync.tolerant import Unfit

CANCELLED = "6"
NOT_APPROVED = {"1": "in a cart", "2": "in Notes", "3": "pending"}
"""Codes of `order_type`; 4 is approved and 5 shipped (sheet 7.2)."""

_CURRENCY = re.compile(r"[A-Z]{3}")
_CENT = Decimal("0.01")
_PARAGRAPH = re.compile(r"\s*<eop>\s*", re.IGNORECASE)
_PARTS = {
    "code": "code",
    "company_name": "name",
    "line_1": "address_1",
    "line_2": "address_2",
    "city": "city",
    "region": "region",
    "postcode": "postal_code",
    "country": "country",
}
"""The books' parts of an address, and JOOR's."""


def order_from_wire(payload: Any) -> IncomingOrder | Said:
    """What an order means (sheet 7.2 and 9.7), whatever is missing; why not, when it cannot be one.

    The customer is known by its code only (9.8, step 3). What the books have no place for, such as the charge for
    shipping, doors and divisions, is told in the comments. Lines without a quantity are passed over. Of a cancelled
    order nothing else needs to make sense.
    """
    try:
        return _order(tolerant.read(OrderWire, payload), payload)
    except Negative as negative:
        said = trade_reasons.ORDER_NEGATIVE.about(order=order_label(payload), problem=negative)
    except Unfit as unfit:
        said = trade_reasons.ORDER_NOT_READABLE.about(order=order_label(payload), problem=unfit)
    return _cancelled(payload) or said


def order_label(payload: Any) -> str:
    """The number people know an order by."""
    number = tolerant.text("order_id", payload.get("order_id")) if isinstance(payload, dict) else ""
    return number or "without a number"


def _order(wire: OrderWire, payload: Json) -> IncomingOrder | Said:
    if not wire.id:
        raise Unfit("it has no number")
    cancelled = wire.told.cancelled or wire.status == CANCELLED
    if wire.status in NOT_APPROVED and not cancelled:
        return trade_reasons.ORDER_NOT_APPROVED.about(order=wire.id, status=NOT_APPROVED[wire.status])
    currency = wire.currency.upper()
    if not _CURRENCY.fullmatch(currency):
        raise Unfit(f"{currency} is not a currency" if currency else "it has no currency")
    lines = tuple(order_lines.lines_of(wire))
    if not lines and not cancelled:
        return trade_reasons.ORDER_EMPTY.about(order=wire.id)
    discount = discount_of(wire, goods_of(lines))
    return IncomingOrder(
        remote_id=wire.id,
        number=wire.id,
        customer_name=wire.customer_name,
        customer_code=wire.customer_code,
        customer_email=wire.email,
        by_code_only=True,
        currency=currency,
        price_label=wire.price_label,
        lines=lines,
        customer_reference="" if wire.purchase_order == wire.id else wire.purchase_order,
        season_name=wire.season or wire.told.season or wire.season_code,
        ships_from=wire.ships_from,
        ships_until=wire.ships_until,
        discount_percent=discount,
        addresses=_addresses(payload),
        comments="\n".join(_comments(wire, discount * goods_of(lines) / 100, currency)),
        total=total_of(wire, goods_of(lines) * (1 - discount / 100)),
        cancelled=cancelled,
    )


def _cancelled(payload: Any) -> IncomingOrder | None:
    """A cancelled order by its number alone, None when the payload is not one."""
    if not isinstance(payload, dict):
        return None
    number = tolerant.text("order_id", payload.get("order_id"))
    told = payload.get(TOLD)
    is_listed_so = isinstance(told, dict) and told.get("cancelled") is True
    is_so = is_listed_so or tolerant.text("order_type", payload.get("order_type")) == CANCELLED
    if not number or not is_so:
        return None
    return IncomingOrder(
        remote_id=number,
        number=number,
        customer_name="",
        customer_code="",
        by_code_only=True,
        currency="",
        lines=(),
        cancelled=True,
    )


def _addresses(payload: Json) -> dict[str, dict[str, str]]:
    """The addresses by the books' words; a country is called by its name, or else by its code."""
    found = {"delivery": _address(payload, "shipping"), "accounts": _address(payload, "billing")}
    return {kind: address for kind, address in found.items() if address}


def _address(payload: Json, kind: str) -> dict[str, str]:
    def part(name: str) -> str:
        return tolerant.text(name, payload.get(f"{kind}_{name}"))

    parts = {ours: part(theirs) for ours, theirs in _PARTS.items()}
    parts["country"] = parts["country"] or part("country_iso_two") or part("country_iso_three")
    return {name: text for name, text in parts.items() if text}


def _comments(wire: OrderWire, off: Decimal, currency: str) -> Iterator[str]:
    """What people wrote, then what else the order says that the books have no field for, a line each.

    An amount of discount is told where the percent of the order does not say it exactly.
    """
    yield from _paragraphs(wire.comments)
    internal = "\n".join(_paragraphs(wire.internal_comments))
    told = {
        "Internal": internal,
        "Discount": f"{wire.discount:.2f} {currency}"
        if wire.discount and abs(wire.discount - off) >= _CENT / 2
        else "",
        "Shipping": f"{amount('its charge for shipping', wire.shipping):.2f} {currency}" if wire.shipping else "",
        "Divisions": ", ".join(_called(each.name, each.code) for each in wire.divisions),
        "Doors": ", ".join(_called(each.name, each.code) for each in wire.doors if not each.deleted),
        "Order type": wire.type,
        "Event": wire.event,
        "Payment": wire.payment_method,
        "Shipping method": wire.shipping_method,
        "Warehouse": wire.warehouse,
        "Sales representative": wire.sales_representative,
    }
    yield from (f"{name}: {text}" for name, text in told.items() if text)


def _paragraphs(text: str) -> list[str]:
    """The lines of a comment, in which JOOR marks the end of a paragraph by `<eop>`."""
    return [line.strip() for line in _PARAGRAPH.sub("\n", text).splitlines() if line.strip()]


def _called(name: str, code: str) -> str:
    return f"{name} ({code})" if name and code and name != code else name or code
