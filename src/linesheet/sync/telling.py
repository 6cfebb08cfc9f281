"""What webhooks are told of orders, runs and stock, each in the transaction that records it."""

from collections.abc import Iterable, Sequence
from typing import Any

from linesheet.books.reasons import Said
from linesheet.sync.models import Connection, InboxRecord, Item, Run, WebhookEvent
from linesheet.sync.webhooks import tell

STOCK = "stock"
RECORDS_TOLD = 200


def orders_decided(connection: Connection, decided: Iterable[tuple[Item, InboxRecord]]) -> None:
    """Tell of orders that a run took into the books, changed there, or holds."""
    imported, held = [], []
    for item, row in decided:
        about: dict[str, Any] = {"connection": _named(connection), "record": item.label, "remote_id": row.remote_id}
        if item.state in (Item.State.CREATED, Item.State.UPDATED) and row.order is not None:
            order = {"id": row.order.pk, "number": row.order.number, "reference": row.order.reference}
            imported.append({**about, "order": order, "outcome": str(item.state)})
        elif item.state == Item.State.BLOCKED and row.state == InboxRecord.State.HELD:
            held.append({**about, "inbox_id": row.pk, "code": row.reason_code, "says": row.says, "fix": row.fix})
    tell(WebhookEvent.ORDER_IMPORTED, imported)
    tell(WebhookEvent.ORDER_HELD, held)


def run_ended(run: Run, state: Run.State, said: Said | None) -> None:
    """Tell that a run has ended, and which stock figures it did not get across.

    Of a plan that was only looked at nothing is told.
    """
    if run.preview and run.approved_at is None:
        return
    about = {"connection": _named(run.connection), "run": {"id": run.pk, "task": run.task}}
    counters = ("selected", "created", "updated", "unchanged", "blocked", "failed", "not_attempted")
    sums = {counter: getattr(run, counter) for counter in counters}
    why = {"code": said.reason.code, "says": said.says, "fix": said.fix} if said else None
    tell(WebhookEvent.RUN_FINISHED, [{**about, "state": str(state), "records": sums, "reason": why}])
    tell(WebhookEvent.STOCK_REFUSED, _refused_stock(run, about))


def _refused_stock(run: Run, about: dict[str, Any]) -> Sequence[dict[str, Any]]:
    """One event for all of the run's figures that were blocked or failed; the first of them by name."""
    if not run.blocked and not run.failed:
        return []
    refused = Item.objects.filter(run=run, kind=STOCK, state__in=[Item.State.BLOCKED, Item.State.FAILED])
    count = refused.count()
    first = refused.order_by("pk").values("record_id", "label", "reason_code", "says", "fix")[:RECORDS_TOLD]
    records = [
        {"record_id": one["record_id"], "record": one["label"], "code": one["reason_code"]}
        | {"says": one["says"], "fix": one["fix"]}
        for one in first
    ]
    return [{**about, "count": count, "records": records}] if count else []


def _named(connection: Connection) -> dict[str, Any]:
    return {"id": connection.pk, "name": connection.name, "platform": connection.platform}
