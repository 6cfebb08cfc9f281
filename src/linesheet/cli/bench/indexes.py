"""Which index serves which query, at a size where a missing one shows: everything hot, explained as it runs."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import connection as database
from django.db import transaction

from linesheet.books import products
from linesheet.books.models import (
    SKU,
    Company,
    Order,
    OrderLine,
    Product,
)
from linesheet.cli.bench.filled import filled, owners_client
from linesheet.cli.bench.made_up import CUSTOMER, PLATFORM, brand
from linesheet.cli.bench.targets import Figures
from linesheet.sync import acknowledging, inbound, keeping, lease, outbound, retention, schedules, storing, takeover
from linesheet.sync.contexts import context_of
from linesheet.sync.database import DatabaseThread
from linesheet.sync.explain import explain_product
from linesheet.sync.explain_order import explain_orders
from linesheet.sync.journal import Holder, keep_problems
from linesheet.sync.legs import Inbound, Outbound, Received, in_pages
from linesheet.sync.models import (
    Connection,
    Exchange,
    InboxRecord,
    Item,
    Link,
    Run,
)
from linesheet.sync.registry import platform
from linesheet.sync.work import Work

# A scan of more rows than this, of which less than a tenth was wanted, should have had an index.
MANY_ROWS = 1_000
EXPLAIN = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "
EXPLAINED = ("SELECT", "UPDATE", "INSERT", "DELETE", "WITH")


@dataclass
class Seen:
    """What was seen of the queries of one kind of work."""

    milliseconds: float = 0
    queries: int = 0
    indexes: set[str] = field(default_factory=set)
    scans: set[str] = field(default_factory=set)
    slowest: float = 0
    slowest_sql: str = ""


def explain(skus: int) -> Figures:
    """The hot queries over the books and the runs of a brand with so many SKUs."""
    with brand() as company:
        began = time.perf_counter()
        connection = filled(company, skus, skus // 10)
        filling = time.perf_counter() - began
        began = time.perf_counter()
        seen = {name: _seen(work) for name, work in _hot(company, connection, skus).items()}
        return {
            "seconds": round(time.perf_counter() - began, 2),
            "filling_seconds": round(filling, 2),
            "read_through": sum(len(each.scans) for each in seen.values()),
            "work": {
                name: {
                    "queries": each.queries,
                    "milliseconds": round(each.milliseconds, 1),
                    "indexes": sorted(each.indexes),
                    "scans": sorted(each.scans),
                    "slowest": f"{each.slowest:.1f} ms: {each.slowest_sql[:300]}",
                }
                for name, each in seen.items()
            },
            "not_used": _not_used(set().union(*(each.indexes for each in seen.values()))),
            "bytes": _sizes(),
        }


def _hot(company: Company, connection: Connection, skus: int) -> Mapping[str, Callable[[], Any]]:
    """Everything that runs often or over much, by name."""
    run = Run.objects.create(connection=connection, task="orders-import", state=Run.State.RUNNING, epoch=1)
    work = Work(
        holder=Holder(run.pk, 1, connection.pk, company.pk),
        platform=platform(PLATFORM),
        connection_name=connection.name,
        task=run.task,
        approved=False,
        concurrency=5,
        per_second=None,
        pulse=lease.Pulse(run.pk, 1),
        db=DatabaseThread(company.pk),
    )
    context = context_of(connection)
    task = platform(PLATFORM).task
    orders, out = task("orders-import").legs[0](context), task("data-export").legs[0](context)
    assert isinstance(orders, Inbound)
    assert isinstance(out, Outbound)
    barcodes = list(SKU.objects.values_list("barcode", flat=True)[:250])
    page = [Received(f"new-{number}", f"N{number}", _payload(number, barcodes)) for number in range(50)]
    newest = Order.objects.order_by("-number")[0]
    finished = Run.objects.filter(state=Run.State.DONE).order_by("pk")[0]
    client = owners_client(company)

    def look(page: str) -> None:
        answer = client.get(page)
        assert answer.status_code == 200, f"{page} answered {answer.status_code}"

    def tell() -> None:
        rows = acknowledging.untold(work, orders, 0)[: acknowledging.ACKNOWLEDGED_AT_ONCE]
        acknowledging.keep_answers(work, 0, orders, [(row, None) for row in rows])

    def plan() -> None:
        for ids in islice(in_pages(out.select()), 3):
            outbound.plan_page(work, 1, out, ids, None)

    return {
        "keep a page of orders": lambda: keeping.keep(work, 0, orders, page),
        "which orders concern us": lambda: inbound.concerning(work, orders),
        "take up what is held": lambda: keeping.take_up_held(work, 0, orders),
        "resolve and store a page": lambda: storing.store_page(work, 0, orders, 0),
        "acknowledge a page": tell,
        "plan three pages of products": plan,
        "find a product": lambda: list(products.find_products("S000007")[:20]),
        "explain a product": lambda: explain_product(Product.objects.order_by("-pk")[0].code, connection),
        "explain an order": lambda: explain_orders(newest.reference, connection),
        "keep problems": lambda: keep_problems(finished, whole=True),
        "take over": takeover.take_over,
        "fire schedules": schedules.fire_due,
        "tidy": retention.tidy,
        "home": lambda: look("/"),
        "connection": lambda: look(f"/connections/{connection.pk}/"),
        "problems": lambda: look(f"/connections/{connection.pk}/problems/"),
        "inbox": lambda: look(f"/connections/{connection.pk}/inbox/"),
        "run": lambda: look(f"/runs/{finished.pk}/"),
        "item": lambda: look(f"/runs/{finished.pk}/items/{finished.items.all()[0].pk}/"),
    }


def _seen(work: Callable[[], Any]) -> Seen:
    seen = Seen()
    with transaction.atomic(), database.execute_wrapper(_explaining(seen)):
        work()
    return seen


def _explaining(seen: Seen) -> Callable[..., Any]:
    def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.lstrip().upper().startswith(EXPLAINED) or "advisory" in sql:
            return execute(sql, params, many, context)
        with database.connection.cursor() as cursor:
            cursor.execute("SAVEPOINT explaining")
            cursor.execute(EXPLAIN + sql, params)
            plan = cursor.fetchone()[0]
            cursor.execute("ROLLBACK TO explaining")
        took = plan[0]["Execution Time"]
        seen.queries += 1
        seen.milliseconds += took
        if took > seen.slowest:
            seen.slowest, seen.slowest_sql = took, sql
        for node in _nodes(plan[0]["Plan"]):
            if "Index Name" in node:
                seen.indexes.add(node["Index Name"])
            seen.indexes.update(node.get("Conflict Arbiter Indexes", ()))
            if node["Node Type"] == "Seq Scan":
                dropped = node.get("Rows Removed by Filter", 0) * node["Actual Loops"]
                rows = node["Actual Rows"] * node["Actual Loops"]
                if dropped + rows > MANY_ROWS and rows * 10 < dropped:
                    seen.scans.add(f"{node['Relation Name']}: {rows:.0f} of {dropped + rows:.0f} rows")
        return execute(sql, params, many, context)

    return wrapper


def _nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


def _not_used(used: set[str]) -> list[str]:
    """Indexes of our own tables that none of the queries went through, and that hold no uniqueness."""
    with database.cursor() as cursor:
        cursor.execute(
            """
            SELECT index.indexrelid::regclass::text, pg_relation_size(index.indexrelid)
              FROM pg_index index JOIN pg_class of ON of.oid = index.indrelid
             WHERE NOT index.indisunique AND (of.relname LIKE 'books_%%' OR of.relname LIKE 'sync_%%')
             ORDER BY 2 DESC
            """
        )
        return [f"{name} ({size // 1024} kB)" for name, size in cursor.fetchall() if name not in used]


def _sizes() -> dict[str, float]:
    """Bytes a row with its indexes, by table."""
    found = {}
    for model in (SKU, Product, Order, OrderLine, InboxRecord, Item, Exchange, Link):
        with database.cursor() as cursor:
            cursor.execute("SELECT pg_total_relation_size(%s)", [model._meta.db_table])
            found[model._meta.db_table] = round(cursor.fetchone()[0] / max(1, model.objects.count()))
    return found


def _payload(number: int, barcodes: list[str]) -> dict[str, Any]:
    sizes = [
        {"size": "40", "upc": barcodes[(number * 5 + step) % len(barcodes)], "quantity": 2, "price": 95.0}
        for step in range(5)
    ]
    return {
        "_id": f"new-{number}",
        "order_number": f"N{number}",
        "status": "approved",
        "currency_code": "EUR",
        "retailer": {"retailer_name": CUSTOMER, "retailer_code": ""},
        "start_ship": "2026-09-01",
        "line_items": [{"product": {"style_number": "S000001", "color": "Black", "season": "SS26"}, "sizes": sizes}],
    }
