import datetime
from decimal import Decimal

import pytest

from linesheet.books.models import SKU, Company, Customer, FutureStock, Location, Product, Season, Stock
from linesheet.books.order_drafts import LineDraft, OrderDraft
from linesheet.books.orders import approve, force_close, inactivate, place_order
from linesheet.books.stock import (
    Available,
    Dated,
    available_to_sell,
    future_stock,
    out_of_stock,
    set_future_stock,
    set_stock,
    stock_figures,
)

AUGUST, SEPTEMBER = datetime.date(2026, 8, 1), datetime.date(2026, 9, 1)


@pytest.fixture
def sku(company: Company) -> SKU:
    coat = Product.objects.create(code="COAT", style="COAT", colour="Black", name="Coat")
    return SKU.objects.create(product=coat, size="M")


@pytest.fixture
def paris(company: Company) -> Location:
    return Location.objects.create(name="Paris")


@pytest.fixture
def aw25(company: Company) -> Season:
    return Season.objects.create(name="AW25", starts_on=datetime.date(2025, 7, 1))


@pytest.fixture
def ss26(company: Company) -> Season:
    return Season.objects.create(name="SS26", starts_on=datetime.date(2026, 1, 1))


def sell(sku: SKU, season: Season, units: int, *, location: Location | None = None, approved: bool = True):
    customer, _ = Customer.objects.get_or_create(name="Harrods")
    return place_order(
        OrderDraft(
            customer=customer,
            season=season,
            location=location,
            approved=approved,
            lines=[LineDraft(sku=sku, quantity=units, price=Decimal(90))],
        )
    )


def test_available_is_opening_adjustments_and_received_less_sold(sku, paris, ss26):
    set_stock(sku, paris, ss26, opening=10, adjustments=-2, received=5)
    sell(sku, ss26, 3, location=paris)

    assert available_to_sell([sku.pk], [ss26]) == {sku.pk: [Available(paris.pk, 10)]}


def test_only_approved_active_orders_that_are_not_closed_count_as_sold(sku, paris, ss26):
    set_stock(sku, paris, ss26, opening=10)
    order = sell(sku, ss26, 1, location=paris, approved=False)
    inactivate(sell(sku, ss26, 2, location=paris))
    force_close(sell(sku, ss26, 4, location=paris))

    assert available_to_sell([sku.pk], [ss26])[sku.pk][0].quantity == 10
    approve(order)
    assert available_to_sell([sku.pk], [ss26])[sku.pk][0].quantity == 9


def test_the_seasons_asked_for_are_added_up(sku, paris, aw25, ss26):
    set_stock(sku, paris, aw25, opening=12)
    set_stock(sku, paris, ss26, opening=6)
    sell(sku, ss26, 1, location=paris)

    assert available_to_sell([sku.pk], [aw25, ss26]) == {sku.pk: [Available(paris.pk, 17)]}
    assert available_to_sell([sku.pk], [aw25]) == {sku.pk: [Available(paris.pk, 12)]}
    assert available_to_sell([sku.pk], []) == {sku.pk: []}


def test_what_is_oversold_is_below_zero(sku, paris, ss26):
    sell(sku, ss26, 4, location=paris)

    assert available_to_sell([sku.pk], [ss26]) == {sku.pk: [Available(paris.pk, -4)]}


def test_an_order_without_a_location_sells_from_the_first_selling_one(sku, ss26):
    Location.objects.create(name="Returns", sells=False)
    paris, milan = Location.objects.create(name="Paris"), Location.objects.create(name="Milan")
    for location in (paris, milan):
        set_stock(sku, location, ss26, opening=10)
    sell(sku, ss26, 3)

    assert available_to_sell([sku.pk], [ss26])[sku.pk] == [Available(paris.pk, 7), Available(milan.pk, 10)]
    assert available_to_sell([sku.pk], [ss26], locations=[milan])[sku.pk] == [Available(milan.pk, 10)]


def test_locations_that_do_not_sell_or_are_inactive_count_for_nothing(sku, ss26):
    for name, flags in (("Returns", {"sells": False}), ("Closed", {"active": False})):
        location = Location.objects.create(name=name, **flags)
        set_stock(sku, location, ss26, opening=10)
        set_future_stock(sku, location, ss26, AUGUST, 5)
        sell(sku, ss26, 3, location=location)
    sell(sku, ss26, 1)

    assert available_to_sell([sku.pk], [ss26], locations=Location.objects.all()) == {sku.pk: []}
    assert future_stock([sku.pk], [ss26]) == {sku.pk: []}


