"""A company with a connection to the toy platform."""

import asyncio
import datetime
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connections

from linesheet.books.models import SKU, Company, Customer, Product, Season
from linesheet.books.tenancy import acting_for
from linesheet.sync import engine, registry, runs
from linesheet.sync.models import Connection, Run
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


class Workers:
    """Real worker processes on the test database."""

    def __init__(self) -> None:
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.sync.toy_worker"],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "linesheet.site.settings"},
        )
        self.processes.append(process)
        return process

    def end(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


def database_url() -> str:
    """URL of the database the tests use, for processes of their own."""
    settings = connections["default"].settings_dict
    return f"postgresql://{settings['USER']}@/{settings['NAME']}?host={quote(settings['HOST'], safe='')}"


@pytest.fixture
def workers(connection: Connection) -> Iterator[Workers]:
    started = Workers()
    yield started
    started.end()


def until(holds: Callable[[], object], seconds: float = 40) -> None:
    """Wait for a condition; fail when it does not come true."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
