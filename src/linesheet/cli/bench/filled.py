"""Made-up books and years of runs, written by SQL: as large as a bench wants them, in seconds."""

from typing import Any

from django.db import connection as database
from django.db import models
from django.test import Client
from django.utils import timezone

from linesheet.books.models import (
    SKU,
    Address,
    Company,
    Contact,
    Customer,
    Image,
    Import,
    ImportRow,
    Location,
    Member,
    Order,
    OrderLine,
    Price,
    PriceList,
    Product,
    Season,
    Stock,
    User,
    Visibility,
)
from linesheet.books.tenancy import company_in_hand
from linesheet.cli.bench.made_up import CUSTOMER, PLATFORM, SIZES
from linesheet.sync.catalogue import add_section
from linesheet.sync.models import (
    ApiCall,
    Connection,
    Delivery,
    DeliveryAttempt,
    Exchange,
    InboxRecord,
    Item,
    Link,
    Placement,
    Problem,
    Run,
    Schedule,
    Webhook,
)

CUSTOMERS = 20_000
OWNER = "looks@linesheet.example"


def filled(company: Company, skus: int, orders: int) -> Connection:
    """The books and past runs of a brand of so many SKUs, a product in five sizes, and so many orders of five lines."""
    of_products, of_orders = skus // len(SIZES), orders
    season = Season.objects.get(name="SS26")
    Customer.objects.create(name=CUSTOMER, currency="EUR")
    customers = _fill(Customer, CUSTOMERS, name=_named("n"), account_code="'C' || n")
    _fill(Address, CUSTOMERS * 2, customer_id=f"{customers} + (n - 1) / 2", kind="1 + n % 2",
          line_1="n || ' Rue de Rivoli'", city="'City ' || n % 90", country="'France'", is_default="true")  # fmt: skip
    _fill(Contact, CUSTOMERS, customer_id=f"{customers} + n - 1", name="'Buyer ' || n",
          email="'buyer' || n || '@shop.example'", is_default="true")  # fmt: skip
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
    location = Location.objects.get()
    _fill(Stock, skus, sku_id=f"{sku} + n - 1", location_id=location.pk, season_id=season.pk,
          opening="n % 90")  # fmt: skip
    _fill(Image, of_products, product_id=f"{first} + n - 1", content_hash="md5(n::text) || md5(n::text)",
          format="'jpg'", width="900", height="1200", bytes="80000")  # fmt: skip
    _fill(Placement, of_products, product_id=f"{first} + n - 1", section_id=section.pk, position="n - 1")
    _fill(Link, of_products, connection_id=connection.pk, kind="'product'", record_id=f"({first} + n - 1)::text",
          remote_id="md5(n::text)", fingerprint="md5(n::text)", payload=f"'{_json(1500)}'::jsonb",
          accepted_at="now()")  # fmt: skip
    order = _fill(Order, of_orders, number="n", customer_id=f"{customers} + n % {CUSTOMERS}", season_id=season.pk,
                  currency="'EUR'", source_key=f"'nuorder:{connection.pk}:order:old-' || n", reference="'N' || n",
                  approved="n % 9 > 0", active="n % 50 > 0",
                  created_at="now() - n * interval '1 year' / 50000")  # fmt: skip
    _fill(OrderLine, of_orders * 5, order_id=f"{order} + (n - 1) / 5", position="(n - 1) % 5 + 1",
          sku_id=f"{sku} + (n::bigint * 7) % {skus}", quantity="2", price="95")  # fmt: skip
    inbox = _fill(InboxRecord, of_orders, connection_id=connection.pk, kind="'order'", remote_id="'old-' || n",
                  content_hash="md5(n::text)", label="'N' || n", payload=_order(skus),
                  reason_code="CASE WHEN n % 500 = 0 THEN 'unknown_customer' ELSE '' END",
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
    _fill(ApiCall, of_orders, key_prefix="'ls_abcdefgh'", method="'GET'", route="'/api/v1/orders'", status="200",
          path="'/api/v1/orders?cursor=' || n", request_id="'request-' || n", address="'192.0.2.7'", records="500",
          at=f"now() - n * interval '30 days' / {of_orders}", last_at="now()")  # fmt: skip
    hook = Webhook.objects.create(url="https://erp.example/hook", events=["run.finished"], secrets=[])
    told = _fill(Delivery, of_orders, webhook_id=hook.pk, number="gen_random_uuid()", event_id="gen_random_uuid()",
                 event="'run.finished'", body=f"'{_json(500)}'", tries="1", delivered_at="now()",
                 made_at=f"now() - n * interval '30 days' / {of_orders}")  # fmt: skip
    _fill(DeliveryAttempt, of_orders, delivery_id=f"{told} + n - 1", at="now()", milliseconds="90", status="204")
    _fill(Problem, of_products // 20, connection_id=connection.pk, task="'data-export'", kind="'product'",
          record_id=f"({first} + n - 1)::text", label="'Coat ' || n", reason_code="'no_barcode'", says="'Why.'",
          first_seen_at="now()", last_seen_at="now()",
          cleared_at="CASE WHEN n % 4 = 0 THEN NULL ELSE now() END", last_run_id=run)  # fmt: skip
    imported = Import.objects.create(
        kind="products", file_name="range.csv", stored="imports/gone.csv", bytes=1, state=Import.State.DONE, total=skus,
        report={"total": skus, "counts": {"created": skus // 2, "updated": skus // 2}},
    )  # fmt: skip
    _fill(ImportRow, skus, of_id=imported.pk, number="n + 1", label="'Coat ' || n || ' Black'",
          state="(ARRAY['created', 'updated'])[1 + n % 2]")  # fmt: skip
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


def _named(number: str) -> str:
    """SQL of a customer's name: like those of others in its beginning only."""
    return f"'Customer ' || {number} || ' ' || left(md5(({number})::text), 20)"


def _order(skus: int) -> str:
    """SQL of an order as it came in: held ones name a customer written otherwise, and a strange size."""
    customer = f"n % {CUSTOMERS} + 1"
    name = f"CASE WHEN n % 500 = 0 THEN left({_named('n')}, -3) ELSE {_named(customer)} END"
    barcode = f"CASE WHEN n % 500 = 0 THEN 990000000000 + n ELSE 400000000001 + (n::bigint * 35) % {skus} END"
    retailer = f"jsonb_build_object('_id', 'r-' || ({customer}), 'retailer_name', {name})"
    size = f"jsonb_build_object('size', '36', 'upc', ({barcode})::text, 'quantity', 2, 'price', 95)"
    product = "jsonb_build_object('_id', 'p-' || n, 'season', 'SS26', 'style_number', 'S000' || n % 90)"
    line = f"jsonb_build_object('product', {product}, 'sizes', jsonb_build_array({size}))"
    return (
        "jsonb_build_object('_id', 'old-' || n, 'order_number', 'N' || n, 'status', 'approved', 'currency_code', 'EUR',"
        f" 'retailer', {retailer}, 'line_items', jsonb_build_array({line}), 'more', '{_json(2000)}'::jsonb)"
    )


def _json(size: int) -> str:
    """A JSON object of about so many characters."""
    return "{" + ",".join(f'"field_{number}": "value {number * 7919 % 9973}"' for number in range(size // 26)) + "}"


def owners_client(company: Company) -> Client:
    """A browser in which an owner is logged in, for pages without a server in between."""
    user = User.objects.create_user(OWNER)
    Member.objects.create(user=user, role=Member.Role.OWNER)
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    return client
