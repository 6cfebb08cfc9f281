"""A buyer's order on ORDRE: written by look or line by line, and edited (sheet ordre.md 1, R12)."""

from typing import Any

import msgspec

from linesheet_sandbox.common.store import Record
from linesheet_sandbox.ordre.errors import RefusedError
from linesheet_sandbox.ordre.lines import OrderedLine, OrderedLook, lines_by_look, lines_one_by_one
from linesheet_sandbox.ordre.portal import OrdrePortal

DRAFT, EDITED, SUBMITTED = "draft", "edited", "submitted"


class Wish(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What a buyer says of an order; what is unset stays as it is.

    `customer` is a name, or the customer as the sheet has it; `customer_id` is one that was collected. `raw` are fields
    of the body that is sent, whatever else is known: null leaves a field out (sheet 6.4).
    """

    customer: str | dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    customer_id: str | msgspec.UnsetType = msgspec.UNSET
    po_number: str | msgspec.UnsetType | None = msgspec.UNSET
    currency: str | msgspec.UnsetType | None = msgspec.UNSET
    price_list: str | msgspec.UnsetType | None = msgspec.UNSET
    delivery: dict[str, Any] | msgspec.UnsetType | None = msgspec.UNSET
    discount_percent: str | msgspec.UnsetType | None = msgspec.UNSET
    notes: str | msgspec.UnsetType | None = msgspec.UNSET
    shipping_address: dict[str, Any] | msgspec.UnsetType | None = msgspec.UNSET
    billing_address: dict[str, Any] | msgspec.UnsetType | None = msgspec.UNSET
    looks: list[OrderedLook] | msgspec.UnsetType = msgspec.UNSET
    lines: list[OrderedLine] | msgspec.UnsetType = msgspec.UNSET
    quantities: dict[str, int] | msgspec.UnsetType = msgspec.UNSET
    raw: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET


_PLAIN = (
    "po_number",
    "currency",
    "price_list",
    "delivery",
    "discount_percent",
    "notes",
    "shipping_address",
    "billing_address",
    "raw",
)


def place_order(portal: OrdrePortal, wish: Wish) -> Record:
    """A new order, which nobody but ORDRE knows of until it is submitted. Raises RefusedError."""
    if isinstance(wish.customer, msgspec.UnsetType) and isinstance(wish.customer_id, msgspec.UnsetType):
        raise RefusedError(400, "customer or customer_id is needed")
    if not wish.looks and not wish.lines:
        raise RefusedError(400, "looks or lines are needed")
    bare: Record = {"status": DRAFT, "lines": [], **dict.fromkeys(_PLAIN), "raw": {}, "edited_at": None}
    written = _written(portal, bare, wish)
    number = str(portal.next_number("order"))
    return portal.orders.put(number, {"number": number, **written, "created_at": portal.clock.stamp()})


def edit_order(portal: OrdrePortal, order: Record, wish: Wish) -> Record:
    """The order as edited, of which the hub learns with the next submission (R12).

    `looks` or `lines` replace all lines.
    """
    written = _written(portal, order, wish)
    status = order["status"] if order["status"] == DRAFT else EDITED
    edited = {**written, "status": status, "edited_at": portal.clock.stamp()}
    return portal.orders.put(order["number"], edited)


def find_order(portal: OrdrePortal, number: str) -> Record:
    """The order of this number. Raises RefusedError when there is none."""
    order = portal.orders.get(number)
    if order is None:
        raise RefusedError(404, f"there is no order {number}")
    return order


def _written(portal: OrdrePortal, order: Record, wish: Wish) -> Record:
    said = {name: value for name in _PLAIN if (value := getattr(wish, name)) is not msgspec.UNSET}
    written: Record = {**order, **said}
    if not isinstance(wish.customer_id, msgspec.UnsetType):
        written["customer"] = _collected(portal, written, wish.customer_id)
    elif not isinstance(wish.customer, msgspec.UnsetType):
        written["customer"] = {"name": wish.customer} if isinstance(wish.customer, str) else wish.customer
    looks = [] if isinstance(wish.looks, msgspec.UnsetType) else wish.looks
    lines = [] if isinstance(wish.lines, msgspec.UnsetType) else wish.lines
    if looks or lines:
        written["lines"] = [*lines_by_look(portal, written, looks), *lines_one_by_one(portal, written, lines)]
    if not isinstance(wish.quantities, msgspec.UnsetType):
        written["lines"] = _requantified(written["lines"], wish.quantities)
    return {**written, "lines": [{**line, "line_id": str(n)} for n, line in enumerate(written["lines"], 1)]}


def _collected(portal: OrdrePortal, order: Record, customer_id: str) -> Record:
    """A customer that was collected, named by the hub's id; the order is in its currency and price list if in none."""
    customer = portal.customers.get(customer_id)
    if customer is None:
        raise RefusedError(404, f"there is no customer {customer_id}; was it collected?")
    order["currency"] = order["currency"] or customer.get("currency")
    order["price_list"] = order["price_list"] or customer.get("price_list")
    named = {"id": customer_id, "name": customer.get("name"), "account_code": customer.get("account_code")}
    return {key: value for key, value in named.items() if value}


def _requantified(lines: list[Record], quantities: dict[str, int]) -> list[Record]:
    """The lines with other quantities, by barcode; 0 takes a line away."""
    if unknown := set(quantities) - {line["barcode"] for line in lines}:
        raise RefusedError(400, f"no line of barcode {', '.join(sorted(unknown))}")
    changed = [{**line, "quantity": quantities.get(line["barcode"], line["quantity"])} for line in lines]
    return [line for line in changed if line["quantity"] != 0]
