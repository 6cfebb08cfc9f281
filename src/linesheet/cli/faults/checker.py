"""Compares hub and remote when all is quiet: nothing lost, nothing doubled, nothing short, everything accounted for."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.db import connection as database
from django.db.models import Count

from linesheet.cli.faults import check_catalogue, check_traffic
from linesheet.cli.faults.brand import Brand
from linesheet.cli.faults.check_orders import orders
from linesheet.cli.sides.listed import traffic_of
from linesheet.cli.sides.side import Side
from linesheet.sync.models import Exchange, Item, Link, Problem, Run

EXPLAINED = (Item.State.BLOCKED, Item.State.FAILED, Item.State.CANCELLED)
COUNTERS = {
    Item.State.CREATED: "created",
    Item.State.UPDATED: "updated",
    Item.State.UNCHANGED: "unchanged",
    Item.State.BLOCKED: "blocked",
    Item.State.FAILED: "failed",
    Item.State.CANCELLED: "not_attempted",
}


def wrong(brand: Brand, remote: Side, *, clock_was_right: bool) -> list[str]:
    """What does not hold, in sentences; [] when all is well.

    When calls were made is known only while the platform's clock was right.
    """
    return [
        *_runs(remote),
        *orders(brand, remote),
        *check_catalogue.products(remote),
        *check_catalogue.pictures(),
        *check_catalogue.customers(remote),
        *check_catalogue.stock(remote),
        *remote.more_that_is_wrong(),
        *_links(remote),
        *_queue(),
        *(check_traffic.traffic(remote) if clock_was_right else ()),
    ]


def _runs(remote: Side) -> Iterator[str]:
    traffic = traffic_of(remote.platform)
    for run in Run.objects.order_by("pk"):
        if run.state not in Run.FINAL:
            yield f"{run} is {run.state}"
        yield from (f"{run} {says}" for says in _account(run))
        if run.state in (Run.State.FAILED, Run.State.CANCELLED) and not run.says:
            yield f"{run} is {run.state} without a reason"
        if run.reason_code in ("not_adding_up", "internal_error", "keeps_dying"):
            yield f"{run} ended: {run.says}"
        if run.finished_at is None or run.lease_until is not None:
            yield f"{run} is {run.state}, finished {run.finished_at}, lease until {run.lease_until}"
        if run.preview and not run.approved_at:
            calls = Exchange.objects.filter(run=run).values_list("method", "url")
            sent = sum(traffic.writes_by(method, urlsplit(url).path) for method, url in calls)
            if sent:
                yield f"{run} is a preview and sent {sent} calls that write"
    # What one leg sends another may look at, and has an item of its own for.
    planned_twice = (
        Item.objects.values("run", "leg", "kind", "record_id").annotate(times=Count("pk")).filter(times__gt=1)
    )
    yield from (f"run {each['run']} has {each['kind']} {each['record_id']} twice" for each in planned_twice)
    for item in Item.objects.filter(state__in=EXPLAINED):
        if not item.reason_code or not item.says:
            yield f"{item} in run {item.run_id} has no reason"
    for item in Item.objects.filter(state=Item.State.PLANNED):
        yield f"{item} in run {item.run_id} has no end"
    for problem in Problem.objects.filter(cleared_at=None):
        if not problem.says or not problem.reason_code:
            yield f"problem {problem.pk} has no reason"
    last = {run.task: run for run in Run.objects.order_by("pk")}
    yield from (f"{task} was never run" for task in traffic.tasks if task not in last)
    for run in last.values():
        if run.state in (Run.State.FAILED, Run.State.CANCELLED):
            yield f"{run} was the last, when all was quiet, and is {run.state}: {run.says}"
        for item in run.items.filter(state=Item.State.FAILED):
            yield f"{run} was the last, when all was quiet, and failed on {item.kind} {item.label}: {item.says}"
        yield from _problems(run)


def _account(run: Run) -> Iterator[str]:
    """The run's figures against its items. Of unchanged records only some have an item."""
    states = dict(run.items.values_list("state").annotate(Count("pk")))
    counted = {state: getattr(run, counter) for state, counter in COUNTERS.items()}
    if run.selected != sum(counted.values()):
        yield f"does not add up: selected {run.selected}, accounted for {counted}"
    for state, count in counted.items():
        if count != states.get(state, 0) and not (state == Item.State.UNCHANGED and count > states.get(state, 0)):
            yield f"counted {count} {state}, and has {states.get(state, 0)} items"
    if run.calls != Exchange.objects.filter(run=run).count():
        yield f"counted {run.calls} calls, and has {Exchange.objects.filter(run=run).count()} exchanges"


def _problems(last: Run) -> Iterator[str]:
    """The open problems of a task are those its last run met."""
    left = (Item.State.BLOCKED, Item.State.FAILED)
    met = set(last.items.filter(state__in=left).values_list("record_id", "reason_code"))
    open_now = set(Problem.objects.filter(task=last.task, cleared_at=None).values_list("record_id", "reason_code"))
    if last.state in (Run.State.DONE, Run.State.PROBLEMS) and met != open_now:
        yield f"{last.task}: problems open {sorted(open_now)}, met by the last run {sorted(met)}"


def _links(remote: Side) -> Iterator[str]:
    kinds = set(Link.objects.values_list("kind", flat=True).order_by())
    for kind in sorted(kinds.union(remote.linked)):
        there, here = remote.names_linked(kind), remote.names_here(kind)
        links = list(Link.objects.filter(kind=kind))
        if kind in remote.linked:
            for remote_id in there.keys() - {link.remote_id for link in links}:
                yield f"{kind} {', '.join(there[remote_id])} is there as {remote_id}, and no link leads to it"
        for link in links:
            names = there.get(link.remote_id, frozenset())
            if here.get(link.record_id) not in names:
                yield f"link of {kind} {here.get(link.record_id)} leads to {', '.join(names)} ({link.remote_id})"


def _queue() -> Iterator[str]:
    with database.cursor() as cursor:
        # A look is asked anew; what a killed worker left of one is closed once that has been silent for long.
        cursor.execute(
            "SELECT id, status, args FROM procrastinate_jobs"
            " WHERE status IN ('todo', 'doing') AND NOT (status = 'doing' AND queue_name = 'looks')"
        )
        for job, status, args in cursor.fetchall():
            yield f"job {job} is {status}: {args}"
