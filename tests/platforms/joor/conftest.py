"""A JOOR sandbox over real HTTP, a company with a connection to it, and books to fill."""

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
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import aiohttp
import msgspec
import pytest

from linesheet.books.models import SKU, Company, Location, PriceList, Product, Season, Visibility
from linesheet.books.prices import set_price
from linesheet.books.tenancy import acting_for
from linesheet.platforms.joor.client import JoorClient
from linesheet.platforms.joor.offers import PriceType
from linesheet.platforms.joor.platform import PLATFORM
from linesheet.site.hiding import hiding
from linesheet.sync import engine, offers, runs, settings
from linesheet.sync.catalogue import add_section, place
from linesheet.sync.differences import wire_form
from linesheet.sync.legs import Context, Leg, Outbound, Sending, in_pages
from linesheet.sync.models import Connection, Link, Run
from linesheet.sync.transport import Transport
from tests.processes import empty_queue

T = TypeVar("T")
PUBLIC_URL = "https://hub.example.com"
COATS = ("Main", "SS26", "WOMEN", "Outerwear", "Coats")


class JoorSandbox:
    """The running sandbox, with what happens on JOOR's own pages as methods."""

    def __init__(self, announcement: dict[str, Any]) -> None:
        self.url: str = announcement["url"]
        self.credentials: dict[str, str] = announcement["credentials"]
        self._control: str = announcement["control_url"]

    def control(self, method: str, path: str, body: Any = None) -> Any:
        request = Request(self._control + path, method=method, data=None if body is None else json.dumps(body).encode())
        try:
            with urlopen(request, timeout=10) as answer:
                return json.load(answer)
        except HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.read().decode()}") from None

    def set(self, **switches: Any) -> None:
        """Turn switches of the sandbox, which are told in its settings."""
        self.control("POST", "/settings", switches)

    def later(self, seconds: float) -> None:
        """Let so much time go by on JOOR, from now."""
        now = self.control("GET", "/clock")["offset_seconds"]
        self.control("POST", "/clock", {"offset_seconds": now + seconds})

    def fault(self, kind: str, path: str = "", method: str = "", **options: Any) -> None:
        self.control("POST", "/faults", {"kind": kind, "match": {"path": path, "method": method}, **options})

    def calls(self) -> list[str]:
        """The calls made, as `METHOD path?query`, oldest first."""
        calls = self.control("GET", "/requests?limit=1000")
        return [f"{each['method']} {each['path']}?{each['query']}" for each in calls]

    def credits(self) -> int:
        """Credits that calls have cost since the sandbox was emptied."""
        spent: int = self.control("GET", "/stats")["credits"]["spent"]
        return spent

    def forget_calls(self) -> None:
        """Let calls be listed from here on; what they cost is still counted."""
        self.control("DELETE", "/requests")

    def price_type(self, name: str = "WS EUR", currency: str = "EUR", retail_currency: str = "") -> PriceType:
        """A price type as the brand sets it up."""
        given = {"name": name, "currency_code": currency, "retail_currency_code": retail_currency}
        return PriceType.of(self.control("POST", "/price-types", given))

    def warehouse(self, name: str) -> Any:
        return self.control("POST", "/warehouses", {"name": name})

    def customer(self, code: str = "C1", name: str = "Maison Rive", **fields: Any) -> Any:
        """A customer whom JOOR lists already; unless said else one who buys at WS EUR."""
        if "price_types" not in fields:
            if not any(each["name"] == "WS EUR" for each in self.control("GET", "/price-types")):
                self.price_type("WS EUR", "EUR")
            fields["price_types"] = [{"price_type_currency_code": "EUR", "price_type_label": "WS EUR"}]
        usual = {"customer_code": code, "customer_name": name, **addresses(code)}
        return self.control("POST", "/connections", {**usual, **fields})

    def customers(self) -> dict[str, Any]:
        return {each["customer_code"]: each for each in self.control("GET", "/connections")}

    def place_order(self, **wish: Any) -> Any:
        return self.control("POST", "/orders", {"status": "APPROVED", **wish})

    def some_order(self, code: str = "C1", upc: str = "4000000000000", **wish: Any) -> Any:
        """An approved order of one unit, of a style that was made on JOOR by hand."""
        if code not in self.customers():
            self.customer(code)
        line = {"upc": upc, "quantity": 1, "item_price": 95, "style_number": "COAT", "color": "Black", "size": "S"}
        return self.place_order(**{"customer_code": code, "lines": [line], "unchecked": True, **wish})

    def order(self, order: Any) -> Any:
        return self.control("GET", f"/orders/{order['id']}")

    def use(self, what: Callable[[JoorClient], Awaitable[T]], answers: dict[str, Any] | None = None, **keys: str) -> T:
        """What a client of the sandbox is told to do, with its own event loop around it."""
        return used(self.url, {**self.credentials, **keys}, what, answers)


