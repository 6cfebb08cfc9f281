"""NuORDER's orders in full, page by page, as far as a portal gives them so (sheet nuorder.md 2.4)."""

import logging
from collections.abc import Mapping, Sequence

from linesheet.platforms.nuorder.client import NuOrderClient
from linesheet.platforms.nuorder.wire import Json
from linesheet.sync.errors import Nonsense, TravelError
from linesheet.sync.transport import decoded

log = logging.getLogger(__name__)

MOST_IN_VAIN = 3


class Pages:
    """The pages of one status, whose list of ids named so many orders.

    A page only spares reading its orders one by one: it may lack some, and have others. When MOST_IN_VAIN could not be
    had, for whatever reason, or had none of what was wanted, no more are asked for; reading one by one finds out what
    is wrong.
    """

    def __init__(self, client: NuOrderClient, status: str, listed: int) -> None:
        self._client = client
        self._status = status
        self._listed = listed
        self._in_vain = 0
        self._all: Mapping[str, bytes] | None = None
        """All orders of the status, from a portal that does not page."""

    async def holding(self, ids: Sequence[str], *, after: str) -> Mapping[str, Json]:
        """By id, those of the orders that their page has; they follow on `after`, "" for the first."""
        found = self._all if self._all is not None else await self._page(len(ids), after)
        orders = {order_id: order for order_id in ids if order_id in found and (order := _order(found[order_id]))}
        self._in_vain += not orders
        return orders

    async def _page(self, count: int, after: str) -> Mapping[str, bytes]:
        if self._listed < 2 or self._in_vain >= MOST_IN_VAIN:
            return {}
        # All recordings have the whole list without a query, and some portals may refuse one.
        limit = count if count < self._listed else None
        try:
            page = await self._client.orders(self._status, limit=limit, after=after)
        except TravelError as error:
            log.info("A page of %s orders is read one by one: %s", self._status, error.says)
            return {}
        if len(page) >= self._listed:
            self._all = page
        return page


def _order(raw: bytes) -> Json | None:
    """The order; None where it makes no sense, or has no lines and so may be no more than a summary."""
    try:
        order: Json = decoded(raw, Json, "an order")
    except Nonsense:
        return None
    return order if order.get("line_items") else None
