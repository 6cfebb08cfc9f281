"""Orders import: from JOOR's lists to the hub, and the word back that they arrived (sheet joor.md 7.4 and 9.8)."""

import datetime
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence

from django.db.models import Min

from linesheet.books.models import Customer
from linesheet.books.reasons import Said
from linesheet.platforms.joor import trade_reasons
from linesheet.platforms.joor.client import JoorClient
from linesheet.platforms.joor.offers import price_types_offered
from linesheet.platforms.joor.order_mapping import order_from_wire, order_label
from linesheet.platforms.joor.order_wire import Told, with_told
from linesheet.platforms.joor.wire import NOT_TOLD, Json, Written
from linesheet.sync import tolerant
from linesheet.sync.incoming import IncomingOrder
from linesheet.sync.legs import LONGEST_ID, Inbound, NotTaken, Received, Unreadable
from linesheet.sync.models import InboxRecord

NEW = {"order_type": 6, "export_status": 2}
"""Approved and not exported (sheet 7.2); what failed to be exported is among them."""
SHIPPED = {"order_type": 7, "export_status": 2}
"""Shipped and not exported: what was approved and shipped between two runs."""
NOT_CANCELLED = {"order_type": 4, "export_status": 1}
CANCELLED = {"order_type": 5, "export_status": 1}
EARLIER = datetime.timedelta(hours=1)
"""By so much JOOR's clock may be behind ours."""
LATER = datetime.timedelta(days=1)
SUCCESS = "SUCCESS"


class Orders(Inbound):
    """Approved and shipped orders that nobody has exported, and known ones that were changed or cancelled since."""

    kind = "order"
    acknowledge_batch = 500

    async def fetch(self, known: Callable[[str], bool]) -> AsyncIterator[Sequence[Received | Unreadable]]:
        """New orders, then what changed since the last run began: orders that were shipped before any run saw them, and
        known ones, whatever their export status is.

        So an edit between our reading an order and acknowledging it is seen by the next run. Nothing is read in the
        way that marks orders as exported (sheet 1, fact 4).
        """
        since, seasons = await self._since(), _Seasons(self._client)
        listings = [(NEW, self._live_from)] if since is None else [(NEW, self._live_from), (SHIPPED, since - EARLIER)]
        for listed, start in listings:
            async for page in self._client.v2.orders(**listed, **self._window(start)):
                wanted = [order for order in page if self._is_of_today(order) or known(order_label(order))]
                if received := [each async for each in _received(wanted, seasons)]:
                    yield received
        if since is None:
            return
        for listed in (CANCELLED, NOT_CANCELLED):
            async for page in self._client.v2.orders(**listed, **self._window(since - EARLIER)):
                changed = [order for order in page if known(order_label(order))]
                if received := [each async for each in _received(changed, seasons, cancelled=listed is CANCELLED)]:
                    yield received

    def read(self, payload: Json) -> IncomingOrder | Said:
        return order_from_wire(payload)

    def remarks(self, order: IncomingOrder, customer: Customer) -> Sequence[Said]:
        """That the order is not priced as its customer buys: by currency, and by the price types of its price list."""
        paired = self.context.settings["price_types"].get(customer.price_list_id, ())
        offered = price_types_offered(self.context.offers)
        usual = [offered[each] for each in paired if each in offered]
        here = ", ".join(each.label for each in usual if each.currency == customer.currency or not customer.currency)
        agrees = not customer.currency or customer.currency == order.currency
        if agrees and order.price_label and usual:
            agrees = (order.price_label, order.currency) in {(each.name, each.currency) for each in usual}
        if agrees:
            return ()
        there = f"{order.price_label} ({order.currency})" if order.price_label else order.currency
        names = {"order": order.number, "there": there, "customer": customer, "here": here or customer.currency}
        return [trade_reasons.ORDER_PRICED_OTHERWISE.about(**names)]

    async def acknowledge_many(self, orders: Sequence[tuple[str, int]]) -> Sequence[NotTaken | None]:
        """Say of the orders that they were exported; what JOOR has of them then, the next run finds out."""
        ids = [remote_id for remote_id, _ in orders]
        outcome = await self._client.v4.set_export_status(ids, SUCCESS)
        return list(_answers(ids, outcome))

    async def _since(self) -> datetime.datetime | None:
        """From when on changes are asked for: the last run's beginning, or when the first order came; None before."""
        since: datetime.datetime | None = self.context.since or await self.db(self._first_received)
        return since

    def _first_received(self) -> datetime.datetime | None:
        rows = InboxRecord.objects.filter(connection=self.context.connection_id, kind=self.kind)
        first: datetime.datetime | None = rows.aggregate(first=Min("received_at"))["first"]
        return first

    @property
    def _live_from(self) -> datetime.datetime | None:
        """The beginning of the day of going live; nothing is older there than when it was changed last."""
        day: datetime.date | None = self.context.settings["orders_from"]
        return None if day is None else datetime.datetime.combine(day, datetime.time(), datetime.UTC) - LATER

    def _window(self, start: datetime.datetime | None) -> Mapping[str, str]:
        """The filter for what was changed from then on; JOOR wants both ends or none (sheet 7.2)."""
        if start is None:
            return {}
        return {"date_start": written(start), "date_end": written(datetime.datetime.now(datetime.UTC) + LATER)}

    def _is_of_today(self, order: Json) -> bool:
        """Whether the order was created when the connection was live, as far as it says."""
        live_from: datetime.date | None = self.context.settings["orders_from"]
        if live_from is None:
            return True
        try:
            return tolerant.day("date_created", order.get("date_created")) >= live_from
        except tolerant.Unfit:
            return True

    @property
    def _client(self) -> JoorClient:
        client: JoorClient = self.context.client
        return client


