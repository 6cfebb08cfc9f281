"""Checks that every order approved there is here once and whole, or held with its reason."""

from collections import Counter
from collections.abc import Iterator, Set
from decimal import Decimal

from linesheet.books.models import SKU, Order
from linesheet.cli.faults.brand import Brand
from linesheet.cli.sides.side import Side
from linesheet.cli.sides.words import RemoteOrder, Standing
from linesheet.sync.models import InboxRecord


def orders(brand: Brand, remote: Side) -> Iterator[str]:
    """What does not hold of orders."""
    there = {order.key: order for order in remote.orders()}
    here: dict[str, list[Order]] = {}
    barcodes = set(SKU.objects.exclude(barcode="").values_list("barcode", flat=True))
    for order in Order.objects.select_related("customer").prefetch_related("lines__sku"):
        yield from (f"{order} {says}" for says in _lines_here(order, barcodes))
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
        for says in _one_order(brand, remote, order, rows, stored[0] if stored else None):
            states = ", ".join(f"r{row.revision} {row.state} {row.reason_code}".strip() for row in rows)
            yield f"order {order.number} ({_standing(order)} there; {states or 'not in the inbox'}): {says}"


def _standing(order: RemoteOrder) -> str:
    return f"{order.standing}, taken" if order.taken else str(order.standing)


def _one_order(
    brand: Brand, remote: Side, there: RemoteOrder, rows: list[InboxRecord], here: Order | None
) -> Iterator[str]:
    latest = rows[-1] if rows else None
    match there.standing:
        case Standing.PENDING:
            if rows or here:
                yield f"it is not approved, and was taken in as {here}"
        case Standing.CANCELLED:
            said = latest is not None and latest.reason_code == "cancelled_after_import"
            if here and here.active and not said:
                yield f"it was cancelled there, and {here} is active without a word"
        case Standing.APPROVED:
            yield from _approved(brand, remote, there, rows, here)


def _approved(
    brand: Brand, remote: Side, there: RemoteOrder, rows: list[InboxRecord], here: Order | None
) -> Iterator[str]:
    if not rows:
        yield "it is lost"
        return
    latest = rows[-1]
    if latest.state not in (InboxRecord.State.STORED, InboxRecord.State.HELD):
        yield f"its latest version is {latest.state}"
    if _lines(remote.order_in(latest.payload)) != _lines(there):
        yield "its latest version here is not what it is there"
    stored = next((row for row in rows if row.state == InboxRecord.State.STORED), None)
    if here is None:
        if latest.state != InboxRecord.State.HELD:
            yield "it has no order"
        if there.taken:
            yield "it is taken there, and not in the books"
        return
    if not here.active or not here.approved:
        yield f"{here} is not active and approved"
    if stored is None:
        yield f"{here} has no stored version"
        return
    if not there.taken:
        yield "it is stored, and not taken there"
    as_stored = remote.order_in(stored.payload)
    yield from (f"{here} {says}" for says in _header(brand, as_stored, here))
    kept = Counter((line.barcode, line.quantity, line.price) for line in here.lines.all())
    if kept != _lines(as_stored):
        yield f"{here} has {dict(kept)}, not {dict(_lines(as_stored))}"
    if latest.state == InboxRecord.State.STORED and stored is not latest:
        yield "two versions are stored"


def _header(brand: Brand, order: RemoteOrder, here: Order) -> Iterator[str]:
    kept = (here.reference, here.customer_reference, here.currency)
    sent = (order.number, order.po, order.currency)
    if kept != sent:
        yield f"has reference, purchase order and currency {kept}, not {sent}"
    customer_id, settings = brand.customer_ids.get(order.customer), brand.connection.settings
    if here.customer_id == customer_id:
        return
    # Nobody had that name when the order came, or has it any more.
    nameless = customer_id is None or order.customer not in brand.customer_keys()
    by_rule = settings.get("unknown_customer") == "default" and here.customer_id == settings.get("default_customer")
    if not (nameless and by_rule):
        yield f"is of {here.customer}, and {order.customer} placed it"


def _lines_here(order: Order, barcodes: Set[str]) -> Iterator[str]:
    """The lines' SKUs against their barcodes, all of which were in the books before a buyer could order them."""
    for line in order.lines.all():
        expected = line.barcode if line.barcode in barcodes else None
        found = line.sku.barcode if line.sku else None
        if found != expected:
            yield f"has {line.barcode} as {line.sku}"


def _lines(order: RemoteOrder) -> Counter[tuple[str, int, Decimal]]:
    return Counter((line.barcode, line.units, line.price.quantize(Decimal("0.0001"))) for line in order.lines)
