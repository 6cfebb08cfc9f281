"""Orders a platform gave us, as a person reads them: from the books once stored, before that from the payload."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings as site

from linesheet.books.models import Order
from linesheet.books.orders import with_totals
from linesheet.sync import settings
from linesheet.sync.incoming import IncomingOrder
from linesheet.sync.legs import Context, Inbound
from linesheet.sync.models import Connection, InboxRecord
from linesheet.web.declared import platform_of


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow:
    """An inbox record and what it says; the fields stay empty where its payload makes no sense."""

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


def rows_of(connection: Connection, records: Sequence[InboxRecord]) -> list[InboxRow]:
    """The records as rows, in their order, in a constant number of queries."""
    orders = with_totals(
        Order.objects.filter(pk__in=[record.order_id for record in records if record.order_id])
    ).select_related("customer", "season")
    stored = {order.pk: order for order in orders}
    legs = _readers(connection) if len(stored) < len(records) else {}
    return [_row(record, stored.get(record.order_id or 0), legs) for record in records]


def _readers(connection: Connection) -> dict[str, Inbound]:
    """The legs that can read this connection's payloads, by kind of record."""
    platform = platform_of(connection)
    if platform is None:
        return {}
    values = settings.read(platform.all_settings, connection.settings)
    context = Context(connection.pk, connection.company_id, values, None, site.PUBLIC_URL)
    legs = [make(context) for task in platform.tasks for make in task.legs]
    return {leg.kind: leg for leg in legs if isinstance(leg, Inbound)}


def _row(record: InboxRecord, order: Order | None, legs: Mapping[str, Inbound]) -> InboxRow:
    number = record.label or record.remote_id
    if order is not None and record.state == InboxRecord.State.STORED:
        return InboxRow(
            record=record,
            number=number,
            order=order,
            reference=order.customer_reference,
            customer=order.customer.name,
            season=order.season.name,
            approved=order.approved,
            units=order.units,  # type: ignore[attr-defined]  # with_totals
            value=order.total,  # type: ignore[attr-defined]  # with_totals
            currency=order.currency,
        )
    meaning = legs[record.kind].read(record.payload) if record.kind in legs else None
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
        value=_value(meaning),
        currency=meaning.currency,
    )


def _value(order: IncomingOrder) -> Decimal:
    if order.total is not None:
        return order.total
    lines = sum((line.quantity * line.price for line in order.lines), Decimal(0))
    return lines * (1 - order.discount_percent / 100)
