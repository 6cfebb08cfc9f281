"""Addresses that orders brought, kept by their customers too."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from linesheet.books.addresses import PARTS, AddressRefused, Kept, address_snapshot, keep_addresses
from linesheet.books.bulk import save_changed
from linesheet.books.models import Address, Order
from linesheet.books.order_drafts import KINDS

FROM_ORDERS = (Address.Kind.DELIVERY, Address.Kind.ACCOUNTS)
"""Store addresses are the customer's own business (sheet joor.md 9.7)."""


@dataclass(frozen=True, slots=True)
class Brought:
    """An address that an order brought, as its customer has it now; or why the customer cannot have it."""

    order: Order
    kind: Address.Kind
    outcome: Kept | AddressRefused


@transaction.atomic
def keep_order_addresses(orders: Sequence[Order]) -> list[Brought]:
    """Have customers keep the delivery and accounts addresses of their orders, each added where it is new to them.

    The orders have the addresses as the customers have them; one that cannot be kept stays on its order as it came.
    Four queries, however many orders.
    """
    given = [
        (order, kind, _address(order, kind))
        for order in orders
        for kind in FROM_ORDERS
        if order.addresses.get(KINDS[kind])
    ]
    outcomes = keep_addresses([address for _, _, address in given])
    brought = [Brought(order, kind, outcome) for (order, kind, _), outcome in zip(given, outcomes, strict=True)]
    changed = []
    for each in brought:
        if isinstance(each.outcome, Kept):
            snapshot = address_snapshot(each.outcome.address)
            if each.order.addresses[KINDS[each.kind]] != snapshot:
                each.order.addresses = {**each.order.addresses, KINDS[each.kind]: snapshot}
                changed.append(each.order)
    save_changed(changed, ["addresses"])
    return brought


def _address(order: Order, kind: Address.Kind) -> Address:
    parts = {part: text for part, text in order.addresses[KINDS[kind]].items() if part in PARTS}
    return Address(customer=order.customer, kind=kind, **parts)
