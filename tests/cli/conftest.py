"""The command line in this process, on the toy platform."""

import dataclasses
import json
import os
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result
from django.db import connection as database

from linesheet.books.models import SKU, Company, Customer, Product, Season
from linesheet.books.tenancy import acting_for
from linesheet.cli.main import main
from linesheet.sync import registry
from linesheet.sync.models import Connection
from linesheet.sync.platform import Catalogue, Choice, Level, Platform, Setting, SettingKind
from tests.sync.conftest import brand, buyer, connection, products, season  # noqa: F401 - fixtures
from tests.sync.toy import TOY, ToyServer

Command = Callable[..., Result]

_DIALECTS = (Choice("old", "Old"), Choice("new", "New"))
SHOP = dataclasses.replace(
    TOY,
    base_urls=(Choice("https://toy.example", "Production"),),
    credentials=(
        Setting(key="token", label="Token", kind=SettingKind.SECRET),
        Setting(key="dialect", label="Dialect", kind=SettingKind.CHOICE, choices=_DIALECTS, default="old"),
    ),
    catalogue=Catalogue(levels=(Level("Season"), Level("Category"))),
)


@pytest.fixture
def linesheet() -> Command:
    """Runs `linesheet ARGUMENTS`; an error that is no plain message fails the test."""

    def run(*arguments: str, input: str | None = None, **environment: str) -> Result:
        result = CliRunner().invoke(main, arguments, input=input, env=environment)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@pytest.fixture
def as_json(linesheet: Command) -> Callable[..., Any]:
    """Runs a command with --json, and returns the document."""
    return lambda *arguments: json.loads(linesheet(*arguments, "--json").stdout)


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Platform:
    """The only platform installed, with nobody at its address."""
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": SHOP})
    return SHOP


@pytest.fixture
def toy(platform: Platform) -> Iterator[ToyServer]:
    """The remote side of the toy platform."""
    server = ToyServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def shop(company: Company, platform: Platform) -> Connection:
    """A connection that nothing is called on."""
    return Connection.objects.create(
        platform="toy", name="Toy shop", base_url="https://toy.example", credentials={"token": "s3cret"}
    )


@pytest.fixture
def coats(company: Company) -> list[Product]:
    """Two coats on offer, with a size each and no barcode."""
    rows = [
        Product.objects.create(code=f"COAT-{colour}", style="COAT", colour=colour, name="Coat", category="Coats")
        for colour in ("BLACK", "RED")
    ]
    SKU.objects.bulk_create(SKU(product=row, size="M") for row in rows)
    return rows


@pytest.fixture
def ss26(company: Company) -> Season:
    return Season.objects.create(name="SS26", starts_on="2026-01-01")


@pytest.fixture
def rive(company: Company) -> Customer:
    return Customer.objects.create(name="Maison Rive", account_code="MR1", currency="EUR")


@pytest.fixture
def other_company(company: Company) -> Company:
    with acting_for(company):
        return Company.objects.create(name="Bottega Sud", slug="bottega-sud")


@pytest.fixture
def environment() -> dict[str, str]:
    """What a process of its own needs to work on the database of this test."""
    settings = database.settings_dict
    query = f"?host={settings['HOST']}" if settings["HOST"].startswith("/") else ""
    host = "" if query else f"{settings['HOST']}:{settings['PORT']}"
    url = f"postgresql://{settings['USER']}@{host}/{settings['NAME']}{query}"
    return {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "linesheet.site.settings"}


@pytest.fixture
def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])
