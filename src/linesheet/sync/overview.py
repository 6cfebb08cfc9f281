"""How connections are doing: their health, and what they did by day."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.db import connection as database
from django.db.models import F, Sum
from django.db.models.functions import TruncDate

from linesheet.books.order_figures import span_of
from linesheet.sync import registry
from linesheet.sync.budget import calls_per_second
from linesheet.sync.models import Connection, Run
from linesheet.sync.platform import Direction, Task

STOCK = "stock"
SECONDS_A_DAY = 24 * 3600


class Health(StrEnum):
    """How a connection is, by how its tasks last ended and what is open; the worst of what is so."""

    OFF = "off"
    NOT_INSTALLED = "not_installed"
    FAILS = "fails"
    PAUSED = "paused"
    PROBLEMS = "problems"
    WELL = "well"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Last:
    """The last run of a connection, of whatever state, and how the last one of each of its tasks ended."""

    run: Run | None
    ended: Sequence[str]


NEVER = Last(None, ())


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


def last_runs(connections: Iterable[Connection]) -> dict[int, Last]:
    """The last run of each connection, and how the last of each task ended. Two queries, two index probes a task."""
    asked = [(one.pk, task.key) for one in connections for task in _tasks(one)]
    if not asked:
        return {}
    with database.cursor() as cursor:
        cursor.execute(
            """
            SELECT asked.connection_id, array_agg(ended.state) FILTER (WHERE ended.state IS NOT NULL), max(last.id)
              FROM unnest(%s::bigint[], %s::text[]) AS asked (connection_id, task)
              LEFT JOIN LATERAL (
                    SELECT id FROM sync_run
                     WHERE connection_id = asked.connection_id AND task = asked.task
                     ORDER BY id DESC LIMIT 1) AS last ON true
              LEFT JOIN LATERAL (
                    SELECT state FROM sync_run
                     WHERE connection_id = asked.connection_id AND task = asked.task AND state = ANY(%s)
                     ORDER BY id DESC LIMIT 1) AS ended ON true
             GROUP BY asked.connection_id
            """,
            [[pk for pk, _ in asked], [task for _, task in asked], _TELLING],
        )
        found = cursor.fetchall()
    runs = Run.objects.in_bulk([run_id for _, _, run_id in found if run_id])
    return {connection_id: Last(runs.get(run_id), tuple(ended or ())) for connection_id, ended, run_id in found}


_TELLING = [Run.State.DONE.value, Run.State.PROBLEMS.value, Run.State.FAILED.value]
"""States that tell how a task does; that somebody cancelled it does not."""


def health_of(connection: Connection, ended: Sequence[str], now: datetime.datetime, *, problems: int) -> Health:
    """How a connection is, from how its tasks last ended and how many problems are open."""
    if not connection.active:
        return Health.OFF
    if connection.platform not in registry.platforms():
        return Health.NOT_INSTALLED
    if Run.State.FAILED in ended:
        return Health.FAILS
    if connection.paused_until and connection.paused_until > now:
        return Health.PAUSED
    if problems or Run.State.PROBLEMS in ended:
        return Health.PROBLEMS
    return Health.WELL if ended else Health.NEW


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
    per_second = calls_per_second(connection.settings, platform) if platform else None
    return round(per_second * SECONDS_A_DAY) if per_second else None


def _tasks(connection: Connection) -> Sequence[Task]:
    platform = registry.platforms().get(connection.platform)
    return platform.tasks if platform else ()


def _sends_stock(task: Task) -> bool:
    return task.direction is Direction.OUT and bool(task.legs) and all(_kind(leg) == STOCK for leg in task.legs)


def _kind(leg: object) -> str:
    return str(getattr(leg, "kind", ""))
