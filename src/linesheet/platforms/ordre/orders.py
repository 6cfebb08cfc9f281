"""Orders import: what an order that ORDRE handed to us becomes, and what is to be said of it."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import Any

from linesheet.books import orders as books
from linesheet.books.models import SKU, Company, Order, Price, Season
from linesheet.books.order_drafts import OrderDraft
from linesheet.books.reasons import Said
from linesheet.books.tenancy import company_in_hand
from linesheet.platforms.ordre import findings, reasons
from linesheet.platforms.ordre.order_mapping import Json, lines_of, order_from
from linesheet.platforms.ordre.settings import REPLACE
from linesheet.sync.incoming import IncomingLine, IncomingOrder
from linesheet.sync.legs import Context, Inbound, Received, Unreadable
from linesheet.sync.models import InboxRecord

TASK = "orders-import"


class Orders(Inbound):
    """Orders as they were posted. None is fetched: a run of the task takes in what is held (sheet ordre.md R1)."""

    kind = "order"
    tells = False
    # A new customer gets its code from people, or by their numbering (sheet ordre.md 5.2).
    gives_codes = False

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._payloads: dict[str, Json] = {}

    async def fetch(self, known: Callable[[str], bool]) -> AsyncIterator[Sequence[Received | Unreadable]]:
        nothing: Sequence[Sequence[Received | Unreadable]] = ()
        for page in nothing:
            yield page

    def read(self, payload: dict[str, Any]) -> IncomingOrder | Said:
        order = order_from(payload, self.context.settings["order_reference"])
        if isinstance(order, Said):
            return order
        if order.currency and not _enabled(order.currency):
            return reasons.CURRENCY_NOT_ENABLED.about(order=order.number, currency=order.currency)
        self._payloads[order.remote_id] = payload
        return _in_one_window(order, self.context.settings["import_season"])

    def advise(
        self, order: IncomingOrder, draft: OrderDraft, sku_of: Callable[[IncomingLine], SKU | None]
    ) -> Sequence[Said]:
        payload = self._payloads[order.remote_id]
        return [
            *findings.of_lines(self.context, lines_of(payload), draft, sku_of),
            *findings.of_order(self.context, payload, order, draft),
        ]

    def placed(self, orders: Sequence[tuple[InboxRecord, Order]]) -> None:
        if self.context.settings["resubmission"] == REPLACE:
            for row, _ in orders:
                _inactivate(findings.earlier_orders(row.connection_id, row.label, before=row.received_at))


def _inactivate(orders: Sequence[Order]) -> None:
    """Take those out of the books that are neither approved nor locked, as they are now (sheet ordre.md 6.5)."""
    for order in Order.objects.select_for_update(of=("self",)).filter(pk__in=[order.pk for order in orders]):
        if order.active and not order.approved and not order.locked:
            books.inactivate(order)


def _in_one_window(order: IncomingOrder, season: Season | None) -> IncomingOrder:
    """The order, with one of its delivery dates for both where that of the season would end before it begins."""
    starts, ends = (season.delivery_starts_on, season.delivery_cancels_on) if season else (None, None)
    if order.ships_from and not order.ships_until and ends and ends < order.ships_from:
        return replace(order, ships_until=order.ships_from)
    if order.ships_until and not order.ships_from and starts and starts > order.ships_until:
        return replace(order, ships_from=order.ships_until)
    return order


def _enabled(currency: str) -> bool:
    """Whether the books know the currency: it is the company's, or something has a price in it."""
    return (
        Company.objects.filter(pk=company_in_hand(), currency=currency).exists()
        or Price.objects.filter(currency=currency).exists()
    )
