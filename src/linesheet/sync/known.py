"""Customers and sizes that a connection knows by the platform's own names: by a match made by hand, or by a link."""

from collections.abc import Sequence

from linesheet.books.models import SKU, Customer
from linesheet.sync.incoming import IncomingLine, IncomingOrder
from linesheet.sync.models import Link, Match

CUSTOMER = "customer"
"""The kind of links and matches of customers."""
SIZE = "sku"
"""The kind of matches of sizes, which are linked as parts of their products only."""


def customers_known(connection_id: int, orders: Sequence[IncomingOrder]) -> dict[str, Customer]:
    """Customers by the keys under which the orders name them: as a person said, else as records are linked."""
    keys = {key for order in orders for key in order.customer_keys}
    ids = {
        f"id:{order.customer_id.strip()}": order.customer_id.strip() for order in orders if order.customer_id.strip()
    }
    links = Link.objects.filter(connection_id=connection_id, kind=CUSTOMER, remote_id__in=ids.values()) if ids else ()
    by_remote_id = {link.remote_id: link.record_id for link in links}
    found = {key: by_remote_id[remote_id] for key, remote_id in ids.items() if remote_id in by_remote_id}
    said = Match.objects.filter(connection_id=connection_id, kind=CUSTOMER, remote_key__in=keys) if keys else ()
    found |= {match.remote_key: match.record_id for match in said}
    if not found:
        return {}
    customers = Customer.objects.select_related("hold_status").in_bulk([int(pk) for pk in set(found.values())])
    return {key: customers[int(pk)] for key, pk in found.items() if int(pk) in customers}


def sizes_known(connection_id: int, lines: Sequence[IncomingLine]) -> dict[str, SKU]:
    """SKUs by the keys under which lines name them, as a person said."""
    keys = {key for line in lines for key in line.keys}
    said = Match.objects.filter(connection_id=connection_id, kind=SIZE, remote_key__in=keys) if keys else ()
    found = {match.remote_key: int(match.record_id) for match in said}
    skus = SKU.objects.in_bulk(list(set(found.values()))) if found else {}
    return {key: skus[pk] for key, pk in found.items() if pk in skus}
