"""Orders import: what an order that ORDRE handed to us becomes, and what is to be said of it."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from linesheet.books.models import SKU, Company, Customer, Price
from linesheet.books.order_drafts import OrderDraft
from linesheet.books.reasons import Said
from linesheet.books.tenancy import company_in_hand
from linesheet.platforms.ordre import findings, reasons
from linesheet.platforms.ordre.order_mapping import Json, lines_of, order_from
from linesheet.sync.incoming import IncomingLine, IncomingOrder
from linesheet.sync.legs import Context, Inbound, Received, Unreadable

TASK = "orders-import"


class Orders(Inbound):
    """Orders as they were posted. None is fetched: a run of the task takes in what is held (sheet ordre.md R1).

    `places` has, by what was said of a line, the place of the line in the body that was read last.
    """

    kind = "order"
    tells = False

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.places: dict[str, int] = {}
        self._payloads: dict[str, Json] = {}

    async def fetch(self, known: Callable[[str], bool]) -> AsyncIterator[Sequence[Received | Unreadable]]:
        nothing: Sequence[Sequence[Received | Unreadable]] = ()
        for page in nothing:
            yield page

    def read(self, payload: dict[str, Any]) -> IncomingOrder | Said:
        order = order_from(payload, self.context.settings["order_reference"])
        if isinstance(order, Said):
            return order
        if hub_id := str(payload["customer"].get("id") or ""):
            order = _by_hub_id(order, hub_id)
        if order.currency and not _enabled(order.currency):
            return reasons.CURRENCY_NOT_ENABLED.about(order=order.number, currency=order.currency)
        self._payloads[order.remote_id] = payload
        return order

    def advise(
        self, order: IncomingOrder, draft: OrderDraft, sku_of: Callable[[IncomingLine], SKU | None]
    ) -> Sequence[Said]:
        payload = self._payloads[order.remote_id]
        return [
            *self._of_lines(payload, draft, sku_of),
            *findings.of_order(self.context, payload, order, draft),
        ]

    def _of_lines(
        self, payload: Json, draft: OrderDraft, sku_of: Callable[[IncomingLine], SKU | None]
    ) -> Iterator[Said]:
        for place, said in findings.of_lines(self.context, lines_of(payload), draft, sku_of):
            self.places[said.says] = place
            yield said


def _by_hub_id(order: IncomingOrder, hub_id: str) -> IncomingOrder:
    """The order with the name and code that its customer has in the books, where ORDRE gives our own id."""
    found = Customer.objects.filter(pk=int(hub_id)).first() if hub_id.isdecimal() and len(hub_id) < 19 else None
    if found is None:
        return order
    return replace(order, customer_name=found.name, customer_code=found.account_code)


def _enabled(currency: str) -> bool:
    """Whether the books know the currency: it is the company's, or something has a price in it."""
    return (
        Company.objects.filter(pk=company_in_hand(), currency=currency).exists()
        or Price.objects.filter(currency=currency).exists()
    )
