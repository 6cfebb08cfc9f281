"""Benches of the way out: planning and sending a Data export."""

import math

from linesheet.books.models import Product
from linesheet.cli.bench.made_up import planning_seconds, published_brand, run, sending_seconds
from linesheet.cli.bench.targets import Figures
from linesheet.sync import platform, registry

LATENCY_MS = 50
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
        pushed = run(connection, TASK)
        at_once = _budget(connection.platform).concurrency
        least = math.ceil(pushed.created / at_once) * LATENCY_MS / 1000
        return {
            "seconds": round(sending_seconds(pushed), 2),
            "products": pushed.created,
            "least_seconds": round(least, 2),
            "ratio": round(sending_seconds(pushed) / least, 3),
            "state": pushed.state,
        }


def _plan(skus: int, *, changed: bool) -> Figures:
    with published_brand(skus) as (connection, _):
        first = run(connection, TASK)
        if changed:
            Product.objects.update(name="Another name")
        # Not a preview, which would also read every changed record there: that is the platform's time.
        planned = run(connection, TASK)
        return {
            "seconds": round(planning_seconds(planned), 2),
            "products": first.created - 1,
            "changed": planned.updated,
            "calls": planned.calls,
        }


def _budget(key: str) -> platform.BudgetRules:
    return registry.platform(key).budget
