"""What is at risk while a problem lasts, where that can be said honestly.

Of orders on hold: what they come to, as the platform gave them. Of products that cannot be sent: what could be sold of
them now, at the wholesale price of their latest season in the company's currency. Of anything else: nothing is said.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, islice, zip_longest

from django.db import connection as database

from linesheet.books.models import SKU, Company, PriceList, Season
from linesheet.books.prices import prices_of
from linesheet.books.stock import available_to_sell
from linesheet.books.tenancy import company_in_hand
from linesheet.sync import registry
from linesheet.sync.inbox import as_incoming
from linesheet.sync.incoming import IncomingOrder
from linesheet.sync.models import Connection, InboxRecord
from linesheet.sync.resolve import computed_total

MOST_ORDERS = 50
"""Orders on hold whose payloads are read to add them up; of more, the latest, and the sum is a least."""
MOST_PRODUCTS = 50
"""Products that are valued, over all groups, each in turn; of more, the sum is a least."""
MOST_OF_A_GROUP = 50

PRODUCT = "product"


@dataclass(frozen=True, slots=True)
class Value:
    """Sums by currency; `at_least` when not everything was added up."""

    amounts: tuple[tuple[str, Decimal], ...]
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Problems of a connection that share a reason."""

    connection_id: int
    reason_code: str
    count: int


@dataclass(frozen=True, slots=True)
class Held:
    """Orders on hold of some connections: how many by connection, and what the latest of them come to."""

    counts: Mapping[int, int]
    totals: Mapping[tuple[int, str], tuple[str, Decimal]]
    """(currency, amount) by connection id and remote id; of those that were read and make sense."""

    def of(self, connection_id: int) -> Value | None:
        """What the orders on hold of a connection come to; None where none could be read."""
        mine = [total for (connection, _), total in self.totals.items() if connection == connection_id]
        return _value(mine, at_least=len(mine) < self.counts.get(connection_id, 0)) if mine else None


def held_orders(connections: Iterable[Connection], counts: Mapping[int, int]) -> Held:
    """The orders on hold, of which `counts` says how many each connection has."""
    rows = InboxRecord.objects.filter(
        connection__in=[one.pk for one in connections if counts.get(one.pk)], state=InboxRecord.State.HELD
    )
    records = list(rows.order_by("-pk")[:MOST_ORDERS]) if any(counts.values()) else []
    meanings = as_incoming(records)
    totals = {}
    for record in records:
        order = meanings.get(record.pk)
        if isinstance(order, IncomingOrder) and order.currency:
            amount = computed_total(order) if order.total is None else order.total
            totals[record.connection_id, record.remote_id] = (order.currency, amount)
    return Held(counts, totals)


def values_of(groups: Sequence[Group], connections: Iterable[Connection], held: Held) -> dict[tuple[int, str], Value]:
    """What is at risk, by connection id and reason code; left out where nothing can be said."""
    products = _product_kinds(connections)
    records = _records_of(groups)
    in_turn = chain.from_iterable(zip_longest(*(_product_ids(one, records[one], products) for one in records)))
    currency, worth = _worth(set(islice(dict.fromkeys(pk for pk in in_turn if pk is not None), MOST_PRODUCTS)))
    found = {}
    for group in groups:
        key = (group.connection_id, group.reason_code)
        ours = records.get(key, ())
        parts = [(currency, worth[pk]) for pk in _product_ids(key, ours, products) if pk in worth]
        parts += [
            held.totals[group.connection_id, record_id]
            for kind, record_id in ours
            if (group.connection_id, kind) not in products and (group.connection_id, record_id) in held.totals
        ]
        if parts:
            found[key] = _value(parts, at_least=len(parts) < group.count)
    return found


def _records_of(groups: Sequence[Group]) -> dict[tuple[int, str], list[tuple[str, str]]]:
    """Kind and id of the records of each group, of a large one not all. One pass over the open problems."""
    if not groups:
        return {}
    with database.cursor() as cursor:
        cursor.execute(
            """
            SELECT connection_id, reason_code, (array_agg(DISTINCT ARRAY[kind, record_id]))[1:%s][1:2]
              FROM sync_problem WHERE cleared_at IS NULL AND connection_id = ANY(%s)
             GROUP BY connection_id, reason_code
            """,
            [MOST_OF_A_GROUP, list({group.connection_id for group in groups})],
        )
        return {(pk, code): [(kind, record) for kind, record in records] for pk, code, records in cursor.fetchall()}


def _product_ids(
    group: tuple[int, str], records: Iterable[tuple[str, str]], products: Container[tuple[int, str]]
) -> list[int]:
    """The products among the records, each once: two kinds of record, stock and a picture, may be of one product."""
    found = (int(record) for kind, record in records if (group[0], kind) in products and record.isdecimal())
    return list(dict.fromkeys(found))


def _product_kinds(connections: Iterable[Connection]) -> set[tuple[int, str]]:
    """Connection and kind of the records that are a product, or a part of one, on their way out."""
    platforms = registry.platforms()
    return {
        (connection.pk, str(getattr(leg, "kind", "")))
        for connection in connections
        if connection.platform in platforms
        for task in platforms[connection.platform].tasks
        for leg in task.legs
        if getattr(leg, "of", "") == PRODUCT
    }


def _worth(product_ids: set[int]) -> tuple[str, dict[int, Decimal]]:
    """The company's currency, and what can be sold now of each product at wholesale; only of those with a price."""
    currency = Company.objects.values_list("currency", flat=True).get(pk=company_in_hand())
    if not product_ids:
        return currency, {}
    prices = {
        product_id: price.amount
        for product_id, of_season in prices_of(product_ids).items()
        for price in of_season.prices
        if price.currency == currency and price.price_list.kind == PriceList.Kind.WHOLESALE
    }
    sizes = dict(SKU.objects.filter(product__in=list(prices)).values_list("pk", "product_id"))
    available = available_to_sell(sizes, list(Season.objects.filter(active=True, archived=False)))
    units = defaultdict[int, int](int)
    for sku_id, places in available.items():
        units[sizes[sku_id]] += sum(max(0, place.quantity) for place in places)
    return currency, {product_id: amount * units[product_id] for product_id, amount in prices.items()}


def _value(parts: Iterable[tuple[str, Decimal]], *, at_least: bool) -> Value:
    sums = defaultdict[str, Decimal](Decimal)
    for currency, amount in parts:
        sums[currency] += amount
    return Value(tuple(sorted(sums.items())), at_least)
