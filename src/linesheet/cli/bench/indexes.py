"""Which index serves which query, at a size where a missing one shows: everything hot, explained as it runs."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import connection as database
from django.db import models, transaction
from django.test import Client
from django.utils import timezone

from linesheet.books import products
from linesheet.books.models import (
    SKU,
    Company,
    Customer,
    Member,
    Order,
    OrderLine,
    Price,
    PriceList,
    Product,
    Season,
    User,
    Visibility,
)
from linesheet.books.tenancy import company_in_hand
from linesheet.cli.bench.made_up import CUSTOMER, PLATFORM, SIZES, brand
from linesheet.cli.bench.targets import Figures
from linesheet.sync import acknowledging, inbound, keeping, lease, outbound, retention, schedules, storing, takeover
from linesheet.sync.catalogue import add_section
from linesheet.sync.connections import context_of
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
    Placement,
    Problem,
    Run,
    Schedule,
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
        connection = _filled(company, skus)
        filled = time.perf_counter() - began
        began = time.perf_counter()
        seen = {name: _seen(work) for name, work in _hot(company, connection, skus).items()}
        return {
            "seconds": round(time.perf_counter() - began, 2),
            "filling_seconds": round(filled, 2),
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
    browser = _browser(company)

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
        "home": lambda: browser("/"),
        "connection": lambda: browser(f"/connections/{connection.pk}/"),
        "problems": lambda: browser(f"/connections/{connection.pk}/problems/"),
        "inbox": lambda: browser(f"/connections/{connection.pk}/inbox/"),
        "run": lambda: browser(f"/runs/{finished.pk}/"),
        "item": lambda: browser(f"/runs/{finished.pk}/items/{finished.items.all()[0].pk}/"),
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


def _browser(company: Company) -> Callable[[str], None]:
    user = User.objects.create_user("looks@linesheet.example")
    Member.objects.create(user=user, role=Member.Role.OWNER)
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)

    def look(page: str) -> None:
        answer = client.get(page)
        assert answer.status_code == 200, f"{page} answered {answer.status_code}"

    return look


def _filled(company: Company, skus: int) -> Connection:
    """The books and past runs of a brand of so many SKUs, a product in five sizes, an order for every ten SKUs."""
    of_products, of_orders = skus // len(SIZES), skus // 10
    season = Season.objects.get(name="SS26")
    customer = Customer.objects.create(name=CUSTOMER, currency="EUR")
    _fill(Customer, 2_000, name="'Customer ' || n", account_code="'C' || n")
    wholesale = PriceList.objects.create(name="Bench", kind=PriceList.Kind.WHOLESALE)
    settings = {"import_season": season.pk}
    connection: Connection = Connection.objects.create(
        platform=PLATFORM, name="Bench", base_url="https://nuorder.example", settings=settings
    )
    section = add_section(connection, ("SS26", "Women", "Coats"))
    first = _fill(Product, of_products, name="'Coat ' || n", code="'S' || lpad((n/4)::text, 6, '0') || '-' || n % 4",
                  style="'S' || lpad((n/4)::text, 6, '0')", colour="'Colour ' || n % 4")  # fmt: skip
    sku = _fill(SKU, skus, product_id=f"{first} + (n - 1) / 5", size="(34 + 2 * (n % 5))::text", position="n % 5",
                code="'K' || n", barcode="(400000000000 + n)::text")  # fmt: skip
    _fill(Visibility, of_products, product_id=f"{first} + n - 1", season_id=season.pk)
    _fill(Price, of_products, product_id=f"{first} + n - 1", season_id=season.pk, price_list_id=wholesale.pk,
          currency="'EUR'", amount="95")  # fmt: skip
    _fill(Placement, of_products, product_id=f"{first} + n - 1", section_id=section.pk)
    _fill(Link, of_products, connection_id=connection.pk, kind="'product'", record_id=f"({first} + n - 1)::text",
          remote_id="md5(n::text)", fingerprint="md5(n::text)", payload=f"'{_json(1500)}'::jsonb",
          accepted_at="now()")  # fmt: skip
    order = _fill(Order, of_orders, number="n", customer_id=customer.pk, season_id=season.pk, currency="'EUR'",
                  source_key=f"'nuorder:{connection.pk}:order:old-' || n", reference="'N' || n",
                  approved="true")  # fmt: skip
    _fill(OrderLine, of_orders * 5, order_id=f"{order} + (n - 1) / 5", position="(n - 1) % 5 + 1",
          sku_id=f"{sku} + (n::bigint * 7) % {skus}", quantity="2", price="95")  # fmt: skip
    inbox = _fill(InboxRecord, of_orders, connection_id=connection.pk, kind="'order'", remote_id="'old-' || n",
                  content_hash="md5(n::text)", label="'N' || n", payload=f"'{_json(2500)}'::jsonb",
                  state="CASE WHEN n % 500 = 0 THEN 'held' ELSE 'stored' END",
                  order_id=f"CASE WHEN n % 500 = 0 THEN NULL ELSE {order} + n - 1 END", stored_at="now()",
                  acknowledged_at="CASE WHEN n % 1000 = 1 THEN NULL ELSE now() END")  # fmt: skip
    of_runs = max(10, skus // 1_000)
    run = _fill(Run, of_runs, connection_id=connection.pk, state="'done'", finished_at="now()",
                task="(ARRAY['data-export', 'stock-export', 'orders-import'])[1 + n % 3]")  # fmt: skip
    item = _fill(Item, of_orders, run_id=f"{run} + (n - 1)::bigint * {of_runs} / {of_orders}", kind="'order'",
                 state="'created'", record_id="'old-' || n", label="'NuORDER order N' || n",
                 inbox_id=f"{inbox} + n - 1")  # fmt: skip
    _fill(Item, of_products, run_id=f"{run} + (n - 1)::bigint * {of_runs} / {of_products}", kind="'product'", leg="1",
          state="'updated'", record_id=f"({first} + n - 1)::text", label="'Coat ' || n",
          payload=f"'{_json(1500)}'::jsonb")  # fmt: skip
    _fill(Exchange, of_orders * 2, connection_id=connection.pk,
          run_id=f"{run} + (n - 1)::bigint * {of_runs} / {of_orders * 2}", item_ids=f"ARRAY[{item} + (n - 1) / 2]",
          method="'GET'", url="'https://nuorder.example/api/order/' || n", status="200",
          started_at=f"now() - n * interval '30 days' / {of_orders * 2}",
          response_body=f"'{_json(2500)}'")  # fmt: skip
    _fill(Problem, of_products // 20, connection_id=connection.pk, task="'data-export'", kind="'product'",
          record_id=f"({first} + n - 1)::text", label="'Coat ' || n", reason_code="'no_barcode'", says="'Why.'",
          first_seen_at="now()", last_seen_at="now()",
          cleared_at="CASE WHEN n % 4 = 0 THEN NULL ELSE now() END", last_run_id=run)  # fmt: skip
    Schedule.objects.create(connection=connection, task="data-export", every_minutes=60, due_at=timezone.now())
    with database.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return connection


def _fill(model: type[models.Model], count: int, **given: Any) -> int:
    """Rows 1 to `count` of a table by one INSERT, each column by an SQL expression of `n`; the id of the first."""
    columns, expressions, values = [], [], []
    for each in model._meta.concrete_fields:
        if each.primary_key or each.generated:
            continue
        columns.append(database.ops.quote_name(str(each.column)))
        if each.name == "company":
            expressions.append("%s")
            values.append(company_in_hand())
        elif each.attname in given:
            expressions.append(str(given[each.attname]).replace("%", "%%"))
        elif getattr(each, "auto_now", False) or getattr(each, "auto_now_add", False):
            expressions.append("now()")
        else:
            expressions.append(f"%s::{each.db_type(database)}")
            values.append(each.get_db_prep_save(each.get_default(), database))
    table = database.ops.quote_name(model._meta.db_table)
    with database.cursor() as cursor:
        cursor.execute(
            f"WITH made AS (INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(expressions)}"  # noqa: S608
            f" FROM generate_series(1, {count}) AS n ORDER BY n RETURNING id) SELECT min(id) FROM made",
            values,
        )
        first: int = cursor.fetchone()[0]
    return first


def _json(size: int) -> str:
    """A JSON object of about so many characters."""
    return "{" + ",".join(f'"field_{number}": "value {number * 7919 % 9973}"' for number in range(size // 26)) + "}"
