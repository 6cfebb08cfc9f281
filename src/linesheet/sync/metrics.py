"""The installation's figures for Prometheus, read from the database, so that every process tells the same."""

import datetime
import math
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version

from django.db.models import Count, Sum
from procrastinate.contrib.django.models import ProcrastinateJob
from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from linesheet.sync import registry
from linesheet.sync.budget import calls_per_second
from linesheet.sync.journal import COUNTED
from linesheet.sync.models import CallCount, Connection, InboxRecord, Problem, Run
from linesheet.sync.quota import left as quota_left
from linesheet.sync.quota import quota_of
from linesheet.sync.vitals import database_now, oldest_waiting, workers_alive

BUDGET_SECONDS = 60
_OF_CONNECTION = ("company", "platform", "connection")


class Figures(Collector):
    """Reads all figures of all companies anew, in a fixed number of queries.

    Only the one over the runs grows with what was done: items are summed from the runs' counters, never counted.
    Raises django.db.Error when the database does not answer.
    """

    def collect(self) -> Iterable[Metric]:
        yield _gauge(
            "linesheet_build_info", "The version that runs; always 1.", ("version",), [((version("linesheet"),), 1)]
        )
        yield _gauge("linesheet_workers_alive", "Worker processes heard of lately.", (), [((), workers_alive())])
        yield from _runs()
        yield from _queue()
        yield from _connections()


def _runs() -> Iterator[Metric]:
    by_state = (
        Run.everywhere.order_by()
        .values("connection__platform", "task", "state")
        .annotate(runs=Count("pk"), **{f"all_{counter}": Sum(counter) for counter in COUNTED.values()})
        .order_by("connection__platform", "task", "state")
    )
    runs = GaugeMetricFamily("linesheet_runs", "Runs there are.", labels=("platform", "task", "state"))
    items = CounterMetricFamily(
        "linesheet_items", "Records that finished runs accounted for.", labels=("platform", "task", "state")
    )
    finished: dict[tuple[str, str, str], int] = {}
    for row in by_state:
        task = (row["connection__platform"], row["task"])
        runs.add_metric((*task, row["state"]), row["runs"])
        if row["state"] in Run.FINAL:
            for counter in COUNTED.values():
                key = (*task, counter)
                finished[key] = finished.get(key, 0) + row[f"all_{counter}"]
    for labels, count in finished.items():
        items.add_metric(labels, count)
    yield from (runs, items)


def _queue() -> Iterator[Metric]:
    jobs = dict.fromkeys(("todo", "doing"), 0)
    in_queue = ProcrastinateJob.objects.filter(status__in=list(jobs)).order_by()
    jobs.update(in_queue.values_list("status").annotate(Count("pk")))
    counted = [((status,), count) for status, count in jobs.items()]
    yield _gauge("linesheet_queue_jobs", "Jobs that wait (todo) or are worked on (doing).", ("status",), counted)
    oldest = oldest_waiting()
    yield _gauge(
        "linesheet_queue_oldest_seconds",
        "How long the oldest waiting run has waited; 0 when none waits.",
        (),
        [((), oldest.total_seconds() if oldest else 0)],
    )


def _connections() -> Iterator[Metric]:
    rows = Connection.everywhere.defer("credentials").select_related("company").order_by("pk")
    names = {row.pk: (row.company.slug, row.platform, row.name) for row in rows}
    now = database_now()
    yield _gauge(
        "linesheet_budget_calls_left",
        f"Calls that may still begin within {BUDGET_SECONDS} s; +Inf without a known limit.",
        _OF_CONNECTION,
        [(names[row.pk], _calls_left(row, now)) for row in rows],
    )
    problems = Problem.everywhere.filter(cleared_at=None).order_by().values_list("connection").annotate(Count("pk"))
    yield _by_connection("linesheet_problems_open", "Problems that have not cleared.", names, problems)
    held = InboxRecord.everywhere.filter(state=InboxRecord.State.HELD).order_by()
    waiting = held.values_list("connection").annotate(Count("pk"))
    yield _by_connection("linesheet_inbox_held", "Received records that wait for a person.", names, waiting)
    calls = CounterMetricFamily(
        "linesheet_calls",
        "HTTP calls to platforms by status of the answer; none: no answer.",
        labels=(*_OF_CONNECTION, "status"),
    )
    for count in CallCount.everywhere.filter(connection__in=names).order_by("connection", "status"):
        calls.add_metric((*names[count.connection_id], str(count.status or "none")), count.calls)
    yield calls


def _by_connection(
    name: str, help: str, names: Mapping[int, tuple[str, ...]], counts: Iterable[tuple[int, int]]
) -> GaugeMetricFamily:
    found = dict(counts)
    return _gauge(name, help, _OF_CONNECTION, [(labels, found.get(pk, 0)) for pk, labels in names.items()])


def _calls_left(connection: Connection, now: datetime.datetime) -> float:
    platform = registry.platforms().get(connection.platform)
    if platform is None or not connection.active:
        return 0
    moments = (moment for moment in (connection.next_call_at, connection.paused_until) if moment)
    wait = max(((moment - now).total_seconds() for moment in moments), default=0.0)
    left = BUDGET_SECONDS - max(0.0, wait)
    per_second = calls_per_second(connection.settings, platform)
    if left <= 0:
        return 0
    calls = math.inf if per_second is None else math.floor(per_second * left)
    quota = quota_of(connection.settings, platform)
    return min(calls, quota_left(connection, quota, now) // quota.read) if quota else calls


def _gauge(
    name: str, help: str, labels: tuple[str, ...], values: Iterable[tuple[tuple[str, ...], float]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, help, labels=labels)
    for key, value in values:
        family.add_metric(key, value)
    return family
