"""Orders import: from NuORDER's lists to the hub, and the word back that they arrived."""

import asyncio
import datetime
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from typing import Any

from linesheet.books.reasons import Said
from linesheet.platforms.nuorder import tolerant
from linesheet.platforms.nuorder.client import NuOrderClient
from linesheet.platforms.nuorder.order_mapping import CANCELLED, order_from_wire, order_label
from linesheet.platforms.nuorder.wire import Json
from linesheet.sync.errors import Nonsense, Refused, Unavailable
from linesheet.sync.incoming import IncomingOrder
from linesheet.sync.legs import LONGEST_ID, Inbound, Received, Unreadable

PAGE = 50
EDITED = "edited"
PROCESSED = "processed"


class Orders(Inbound):
    """Orders in the chosen statuses, and known ones, held or stored, that were cancelled or edited on NuORDER since."""

    kind = "order"

    async def fetch(self, known: Callable[[str], bool]) -> AsyncIterator[Sequence[Received | Unreadable]]:
        ids = await self._ids(known)
        for start in range(0, len(ids), PAGE):
            read = await _together([self._read(order_id) for order_id in ids[start : start + PAGE]])
            page = [each for each in read if known(each.remote_id) or not self._too_old(each)]
            if page:
                yield page

    def read(self, payload: Json) -> IncomingOrder | Said:
        return order_from_wire(payload)

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

    async def _ids(self, known: Callable[[str], bool]) -> list[str]:
        """Each id once: new orders first in the order NuORDER lists them, then known ones that changed."""
        found: dict[str, None] = {}
        for status in self.context.settings["import_statuses"]:
            found.update(dict.fromkeys(await self._client.order_ids(status)))
        for order_id in (*await self._client.order_ids(CANCELLED), *await self._edited_ids()):
            if known(order_id):
                found[order_id] = None
        return list(found)

    async def _edited_ids(self) -> Sequence[str]:
        """Orders edited since they were processed; not every portal has that list (sheet 8.1)."""
        try:
            return await self._client.order_ids(EDITED)
        except Refused:
            return ()

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
        return Received(order_id, order_label(payload), payload)

    def _too_old(self, received: Received | Unreadable) -> bool:
        since: datetime.date | None = self.context.settings["orders_from"]
        if since is None or isinstance(received, Unreadable):
            return False
        try:
            return tolerant.day("created_on", received.payload.get("created_on")) < since
        except tolerant.Unfit:
            return False

    @property
    def _client(self) -> NuOrderClient:
        client: NuOrderClient = self.context.client
        return client


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
