"""A NuORDER sandbox over real HTTP, a company with a connection to it, and books to fill."""

import asyncio
import datetime
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import count
from typing import Any, TypeVar
from urllib.request import Request, urlopen

import aiohttp
import msgspec
import pytest

from linesheet.books.models import SKU, Company, Location, PriceList, Product, Season, Visibility
from linesheet.books.prices import set_price
from linesheet.platforms.nuorder.auth import Dialect
from linesheet.platforms.nuorder.client import NuOrderClient
from linesheet.platforms.nuorder.platform import PLATFORM
from linesheet.sync import settings
from linesheet.sync.catalogue import add_section, place
from linesheet.sync.differences import fingerprint, wire_form
from linesheet.sync.legs import Accepted, Context, Leg, Outbound, Sending, in_pages
from linesheet.sync.models import Connection, Link
from linesheet.sync.transport import Transport

T = TypeVar("T")
PUBLIC_URL = "https://hub.example.com"


class NuOrderSandbox:
    """The running sandbox, with what happens on NuORDER's own pages as methods."""

    def __init__(self, announcement: dict[str, Any]) -> None:
        self.url: str = announcement["url"]
        self.credentials: dict[str, str] = announcement["credentials"]
        self._control: str = announcement["control_url"]

    def control(self, method: str, path: str, body: Any = None) -> Any:
        request = Request(self._control + path, method=method, data=None if body is None else json.dumps(body).encode())
        with urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def place_order(self, **wish: Any) -> Any:
        return self.control("POST", "/orders", {"status": "approved", "company": "Maison Rive", **wish})

    def order(self, order: Any) -> Any:
        return self.control("GET", f"/orders/{order['_id']}")

    def products(self) -> dict[str, Any]:
        return {product["brand_id"]: product for product in self.control("GET", "/products")}

    def companies(self) -> dict[str, Any]:
        return {company["code"]: company for company in self.control("GET", "/companies")}

    def stock(self, brand_id: str) -> Any:
        rows = self.control("GET", "/inventory")
        return next(row["inventory"] for row in rows if row["brand_id"] == brand_id)

    def fault(self, kind: str, path: str, method: str = "", **options: Any) -> None:
        self.control("POST", "/faults", {"kind": kind, "match": {"path": path, "method": method}, **options})

    def calls(self) -> list[str]:
        """The calls made, as `METHOD path`, oldest first."""
        return [f"{each['method']} {each['path']}" for each in self.control("GET", "/requests?limit=1000")]

    def use(self, what: Callable[[NuOrderClient], Awaitable[T]], dialect: Dialect = Dialect.LEGACY, **keys: str) -> T:
        """What a client of the sandbox is told to do, with its own event loop around it."""

        async def with_client() -> T:
            async with aiohttp.ClientSession() as session:
                transport = Transport(self.url, session, concurrency=5, timeout=5, attempts=3)
                return await what(PLATFORM.client(transport, {**self.credentials, **keys}, {"dialect": dialect}))

        return asyncio.run(with_client())


