"""Compares hub and remote when all is quiet: nothing lost, nothing doubled, nothing short, everything accounted for."""

import datetime
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from django.db import connection as database
from django.db.models import Sum

from linesheet.books.images import main_images
from linesheet.books.models import SKU, Customer, FutureStock, Order, Price, Product, Visibility
from linesheet.books.stock import available_to_sell
from linesheet.cli.demo.remote import Remote
from linesheet.cli.faults.brand import CURRENCY, Brand
from linesheet.sync import journal
from linesheet.sync.models import Exchange, InboxRecord, Item, Link, Problem, Run
from linesheet.sync.pictures import picture_of

EXPLAINED = (Item.State.BLOCKED, Item.State.FAILED, Item.State.CANCELLED)
CALL_ON_ITS_WAY = datetime.timedelta(seconds=0.3)


def wrong(brand: Brand, remote: Remote, *, clock_was_right: bool) -> list[str]:
    """What does not hold, in sentences; [] when all is well.

    When calls were made is known only while the platform's clock was right.
    """
    return [
        *_runs(),
        *_orders(remote),
        *_products(remote),
        *_customers(remote),
        *_stock(brand, remote),
        *_links(remote),
        *_queue(),
        *(_requests(remote) if clock_was_right else ()),
    ]


def _runs() -> Iterator[str]:
    for run in Run.objects.order_by("pk"):
        if run.state not in Run.FINAL:
            yield f"{run} is {run.state}"
        if not run.adds_up:
            yield f"{run} does not add up"
        if miscounted := journal.miscounted(run):
            yield f"{run} counted {miscounted}"
        if run.state in (Run.State.FAILED, Run.State.CANCELLED) and not run.says:
            yield f"{run} is {run.state} without a reason"
        if run.reason_code in ("not_adding_up", "internal_error", "keeps_dying"):
            yield f"{run} ended: {run.says}"
        if run.finished_at is None or run.lease_until is not None:
            yield f"{run} is {run.state}, finished {run.finished_at}, lease until {run.lease_until}"
        if run.preview and not run.approved_at:
            sent = Exchange.objects.filter(run=run).exclude(method="GET").count()
            if sent:
                yield f"{run} is a preview and sent {sent} calls that write"
    for item in Item.objects.filter(state__in=EXPLAINED):
        if not item.reason_code or not item.says:
            yield f"{item} in run {item.run_id} has no reason"
    for item in Item.objects.filter(state=Item.State.PLANNED):
        yield f"{item} in run {item.run_id} has no end"
    for problem in Problem.objects.filter(cleared_at=None):
        if not problem.says or not problem.reason_code:
            yield f"problem {problem.pk} has no reason"
    yield from _problems()


def _problems() -> Iterator[str]:
    """The open problems of a task are those its last run met."""
    last: dict[str, Run] = {run.task: run for run in Run.objects.order_by("pk")}
    for task, run in last.items():
        met = set(
            run.items.filter(state__in=(Item.State.BLOCKED, Item.State.FAILED)).values_list("record_id", "reason_code")
        )
        open_now = set(Problem.objects.filter(task=task, cleared_at=None).values_list("record_id", "reason_code"))
        if run.state in (Run.State.DONE, Run.State.PROBLEMS) and met != open_now:
            yield f"{task}: problems open {sorted(open_now)}, met by the last run {sorted(met)}"


def _orders(remote: Remote) -> Iterator[str]:
    there = {order["_id"]: order for order in remote.orders()}
    here: dict[str, list[Order]] = {}
    for order in Order.objects.prefetch_related("lines"):
        here.setdefault(order.source_key.rpartition(":")[2], []).append(order)
    for remote_id in here.keys() - there.keys():
        yield f"{here[remote_id]} have no order there"
    for remote_id, found in here.items():
        if len(found) > 1:
            yield f"order {remote_id} is doubled: {found}"
    inbox: dict[str, list[InboxRecord]] = {}
    for row in InboxRecord.objects.order_by("revision"):
        inbox.setdefault(row.remote_id, []).append(row)
        if row.state in (InboxRecord.State.HELD, InboxRecord.State.IGNORED) and not (row.says and row.reason_code):
            yield f"{row} is {row.state} without a reason"
        if row.state == InboxRecord.State.KEPT:
            yield f"{row} is kept, and nothing more"
        if row.state == InboxRecord.State.STORED and not row.acknowledged_at:
            yield f"{row} is stored and was not acknowledged"
        if row.state == InboxRecord.State.STORED and not row.order:
            yield f"{row} is stored without an order"
    for remote_id, order in there.items():
        rows, stored = inbox.get(remote_id, []), here.get(remote_id, [])
        for says in _one_order(order, rows, stored[0] if stored else None):
            states = ", ".join(f"r{row.revision} {row.state} {row.reason_code}".strip() for row in rows)
            yield f"order {order['order_number']} ({order['status']} there; {states or 'not in the inbox'}): {says}"