def addresses(code: str) -> dict[str, Any]:
    """A customer's own addresses in JOOR's words, one of each kind."""

    def address(kind: str, number: str) -> dict[str, str]:
        given = {"code": f"{code}-{number}", "name": "Maison Rive", "address_1": "12 rue Haute", "city": "Lyon"}
        more = {"postal_code": "69001", "country": "France"}
        return {f"{kind}_{name}": value for name, value in {**given, **more}.items()}

    return {
        "billing": {"billing_addresses": [address("billing", "A1")]},
        "shipping": {"shipping_addresses": [address("shipping", "D1")]},
    }


def used(
    url: str,
    credentials: dict[str, str],
    what: Callable[[JoorClient], Awaitable[T]],
    answers: dict[str, Any] | None = None,
    *,
    attempts: int = 3,
) -> T:
    """What a client at an address is told to do."""

    async def with_client() -> T:
        async with aiohttp.ClientSession() as session:
            transport = Transport(url, session, concurrency=2, timeout=5, attempts=attempts, most_wait=5)
            return await what(PLATFORM.client(transport, credentials, answers or {}))

    return asyncio.run(with_client())


@pytest.fixture(autouse=True)
def _hiding() -> Iterator[None]:
    """What talks to a platform does so where secrets are hidden."""
    with hiding():
        yield


@pytest.fixture(scope="session")
def _joor_process() -> Iterator[JoorSandbox]:
    command = [sys.executable, "-m", "linesheet_sandbox", "joor"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield JoorSandbox(json.loads(process.stdout.readline()))
        process.terminate()


@pytest.fixture
def joor(_joor_process: JoorSandbox) -> JoorSandbox:
    """The sandbox, empty, with the switches as they come."""
    _joor_process.control("POST", "/reset")
    return _joor_process


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
        placed: tuple[str, ...] = COATS,
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

    def set(self, **stored: Any) -> None:
        """Settings of the connection, in their stored form."""
        self.connection.settings.update(stored)
        self.connection.save()

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

    def with_client(self, sandbox: JoorSandbox, leg: Leg, what: Callable[[Any], Awaitable[T]]) -> T:
        """What a leg is told to do while it can call."""
        return sandbox.use(lambda client: what(type(leg)(replace(leg.context, client=client))))

    def run(self, task: str, **options: Any) -> Run:
        """A run of a task of the connection, at its end; only for books of `brand`, which the engine's thread sees."""
        run, _ = runs.start(self.connection, task, **options)
        return worked(run)


def worked(run: Run) -> Run:
    """The run when the engine has taken it to its end."""
    asyncio.run(engine.execute(run.pk, run.company_id))
    run.refresh_from_db()
    return run


def counted(done: Run) -> dict[str, int]:
    """How many records a run left in which state."""
    names = ("created", "updated", "unchanged", "blocked", "failed", "not_attempted")
    return {name: getattr(done, name) for name in names if getattr(done, name)}


def filled(company: Company, url: str = "http://127.0.0.1", **credentials: str) -> Books:
    season = Season.objects.create(name="SS26", starts_on=datetime.date(2026, 1, 1))
    location = Location.objects.create(name="Lager Nord", code="EU")
    connection = Connection.objects.create(
        platform="joor",
        name="JOOR",
        base_url=url,
        credentials=credentials,
        settings={"import_season": season.pk, "stock_seasons": [season.pk], "price_seasons": [season.pk]},
    )
    wholesale = PriceList.objects.create(name="Wholesale", kind=PriceList.Kind.WHOLESALE)
    retail = PriceList.objects.create(name="Retail", kind=PriceList.Kind.RETAIL)
    return Books(company, connection, season, wholesale, retail, location)


@pytest.fixture
def books(company: Company) -> Books:
    """Books in one transaction, for legs by themselves."""
    return filled(company)


@pytest.fixture
def brand(transactional_db: None, joor: JoorSandbox) -> Iterator[Books]:
    """Books that the engine's own thread can see, connected to the sandbox, with one price type for both lists."""
    empty_queue()
    company = Company.objects.create(name="Atelier Nord", slug="atelier-nord")
    with acting_for(company):
        books = filled(company, joor.url, **joor.credentials)
        price_type = joor.price_type()
        books.set(price_types={str(books.wholesale.pk): [price_type.id], str(books.retail.pk): [price_type.id]})
        offers.ask(books.connection)
        joor.forget_calls()
        yield books
