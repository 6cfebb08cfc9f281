"""A brand with a catalogue for ORDRE, and ORDRE calling over real HTTP."""

import datetime
import itertools
import os
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.core.servers.basehttp import WSGIServer
from pytest_django.live_server_helper import LiveServer

from linesheet.books.models import SKU, Company, Customer, Member, Price, PriceList, Product, Season, User, Visibility
from linesheet.books.prices import set_price
from linesheet.platforms.ordre.platform import PLATFORM
from linesheet.sync import api_keys, registry
from linesheet.sync.catalogue import add_section, place
from linesheet.sync.connections import add_connection
from linesheet.sync.models import Connection
from tests.api.conftest import Answered, Http

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
# Fifty calls at once are to be answered, not refused before the hub hears of them.
WSGIServer.request_queue_size = 128
BASE = "/api/ordre/v1"


@dataclass
class Brand:
    """Books to fill."""

    connection: Connection
    season: Season
    owner: User
    wholesale: PriceList
    _codes: "itertools.count[int]" = field(default_factory=lambda: itertools.count(4_000_000_000_000))

    def product(
        self, style: str, *, look: tuple[str, ...] = ("Main", "Look 1"), sizes: str = "SM", barcoded: str = "SM"
    ) -> Product:
        """A product in the catalogue, in sizes of one letter each, at 125.00 EUR."""
        product = Product.objects.create(code=style, style=style, colour="Black", name=f"Coat {style}")
        SKU.objects.bulk_create(
            SKU(product=product, size=size, position=at, barcode=str(next(self._codes)) if size in barcoded else "")
            for at, size in enumerate(sizes)
        )
        Visibility.objects.create(product=product, season=self.season)
        set_price(product, self.season, self.wholesale, Decimal(125), "EUR")
        if look:
            place(add_section(self.connection, look), [product])
        return product

    def products(self, count: int) -> list[Product]:
        """So many products of one size, all in one look."""
        numbers = [f"P{number:05}" for number in range(count)]
        made = Product.objects.bulk_create(
            Product(code=each, style=each, colour="Black", name=each) for each in numbers
        )
        SKU.objects.bulk_create(SKU(product=each, size="S", barcode=str(next(self._codes))) for each in made)
        Visibility.objects.bulk_create(Visibility(product=each, season=self.season) for each in made)
        Price.objects.bulk_create(
            Price(product=each, season=self.season, price_list=self.wholesale, currency="EUR", amount=Decimal(125))
            for each in made
        )
        place(add_section(self.connection, ("Main", "Look 1")), made)
        return made

    def set(self, **settings: Any) -> None:
        """Change settings of the connection, in their stored form."""
        self.connection.settings = {**self.connection.settings, **settings}
        self.connection.save(update_fields=["settings"])


@dataclass
class Ordre:
    """ORDRE, with a key of the connection."""

    http: Http

    def get(self, path: str, **headers: str) -> Answered:
        return self.http.get(BASE + path, **headers)

    def submit(self, body: Any, key: str = "") -> Answered:
        return self.http.post(f"{BASE}/orders", body, **({"Idempotency_Key": key} if key else {}))

    def validate(self, body: Any) -> Answered:
        return self.http.post(f"{BASE}/orders/validate", body)

    def collect(self, path: str) -> list[dict[str, Any]]:
        """All pages of a list."""
        pages = [self.get(path).json]
        while cursor := pages[-1]["next_cursor"]:
            joined = "&" if "?" in path else "?"
            pages.append(self.get(f"{path}{joined}cursor={cursor}").json)
        return pages


@pytest.fixture(autouse=True)
def ordre_installed(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr(registry, "platforms", lambda: {"ordre": PLATFORM})
    settings.ROOT_URLCONF = "tests.platforms.ordre.urls"


@pytest.fixture
def brand(company: Company) -> Brand:
    """A brand whose connection has all settings that orders need."""
    owner = User.objects.create_user("j.doe@example.com", "a good password", name="J. Doe")
    Member.objects.create(user=owner, role=Member.Role.OWNER)
    season = Season.objects.create(
        name="Autumn Winter 26",
        starts_on=datetime.date(2026, 7, 1),
        delivery_starts_on=datetime.date(2026, 8, 1),
        delivery_cancels_on=datetime.date(2026, 9, 30),
    )
    wholesale = PriceList.objects.create(name="Wholesale", kind=PriceList.Kind.WHOLESALE)
    connection = add_connection("ordre", "ORDRE")
    made = Brand(connection, season, owner, wholesale)
    made.set(import_season=season.pk, order_owner=owner.pk)
    return made


@pytest.fixture
def secret(brand: Brand) -> str:
    assert PLATFORM.endpoints
    return api_keys.make(brand.connection, "ORDRE", [scope.key for scope in PLATFORM.endpoints.scopes]).secret


@pytest.fixture
def ordre(live_server: LiveServer, secret: str) -> Ordre:
    return Ordre(Http(live_server.url, secret))


@pytest.fixture
def customer(brand: Brand) -> Customer:
    return Customer.objects.create(name="Maison Exemple", currency="EUR", price_list=brand.wholesale)


def barcodes(*products: Product) -> list[str]:
    """The barcodes of products, in the order of their sizes."""
    return [sku.barcode for product in products for sku in product.skus.order_by("position") if sku.barcode]


def line(barcode: str, quantity: int = 2, price: str = "125.00", **more: Any) -> dict[str, Any]:
    return {"barcode": barcode, "quantity": quantity, "unit_price": price, **more}


def order(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An order of Maison Exemple, with dates, and PO number PO-7781."""
    return {
        "order_number": "100245",
        "po_number": "PO-7781",
        "currency": "EUR",
        "customer": {"name": "Maison Exemple"},
        "delivery": {"start": "2026-08-15", "end": "2026-09-15"},
        "lines": list(lines),
        **more,
    }
