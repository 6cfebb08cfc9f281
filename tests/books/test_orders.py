import datetime
import threading
from decimal import Decimal

import pytest
from django.db import connection, transaction

from linesheet.books import orders
from linesheet.books.addresses import keep_address
from linesheet.books.many_orders import approve_all
from linesheet.books.models import (
    SKU,
    Address,
    Company,
    Customer,
    HoldStatus,
    Order,
    OrderLine,
    Product,
    Season,
)
from linesheet.books.order_drafts import ORDER_UNFIT, ORDER_WITHOUT_LINES, LineDraft, OrderDraft, OrderRefused
from linesheet.books.orders import (
    OrderExists,
    acknowledge,
    activate,
    approve,
    force_close,
    inactivate,
    lock,
    place_order,
    place_orders,
    reopen,
    revise_order,
    unapprove,
    unlock,
)
from linesheet.books.tenancy import acting_for


class Books:
    """A company's books with one customer, season and SKU."""

    def __init__(self) -> None:
        self.customer = Customer.objects.create(name="Harrods", currency="GBP")
        self.season = Season.objects.create(
            name="SS26",
            starts_on=datetime.date(2026, 1, 1),
            delivery_starts_on=datetime.date(2026, 2, 1),
            delivery_cancels_on=datetime.date(2026, 3, 31),
        )
        coat = Product.objects.create(code="COAT", style="COAT", colour="Black", name="Coat")
        self.sku = SKU.objects.create(product=coat, size="M", barcode="036000291452")

    def line(self, **changes) -> LineDraft:
        return LineDraft(**{"sku": self.sku, "quantity": 2, "price": Decimal("90.50"), **changes})

    def draft(self, **changes) -> OrderDraft:
        given = {"customer": self.customer, "season": self.season, "lines": [self.line()]}
        return OrderDraft(**{**given, **changes})

    def hold(self, **switches) -> None:
        self.customer.hold_status = HoldStatus.objects.create(name="Unpaid", **switches)
        self.customer.save()


def sums(order):
    """What the order comes to now, and its units."""
    return Order.objects.values_list("total", "units").get(pk=order.pk)


@pytest.fixture
def books(company: Company) -> Books:
    return Books()


def test_an_order_takes_what_is_not_given_from_customer_season_and_sku(books):
    order = place_order(books.draft(reference="PO 7"))

    order.refresh_from_db()
    line = order.lines.get()
    assert (order.number, order.reference, order.currency, order.approved) == (1, "PO 7", "GBP", False)
    assert order.ships_from == datetime.date(2026, 2, 1)
    assert order.ships_until == datetime.date(2026, 3, 31)
    assert (line.sku, line.barcode, line.quantity, line.price) == (
        books.sku,
        "036000291452",
        2,
        Decimal("90.5"),
    )


def test_what_is_given_goes_before_what_is_usual(books):
    until = datetime.date(2026, 5, 1)
    order = place_order(books.draft(currency="eur", ships_until=until))

    assert (order.currency, order.ships_from, order.ships_until) == (
        "EUR",
        books.season.delivery_starts_on,
        until,
    )


def test_without_a_currency_anywhere_it_is_the_companys(books):
    books.customer.currency = ""

    assert place_order(books.draft()).currency == "EUR"


def test_addresses_not_given_are_the_customers_defaults(books):
    keep_address(books.customer, Address.Kind.STORE, line_1="87 Brompton Road")
    keep_address(books.customer, Address.Kind.DELIVERY, line_1="1 Dock Road")

    order = place_order(books.draft(addresses={"delivery": {"line_1": "2 Dock Road"}}))

    assert {kind: address["line_1"] for kind, address in order.addresses.items()} == {
        "delivery": "2 Dock Road",
        "store": "87 Brompton Road",
    }


def test_a_line_without_a_sku_is_kept_as_described(books):
    unknown = LineDraft(sku=None, quantity=1, price=Decimal(10), barcode="4006381333931", described_as="Hat red OS")

    order = place_order(books.draft(lines=[books.line(), unknown]))

    kept = order.lines.get(position=2)
    assert (kept.sku, kept.barcode, kept.described_as) == (None, "4006381333931", "Hat red OS")


def test_an_order_of_a_customer_whose_hold_bars_approval_stays_unapproved(books):
    assert place_order(books.draft(approved=True)).approved
    books.hold(allows_approval=False)

    order = place_order(books.draft(approved=True))

    assert not order.approved
    with pytest.raises(OrderRefused, match="on hold \\(Unpaid\\)") as refused:
        approve(order)
    assert refused.value.reason is orders.CUSTOMER_MAY_NOT_BE_APPROVED
    assert not Order.objects.get(pk=order.pk).approved


def test_no_order_is_taken_from_a_customer_whose_hold_bars_orders(books):
    books.hold(allows_orders=False)

    with pytest.raises(OrderRefused) as refused:
        place_order(books.draft())

    assert refused.value.reason is orders.CUSTOMER_MAY_NOT_ORDER
    assert Order.objects.count() == 0


