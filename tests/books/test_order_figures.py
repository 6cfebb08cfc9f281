"""Orders by day, in the zone of the company."""

import datetime
from zoneinfo import ZoneInfo

import pytest

from linesheet.books.models import Company, Customer, Order, OrderLine, Season
from linesheet.books.order_figures import DayOfOrders, days_until, orders_per_day

LAST = datetime.date(2026, 3, 31)


@pytest.fixture
def place(company: Company):
    customer = Customer.objects.create(name="Maison Rive")
    season = Season.objects.create(name="SS26", starts_on=datetime.date(2026, 1, 1))

    def of(at: str, *quantities: int, active: bool = True) -> Order:
        order = Order.objects.create(
            number=Order.objects.count() + 1, customer=customer, season=season, currency="EUR", active=active
        )
        Order.objects.filter(pk=order.pk).update(created_at=datetime.datetime.fromisoformat(at))
        for position, quantity in enumerate(quantities, 1):
            OrderLine.objects.create(order=order, position=position, quantity=quantity, price=10)
        return order

    return of


def test_every_day_is_there_also_without_orders(place):
    place("2026-03-30T12:00Z", 3, 4)
    place("2026-03-30T13:00Z", 5)
    place("2026-03-31T23:59Z")

    assert orders_per_day(days_until(LAST, 3), ZoneInfo("UTC")) == [
        DayOfOrders(datetime.date(2026, 3, 29), 0, 0),
        DayOfOrders(datetime.date(2026, 3, 30), 2, 12),
        DayOfOrders(LAST, 1, 0),
    ]


def test_a_day_is_a_day_of_the_company(place):
    place("2026-03-30T15:30Z", 1)

    [before, day] = orders_per_day(days_until(LAST, 2), ZoneInfo("Asia/Tokyo"))

    assert (before.orders, day.orders, day.units) == (0, 1, 1)


def test_inactive_orders_and_those_of_other_days_are_left_out(place):
    place("2026-03-30T12:00Z", 3, active=False)
    place("2026-03-28T23:59Z", 3)
    place("2026-04-01T00:00Z", 3)

    assert not any(day.orders or day.units for day in orders_per_day(days_until(LAST, 3), ZoneInfo("UTC")))
