"""Figures of sales orders over time."""

import datetime
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db.models import Count, Sum
from django.db.models.functions import TruncDate

from linesheet.books.models import Order


@dataclass(frozen=True, slots=True)
class DayOfOrders:
    """Active orders that came into the books on a day, and the units on their lines."""

    day: datetime.date
    orders: int
    units: int


def days_until(last: datetime.date, count: int) -> list[datetime.date]:
    """So many days, the last one included, the earliest first."""
    return [last - datetime.timedelta(days=back) for back in reversed(range(count))]


def span_of(days: list[datetime.date], zone: ZoneInfo) -> tuple[datetime.datetime, datetime.datetime]:
    """From the first moment of the first day to the first after the last one, in a zone."""
    after = days[-1] + datetime.timedelta(days=1)
    midnight = datetime.time()
    return datetime.datetime.combine(days[0], midnight, zone), datetime.datetime.combine(after, midnight, zone)


def orders_per_day(days: list[datetime.date], zone: ZoneInfo) -> list[DayOfOrders]:
    """The orders of each of these days of a zone, those without any included. One query."""
    begins, ends = span_of(days, zone)
    placed = Order.objects.filter(active=True, created_at__gte=begins, created_at__lt=ends).order_by()
    found = {
        row["day"]: DayOfOrders(row["day"], row["orders"], row["all_units"])
        for row in placed.annotate(day=TruncDate("created_at", tzinfo=zone))
        .values("day")
        .annotate(orders=Count("pk"), all_units=Sum("units"))
    }
    return [found.get(day, DayOfOrders(day, 0, 0)) for day in days]
