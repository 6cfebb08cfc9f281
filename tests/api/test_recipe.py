"""The recipe of docs/api.md, run as it stands against a live server."""

import csv
import datetime
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from linesheet.books import orders
from linesheet.books.models import SKU, Company, Customer, Location, Order, Product, Season, Stock
from linesheet.sync import api_keys
from linesheet.sync.models import ApiKey

SCRIPT = Path(__file__).parents[2] / "docs/recipes/erp_in_step.py"
AS_OF = "2026-03-01T12:00:00Z"
KNOWN, UNKNOWN = "4006381333931", "4099999999996"


@pytest.fixture
def season(company: Company) -> Season:
    return Season.objects.create(name="SS26", starts_on=datetime.date(2026, 1, 15))


@pytest.fixture
def order(season: Season) -> Order:
    return Order.objects.create(
        number=1, customer=Customer.objects.create(name="Maison Rive"), season=season, currency="EUR", approved=True
    )


@pytest.fixture
def erp(tmp_path: Path) -> Path:
    """A folder that stands for the ERP; it has stock of a size that Linesheet knows and of one it does not."""
    folder = tmp_path / "erp"
    folder.mkdir()
    with (folder / "stock.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["barcode", "season", "location", "quantity", "as_of"])
        rows.writerows([[barcode, "SS26", "Depot", units, AS_OF] for barcode, units in ((UNKNOWN, 3), (KNOWN, 12))])
    return folder


@pytest.fixture
def run(live_server: LiveServer, key: str, erp: Path) -> Callable[[], "subprocess.CompletedProcess[str]"]:
    """Runs the script as a cron job would."""
    environment = {**os.environ, "LINESHEET_URL": live_server.url, "LINESHEET_KEY": key}

    def once() -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, str(SCRIPT), str(erp)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)

    return once


def test_the_script_is_as_short_as_it_says():
    lines = [line for line in SCRIPT.read_text().splitlines() if line.strip()]

    assert len(lines) <= 60


def test_the_script_keeps_an_erp_in_step(run, erp: Path, order: Order, season: Season):
    product = Product.objects.create(code="COAT", style="COAT", colour="Black", name="Coat")
    sku = SKU.objects.create(product=product, size="M", barcode=KNOWN)
    location, _ = Location.objects.get_or_create(name="Depot")

    later = Order.objects.create(number=2, customer=order.customer, season=season, currency="EUR", approved=True)
    unapproved = Order.objects.create(number=3, customer=order.customer, season=season, currency="EUR")
    in_the_way = erp / "orders" / f"{later.pk}.json"
    in_the_way.mkdir(parents=True)

    # It dies while it takes the second order.
    assert run().returncode == 1
    in_the_way.rmdir()
    first = run()

    assert first.returncode == 0, first.stderr
    taken = json.loads((erp / "orders" / f"{order.pk}.json").read_text())
    assert (taken["number"], taken["customer"]["name"]) == (1, "Maison Rive")
    assert {file.name for file in (erp / "orders").iterdir()} == {f"{order.pk}.json", f"{later.pk}.json"}
    assert not Order.objects.filter(locked=False).exclude(pk=unapproved.pk).exists()
    stock = Stock.objects.get(sku=sku, location=location, season=season)
    assert (stock.opening, stock.counted_at) == (12, datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC))
    assert [line.split(":")[0] for line in first.stderr.splitlines()] == [UNKNOWN]

    for file in (erp / "orders").iterdir():
        file.unlink()
    orders.unlock(later)
    orders.inactivate(later)
    orders_then = list(Order.objects.values_list("pk", "acknowledged_at").exclude(pk=later.pk))
    second = run()

    # Nothing is taken twice, and what is taken out of the books is told.
    assert second.returncode == 0, second.stderr
    assert [json.loads(file.read_text())["active"] for file in (erp / "orders").iterdir()] == [False]
    assert list(Order.objects.values_list("pk", "acknowledged_at").exclude(pk=later.pk)) == orders_then
    assert Stock.objects.get().opening == 12


def test_the_script_says_what_it_is_refused(run, erp: Path, key: str):
    api_keys.revoke(ApiKey.objects.get())

    ended = run()

    assert ended.returncode == 1
    assert "GET /orders" in ended.stderr
    assert "401" in ended.stderr
    assert list((erp / "orders").iterdir()) == []


def test_the_script_says_that_there_is_no_stock_to_set(run, erp: Path, order: Order):
    (erp / "stock.csv").unlink()

    ended = run()

    assert ended.returncode == 1
    assert ended.stderr == f"No stock was set: there is no {erp / 'stock.csv'}.\n"
    assert [file.name for file in (erp / "orders").iterdir()] == [f"{order.pk}.json"]
