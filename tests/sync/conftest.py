"""A company with a connection to the toy platform."""

import asyncio
import datetime
from collections.abc import Callable, Iterator

import pytest

from linesheet.books.models import SKU, Company, Customer, Product, Season
from linesheet.books.tenancy import acting_for
from linesheet.sync import engine, registry, runs
from linesheet.sync.models import Connection, Run
from tests.processes import Workers, empty_queue
from tests.sync.toy import TOY, ToyServer

Work = Callable[..., Run]


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Iterator[ToyServer]:
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": TOY})
    server = ToyServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def brand(transactional_db: None) -> Iterator[Company]:
    """A company whose rows other threads and processes can see, in hand for the length of the test."""
    empty_queue()
    company = Company.objects.create(name="Atelier Nord", slug="atelier-nord")
    with acting_for(company):
        yield company


@pytest.fixture
def season(brand: Company) -> Season:
    return Season.objects.create(name="SS26", starts_on=datetime.date(2026, 1, 1))


@pytest.fixture
def connection(brand: Company, season: Season, toy: ToyServer) -> Connection:
    return Connection.objects.create(
        platform="toy", name="Toy shop", base_url=toy.url, settings={"import_season": season.pk}
    )


@pytest.fixture
def products(brand: Company) -> list[Product]:
    rows = Product.objects.bulk_create(
        Product(code=f"P{number:02}", style=f"P{number:02}", colour="Black", name=f"Coat {number}")
        for number in range(10)
    )
    SKU.objects.bulk_create(
        SKU(product=product, size="M", barcode=f"400000000000{number}") for number, product in enumerate(rows)
    )
    return rows


@pytest.fixture
def buyer(brand: Company) -> Customer:
    return Customer.objects.create(name="Maison Rive", currency="EUR")


@pytest.fixture
def work(connection: Connection) -> Work:
    """Runs a task of the toy connection in this process to its end, and returns the run."""

    def run_task(task: str, **options: bool) -> Run:
        run, _ = runs.start(connection, task, **options)
        asyncio.run(engine.execute(run.pk, run.company_id))
        run.refresh_from_db()
        return run

    return run_task


@pytest.fixture
def workers(connection: Connection) -> Iterator[Workers]:
    """Worker processes that know the toy platform."""
    started = Workers("-m", "tests.sync.toy_worker")
    yield started
    started.end()
