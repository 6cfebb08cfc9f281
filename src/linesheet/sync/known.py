"""Customers and sizes that a connection knows by the platform's own names: by a match made by hand, or by a link."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from linesheet.books.kinds import CUSTOMER, SIZE
from linesheet.books.models import SKU, Customer
from linesheet.sync.incoming import IncomingLine, IncomingOrder
from linesheet.sync.models import Link, Match


@dataclass(frozen=True, slots=True)
class CustomersKnown:
    """Customers as a person said, by the keys under which orders name them, and as they are linked, by their ids."""

    said: Mapping[str, Customer]
    linked: Mapping[str, Customer]

    def of(self, order: IncomingOrder) -> Customer | None:
        """Whom an order is from: a person's word goes before a link, however it names them."""
        said = next((self.said[key] for key in order.customer_keys if key in self.said), None)
        return said or self.linked.get(order.customer_id.strip())


def customers_known(connection_id: int, orders: Sequence[IncomingOrder]) -> CustomersKnown:
    """The customers of these orders, as far as anything but code and name tells who they are. Three queries at most."""
    keys = {key for order in orders for key in order.customer_keys}
    ids = {order.customer_id.strip() for order in orders} - {""}
    matches = Match.objects.filter(connection_id=connection_id, kind=CUSTOMER, remote_key__in=keys) if keys else ()
    links = Link.objects.filter(connection_id=connection_id, kind=CUSTOMER, remote_id__in=ids) if ids else ()
    said = {match.remote_key: int(match.record_id) for match in matches}
    linked = {link.remote_id: int(link.record_id) for link in links}
    wanted = {*said.values(), *linked.values()}
    related = ("hold_status", "merged_into__hold_status")
    found = Customer.objects.select_related(*related).in_bulk(list(wanted)) if wanted else {}
    customers = {pk: customer.meant for pk, customer in found.items()}
    return CustomersKnown(
        {key: customers[pk] for key, pk in said.items() if pk in customers},
        {key: customers[pk] for key, pk in linked.items() if pk in customers},
    )


def sizes_known(connection_id: int, lines: Sequence[IncomingLine]) -> dict[str, SKU]:
    """SKUs by the keys under which lines name them, as a person said."""
    keys = {key for line in lines for key in line.keys}
    said = Match.objects.filter(connection_id=connection_id, kind=SIZE, remote_key__in=keys) if keys else ()
    found = {match.remote_key: int(match.record_id) for match in said}
    skus = SKU.objects.select_related("product").in_bulk(list(set(found.values()))) if found else {}
    return {key: skus[pk] for key, pk in found.items() if pk in skus}
