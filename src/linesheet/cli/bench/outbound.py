"""Benches of the way out: planning and sending a Data export."""

import math

from linesheet.books.models import Product
from linesheet.cli.bench.apart import apart
from linesheet.cli.bench.made_up import planning_seconds, published_brand, run, sending_seconds
from linesheet.cli.bench.measuring import measured
from linesheet.cli.bench.targets import Figures
from linesheet.sync import registry
from linesheet.sync.models import Exchange
from linesheet.sync.platform import CALLS_PER_SECOND

LATENCY_MS = 50
LIMIT = 10
TASK = "data-export"


def plan_unchanged(skus: int) -> Figures:
    """The plan of a Data export of which nothing has changed since the last."""
    return _plan(skus, changed=False)


def plan_changed(skus: int) -> Figures:
    """The plan of a Data export of which every product has another name, with the differences."""
    return _plan(skus, changed=True)


def push(skus: int) -> Figures:
    """A Data export over a remote that takes a while for each call, against calls x latency / concurrency."""
    with published_brand(skus) as (connection, remote):
        remote.control("POST", "/settings", {"latency_ms": LATENCY_MS})
        cost, pushed = measured(lambda: run(connection, TASK))
        at_once = registry.platform(connection.platform).budget.concurrency
        least = math.ceil(pushed.created / at_once) * LATENCY_MS / 1000
        seconds = sending_seconds(pushed)
        return {
            **cost,
            "seconds": round(seconds, 2),
            "products": pushed.created,
            "calls": pushed.calls,
            "least_seconds": round(least, 2),
            "ratio": round(seconds / least, 3),
            "remote_cpu_seconds": remote.cpu_seconds(),
        }


def push_limited(skus: int) -> Figures:
    """A Data export over a remote that takes so many calls a second and refuses more, against calls / limit."""
    with published_brand(skus) as (connection, remote):
        remote.control("POST", "/settings", {"rate_per_second": LIMIT})
        connection.settings[CALLS_PER_SECOND.key] = LIMIT
        connection.save()
        cost, pushed = measured(lambda: run(connection, TASK))
        least, seconds = pushed.created / LIMIT, sending_seconds(pushed)
        return {
            **cost,
            "seconds": round(seconds, 2),
            "products": pushed.created,
            "refused": Exchange.objects.filter(run=pushed, status=429).count(),
            "least_seconds": round(least, 2),
            "ratio": round(seconds / least, 3),
        }


def _plan(skus: int, *, changed: bool) -> Figures:
    with published_brand(skus) as (connection, _):
        created = apart("linesheet.cli.bench.made_up:publish", connection.pk)
        if changed:
            Product.objects.update(name="Another name")
        # Not a preview, which would also read every changed record there: that is the platform's time.
        cost, planned = measured(lambda: run(connection, TASK))
        return {
            **cost,
            "seconds": round(planning_seconds(planned), 2),
            "records": created,
            "products": Product.objects.count(),
            "unchanged": planned.unchanged,
            "items": planned.items.count(),
            "with_differences": planned.items.exclude(changes=[]).count(),
            "calls": planned.calls,
        }
