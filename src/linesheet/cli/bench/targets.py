"""What is measured, at which size, and the target it is held against."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Something measured. `size` counts `unit` (SKUs, orders, jobs ...), and is the one the target is for.

    `measure` names the function (`module:function`) that takes a size and returns figures, those of `measured` among
    them; it is imported where the bench runs. `met` says of the figures whether the target is reached. `grown` is the
    size at which CPU time and memory are held against those at a tenth of it, None where nothing grows but the remote;
    `measure_grown` measures them where `measure` mostly waits.
    """

    name: str
    target: str
    size: int
    unit: str
    measure: str
    met: Callable[[Figures], bool]
    grown: int | None = None
    measure_grown: str | None = None


_BENCHES = (
    Bench(
        name="import",
        target="under 30 s",
        size=100_000,
        unit="SKUs",
        measure="linesheet.cli.bench.books:import_products",
        met=lambda figures: figures["seconds"] < 30 and figures["created"] == figures["unchanged"] == figures["rows"],
        grown=100_000,
    ),
    Bench(
        name="plan-unchanged",
        target="under 5 s, nothing sent, no calls but the two listings",
        size=40_000,
        unit="SKUs",
        measure="linesheet.cli.bench.outbound:plan_unchanged",
        met=lambda figures: (
            figures["seconds"] < 5
            and figures["unchanged"] == figures["records"] > 0
            and figures["items"] == 0
            and figures["calls"] <= 2
        ),
        grown=100_000,
    ),
    Bench(
        name="plan-changed",
        target="under 12 s, with differences field by field",
        size=40_000,
        unit="SKUs",
        measure="linesheet.cli.bench.outbound:plan_changed",
        met=lambda figures: figures["seconds"] < 12 and figures["with_differences"] == figures["products"] > 0,
        grown=100_000,
    ),
    Bench(
        name="push",
        target="within 1.15 of calls x latency / concurrency",
        size=50_000,
        unit="SKUs",
        measure="linesheet.cli.bench.outbound:push",
        met=lambda figures: figures["ratio"] <= 1.15,
        grown=100_000,
        measure_grown="linesheet.cli.bench.outbound:push_at_once",
    ),
    Bench(
        name="push-limited",
        target="within 1.05 of calls / limit, no call refused",
        size=2_500,
        unit="SKUs",
        measure="linesheet.cli.bench.outbound:push_limited",
        met=lambda figures: figures["ratio"] <= 1.05 and figures["refused"] == 0,
    ),
    Bench(
        name="push-credits",
        target="stock at the least credits there could be, none when nothing changed, no call refused",
        size=40_000,
        unit="SKUs",
        measure="linesheet.cli.bench.outbound:push_credits",
        met=lambda figures: (
            figures["credits"] == figures["credits_changed"] == figures["least_credits"]
            and figures["credits_unchanged"] == figures["refused"] == 0
        ),
    ),
    Bench(
        name="orders",
        target="400 orders a second",
        size=10_000,
        unit="orders",
        measure="linesheet.cli.bench.inbound:import_orders",
        met=lambda figures: figures["orders_per_second"] >= 400,
        grown=10_000,
    ),
    Bench(
        name="api-upsert",
        target="under 60 s over HTTP, 5,000 SKUs with two prices a product in a request; a page of 500 in under 300 ms",
        size=100_000,
        unit="SKUs",
        measure="linesheet.cli.bench.called:upsert_products",
        met=lambda figures: (
            figures["seconds"] < 60
            and figures["page_ms"] < 300
            and figures["created"] == figures["unchanged"] == figures["products"]
        ),
        grown=100_000,
    ),
    Bench(
        name="api-stock",
        target="under 60 s over HTTP, 5,000 records in a request, whether they say something new or not",
        size=100_000,
        unit="SKUs",
        measure="linesheet.cli.bench.called:push_stock",
        met=lambda figures: (
            max(figures["seconds"], figures["seconds_changed"], figures["seconds_unchanged"]) < 60
            and figures["created"] == figures["updated"] == figures["unchanged"] == figures["records"]
        ),
        grown=100_000,
    ),
    Bench(
        name="queue",
        target="over 300 no-op jobs a second by 2 workers",
        size=5_000,
        unit="jobs",
        measure="linesheet.cli.bench.queue:no_ops",
        met=lambda figures: figures["jobs_per_second"] > 300,
    ),
    Bench(
        name="two-workers",
        target="2 workers, a run at a time each, at least 1.8 times as fast as one, on 2 connections and 50 ms latency",
        size=5_000,
        unit="SKUs",
        measure="linesheet.cli.bench.queue:two_workers",
        met=lambda figures: figures["ratio"] >= 1.8,
    ),
    Bench(
        name="pages",
        target="every page within 100 ms of server time, with 50,000 orders beside",
        size=100_000,
        unit="SKUs",
        measure="linesheet.cli.bench.pages:pages",
        met=lambda figures: not figures["over"] and not figures["unknown"],
    ),
    Bench(
        name="indexes",
        target="no table read through for a few of its rows",
        size=1_000_000,
        unit="SKUs",
        measure="linesheet.cli.bench.indexes:explain",
        met=lambda figures: figures["read_through"] == 0,
    ),
)
BENCHES = {bench.name: bench for bench in _BENCHES}
