"""Home: what wants a person, how every connection is doing, and what happened lately."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from linesheet.books import barcodes
from linesheet.books.models import Product
from linesheet.books.order_figures import days_until, orders_per_day
from linesheet.sync import at_risk, overview
from linesheet.sync.at_risk import Group, Held, Value
from linesheet.sync.models import Connection, InboxRecord, Run, Schedule
from linesheet.sync.overview import NEVER, Health, Last, Work
from linesheet.sync.stale_seasons import stale_seasons
from linesheet.web import charts
from linesheet.web.access import MemberRequest
from linesheet.web.charts import Chart
from linesheet.web.declared import connections, platform_of, task_name
from linesheet.web.problems import ProblemGroup, open_problems

DAYS = 30
REASONS_SHOWN = 30
PLANS_SHOWN = 10

HEALTH: Mapping[Health, tuple[str, str]] = {
    Health.OFF: ("off", "Switched off"),
    Health.NOT_INSTALLED: ("bad", "Platform not installed"),
    Health.FAILS: ("bad", "Failing"),
    Health.PAUSED: ("waiting", "Paused by the platform"),
    Health.PROBLEMS: ("warn", "Has problems"),
    Health.WELL: ("good", "Well"),
    Health.NEW: ("waiting", "Not run yet"),
}
"""Tone and words of a connection's health."""


@dataclass(frozen=True, slots=True)
class Row:
    """A connection as home shows it."""

    connection: Connection
    platform: str
    tone: str
    health: str
    last: Run | None
    last_task: str
    next: Schedule | None
    next_task: str
    problems: int
    held: int
    held_value: Value | None


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of a connection against what it may make in a day."""

    connection: Connection
    today: int
    busiest: int
    most: int | None

    @property
    def share(self) -> float | None:
        """Per cent of a day's calls that the busiest day took; None without a known limit."""
        return 100 * self.busiest / self.most if self.most else None


@require_safe
def show(request: MemberRequest) -> HttpResponse:
    """Everything home has to say; each part costs the same number of queries over few records as over many."""
    groups = [group for group in open_problems() if request.may.see(group.connection_id)]
    mine, held = _connections(request)
    shown = groups[:REASONS_SHOWN]
    values = at_risk.values_of([Group(one.connection_id, one.reason_code, one.count) for one in shown], mine, held)
    today = timezone.localdate(timezone=request.company.zone)
    rows, plans = _rows(mine, groups, held), _plans(request)
    low, stale = barcodes.running_low(), stale_seasons(mine, today)
    return render(
        request,
        "web/home.html",
        {
            "rows": rows,
            "plans": plans,
            "low": low,
            "stale": stale,
            "wanted": plans or low or stale or any(row.held for row in rows),
            "problems": [replace(one, value=values.get((one.connection_id, one.reason_code))) for one in shown],
            "other_reasons": len(groups) - len(shown),
            "no_products": not Product.objects.exists(),
            **_lately(mine, today, request),
        },
    )


def _connections(request: MemberRequest) -> tuple[list[Connection], Held]:
    mine = list(connections(request))
    waiting = InboxRecord.objects.filter(state=InboxRecord.State.HELD).order_by()
    held = dict(waiting.values_list("connection").annotate(Count("pk")))
    return mine, at_risk.held_orders(mine, held)


def _rows(mine: Sequence[Connection], groups: Sequence[ProblemGroup], held: Held) -> list[Row]:
    due: dict[int, Schedule] = {}
    for schedule in Schedule.objects.filter(enabled=True).order_by("due_at"):
        due.setdefault(schedule.connection_id, schedule)
    last = overview.last_runs(mine)
    return [_row(one, last.get(one.pk, NEVER), due, groups, held) for one in mine]


def _row(
    connection: Connection,
    last: Last,
    due: Mapping[int, Schedule],
    groups: Sequence[ProblemGroup],
    held: Held,
) -> Row:
    platform = platform_of(connection)
    next_run = due.get(connection.pk) if connection.active else None
    problems = sum(group.count for group in groups if group.connection_id == connection.pk)
    tone, health = HEALTH[overview.health_of(connection, last.ended, timezone.now(), problems=problems)]
    return Row(
        connection=connection,
        platform=platform.name if platform else f"{connection.platform}, which is not installed",
        tone=tone,
        health=health,
        last=last.run,
        last_task=task_name(connection, last.run.task) if last.run else "",
        next=next_run,
        next_task=task_name(connection, next_run.task) if next_run else "",
        problems=problems,
        held=held.counts.get(connection.pk, 0),
        held_value=held.of(connection.pk),
    )


def _plans(request: MemberRequest) -> list[tuple[Run, str]]:
    """Plans that wait for approval, the oldest first, each with the name of its task."""
    waiting = Run.objects.filter(state=Run.State.PLANNED).select_related("connection")
    plans = request.may.only_seen(waiting).defer("connection__credentials").order_by("pk")[:PLANS_SHOWN]
    return [(run, task_name(run.connection, run.task)) for run in plans]


def _lately(mine: Sequence[Connection], today: datetime.date, request: MemberRequest) -> dict[str, object]:
    days = days_until(today, DAYS)
    orders = orders_per_day(days, request.company.zone)
    work = overview.work_per_day(mine, days, request.company.zone)
    placed = "Active orders by the day they came into the books."
    called = "Calls of runs, by the day the run ended."
    drawn = [
        charts.daily("Orders", days, [day.orders for day in orders], placed),
        charts.daily("Units ordered", days, [day.units for day in orders], placed),
        _sent(days, work),
        charts.daily("Calls to platforms", days, [day.all_calls for day in work.days], called),
    ]
    return {
        "charts": drawn,
        "by_day": charts.by_day(drawn),
        "any_lately": any(one.total for one in drawn),
        "calls": [_calls(one, work) for one in mine],
        "days": DAYS,
    }


def _sent(days: Sequence[datetime.date], work: Work) -> Chart:
    sent = [day.sent for day in work.days]
    if work.of_stock:
        told = "Products whose stock a platform took, each time it did, by the day the run ended."
        return charts.daily("Stock sent, in products", days, sent, told)
    return charts.daily("Records sent", days, sent, "Records that a platform took, by the day the run ended.")


def _calls(connection: Connection, work: Work) -> Calls:
    by_day = [day.calls.get(connection.pk, 0) for day in work.days]
    return Calls(connection, by_day[-1], max(by_day), overview.calls_a_day(connection))