@pytest.mark.parametrize(
    ("line", "tells"),
    [
        ({"quantity": -1}, "line 2, quantity"),
        ({"quantity": 10**10}, "line 2, quantity"),
        ({"price": Decimal(-1)}, "line 2, price"),
        ({"price": Decimal("1E40")}, "line 2, price"),
        ({"price": Decimal("NaN")}, "line 2, price"),
        ({"comment": "x" * 501}, "line 2, comment"),
        ({"sku": None}, "line 2, described as"),
    ],
)
def test_a_line_that_cannot_be_kept_is_refused_by_its_place(books, line, tells):
    with pytest.raises(OrderRefused) as refused:
        place_order(books.draft(lines=[books.line(), books.line(**line)]))

    assert refused.value.reason is ORDER_UNFIT
    assert tells in refused.value.says
    assert Order.objects.count() == 0


def test_an_order_without_lines_is_refused(books):
    with pytest.raises(OrderRefused) as refused:
        place_order(books.draft(lines=[]))

    assert refused.value.reason is ORDER_WITHOUT_LINES


def test_a_header_that_does_not_fit_is_refused(books):
    with pytest.raises(OrderRefused, match="currency"):
        place_order(books.draft(currency="EURO"))


def test_prices_are_kept_to_four_decimals(books):
    order = place_order(books.draft(lines=[books.line(price=Decimal("33.333333"))]))

    assert order.lines.get().price == Decimal("33.3333")


def test_a_record_becomes_one_order_only(books):
    order = place_order(books.draft(source_key="joor:1"))

    with pytest.raises(OrderExists) as exists:
        place_order(books.draft(source_key="joor:1"))

    assert exists.value.order == order
    assert (Order.objects.count(), OrderLine.objects.count()) == (1, 1)


def test_a_record_that_comes_twice_at_once_becomes_one_order(books):
    first, again, other = place_orders([books.draft(source_key=key) for key in ("joor:1", "joor:1", "joor:2")])

    assert isinstance(again, OrderExists)
    assert again.order == first == Order.objects.get(source_key="joor:1")
    assert (first.number, other.number) == (1, 2)
    assert OrderLine.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_record_that_becomes_an_order_meanwhile_keeps_none_of_the_others_out(books, company, monkeypatch):
    addresses = orders.default_addresses

    def bring_in():
        with acting_for(company):
            Order.objects.create(number=7, customer=books.customer, season=books.season, source_key="joor:2")
        connection.close()

    def brought_in_meanwhile(customers):
        monkeypatch.undo()
        file = threading.Thread(target=bring_in)
        file.start()
        file.join()
        return addresses(customers)

    monkeypatch.setattr(orders, "default_addresses", brought_in_meanwhile)

    with transaction.atomic():
        before, taken, after = place_orders([books.draft(source_key=f"joor:{number}") for number in (1, 2, 3)])

    assert isinstance(taken, OrderExists)
    assert sorted(Order.objects.values_list("number", "source_key")) == [(7, "joor:2"), (8, "joor:1"), (9, "joor:3")]
    assert (before.lines.count(), after.lines.count()) == (1, 1)


def test_what_was_refused_leaves_no_gap_in_the_numbers(books):
    place_order(books.draft(source_key="joor:1"))
    with pytest.raises(OrderExists):
        place_order(books.draft(source_key="joor:1"))
    with transaction.atomic():
        place_order(books.draft())
        transaction.set_rollback(True)

    assert place_order(books.draft()).number == 2


def test_each_company_counts_its_own_orders(books):
    place_order(books.draft(source_key="joor:1"))

    with acting_for(Company.objects.create(name="Other", slug="other")):
        assert place_order(Books().draft(source_key="joor:1")).number == 1