def _one_order(there: dict[str, Any], rows: list[InboxRecord], here: Order | None) -> Iterator[str]:
    latest = rows[-1] if rows else None
    match there["status"]:
        case "pending":
            if rows or here:
                yield f"it is not approved, and was taken in as {here}"
        case "cancelled":
            said = latest is not None and latest.reason_code == "cancelled_after_import"
            if here and here.active and not said:
                yield f"it was cancelled there, and {here} is active without a word"
        case _:
            yield from _approved(there, rows, here)


def _approved(there: dict[str, Any], rows: list[InboxRecord], here: Order | None) -> Iterator[str]:
    if not rows:
        yield "it is lost"
        return
    latest = rows[-1]
    if latest.state not in (InboxRecord.State.STORED, InboxRecord.State.HELD):
        yield f"its latest version is {latest.state}"
    if _lines(latest.payload) != _lines(there):
        yield "its latest version here is not what it is there"
    stored = next((row for row in rows if row.state == InboxRecord.State.STORED), None)
    if here is None:
        if latest.state != InboxRecord.State.HELD:
            yield "it has no order"
        return
    if not here.active or not here.approved:
        yield f"{here} is not active and approved"
    if stored is None:
        yield f"{here} has no stored version"
        return
    if there["status"] != "processed":
        yield "it is stored, and not processed there"
    if here.reference != there["order_number"]:
        yield f"{here} has the reference {here.reference}"
    kept = Counter((line.barcode, line.quantity, line.price) for line in here.lines.all())
    if kept != _lines(stored.payload):
        yield f"{here} has {dict(kept)}, not {dict(_lines(stored.payload))}"
    if latest.state == InboxRecord.State.STORED and stored is not latest:
        yield "two versions are stored"


def _lines(order: dict[str, Any]) -> Counter[tuple[str, int, Decimal]]:
    return Counter(
        (size["upc"], int(size["quantity"]), Decimal(str(size["price"])).quantize(Decimal("0.0001")))
        for line in order["line_items"]
        for size in line["sizes"]
    )


def _products(remote: Remote) -> Iterator[str]:
    there: dict[str, list[dict[str, Any]]] = {}
    for product in remote.products():
        there.setdefault(product["brand_id"], []).append(product)
    for code, found in there.items():
        if len(found) > 1:
            yield f"product {code} is there {len(found)} times"
    if shared := remote.control("GET", "/duplicate-upcs"):
        yield f"barcodes are there twice: {shared}"
    codes = set(Product.objects.values_list("code", flat=True))
    yield from (f"product {code} is in no book" for code in there.keys() - codes)
    for record, actions in remote.control("GET", "/stats")["writes"].get("products", {}).items():
        if actions.get("created", 0) > 1:
            yield f"product {record} was created {actions['created']} times"
    pictures = main_images(Product.objects.values_list("pk", flat=True))
    offered = _offered()
    for code, sizes in offered.items():
        if code not in there:
            yield f"product {code} is not there"
            continue
        product = Product.objects.get(code=code)
        yield from (f"product {code}: {says}" for says in _one_product(product, there[code][0], sizes))
        image = pictures.get(product.pk)
        shown = [_content_of(link) for link in there[code][0].get("images") or ()]
        if shown != ([f"{image.content_hash}.{image.format}"] if image else []):
            yield f"product {code} shows {shown}"
    for code in there.keys() & codes - offered.keys():
        product = Product.objects.get(code=code)
        if product.withdrawn and not there[code][0].get("cancelled"):
            yield f"product {code} is withdrawn, and on offer there"


def _offered() -> dict[str, dict[str, str]]:
    """Code of every product that is to be there, with barcodes by size."""
    visible = set(Visibility.objects.values_list("product_id", flat=True))
    priced = set(Price.objects.filter(amount__gt=0).values_list("product_id", flat=True))
    linked = {int(pk) for pk in Link.objects.filter(kind="product").values_list("record_id", flat=True)}
    found: dict[str, dict[str, str]] = {}
    styles: set[str] = set()
    candidates = [
        product for product in Product.objects.order_by("pk") if not product.withdrawn or product.pk in linked
    ]
    for product in sorted(candidates, key=lambda product: (product.pk not in linked, product.pk)):
        first_of_its_kind = product.style not in styles
        styles.add(product.style)
        sizes = dict(SKU.objects.filter(product=product).exclude(barcode="").values_list("size", "barcode"))
        ready = not product.withdrawn and sizes and product.pk in visible and product.pk in priced
        if ready and first_of_its_kind:
            found[product.code] = sizes
    return found


