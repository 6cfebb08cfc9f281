"""Checks that every order approved there is here once and whole, or held with its reason."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from linesheet.books.models import Order
from linesheet.cli.demo.remote import Remote
from linesheet.sync.models import InboxRecord


def orders(remote: Remote) -> Iterator[str]:
    """What does not hold of orders."""
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
        if there["status"] == "processed":
            yield "it is processed there, and not in the books"
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