@pytest.mark.django_db(transaction=True)
def test_orders_placed_at_once_get_numbers_without_gaps_and_one_record_one_order():
    company = Company.objects.create(name="Atelier Nord", slug="atelier-nord")
    with acting_for(company):
        books = Books()
    start, existing = threading.Barrier(2), []

    def place():
        with acting_for(company):
            start.wait()
            for number in range(8):
                try:
                    place_order(books.draft(source_key=f"joor:{number}"))
                except OrderExists as exists:
                    existing.append(exists.order.source_key)
                place_order(books.draft())
        connection.close()

    threads = [threading.Thread(target=place) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with acting_for(company):
        assert sorted(Order.objects.values_list("number", flat=True)) == list(range(1, 25))
    assert sorted(existing) == [f"joor:{number}" for number in range(8)]


def test_a_revision_replaces_header_and_lines_and_keeps_number_source_and_approval(books):
    order = place_order(books.draft(source_key="joor:1", approved=True, reference="A"))

    revised = revise_order(
        order, books.draft(reference="B", lines=[books.line(quantity=5), books.line(quantity=1)], short=True)
    )

    revised.refresh_from_db()
    assert (revised.pk, revised.number, revised.source_key, revised.approved) == (order.pk, 1, "joor:1", True)
    assert (revised.reference, revised.short) == ("B", True)
    assert [line.quantity for line in revised.lines.all()] == [5, 1]


def test_a_revision_that_is_refused_changes_nothing(books):
    order = place_order(books.draft(reference="A"))

    with pytest.raises(OrderRefused):
        revise_order(order, books.draft(reference="B", lines=[books.line(), books.line(quantity=-1)]))

    order.refresh_from_db()
    assert (order.reference, sums(order)[1]) == ("A", 2)


@pytest.mark.parametrize("change", [approve, unapprove, inactivate, activate, force_close, reopen])
def test_a_locked_order_stays_as_it_is_until_it_is_unlocked(books, change):
    order = place_order(books.draft())
    lock(Order.objects.get(pk=order.pk))

    with pytest.raises(OrderRefused) as refused:
        change(order)
    assert refused.value.reason is orders.ORDER_LOCKED
    with pytest.raises(OrderRefused):
        revise_order(order, books.draft())

    unlock(order)
    change(order)


def test_an_acknowledged_order_is_to_be_taken_again_once_it_is_unlocked(books):
    order = place_order(books.draft())
    acknowledge(order)
    first = order.acknowledged_at
    acknowledge(Order.objects.get())

    order.refresh_from_db()
    assert (order.locked, order.acknowledged_at) == (True, first)
    orders.set_status(order, {"closed": True, "locked": None})
    order.refresh_from_db()
    assert (order.force_closed, order.locked, order.acknowledged_at) == (True, True, first)
    with pytest.raises(OrderRefused):
        revise_order(order, books.draft())

    unlock(order)

    order.refresh_from_db()
    assert (order.locked, order.acknowledged_at) == (False, None)


def test_a_revision_that_is_stored_is_to_be_taken_by_the_erp(books):
    order = place_order(books.draft())
    acknowledge(order)
    Order.objects.update(locked=False)

    assert revise_order(order, books.draft(reference="B")).acknowledged_at is None
    assert Order.objects.get().acknowledged_at is None


@pytest.mark.parametrize(
    ("do", "undo", "flag"),
    [
        (approve, unapprove, "approved"),
        (activate, inactivate, "active"),
        (force_close, reopen, "force_closed"),
    ],
)
def test_what_is_done_to_an_order_can_be_undone(books, do, undo, flag):
    order = place_order(books.draft())

    undo(order)
    assert (getattr(order, flag), getattr(Order.objects.get(), flag)) == (False, False)
    do(order)
    assert (getattr(order, flag), getattr(Order.objects.get(), flag)) == (True, True)


def test_an_inactive_order_cannot_be_approved(books):
    order = place_order(books.draft())
    inactivate(order)

    with pytest.raises(OrderRefused) as refused:
        approve(order)

    assert refused.value.reason is orders.ORDER_INACTIVE


@pytest.mark.parametrize(
    ("discount", "total"), [("0", "182.02"), ("10", "163.82"), ("33.333", "121.35"), ("100", "0.00")]
)
def test_a_total_is_the_lines_less_the_discount(books, discount, total):
    lines = [books.line(), books.line(quantity=3, price=Decimal("0.3400")), books.line(quantity=0)]
    order = place_order(books.draft(discount_percent=Decimal(discount), lines=lines))

    assert sums(order) == (Decimal(total), 5)


def test_a_list_of_orders_has_its_totals_in_one_query(books, django_assert_num_queries):
    for number in range(1, 4):
        place_order(books.draft(lines=[books.line(quantity=number)]))

    with django_assert_num_queries(1):
        told = [(order.units, order.total) for order in Order.objects.order_by("number")]

    assert told == [(1, Decimal("90.5")), (2, Decimal(181)), (3, Decimal("271.5"))]


def test_a_long_order_takes_no_more_queries_than_a_short_one(books, django_assert_num_queries):
    with django_assert_num_queries(10):  # four of them open and release savepoints
        place_order(books.draft(lines=[books.line()] * 300))


def test_the_sums_of_an_order_are_kept_whatever_changes_its_lines(books):
    order = place_order(books.draft(lines=[books.line(quantity=2), books.line(quantity=1)]))
    other = place_order(books.draft(lines=[books.line(quantity=5)]))
    read_long_ago = Order.objects.get(pk=order.pk)

    order.lines.filter(position=1).update(quantity=9, sku=None)
    assert (sums(order)[1], Order.objects.get(pk=order.pk).unmatched) == (10, 1)
    order.lines.get(position=2).delete()
    assert sums(order)[1] == 9
    order.lines.update(order=other, position=7)
    assert (sums(order)[1], sums(other)[1]) == (0, 14)
    read_long_ago.save()

    assert sums(order) == (Decimal(0), 0)


def test_many_are_approved_at_once_and_each_other_tells_why(books, django_assert_num_queries):
    fine, locked, gone, done = (place_order(books.draft()) for _ in range(4))
    lock(locked)
    inactivate(gone)
    approve(done)

    with django_assert_num_queries(4):
        changed = approve_all(Order.objects.all())

    assert (changed.done, changed.already) == (1, 1)
    assert [(order, said.reason) for order, said in changed.refused] == [
        (locked, orders.ORDER_LOCKED),
        (gone, orders.ORDER_INACTIVE),
    ]
    fine.refresh_from_db()
    assert fine.approved
