"""What connections did by day, and the most they may. How they stand is in `standing`."""

import datetime
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db.models import F, Sum
from django.db.models.functions import TruncDate

from linesheet.books.order_figures import span_of
from linesheet.sync import registry
from linesheet.sync.budget import calls_per_second
from linesheet.sync.models import Connection, Run
from linesheet.sync.platform import Direction, Task
from linesheet.sync.quota import quota_of

STOCK = "stock"
SECONDS_A_DAY = 24 * 3600


@dataclass(frozen=True, slots=True)
class DayOfWork:
    """What runs that ended on a day had done: calls, by connection id; and records that were sent."""

    day: datetime.date
    calls: Mapping[int, int]
    sent: int

    @property
    def all_calls(self) -> int:
        """The calls of all connections."""
        return sum(self.calls.values())


@dataclass(frozen=True, slots=True)
class Work:
    """Days of work; `of_stock`: the records sent are products with their stock, not records of every kind."""

    days: Sequence[DayOfWork]
    of_stock: bool


def work_per_day(connections: Sequence[Connection], days: list[datetime.date], zone: ZoneInfo) -> Work:
    """What was done on each of these days of a zone, those without any included. One query.

    A run counts on the day it ended, with all its calls. Sent are the records a platform took; only those of tasks
    that send nothing but stock, where there is such a task.
    """
    begins, ends = span_of(days, zone)
    stock = {(one.pk, task.key) for one in connections for task in _tasks(one) if _sends_stock(task)}
    out = {(one.pk, task.key) for one in connections for task in _tasks(one) if task.direction is Direction.OUT}
    counted = stock or out
    runs = Run.objects.filter(connection__in=connections, finished_at__gte=begins, finished_at__lt=ends).order_by()
    calls = defaultdict[datetime.date, dict[int, int]](lambda: defaultdict(int))
    sent = defaultdict[datetime.date, int](int)
    for row in (
        runs.annotate(day=TruncDate("finished_at", tzinfo=zone))
        .values("day", "connection_id", "task")
        .annotate(all_calls=Sum("calls"), taken=Sum(F("created") + F("updated")))
    ):
        calls[row["day"]][row["connection_id"]] += row["all_calls"]
        if (row["connection_id"], row["task"]) in counted:
            sent[row["day"]] += row["taken"]
    return Work([DayOfWork(day, dict(calls[day]), sent[day]) for day in days], bool(stock))


def calls_a_day(connection: Connection) -> int | None:
    """The most calls a connection may make in a day; None without a known limit."""
    platform = registry.platforms().get(connection.platform)
    if platform is None:
        return None
    per_second, quota = calls_per_second(connection.settings, platform), quota_of(connection.settings, platform)
    rates = [per_second, quota and quota.credits / quota.read / quota.seconds]
    return min((round(rate * SECONDS_A_DAY) for rate in rates if rate), default=None)


def _tasks(connection: Connection) -> Sequence[Task]:
    platform = registry.platforms().get(connection.platform)
    return platform.tasks if platform else ()


def _sends_stock(task: Task) -> bool:
    return task.direction is Direction.OUT and bool(task.legs) and all(_kind(leg) == STOCK for leg in task.legs)


def _kind(leg: object) -> str:
    return str(getattr(leg, "kind", ""))
