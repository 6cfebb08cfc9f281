"""Where the orders of the books come from, and what waits in the inbox for them."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from linesheet.books.models import Customer, Order
from linesheet.sync.models import Connection, InboxRecord


@dataclass(frozen=True, slots=True)
class Source:
    """The record an order came from, by the number its platform gave it; `waiting` changes of it are undecided."""

    connection: Connection
    kind: str
    remote_id: str
    number: str
    waiting: int


def sources_of(orders: Collection[Order]) -> dict[int, Source]:
    """The sources of imported orders, by the orders' ids; others are left out. Three queries."""
    stored = InboxRecord.objects.filter(order__in=[order.pk for order in orders]).order_by("revision")
    rows = list(stored.values_list("order_id", "connection_id", "kind", "remote_id", "label"))
    connections = Connection.objects.defer("credentials").in_bulk({row[1] for row in rows})
    waiting = Counter(
        InboxRecord.objects.filter(
            connection__in=list(connections), remote_id__in={row[3] for row in rows}, state__in=InboxRecord.UNDECIDED
        ).values_list("connection_id", "kind", "remote_id")
    )
    return {
        order_id: Source(
            connections[connection_id],
            kind,
            remote_id,
            label or remote_id,
            waiting[connection_id, kind, remote_id],
        )
        for order_id, connection_id, kind, remote_id, label in rows
    }


def from_connection(orders: "QuerySet[Order]", connection: Connection) -> "QuerySet[Order]":
    """Those of the orders that came in through a connection."""
    return orders.filter(source_key__startswith=_prefix(connection))


def from_no_connection(orders: "QuerySet[Order]") -> "QuerySet[Order]":
    """Those of the orders that a file or a person brought."""
    for connection in Connection.objects.defer("credentials"):
        orders = orders.exclude(source_key__startswith=_prefix(connection))
    return orders


def _prefix(connection: Connection) -> str:
    """What the source keys of all orders of a connection begin with, as `order_links.source_key` makes them."""
    return f"{connection.platform}:{connection.pk}:"


def with_changes_waiting(orders: "QuerySet[Order]", among: Any) -> "QuerySet[Order]":
    """Those of the orders that were changed where they came from, one of these connections, and that is undecided."""
    undecided = InboxRecord.objects.filter(connection__in=among, state__in=InboxRecord.UNDECIDED, revision__gt=1)
    keys: Sequence[tuple[Any, ...]] = undecided.values_list("connection_id", "kind", "remote_id")
    stored = InboxRecord.objects.filter(order__isnull=False, remote_id__in=[key[2] for key in keys])
    found = stored.values_list("order_id", "connection_id", "kind", "remote_id")
    wanted = set(keys)
    return orders.filter(pk__in=[row[0] for row in found if tuple(row[1:]) in wanted])


def maker_of(customer: Customer) -> Connection | None:
    """The connection whose record the customer was made from; None where people or a file made it, or it is gone."""
    pk = maker_id(customer)
    found: Connection | None = Connection.objects.defer("credentials").filter(pk=pk).first() if pk else None
    return found


def maker_id(customer: Customer) -> int | None:
    """The id of that connection, which may be gone."""
    _, _, rest = customer.source_key.partition(":")
    pk, _, _ = rest.partition(":")
    return int(pk) if pk.isdecimal() else None


def made_by(customers: "QuerySet[Customer]", connection: Connection) -> "QuerySet[Customer]":
    """Those of the customers that were made from a record of a connection."""
    return customers.filter(source_key__startswith=_prefix(connection))


def brought_by(customer: Customer) -> Order | None:
    """The order with which the customer came into the books."""
    if not customer.source_key:
        return None
    order: Order | None = Order.objects.filter(source_key=customer.source_key).first()
    return order
