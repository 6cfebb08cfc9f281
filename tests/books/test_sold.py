"""What is sold from a row of stock is kept by the database, and is what the orders say, whatever is done to either."""

import datetime
import random
import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linesheet.books import changes
from linesheet.books.many_orders import approve_all, inactivate_all
from linesheet.books.models import SKU, Company, Customer, Location, Order, OrderLine, Product, Season, Stock
from linesheet.books.stock import selling_locations
from linesheet.books.tenancy import acting_for
from tests.processes import until


def as_kept() -> dict[int, tuple[int, int]]:
    """What is sold and what is left, by row of stock."""
    return {pk: (sold, left) for pk, sold, left in Stock.objects.values_list("pk", "sold", "available")}


def as_counted() -> dict[int, tuple[int, int]]:
    """The same, line by line."""
    first = selling_locations().first()
    found = {}
    for row in Stock.objects.all():
        sold = sum(
            line.quantity
            for line in OrderLine.objects.filter(sku=row.sku_id).select_related("order")
            if line.order.approved
            and line.order.active
            and not line.order.force_closed
            and line.order.season_id == row.season_id
            and (line.order.location_id or (first and first.pk)) == row.location_id
        )
        found[row.pk] = (sold, row.opening + row.adjustments + row.received - sold)
    return found


class Shop:
    """Books of three SKUs in two seasons and two locations, and things done to them at random."""

    def __init__(self) -> None:
        coat = Product.objects.create(code="COAT", style="COAT", colour="Black", name="Coat")
        self.skus = [SKU.objects.create(product=coat, size=size) for size in "SML"]
        self.seasons = [
            Season.objects.create(name=name, starts_on=datetime.date(2026, 1, 1)) for name in ("SS26", "AW26")
        ]
        self.customer = Customer.objects.create(name="Harrods")
        for name in ("Paris", "Milan"):
            Location.objects.create(name=name)
        for sku in self.skus:
            Stock.objects.create(sku=sku, location=Location.objects.first(), season=self.seasons[0], opening=9)

    def do(self, seed: int) -> None:
        """One deed, drawn by the seed; nothing where it has nothing to be done to."""
        draw = random.Random(seed)
        draw.choice(DEEDS)(self, draw)

    def an_order(self, draw: random.Random) -> Order | None:
        return _one(Order.objects.all(), draw)


def _one(rows, draw):
    found = list(rows.order_by("pk"))
    return draw.choice(found) if found else None


def _place(shop: Shop, draw: random.Random) -> None:
    order = Order.objects.create(
        number=(Order.objects.count() and Order.objects.latest("number").number) + 1,
        customer=shop.customer,
        season=draw.choice(shop.seasons),
        location=draw.choice([None, _one(Location.objects.all(), draw)]),
        currency="EUR",
        approved=draw.random() < 0.7,
    )
    OrderLine.objects.bulk_create(
        OrderLine(order=order, position=at, sku=draw.choice([None, *shop.skus]), quantity=draw.randint(0, 5), price=9)
        for at in range(1, draw.randint(1, 4))
    )


def _flag(shop: Shop, draw: random.Random) -> None:
    if order := shop.an_order(draw):
        flag = draw.choice(["approved", "active", "force_closed"])
        setattr(order, flag, not getattr(order, flag))
        order.save()


def _move_order(shop: Shop, draw: random.Random) -> None:
    where = draw.choice([{"season": draw.choice(shop.seasons)}, {"location": _one(Location.objects.all(), draw)}])
    Order.objects.filter(pk__in=Order.objects.filter(number__gte=draw.randint(1, 5)).values("pk")).update(**where)


def _all_at_once(shop: Shop, draw: random.Random) -> None:
    draw.choice([approve_all, inactivate_all])(Order.objects.all())


def _drop_order(shop: Shop, draw: random.Random) -> None:
    if order := shop.an_order(draw):
        order.delete()


def _line(shop: Shop, draw: random.Random) -> None:
    if line := _one(OrderLine.objects.all(), draw):
        line.sku, line.quantity = draw.choice([None, *shop.skus]), draw.randint(0, 5)
        line.save()


def _lines_to_another(shop: Shop, draw: random.Random) -> None:
    lines, order = OrderLine.objects.filter(position=1), shop.an_order(draw)
    if order:
        for at, line in enumerate(lines.exclude(order=order), start=10 + draw.randint(1, 10_000)):
            OrderLine.objects.filter(pk=line.pk).update(order=order, position=at)


def _drop_lines(shop: Shop, draw: random.Random) -> None:
    OrderLine.objects.filter(sku=draw.choice(shop.skus)).delete()


def _stock(shop: Shop, draw: random.Random) -> None:
    if location := _one(Location.objects.all(), draw):
        key = {"sku": draw.choice(shop.skus), "location": location, "season": draw.choice(shop.seasons)}
        Stock.objects.update_or_create(**key, defaults={"opening": draw.randint(0, 20)})


def _save_what_was_read_long_ago(shop: Shop, draw: random.Random) -> None:
    row = _one(Stock.objects.all(), draw)
    _place(shop, draw)
    if row:
        row.received, row.sold = draw.randint(0, 5), 77
        row.save()


def _move_stock(shop: Shop, draw: random.Random) -> None:
    row, to = _one(Stock.objects.all(), draw), _one(Location.objects.all(), draw)
    if row and not Stock.objects.filter(sku=row.sku, season=row.season, location=to).exists():
        Stock.objects.filter(pk=row.pk).update(location=to)


def _drop_stock(shop: Shop, draw: random.Random) -> None:
    if row := _one(Stock.objects.all(), draw):
        row.delete()