def _one_product(product: Product, there: dict[str, Any], sizes: dict[str, str]) -> Iterator[str]:
    held = {size["size"]: size["upc"] for size in there["sizes"]}
    if held != sizes:
        yield f"sizes are {held} there, not {sizes}"
    amount = Price.objects.get(product=product).amount
    if Decimal(str(there["pricing"][CURRENCY]["wholesale"])) != amount:
        yield f"costs {there['pricing']} there, not {amount}"
    if there["name"] != product.name or there.get("cancelled"):
        yield f"is called {there['name']} there, cancelled {there.get('cancelled')}"


def _content_of(link: str) -> str:
    token = unquote(link.rpartition("/")[2]).rpartition(".")[0]
    _, content_hash, extension = picture_of(token)
    return f"{content_hash}.{extension}"


def _customers(remote: Remote) -> Iterator[str]:
    there = Counter(company["code"] for company in remote.control("GET", "/companies"))
    companies = {company["code"]: company for company in remote.control("GET", "/companies")}
    expected = {customer.name: customer for customer in Customer.objects.exclude(currency="")}
    for record, actions in remote.control("GET", "/stats")["writes"].get("companies", {}).items():
        if actions.get("created", 0) > 1:
            yield f"customer {record} was created {actions['created']} times"
    yield from (f"customer {name} is there {times} times" for name, times in there.items() if times > 1)
    yield from (f"customer {name} is not there" for name in expected.keys() - companies.keys())
    yield from (f"company {name} there is in no book" for name in companies.keys() - expected.keys())
    for name in expected.keys() & companies.keys():
        company, customer = companies[name], expected[name]
        if company["payment_terms"] != customer.payment_terms or company["name"] != name:
            yield f"customer {name} has {company['name']}, {company['payment_terms']} there"
        if len(company["addresses"]) != customer.addresses.count():
            yield f"customer {name} has {len(company['addresses'])} addresses there"


def _stock(brand: Brand, remote: Remote) -> Iterator[str]:
    """Figures there are those here; units of orders that take stock there by themselves may differ (sheet 5.3)."""
    loose: Counter[str] = Counter()
    for order in remote.orders():
        for line in order["line_items"]:
            if not line.get("prebook"):
                loose.update(size["upc"] for size in line["sizes"])
    there = {row["brand_id"]: row["inventory"] for row in remote.control("GET", "/inventory")}
    offered = _offered()
    skus = {sku.pk: sku for sku in SKU.objects.select_related("product").exclude(barcode="")}
    now = available_to_sell(skus, [brand.season])
    coming = dict(FutureStock.objects.values_list("sku_id").annotate(Sum("quantity")).order_by())
    for pk, sku in skus.items():
        if sku.product.code not in offered or sku.barcode in loose:
            continue
        held = {
            ("now" if bucket["name"] == "immediate" else "coming"): size["quantity"]
            for warehouse in there[sku.product.code] or ()
            for bucket in warehouse["wip"]
            for size in bucket["sizes"]
            if size["size"] == sku.size
        }
        wanted = {"now": max(sum(each.quantity for each in now[pk]), 0)}
        if coming.get(pk):
            wanted["coming"] = coming[pk]
        if held != wanted:
            yield f"stock of {sku} is {held} there, not {wanted}"


def _links(remote: Remote) -> Iterator[str]:
    products = {product["_id"]: product["brand_id"] for product in remote.products()}
    companies = {company["_id"]: company["code"] for company in remote.control("GET", "/companies")}
    codes = {str(pk): code for pk, code in Product.objects.values_list("pk", "code")}
    names = {str(pk): name for pk, name in Customer.objects.values_list("pk", "name")}
    for link in Link.objects.all():
        if link.kind == "customer":
            there, here = companies.get(link.remote_id), names.get(link.record_id)
        else:
            there, here = products.get(link.remote_id, link.remote_id), codes.get(link.record_id)
        if there != here:
            yield f"link of {link.kind} {here} leads to {there} ({link.remote_id})"


def _queue() -> Iterator[str]:
    with database.cursor() as cursor:
        cursor.execute("SELECT id, status, args FROM procrastinate_jobs WHERE status IN ('todo', 'doing')")
        for job, status, args in cursor.fetchall():
            yield f"job {job} is {status}: {args}"


def _requests(remote: Remote) -> Iterator[str]:
    """Every call there was made while a run was under way."""
    spans = [
        (run.started_at, run.finished_at + CALL_ON_ITS_WAY, run)
        for run in Run.objects.filter(started_at__isnull=False, finished_at__isnull=False)
    ]
    for request in remote.control("GET", "/requests?limit=2000"):
        at = datetime.datetime.fromisoformat(request["time"])
        if at.tzinfo is None:
            at = at.replace(tzinfo=datetime.UTC)
        if not any(first <= at <= last for first, last, _ in spans):
            yield f"{request['method']} {request['path']} at {request['time']} belongs to no run"
