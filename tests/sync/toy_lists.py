"""The toy platform as one that takes lists, answers for each record of them, and gives so many credits a window."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from aiohttp import web

from linesheet.books.models import Product
from linesheet.books.reasons import NOTE, Reason
from linesheet.sync.legs import Accepted, NotTaken, Received, Sending, Unreadable
from linesheet.sync.platform import BudgetRules, Direction, Quota, Task
from tests.sync.toy import TOY, ToyClient, ToyOrders, ToyProducts, ToyServer, ToyWire

REMARKED = Reason("remarked", "The toy says of {record}: {said}.", "Nothing is to be done.", NOTE)
QUOTA = Quota(credits=4, seconds=0.5, read=1, write=2)
WHOLE_WINDOW = 1.5
"""Seconds from the start of one window to the start of the next, with the margin."""


class ListClient(ToyClient):
    async def put_all(self, rows: Sequence[ToyWire]) -> list[dict[str, Any]]:
        return await self.transport.call("POST", "/lists", json=rows, type=list[dict[str, Any]])

    async def changed(self, since: str) -> list[dict[str, Any]]:
        return await self.transport.call("GET", "/orders", query={"since": since}, type=list[dict[str, Any]])

    async def seen(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        return await self.transport.call("POST", "/seen", json=ids, repeatable=True, type=list[dict[str, Any]])


class ToyLists(ToyProducts):
    """Weighs a product by the words of its name, so two where the name is "Coat 7"."""

    repeatable = True

    def weigh(self, payload: ToyWire) -> int:
        return len(payload.name.split())

    async def send(self, batch: Sequence[Sending]) -> Sequence[Accepted | NotTaken]:
        rows = await self.context.client.put_all([sending.payload for sending in batch])
        return [self._answer(sending, row) for sending, row in zip(batch, rows, strict=True)]

    async def holds(self, sending: Sending) -> Accepted | None:
        raise AssertionError("nobody asks for what may be sent again")

    def _answer(self, sending: Sending, row: dict[str, Any]) -> Accepted | NotTaken:
        if "error" in row:
            return NotTaken(row["error"], row.get("there", ""))
        remarks = [REMARKED.about(record=sending.label, said=row["remark"])] if "remark" in row else []
        return Accepted(row["id"], remarks)


class ToyOrdersTogether(ToyOrders):
    acknowledge_batch = 3

    async def fetch(self, known: Callable[[str], bool]) -> AsyncIterator[Sequence[Received | Unreadable]]:
        since = self.context.since
        orders = await self.context.client.changed(since.isoformat() if since else "")
        yield [Received(order["id"], order["number"], order) for order in orders]

    async def acknowledge_many(self, orders: Sequence[tuple[str, int]]) -> Sequence[dict[str, Any] | NotTaken | None]:
        rows = await self.context.client.seen([remote_id for remote_id, _ in orders])
        return [NotTaken(row["error"]) if "error" in row else row for row in rows]


LISTS = replace(
    TOY,
    tasks=(
        *TOY.tasks,
        Task(key="lists", name="Lists", direction=Direction.OUT, help="", legs=(ToyLists,)),
        Task(key="together", name="Together", direction=Direction.IN, help="", legs=(ToyOrdersTogether,)),
    ),
    reasons=(*TOY.reasons, REMARKED),
    client=ListClient,
)
METERED = replace(LISTS, budget=BudgetRules(concurrency=3, quota=QUOTA))
HOURLY = replace(LISTS, budget=BudgetRules(concurrency=3, quota=replace(QUOTA, seconds=3600)))


@dataclass
class Lists:
    """The toy server's side of it, as something that answers before the others do.

    `refuse` are records it leaves out of a list, of which it has a part all the same if they are `in_part`, `poison`
    those for which it takes nothing of a list. `applied` is awaited when a list was taken, before the answer goes out.
    """

    toy: ToyServer
    refuse: set[str] = field(default_factory=set)
    in_part: set[str] = field(default_factory=set)
    poison: set[str] = field(default_factory=set)
    remarks: dict[str, str] = field(default_factory=dict)
    told: list[list[str]] = field(default_factory=list)
    asked_since: list[str] = field(default_factory=list)
    applied: Callable[[web.Request], Awaitable[Any]] | None = None

    async def __call__(self, request: web.Request) -> web.Response | None:
        if request.path == "/orders":
            self.asked_since.append(request.query.get("since", ""))
        if request.path not in ("/lists", "/seen"):
            return None
        given = await request.json()
        if bad := [each for each in given if self._id(each) in self.poison]:
            return web.json_response({"message": f"{self._id(bad[0])} spoils all"}, status=400)
        answers = [self._taken(each) for each in given]
        taken = [self._id(each) for each in given if self._id(each) not in self.refuse]
        (self.toy.writes if request.path == "/lists" else self.told).append(taken)
        answer = await self.applied(request) if self.applied else None
        return answer or web.json_response(answers)

    def _id(self, given: Any) -> str:
        return given if isinstance(given, str) else given["id"]

    def _taken(self, given: Any) -> dict[str, Any]:
        id = self._id(given)
        if id in self.refuse & self.in_part:
            self.toy.products[id] = given
            return {"id": id, "error": f"{id} is not wanted", "there": id}
        if id in self.refuse:
            return {"id": id, "error": f"{id} is not wanted"}
        if isinstance(given, str):
            self.toy.orders[id]["seen"] = True
            return self.toy.orders[id]
        self.toy.products[id] = given
        return {"id": id, **({"remark": self.remarks[id]} if id in self.remarks else {})}


@dataclass
class Meter:
    """Counts the credits of each window at the server, and turns away what is too much."""

    quota: Quota = QUOTA
    says_when: bool = False
    windows: list[int] = field(default_factory=list)
    turned_away: int = 0
    _until: float = 0.0

    def spent_elsewhere(self) -> None:
        """Have others use up a window that begins now."""
        self._until = time.monotonic() + self.quota.seconds
        self.windows.append(self.quota.credits)

    def __call__(self, request: web.Request) -> web.Response | None:
        now = time.monotonic()
        if now >= self._until:
            self._until = now + self.quota.seconds
            self.windows.append(0)
        cost = self.quota.cost(request.method)
        if self.windows[-1] + cost <= self.quota.credits:
            self.windows[-1] += cost
            return None
        self.turned_away += 1
        headers = {"Retry-After": f"{self._until - now:.2f}"} if self.says_when else {}
        return web.json_response({"message": "too many"}, status=429, headers=headers)


def named(weights: Sequence[int]) -> None:
    """Give the products names of so many words, in their order."""
    for product, weight in zip(Product.objects.order_by("pk"), weights, strict=True):
        product.name = " ".join(["word"] * weight)
        product.save()
