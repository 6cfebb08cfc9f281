"""Benches of the way out: planning and sending a Data export."""

import math

from linesheet.books.models import Product
from linesheet.cli.bench.apart import apart
from linesheet.cli.bench.made_up import planning_seconds, published_brand, run, sending_seconds, stock_up
from linesheet.cli.bench.measuring import measured
from linesheet.cli.bench.targets import Figures
from linesheet.cli.sides.listed import PLATFORMS
from linesheet.cli.sides.side import Side
from linesheet.sync import registry
from linesheet.sync.legs import Outbound
from linesheet.sync.models import Connection, Exchange, Run
from linesheet.sync.platform import CALLS_PER_SECOND, CREDITS

LATENCY_MS = 50
LIMIT = 10
TASK = "data-export"
STOCK = "stock-export"


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
        cost, pushed = _pushed(connection)
        at_once = registry.platform(connection.platform).budget.concurrency
        least = math.ceil(pushed.created / at_once) * LATENCY_MS / 1000
        return {
            **cost,
            "least_seconds": round(least, 2),
            "ratio": round(cost["seconds"] / least, 3),
            "remote_cpu_seconds": remote.cpu_seconds(),
        }


def push_at_once(skus: int) -> Figures:
    """A Data export over a remote that answers as soon as it can, as waiting for it takes neither CPU nor memory."""
    with published_brand(skus) as (connection, _):
        return _pushed(connection)[0]


def push_limited(skus: int) -> Figures:
    """A Data export over a remote that takes so many calls a second and refuses more, against calls / limit."""
    with published_brand(skus) as (connection, remote):
        remote.control("POST", "/settings", {"rate_per_second": LIMIT})
        connection.settings[CALLS_PER_SECOND.key] = LIMIT
        connection.save()
        cost, pushed = _pushed(connection)
        least = pushed.created / LIMIT
        return {
            **cost,
            "refused": Exchange.objects.filter(run=pushed, status=429).count(),
            "least_seconds": round(least, 2),
            "ratio": round(cost["seconds"] / least, 3),
        }


def push_credits(skus: int) -> Figures:
    """A Stock export of every SKU to a platform whose calls cost credits, against the least that could do it.

    Then another of which every figure is new, and one of which none is.
    """
    platform = next(each for each in map(registry.platform, PLATFORMS) if each.budget.quota)
    quota = platform.budget.quota
    assert quota
    with published_brand(skus, platform.key) as (connection, remote):
        _published_at_any_cost(connection, remote)
        leg = platform.task(STOCK).legs[0]
        assert isinstance(leg, type)
        assert issubclass(leg, Outbound)
        spent: list[int] = []
        figures: Figures = {}
        for units in (7, 9, 9):
            stock_up(units)
            before = _credits(remote)
            cost, pushed = measured(lambda: run(connection, STOCK))
            spent.append(_credits(remote) - before)
            figures = figures or {**cost, "products": pushed.created, "calls": pushed.calls}
        least = math.ceil(skus / leg.batch_size) * quota.write
        return {
            **figures,
            "credits": spent[0],
            "least_credits": least,
            "ratio": round(spent[0] / least, 3),
            "credits_changed": spent[1],
            "credits_unchanged": spent[2],
            "refused": Exchange.objects.filter(status=429).count(),
        }


def _published_at_any_cost(connection: Connection, remote: Side) -> None:
    """Bring out the whole catalogue as if calls cost nothing, which is not what is measured."""
    remote.control("POST", "/settings", {"throttle": False})
    own = {**connection.settings}
    connection.settings[CREDITS.key] = 10**9
    connection.save()
    apart("linesheet.cli.bench.made_up:publish", connection.pk)
    connection.settings = own
    connection.quota_from = None
    connection.save()
    remote.control("POST", "/settings", {"throttle": True})


def _credits(remote: Side) -> int:
    """What the calls have cost so far, as the remote counts."""
    spent: int = remote.control("GET", "/stats")["credits"]["spent"]
    return spent


def _pushed(connection: Connection) -> tuple[Figures, Run]:
    """What a Data export cost, its seconds being those of sending, and its run."""
    cost, pushed = measured(lambda: run(connection, TASK))
    seconds = round(sending_seconds(pushed), 2)
    return {**cost, "seconds": seconds, "products": pushed.created, "calls": pushed.calls}, pushed


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
