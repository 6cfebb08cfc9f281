"""A made-up platform and its server, small enough to see every way a run can go."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec
from aiohttp import web
from django.db.models import QuerySet

from linesheet.books.models import Product
from linesheet.books.reasons import Reason, Said
from linesheet.sync.differences import fingerprint
from linesheet.sync.incoming import IncomingLine, IncomingOrder
from linesheet.sync.legs import Accepted, Inbound, Outbound, Received, Sending, Unreadable
from linesheet.sync.order_settings import ORDER_SETTINGS
from linesheet.sync.platform import BudgetRules, CheckResult, Direction, Platform, Task
from linesheet.sync.transport import Transport

NAMELESS = Reason("nameless", "{record} has no name.", "Name it.")
EMPTY_ORDER = Reason("empty_order", "Order {number} has no lines.", "Look at it there.")


class ToyWire(msgspec.Struct):
    id: str
    name: str
    colour: str


class ToyClient:
    def __init__(self, transport: Transport, credentials: Mapping[str, str], settings: Mapping[str, Any]) -> None:
        self.transport = transport

    async def put(self, batch: Sequence[ToyWire]) -> None:
        await self.transport.call("PUT", "/products", json=batch)

    async def get(self, id: str) -> dict[str, Any] | None:
        return await self.transport.call("GET", f"/products/{id}")

    async def ids(self) -> list[str]:
        return await self.transport.call("GET", "/products", type=list[str])

    async def orders(self) -> list[dict[str, Any]]:
        return await self.transport.call("GET", "/orders", type=list[dict[str, Any]])

    async def acknowledge(self, id: str) -> dict[str, Any]:
        return await self.transport.call("POST", f"/orders/{id}/seen", repeatable=True)


class ToyProducts(Outbound[Product, ToyWire]):
    kind = "product"
    wire = ToyWire
    batch_size = 4

    def select(self) -> "QuerySet[Product]":
        return Product.objects.all()

    def load(self, ids: Sequence[str]) -> Sequence[Product]:
        return list(Product.objects.filter(pk__in=ids))

    def record_id(self, record: Product) -> str:
        return str(record.pk)

    def label(self, record: Product) -> str:
        return record.code

    def check(self, record: Product) -> Sequence[Said]:
        return [] if record.name else [NAMELESS.about(record=record.code)]

    def map(self, record: Product) -> ToyWire:
        return ToyWire(id=record.code, name=record.name, colour=record.colour)

    async def send(self, batch: Sequence[Sending]) -> Sequence[Accepted]:
        await self.context.client.put([sending.payload for sending in batch])
        return [Accepted(sending.payload.id) for sending in batch]

    async def holds(self, sending: Sending) -> Accepted | None:
        there = await self.context.client.get(sending.payload.id)
        return Accepted(sending.payload.id) if there == msgspec.to_builtins(sending.payload) else None

    async def present(self) -> set[str] | None:
        return set(await self.context.client.ids())


class ToyProductsOneByOne(ToyProducts):
    batch_size = 1

    async def version(self, sending: Sending) -> str:
        return fingerprint(await self.context.client.get(sending.payload.id))


class ToyOrders(Inbound):
    kind = "order"

    async def fetch(self, known: Callable[[str], bool]) -> AsyncIterator[Sequence[Received | Unreadable]]:
        orders = await self.context.client.orders()
        for start in range(0, len(orders), 3):
            yield [
                Unreadable(order["id"], order["broken"])
                if "broken" in order
                else Received(order["id"], order["number"], order)
                for order in orders[start : start + 3]
            ]

    def read(self, payload: dict[str, Any]) -> IncomingOrder | Said:
        if not payload["lines"]:
            return EMPTY_ORDER.about(number=payload["number"])
        return IncomingOrder(
            remote_id=payload["id"],
            number=payload["number"],
            customer_name=payload["customer"],
            customer_code=payload.get("code", ""),
            by_code_only=payload.get("by_code_only", False),
            price_label=payload.get("price_label", ""),
            addresses=payload.get("addresses", {}),
            currency="EUR",
            season_name=payload.get("season", ""),
            cancelled=payload.get("cancelled", False),
            lines=tuple(
                IncomingLine(barcode=barcode, described_as="a coat", quantity=quantity, price=Decimal("10"))
                for barcode, quantity in payload["lines"]
            ),
        )

    async def acknowledge(self, remote_id: str, order_number: int) -> dict[str, Any] | None:
        return await self.context.client.acknowledge(remote_id)


async def _check(client: ToyClient, settings: Mapping[str, Any]) -> Sequence[CheckResult]:
    await client.ids()
    return [CheckResult("credentials", True, "They work.")]


TOY = Platform(
    key="toy",
    name="Toy",
    base_urls=(),
    credentials=(),
    settings=ORDER_SETTINGS,
    tasks=(
        Task(key="products", name="Products", direction=Direction.OUT, help="", legs=(ToyProducts,)),
        Task(key="one-by-one", name="One by one", direction=Direction.OUT, help="", legs=(ToyProductsOneByOne,)),
        Task(key="orders", name="Orders", direction=Direction.IN, help="", legs=(ToyOrders,)),
        Task(key="nothing", name="Nothing", direction=Direction.OUT, help="", legs=()),
    ),
    reasons=(NAMELESS, EMPTY_ORDER),
    budget=BudgetRules(concurrency=3),
    client=ToyClient,
    check=_check,
)


@dataclass
class ToyServer:
    """The remote side, in this process but over real HTTP. `answer` may stand in for the next answers."""

    products: dict[str, dict[str, Any]] = field(default_factory=dict)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    refuse: set[str] = field(default_factory=set)
    writes: list[list[str]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    before: list[Callable[[web.Request], Any]] = field(default_factory=list)
    after: list[Callable[[web.Request], Any]] = field(default_factory=list)
    url: str = ""
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def order(self, id: str, customer: str, *lines: tuple[str, int], **more: Any) -> dict[str, Any]:
        self.orders[id] = {"id": id, "number": f"N{id}", "customer": customer, "lines": [*map(list, lines)], **more}
        return self.orders[id]

    def start(self) -> None:
        started = threading.Event()

        async def serve() -> None:
            app = web.Application(middlewares=[self._faults], client_max_size=10**8)
            app.router.add_get("/products", self._list)
            app.router.add_put("/products", self._put)
            app.router.add_get("/products/{id}", self._get)
            app.router.add_get("/orders", self._orders)
            app.router.add_post("/orders/{id}/seen", self._seen)
            runner = web.AppRunner(app, shutdown_timeout=0.1)
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            self._runner = runner
            started.set()

        def run() -> None:
            asyncio.set_event_loop(self._loop)
            self._loop.create_task(serve())
            self._loop.run_forever()

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()
        assert started.wait(10)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    @web.middleware
    async def _faults(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.requests.append(f"{request.method} {request.path}")
        for fault in list(self.before):
            answer = fault(request)
            if asyncio.iscoroutine(answer):
                answer = await answer
            if answer is not None:
                return answer
        response = await handler(request)
        for fault in list(self.after):
            answer = fault(request)
            if asyncio.iscoroutine(answer):
                answer = await answer
            if answer is not None:
                return answer
        return response

    async def _list(self, request: web.Request) -> web.Response:
        return web.json_response(list(self.products))

    async def _put(self, request: web.Request) -> web.Response:
        batch = await request.json()
        bad = [row["id"] for row in batch if row["id"] in self.refuse]
        if bad:
            return web.json_response({"message": f"{bad[0]} is poison"}, status=400)
        for row in batch:
            self.products[row["id"]] = row
        self.writes.append([row["id"] for row in batch])
        return web.json_response({})

    async def _get(self, request: web.Request) -> web.Response:
        return web.json_response(self.products.get(request.match_info["id"]))

    async def _orders(self, request: web.Request) -> web.Response:
        return web.json_response([order for order in self.orders.values() if not order.get("seen")])

    async def _seen(self, request: web.Request) -> web.Response:
        order = self.orders[request.match_info["id"]]
        order["seen"] = True
        return web.json_response(order)
