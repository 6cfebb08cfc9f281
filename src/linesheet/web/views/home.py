"""Home: what wants a person, how every connection is doing, and what happened lately."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from linesheet.books import barcodes
from linesheet.books.customers import to_review
from linesheet.books.models import Product
from linesheet.books.order_figures import days_until, orders_per_day
from linesheet.sync import at_risk, overview, webhooks
from linesheet.sync.at_risk import Group, Held, Value
from linesheet.sync.called import only_calls_us
from linesheet.sync.first_steps import first_steps
from linesheet.sync.models import Connection, Run
from linesheet.sync.overview import Work
from linesheet.sync.stale_seasons import stale_seasons
from linesheet.sync.standing import Standing, standings
from linesheet.web import charts
from linesheet.web.access import MemberRequest
from linesheet.web.charts import Chart
from linesheet.web.declared import connections, platform_of, task_name
from linesheet.web.problems import open_problems

DAYS = 30
REASONS_SHOWN = 30
PLANS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Row:
    """A connection as home shows it."""

    standing: Standing
    last_task: str
    next_task: str
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
    mine = list(connections(request))
    standing = standings(mine)
    held = at_risk.held_orders(mine, {one.connection.pk: one.held for one in standing})
    shown = groups[:REASONS_SHOWN]
    values = at_risk.values_of([Group(one.connection_id, one.reason_code, one.count) for one in shown], mine, held)
    today = timezone.localdate(timezone=request.company.zone)
    rows, plans = [_row(one, held) for one in standing], _plans(request)
    new_customers = to_review().count()
    low, stale = barcodes.running_low(), stale_seasons(mine, today)
    unanswered = list(webhooks.unanswered()) if request.may.manage_people else []
    return render(
        request,
        "web/home.html",
        {
            "rows": rows,
            "plans": plans,
            "new_customers": new_customers,
            "low": low,
            "stale": stale,
            "unanswered": unanswered,
            "wanted": plans
            or new_customers
            or low
            or stale
            or unanswered
            or any(row.standing.held or row.standing.remains for row in rows),
            "problems": [replace(one, value=values.get((one.connection_id, one.reason_code))) for one in shown],
            "other_reasons": len(groups) - len(shown),
            "steps": first_steps(standing),
            "no_products": not Product.objects.exists(),
            **_lately(mine, today, request),
        },
    )


def _row(standing: Standing, held: Held) -> Row:
    connection, last, following = standing.connection, standing.last, standing.next
    return Row(
        standing=standing,
        last_task=task_name(connection, last.task) if last else "",
        next_task=task_name(connection, following.task) if following else "",
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
        "calls": [_calls(one, work) for one in mine if not only_calls_us(platform_of(one))],
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