class _Seasons:
    """Names of the account's seasons by their codes, asked for when an order has its code only (sheet 7.2)."""

    def __init__(self, client: JoorClient) -> None:
        self._client = client
        self._by_code: dict[str, str] | None = None

    async def name_for(self, order: Json) -> str:
        """The name of the order's season, "" where it has the name itself or none is known."""
        if tolerant.text("", order.get("order_season_name")):
            return ""
        code = tolerant.text("", order.get("order_season_code"))
        return (await self._names()).get(code, "") if code else ""

    async def _names(self) -> dict[str, str]:
        if self._by_code is None:
            found = await self._client.v4.listed("seasons")
            pairs = [
                (tolerant.text("", each.get("external_id")), tolerant.text("", each.get("name"))) for each in found
            ]
            self._by_code = {code: name for code, name in pairs if code}
        return self._by_code


async def _received(
    orders: Sequence[Json], seasons: _Seasons, *, cancelled: bool = False
) -> AsyncIterator[Received | Unreadable]:
    for order in orders:
        order_id = tolerant.text("order_id", order.get("order_id"))
        if not order_id or len(order_id) > LONGEST_ID:
            yield Unreadable(order_id, "its id is missing" if not order_id else "its id is too long")
            continue
        told = Told(season=await seasons.name_for(order), cancelled=cancelled)
        yield Received(order_id, order_label(order), with_told(order, told))


def _answers(ids: Sequence[str], outcome: Written) -> Iterator[NotTaken | None]:
    """What became of each order: taken, or why not; an error that names no order is said of all that were not taken."""
    taken = {tolerant.text("id", each.get("id")) for each in outcome.done}
    refused = {_order_of(error.details): error.says for error in outcome.errors}
    for order_id in ids:
        if order_id in taken:
            yield None
        else:
            yield NotTaken(refused.get(order_id) or refused.get("") or NOT_TOLD)


def _order_of(details: Json) -> str:
    return next((text for key in ("id", "order_id") if (text := tolerant.text(key, details.get(key)))), "")


def written(moment: datetime.datetime) -> str:
    """A moment as the filters of orders take it (sheet 1)."""
    return f"{moment.astimezone(datetime.UTC):%Y-%m-%dT%H:%M:%S}.0Z"
