"""What inbox records say to a person: by the books once stored, before that by the payload as it was kept."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from linesheet.books.models import Order
from linesheet.books.reasons import BLOCKER, Said
from linesheet.sync.contexts import readers_of
from linesheet.sync.incoming import IncomingOrder
from linesheet.sync.legs import Inbound
from linesheet.sync.models import Connection, InboxRecord
from linesheet.sync.reasons import stumbled
from linesheet.sync.resolve import computed_total
from linesheet.sync.submissions import ALONE, Beside, beside

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow:
    """An inbox record and what it says; the fields stay empty where its payload makes no sense.

    `skipped` counts the lines that matched nothing in the books, on the order or left out of it. `beside` has the
    orders of other submissions of the same (`sync/submissions.py`).
    """

    record: InboxRecord
    number: str
    order: Order | None = None
    reference: str = ""
    customer: str = ""
    season: str = ""
    approved: bool | None = None
    units: int | None = None
    value: Decimal | None = None
    currency: str = ""
    skipped: int | None = None
    beside: Beside = ALONE


def rows_of(records: Iterable[InboxRecord]) -> list[InboxRow]:
    """The records as rows, in their order; the number of queries grows with the connections only."""
    records = list(records)
    ids = [record.order_id for record in records if record.order_id]
    orders = Order.objects.filter(pk__in=ids).select_related("customer", "season")
    by_id = {order.pk: order for order in orders}
    meanings = as_incoming(record for record in records if not _is_stored(record))
    others = beside(records)
    return [
        _row(record, by_id.get(record.order_id or 0), meanings.get(record.pk), others.get(record.pk, ALONE))
        for record in records
    ]


def left_out(record: InboxRecord) -> list[dict[str, str]]:
    """What was noted of lines that could not come along into the books, line by line."""
    return [note for note in record.notes if note["severity"] == BLOCKER] if record.order_id else []


def as_incoming(records: Iterable[InboxRecord]) -> dict[int, IncomingOrder | Said]:
    """What each kept payload means, or why it makes no sense, by the record's id; no platform is asked.

    Records that nothing installed can read are left out.
    """
    records = list(records)
    connections = Connection.objects.defer("credentials").in_bulk({record.connection_id for record in records})
    readers = {pk: readers_of(connection) for pk, connection in connections.items()}
    return {
        record.pk: _meaning(readers[record.connection_id][record.kind], record)
        for record in records
        if record.kind in readers[record.connection_id]
    }


def _meaning(reader: Inbound, record: InboxRecord) -> IncomingOrder | Said:
    try:
        return reader.read(record.payload)
    except Exception as error:
        # One odd payload must not take the page away from all the others.
        log.exception("inbox record %s could not be read", record.pk)
        return stumbled(record.label or record.remote_id, error)


def _is_stored(record: InboxRecord) -> bool:
    return record.state == InboxRecord.State.STORED and record.order_id is not None


def _row(record: InboxRecord, order: Order | None, meaning: IncomingOrder | Said | None, others: Beside) -> InboxRow:
    number = record.label or record.remote_id
    if order is not None and _is_stored(record):
        return InboxRow(
            record=record,
            number=number,
            order=order,
            reference=order.customer_reference,
            customer=order.customer.name,
            season=order.season.name,
            approved=order.approved,
            units=order.units,
            value=order.total,
            currency=order.currency,
            skipped=order.unmatched + len(left_out(record)),
            beside=others,
        )
    if not isinstance(meaning, IncomingOrder):
        return InboxRow(record=record, number=number, order=order)
    return InboxRow(
        record=record,
        number=number,
        order=order,
        reference=meaning.customer_reference,
        customer=meaning.customer_name,
        season=meaning.season_name,
        units=sum(line.quantity for line in meaning.lines),
        value=computed_total(meaning) if meaning.total is None else meaning.total,
        currency=meaning.currency,
    )
