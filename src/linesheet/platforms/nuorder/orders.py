"""Orders import: from NuORDER's lists to the hub, and the word back that they arrived."""

import asyncio
import datetime
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any

from linesheet.books.reasons import Said
from linesheet.platforms.nuorder.client import NuOrderClient
from linesheet.platforms.nuorder.order_mapping import CANCELLED, alike, order_from_wire, order_label
from linesheet.platforms.nuorder.order_pages import Pages
from linesheet.platforms.nuorder.wire import Json
from linesheet.sync import tolerant
from linesheet.sync.errors import Nonsense, Refused, Unavailable
from linesheet.sync.incoming import IncomingOrder
from linesheet.sync.legs import LONGEST_ID, Inbound, Received, Unreadable

PAGE = 100
EDITED = "edited"
PROCESSED = "processed"


class Orders(Inbound):
    """Orders in the chosen statuses, and known ones, held or stored, that were cancelled or edited on NuORDER since."""

    kind = "order"

    async def fetch(self, known: Callable[[str], bool]) -> AsyncIterator[Sequence[Received | Unreadable]]:
        """What the lists of ids name, each order once: new ones oldest first, then known ones that changed.

        New ones come in full, page by page, but the lists of ids stay what decides which orders there are: one that
        no page has, as it moved or as the portal does not page, is read by itself. So no order is lost between two
        pages, one that cannot be read fails alone, and a portal without pages costs a few calls more.
        """
        lists = await self._lists(known)
        for status, ids in lists.items():
            pages = Pages(self._client, status, len(ids) if status in self._statuses else 0)
            for start in range(0, len(ids), PAGE):
                wanted = ids[start : start + PAGE]
                in_full = await pages.holding(wanted, after=ids[start - 1] if start else "")
                page = [each for each in await self._read_all(wanted, in_full) if self._wanted(each, known)]
                if page:
                    yield page

    def read(self, payload: Json) -> IncomingOrder | Said:
        return order_from_wire(payload)

    def alike(self, one: Json, other: Json) -> bool:
        return alike(one, other)

    async def acknowledge(self, remote_id: str, order_number: int) -> Json | None:
        """Set the order processed. One that is so already, or was cancelled meanwhile, is read instead."""
        try:
            answer = await self._client.set_order_status(remote_id, PROCESSED)
        except Refused as refused:
            if refused.status != 409:
                raise
            order = await self._client.order(remote_id)
            if tolerant.text("status", order.get("status")).casefold() != CANCELLED:
                raise
            return order
        return answer or await self._client.order(remote_id)

    async def _lists(self, known: Callable[[str], bool]) -> dict[str, list[str]]:
        """By status, the ids of the orders to read, each id once, oldest first as NuORDER's ids go."""
        lists = {status: await self._client.order_ids(status) for status in self._statuses}
        for status, ids in ((CANCELLED, await self._client.order_ids(CANCELLED)), (EDITED, await self._edited_ids())):
            lists[status] = [order_id for order_id in ids if known(order_id)]
        seen: set[str] = set()
        for status, ids in lists.items():
            lists[status] = sorted(set(ids) - seen)
            seen.update(ids)
        return lists

    async def _edited_ids(self) -> Sequence[str]:
        """Orders edited since they were processed; not every portal has that list (sheet 8.1)."""
        try:
            return await self._client.order_ids(EDITED)
        except Refused:
            return ()

    async def _read_all(self, ids: Sequence[str], in_full: Mapping[str, Json]) -> list[Received | Unreadable]:
        """The orders of these ids: those at hand in full, the others read one by one."""
        read = await _together([self._read(order_id) for order_id in ids if order_id not in in_full])
        alone = {each.remote_id: each for each in read}
        return [alone.get(order_id) or _received(order_id, in_full[order_id]) for order_id in ids]

    async def _read(self, order_id: str) -> Received | Unreadable:
        if len(order_id) > LONGEST_ID:
            return Unreadable(order_id, "its id is too long")
        try:
            payload = await self._client.order(order_id)
        except (Refused, Nonsense) as error:
            return Unreadable(order_id, error.says)
        except Unavailable as error:
            # One order that NuORDER cannot show must not keep the others from coming in.
            if error.status is None or error.status < 500:
                raise
            return Unreadable(order_id, error.says)
        return _received(order_id, payload)

    def _wanted(self, each: Received | Unreadable, known: Callable[[str], bool]) -> bool:
        """Whether the order is known, or not older than the connection takes."""
        since: datetime.date | None = self.context.settings["orders_from"]
        if since is None or isinstance(each, Unreadable) or known(each.remote_id):
            return True
        try:
            return tolerant.day("created_on", each.payload.get("created_on")) >= since
        except tolerant.Unfit:
            return True

    @property
    def _statuses(self) -> Sequence[str]:
        statuses: Sequence[str] = self.context.settings["import_statuses"]
        return statuses

    @property
    def _client(self) -> NuOrderClient:
        client: NuOrderClient = self.context.client
        return client


def _received(order_id: str, payload: Json) -> Received:
    return Received(order_id, order_label(payload), payload)


async def _together(
    reads: Iterable[Coroutine[Any, Any, Received | Unreadable]],
) -> list[Received | Unreadable]:
    """The results in order; the transport lets through as many at once as the budget allows.

    The first error ends the other reads and is raised by itself.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(read) for read in reads]
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from errors
    return [task.result() for task in tasks]