def _location(shop: Shop, draw: random.Random) -> None:
    if location := _one(Location.objects.all(), draw):
        flag = draw.choice(["sells", "active"])
        setattr(location, flag, not getattr(location, flag))
        location.save()
    else:
        Location.objects.create(name="Oslo")


def _drop_location(shop: Shop, draw: random.Random) -> None:
    if location := _one(Location.objects.all(), draw):
        location.delete()


DEEDS: list[Callable[[Shop, random.Random], None]] = [
    *[_place] * 3,
    _flag,
    _flag,
    _move_order,
    _all_at_once,
    _drop_order,
    _line,
    _lines_to_another,
    _drop_lines,
    _stock,
    _save_what_was_read_long_ago,
    _move_stock,
    _drop_stock,
    _location,
    _drop_location,
]


@given(seeds=st.lists(st.integers(0, 100_000), max_size=12), undone=st.lists(st.integers(0, 100_000), max_size=4))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_is_kept_is_what_is_counted_whatever_is_done_and_undone(company, seeds, undone):
    with transaction.atomic():
        shop = Shop()
        for seed in seeds:
            shop.do(seed)
            assert as_kept() == as_counted()
        before = as_kept()
        with changes.recorded("orders", "Did all sorts.") as change_set:
            for seed in undone:
                shop.do(seed)
        if change_set.pk:
            assert changes.undo(change_set).kept == []
        assert as_kept() == as_counted() == before
        transaction.set_rollback(True)


def test_what_is_sold_is_no_change_of_the_row(company):
    shop = Shop()
    with changes.recorded("stock", "Counted.") as change_set:
        Stock.objects.update(opening=20)
    _place(shop, random.Random(1))
    Order.objects.update(approved=True, season=shop.seasons[0], location=None)
    OrderLine.objects.update(sku=shop.skus[0], quantity=2)

    assert changes.undo(change_set).kept == []

    assert set(Stock.objects.values_list("opening", flat=True)) == {9}
    assert as_kept() == as_counted()


def test_rows_that_are_filled_in_any_order_come_to_the_same(company):
    """As a backup is restored: table by table, with links checked at the end."""
    shop = Shop()
    for seed in range(5):
        _place(shop, random.Random(seed))
    Order.objects.update(approved=True)
    was = as_kept()
    tables = ("books_location", "books_stock", "books_order", "books_orderline")
    assert any(sold for sold, _ in was.values())

    for order in (tables, tables[::-1], (tables[2], tables[0], tables[3], tables[1])):
        with connection.cursor() as cursor:
            for table in tables:
                cursor.execute(f"CREATE TEMP TABLE kept_{table} ON COMMIT DROP AS SELECT * FROM {table}")
            for table in order:
                cursor.execute(f"DELETE FROM {table}")
            for table in order:
                cursor.execute(
                    "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute"
                    " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
                    [table],
                )
                [(columns,)] = cursor.fetchall()
                cursor.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM kept_{table}")
            for table in tables:
                cursor.execute(f"DROP TABLE kept_{table}")
        assert as_kept() == was


def do_at_once(company: Company, first: Callable[[], object], second: Callable[[], object]) -> None:
    """Do the second before the first is committed: it waits for that, or is done by then."""
    did, may_commit = threading.Event(), threading.Event()

    def work(deed: Callable[[], object], wait: bool) -> None:
        with acting_for(company), transaction.atomic():
            deed()
            did.set()
            if wait:
                may_commit.wait(60)
        connection.close()

    def waits() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_stat_activity"
                " WHERE wait_event_type = 'Lock' AND datname = current_database())"
            )
            return bool(cursor.fetchone()[0])

    one, other = (threading.Thread(target=work, args=args) for args in ((first, True), (second, False)))
    one.start()
    did.wait(60)
    other.start()
    until(lambda: not other.is_alive() or waits())
    may_commit.set()
    one.join()
    other.join()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("other", ["approve", "approve what is exchanged", "stock", "location", "another line"])
def test_what_two_do_at_once_is_counted_all_the_same(other, turned):
    company = Company.objects.create(name="Atelier Nord", slug="atelier-nord")
    with acting_for(company):
        shop = Shop()
        sku, here = shop.skus[0], {"season": shop.seasons[0], "customer": shop.customer, "currency": "EUR"}
        waiting, sold = (Order.objects.create(number=at, approved=at == 2, **here) for at in (1, 2))
        milan = Location.objects.get(name="Milan")
    order = waiting if other.startswith("approve") else sold
    deeds = {
        "approve": lambda: Order.objects.filter(pk=waiting.pk).update(approved=True),
        "approve what is exchanged": lambda: Order.objects.filter(pk=waiting.pk).update(approved=True),
        "stock": lambda: Stock.objects.create(sku=sku, location=milan, season=shop.seasons[0]),
        "location": lambda: Location.objects.filter(name="Paris").update(sells=False),
        "another line": lambda: OrderLine.objects.create(order=sold, position=2, sku=sku, quantity=5, price=9),
    }
    if other == "stock":
        with acting_for(company):
            Order.objects.update(location=milan)

    if other == "approve what is exchanged":
        with acting_for(company):
            OrderLine.objects.create(order=order, position=1, sku=shop.skus[1], quantity=3, price=9)

    def line() -> None:
        if not OrderLine.objects.filter(order=order, position=1).update(sku=sku):
            OrderLine.objects.create(order=order, position=1, sku=sku, quantity=3, price=9)

    do_at_once(company, *((deeds[other], line) if turned else (line, deeds[other])))

    with acting_for(company):
        assert as_kept() == as_counted()
        assert sum(units for units, _ in as_kept().values()) == {"another line": 8, "location": 0}.get(other, 3)