@pytest.fixture(scope="session")
def _sandbox_process() -> Iterator[NuOrderSandbox]:
    command = [sys.executable, "-m", "linesheet_sandbox", "nuorder"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield NuOrderSandbox(json.loads(process.stdout.readline()))
        process.terminate()


@pytest.fixture
def nuorder_sandbox(_sandbox_process: NuOrderSandbox) -> NuOrderSandbox:
    """The sandbox, empty."""
    _sandbox_process.control("POST", "/reset")
    return _sandbox_process


@dataclass
class Books:
    """A company with a season, price lists, a warehouse and a connection; products come with what makes them sell."""

    company: Company
    connection: Connection
    season: Season
    wholesale: PriceList
    retail: PriceList
    location: Location

    def __post_init__(self) -> None:
        self._barcodes = count(4000000000000)

    def product(
        self,
        code: str,
        *,
        sizes: tuple[str, ...] = ("S", "M"),
        barcodes: bool = True,
        price: str | None = "100",
        visible: bool = True,
        placed: tuple[str, ...] = ("SS26", "Women", "Coats"),
        **fields: Any,
    ) -> Product:
        style, _, colour = code.partition("-")
        given = {"style": style, "colour": colour.title() or "Black", "name": f"{style.title()} coat", **fields}
        product = Product.objects.create(code=code, **given)
        SKU.objects.bulk_create(
            SKU(product=product, size=size, position=at, barcode=str(next(self._barcodes)) if barcodes else "")
            for at, size in enumerate(sizes)
        )
        if visible:
            Visibility.objects.create(product=product, season=self.season)
        if price is not None:
            set_price(product, self.season, self.wholesale, Decimal(price), "EUR")
        if placed:
            self.place(product, *placed)
        return product

    def place(self, product: Product, *path: str) -> None:
        place(add_section(self.connection, path), [product])

    def context(self, **values: Any) -> Context:
        stored = settings.read(PLATFORM.settings, self.connection.settings)
        return Context(self.connection.pk, self.company.pk, {**stored, **values}, None, PUBLIC_URL)

    def leg(self, kind: type[Leg], **values: Any) -> Any:
        """A leg as it is while planning."""
        return kind(self.context(**values))

    def says(self, kind: type[Leg], **values: Any) -> dict[str, list[str]]:
        """Codes of what a leg says of each record that it selects, by label."""
        leg = self.leg(kind, **values)
        records = [record for ids in in_pages(leg.select()) for record in leg.load(ids)]
        return {leg.label(record): [said.reason.code for said in leg.check(record)] for record in records}

    def sendings(self, leg: Outbound[Any, Any]) -> list[Sending]:
        """What a leg would send, as the plan keeps it."""
        links = dict(Link.objects.filter(kind=leg.kind).values_list("record_id", "remote_id"))
        found = []
        for ids in in_pages(leg.select()):
            for record in leg.load(ids):
                payload = msgspec.convert(wire_form(leg.map(record)), leg.wire, strict=False)
                record_id = leg.record_id(record)
                found.append(Sending(record_id, leg.label(record), payload, links.get(record_id, "")))
        return found

    def export(self, sandbox: NuOrderSandbox, kind: type[Outbound[Any, Any]], **values: Any) -> list[Sending]:
        """Send all that a leg selects, and keep the links."""
        sendings, context = self.sendings(self.leg(kind, **values)), self.context(**values)

        async def send(client: NuOrderClient) -> list[Accepted]:
            leg = kind(replace(context, client=client))
            return [accepted for sending in sendings for accepted in await leg.send([sending])]

        for sending, accepted in zip(sendings, sandbox.use(send), strict=True):
            payload = wire_form(sending.payload)
            Link.objects.update_or_create(
                connection=self.connection,
                kind=kind.kind,
                record_id=sending.record_id,
                defaults={
                    "remote_id": accepted.remote_id,
                    "payload": payload,
                    "fingerprint": fingerprint(payload),
                    "accepted_at": datetime.datetime.now(datetime.UTC),
                },
            )
        return sendings

    def held(self, sandbox: NuOrderSandbox, kind: type[Outbound[Any, Any]], **values: Any) -> list[bool]:
        """Whether NuORDER holds each record that a leg selects."""
        sendings, context = self.sendings(self.leg(kind, **values)), self.context(**values)

        async def ask(client: NuOrderClient) -> list[bool]:
            leg = kind(replace(context, client=client))
            return [await leg.holds(sending) is not None for sending in sendings]

        return sandbox.use(ask)


def filled(company: Company, url: str = "http://127.0.0.1", **credentials: str) -> Books:
    season = Season.objects.create(name="SS26", starts_on=datetime.date(2026, 1, 1))
    location = Location.objects.create(name="Lager Nord", code="EU")
    connection = Connection.objects.create(
        platform="nuorder",
        name="NuORDER",
        base_url=url,
        credentials=credentials,
        settings={"import_season": season.pk, "stock_seasons": [season.pk]},
    )
    wholesale = PriceList.objects.create(name="Wholesale", kind=PriceList.Kind.WHOLESALE)
    retail = PriceList.objects.create(name="Retail", kind=PriceList.Kind.RETAIL)
    return Books(company, connection, season, wholesale, retail, location)


@pytest.fixture
def books(company: Company) -> Books:
    """Books in one transaction, for legs by themselves."""
    return filled(company)