def test_future_stock_comes_by_date_with_the_seasons_added_up(sku, paris, aw25, ss26):
    set_future_stock(sku, paris, ss26, SEPTEMBER, 20)
    set_future_stock(sku, paris, ss26, AUGUST, 10)
    set_future_stock(sku, paris, ss26, AUGUST, 25)
    set_future_stock(sku, paris, aw25, AUGUST, 5)

    assert future_stock([sku.pk], [aw25, ss26]) == {
        sku.pk: [Dated(paris.pk, AUGUST, 30), Dated(paris.pk, SEPTEMBER, 20)]
    }


def test_no_units_take_a_date_away(sku, paris, ss26):
    set_future_stock(sku, paris, ss26, AUGUST, 10)
    set_future_stock(sku, paris, ss26, AUGUST, 0)

    assert FutureStock.objects.count() == 0


def test_a_figure_that_is_not_given_stays(sku, paris, ss26):
    set_stock(sku, paris, ss26, opening=10)
    set_stock(sku, paris, ss26, received=5)

    assert available_to_sell([sku.pk], [ss26])[sku.pk][0].quantity == 15


def test_many_skus_take_no_more_queries_than_one(sku, paris, ss26, django_assert_num_queries):
    more = SKU.objects.bulk_create(SKU(product=sku.product, size=f"{n}") for n in range(50))
    ids = [each.pk for each in (sku, *more)]
    for each in more:
        set_stock(each, paris, ss26, opening=1)
        set_future_stock(each, paris, ss26, AUGUST, 2)

    with django_assert_num_queries(3):
        available = available_to_sell(ids, [ss26])
    with django_assert_num_queries(2):
        future_stock(ids, [ss26])

    assert [len(available[pk]) for pk in ids] == [0] + [1] * 50


def test_each_row_of_stock_tells_what_is_sold_left_and_coming(sku, paris, aw25, ss26):
    outlet = Location.objects.create(name="Outlet", sells=False)
    rows = [
        set_stock(sku, paris, ss26, opening=10, adjustments=-1, received=2),
        set_stock(sku, paris, aw25, opening=4),
        set_stock(sku, outlet, ss26, opening=7),
    ]
    set_future_stock(sku, paris, ss26, AUGUST, 5)
    sell(sku, ss26, 3)
    sell(sku, ss26, 1, location=paris)
    sell(sku, ss26, 6, approved=False)
    sell(sku, ss26, 2, location=outlet)

    told = [stock_figures(rows)[row.pk] for row in rows]

    assert [(each.sold, each.available) for each in told] == [(4, 7), (0, 4), (2, None)]
    assert [len(each.coming) for each in told] == [1, 0, 0]


def test_out_of_stock_is_what_has_nothing_left_where_it_is_sold(sku, paris, aw25, ss26):
    outlet = Location.objects.create(name="Outlet", sells=False)
    gone = set_stock(sku, paris, ss26, opening=4)
    set_stock(sku, paris, aw25, opening=1)
    set_stock(sku, outlet, ss26)
    sell(sku, ss26, 3)
    sell(sku, ss26, 1, location=paris)

    assert list(out_of_stock(Stock.objects.all())) == [gone]
    assert not out_of_stock(Stock.objects.filter(season=aw25)).exists()


def test_out_of_stock_counts_as_what_is_available_to_sell_does(sku, paris, aw25, ss26):
    oslo = Location.objects.create(name="Oslo")
    sizes = [SKU.objects.create(product=sku.product, size=f"{n}") for n in range(4)]
    for number, size in enumerate(sizes):
        for location in (paris, oslo):
            set_stock(size, location, ss26, opening=number)
        sell(size, ss26, 2, location=(paris, oslo, None)[number % 3])

    out = set(out_of_stock(Stock.objects.all()))

    by_rule = available_to_sell([size.pk for size in sizes], [ss26])
    assert {(row.sku_id, row.location_id) for row in out} == {
        (sku_id, each.location_id) for sku_id, found in by_rule.items() for each in found if each.quantity <= 0
    }
