"""The fault campaign, in processes of its own: it has a data folder and a PostgreSQL server to itself."""

import json
import os
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest

from linesheet.cli.common import environment_apart
from linesheet.cli.faults import lanes, workers
from linesheet.cli.faults.scenario import draw
from linesheet.cli.sides.listed import PLATFORMS, traffic_of
from linesheet.sync.platform import Direction
from linesheet.sync.registry import platform

CAMPAIGN = "from linesheet.cli.faults.command import faults; faults()"

SPOILED = """
import contextlib, json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from linesheet.cli.faults import lane
lane.own_installation()
from django.core.files.storage import default_storage
from django.db import connection as database
from django.db.models import F
from linesheet.books.models import SKU, Address, Customer, Image, Order, Stock
from linesheet.cli.faults import checker, play, scenario, storm, world
from linesheet.cli.sides.words import Placed, Wanted
from linesheet.sync.models import Exchange, Item, Link, Problem, Run

calm_of, wrong_of, told, placed = storm.Storm.calm, checker.wrong, {}, []


def calm(self):
    # One order is sure to be there, and to have come in.
    lines = [Wanted(barcode=self._brand.barcode(0), units=2, price=Decimal("10.5"), ahead=True)]
    for number in range(2):
        placed.append(self._remote.place_order(Placed(customer="Walk-in", lines=lines)))
    calm_of(self)
    self._world.end_workers()


def wrong(brand, remote, **options):
    def look(name):
        told[name] = wrong_of(brand, remote, **options)

    def spoil(name, record, **fields):
        rows = type(record).objects.filter(pk=record.pk)
        before = rows.values(*fields).get()
        rows.update(**fields)
        look(name)
        rows.update(**before)

    def twice(method, path, body=None):
        answer = control(method, path, body)
        return [{**row, "inventory": row["inventory"] * 2} for row in answer] if path == "/inventory" else answer

    look("nothing")
    order = Order.objects.filter(source_key__endswith=placed[0]).get()
    line = order.lines.first()
    spoil("units", line, quantity=line.quantity + 1)
    spoil("another SKU", line, sku=SKU.objects.exclude(pk=line.sku_id).first())
    spoil("inactive order", order, active=False)
    spoil("another customer", order, customer=Customer.objects.exclude(pk=order.customer_id).first())
    spoil("another purchase order", order, customer_reference="PO 0")
    spoil("another currency", order, currency="USD")
    twin = Order.objects.create(
        number=order.number + 1000, customer=order.customer, season=order.season, currency=order.currency,
        source_key="twin:" + placed[0],
    )
    look("doubled order")
    twin.delete()
    run = Run.objects.order_by("pk").last()
    spoil("account", run, selected=run.selected + 1)
    spoil("unfinished run", run, state="running")
    spoil("failed last run", run, state="failed", says="It did not work.", reason_code="no_access")
    item = Item.objects.filter(state="blocked").first()
    spoil("item without a reason", item, says="", reason_code="")
    run_that_wrote = Exchange.objects.exclude(method="GET").order_by("pk").first().run
    long_before = run_that_wrote.started_at - timedelta(minutes=1)
    spoil("run over before its calls", run_that_wrote, finished_at=long_before)
    spoil("preview that was never approved", run_that_wrote, preview=True)
    spoil("preview approved too late", run_that_wrote, preview=True, approved_at=run_that_wrote.finished_at)
    spoil("cancelled before it sent", run_that_wrote, cancel_requested_at=long_before)
    problem = Problem.objects.filter(cleared_at=None).first()
    spoil("problem that was cleared", problem, cleared_at=problem.first_seen_at)
    with database.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('runs', 'left over')")
        look("queue")
        cursor.execute("DELETE FROM procrastinate_jobs")
    link = Link.objects.filter(kind="product").first()
    spoil("link", link, remote_id="elsewhere")
    spoil("record without a link", link, kind="nothing")
    Stock.objects.update(opening=F("opening") + 50)
    look("stock")
    Stock.objects.update(opening=F("opening") - 50)
    control = remote.control
    remote.control = twice
    look("stock in two warehouses")
    remote.control = control
    address = Address.objects.filter(customer__in=Customer.objects.exclude(currency="")).first()
    spoil("address", address, city="Lyon")
    picture = Image.objects.first()
    file = Path(default_storage.path(picture.storage_name))
    content = file.read_bytes()
    file.write_bytes(content[:9])
    look("picture that is not whole")
    file.write_bytes(content)
    there = remote.products
    product = there()[0]
    remote.control("PATCH", "/products/" + product.key, {"name": "Another"})
    look("product")
    remote.control("PATCH", "/products/" + product.key, {"name": product.name})
    remote.products = lambda: [*there(), product]
    look("doubled product")
    remote.products = there
    remote.control("POST", "/companies", {"name": "Twin", "code": "Twin", "currency_code": "EUR"})
    look("customer")
    remote.control("DELETE", "/companies/Twin")
    remote.control("DELETE", "/orders/" + placed[0])
    look("order without a remote one")
    remote.place_order(Placed(customer="Walk-in", lines=[]))
    look("lost order")
    return []


storm.Storm.calm, checker.wrong = calm, wrong
with contextlib.closing(world.Campaign()) as campaign:
    play.play(campaign, scenario.draw("nuorder", 1))
print(json.dumps(told))
"""


SPOILED_ON_JOOR = """
import contextlib, json
from decimal import Decimal
from linesheet.cli.faults import lane
port = lane.own_installation()
from django.db.models import F
from linesheet.books.models import Image, Order, Price, Stock
from linesheet.cli.faults import checker, pictures, play, scenario, storm, world
from linesheet.cli.sides.words import Placed, Wanted

calm_of, wrong_of, told, placed = storm.Storm.calm, checker.wrong, {}, []


def order(remote, lines):
    placed.append(remote.place_order(Placed(customer="WALKIN", lines=lines)))


def calm(self):
    for number in range(2):
        order(self._remote, [Wanted(barcode=self._brand.barcode(0), units=2, price=Decimal("10.5"))])
    calm_of(self)
    self._world.end_workers()


def wrong(brand, remote, **options):
    def look(name):
        told[name] = wrong_of(brand, remote, **options)

    look("nothing")
    line = Order.objects.get(source_key__endswith=placed[0]).lines.first()
    type(line).objects.filter(pk=line.pk).update(quantity=3)
    look("units")
    type(line).objects.filter(pk=line.pk).update(quantity=2)
    Stock.objects.update(opening=F("opening") + 50)
    look("stock")
    Stock.objects.update(opening=F("opening") - 50)
    Price.objects.update(amount=F("amount") + 1)
    look("price")
    Price.objects.update(amount=F("amount") - 1)
    image = Image.objects.filter(product__style="C03").first()
    Image.objects.filter(pk=image.pk).update(content_hash="0" * 64)
    look("picture")
    Image.objects.filter(pk=image.pk).update(content_hash=image.content_hash)
    on_sheet = next(each for each in remote.control("GET", "/collections") if each["name"] == "Main")["items"][0]
    product = remote.control("GET", "/products/" + on_sheet["external_id"])
    remote.control("PATCH", "/products/" + product["id"], {"name": "Another"})
    look("product")
    remote.control("PATCH", "/products/" + product["id"], {"name": product["name"]})
    remote.control("PATCH", "/skus/" + on_sheet["upcs"][0], {"upc": "5012345678900"})
    look("barcode")
    remote.control("PATCH", "/skus/5012345678900", {"upc": on_sheet["upcs"][0]})
    remote.control("POST", "/connections", {
        "customer_code": "TWIN", "customer_name": "Twin",
        "price_types": [{"price_type_label": "Wholesale", "price_type_currency_code": "EUR"}],
    })
    look("customer nobody knows")
    remote.control("DELETE", "/connections/TWIN")
    remote.control("DELETE", "/connections/WALKIN")
    look("customer that is gone")
    control = remote.control
    remote.control = lambda method, path, body=None: [
        {**row, "items": [] if row["name"] == "Main" else row["items"]} for row in control(method, path, body)
    ] if path == "/collections" else control(method, path, body)
    look("linesheet with nothing on it")
    remote.control = control
    remote.control("DELETE", "/collections/" + next(
        each["id"] for each in remote.control("GET", "/collections") if each["name"] == "Main"
    ))
    look("linesheet that is gone")
    remote.control("DELETE", "/orders/" + placed[0])
    look("order without a remote one")
    order(remote, [Wanted(barcode="4000000000000", units=1, price=Decimal(1))])
    look("lost order")
    return []


storm.Storm.calm, checker.wrong = calm, wrong
with pictures.serving(port), contextlib.closing(world.Campaign()) as campaign:
    play.play(campaign, scenario.draw("joor", 1))
print(json.dumps(told))
"""


def run(program: str, *arguments: str, seconds: float = 280) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LINESHEET_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], env=environment, capture_output=True, text=True, timeout=seconds
    )


def last_line(finished: "subprocess.CompletedProcess[str]") -> Any:
    assert finished.stdout, finished.stderr
    return json.loads(finished.stdout.splitlines()[-1])


def test_a_seed_draws_the_same_scenario_every_time():
    assert draw("nuorder", 7) == draw("nuorder", 7)
    assert str(draw("nuorder", 7)) == str(draw("nuorder", 7))
    assert draw("nuorder", 7) != draw("nuorder", 8)


def test_a_wait_that_is_gone_cannot_be_set_shorter(monkeypatch):
    monkeypatch.setitem(workers.SHORTER, "lease", {"GONE_SECONDS": 1.0})

    with pytest.raises(LookupError, match="GONE_SECONDS"):
        workers.hurry()


@pytest.mark.parametrize("platform", PLATFORMS)
def test_many_seeds_draw_every_fault_in_every_place(platform):
    drawn = set(sum((draw(platform, seed).faults for seed in range(1, 1001)), start=Counter[str]()))
    writes = traffic_of(platform).writes

    assert drawn >= {
        f"{deed} {moment} {write}" for deed in ("kill", "stop") for moment in ("before", "after") for write in writes
    }
    assert drawn >= {f"cut database {moment} {write}" for moment in ("before", "after") for write in writes}
    assert drawn >= {f"restart database before {write}" for write in writes}
    assert drawn >= {"kill", "stop", "cut database", "restart database", "cancel", "two workers", "double click"}
    assert drawn >= {"timeout_before", "timeout_after", "disconnect_before", "disconnect_after", "unauthorized"}
    assert drawn >= {"429 with Retry-After", "429 without Retry-After", "forbidden", "slow"}
    assert drawn >= {f"{status}{more}" for status in (500, 502, 503, 504, 408) for more in ("", " although applied")}
    assert drawn >= {"truncate", "malformed", "blank", "duplicate", "reorder", "empty"}
    assert drawn >= {"clock of the platform", "clock of the workers", "full disk"}


@pytest.mark.timeout(900)
def test_hub_and_platform_agree_after_storms_of_many_seeds():
    # Each lane brings up a server of its own, and a storm mostly waits.
    at_once = lanes.sensible() // 2
    finished = run(CAMPAIGN, "--seeds", "30", "--minutes", "3", "--at-once", str(at_once), "--json", seconds=800)

    account = last_line(finished)
    assert account["failed"] == [], finished.stderr
    assert account["asked"] == 30
    assert account["passed"] >= at_once
    assert finished.returncode == 0


def test_every_task_that_a_platform_declares_is_in_its_storms():
    for key in PLATFORMS:
        declared = {task.key for task in platform(key).tasks if task.direction is not Direction.FILE}
        assert set(traffic_of(key).tasks) == declared


def test_a_lane_that_ends_fails_its_seed_and_is_started_again(monkeypatch):
    def command(logs: object) -> list[str]:
        return [sys.executable, "-c", "import sys; sys.stdin.readline()"]

    monkeypatch.setattr(lanes, "lane_command", command)

    ended = list(lanes.verdicts(iter([("nuorder", 1), ("nuorder", 2), ("nuorder", 3)]), at_once=2))

    assert sorted(verdict.seed for verdict in ended) == [1, 2, 3]
    assert all("ended without a verdict" in verdict.wrong[0] for verdict in ended)


def test_a_lane_that_does_not_end_when_asked_to_is_killed(monkeypatch):
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    monkeypatch.setattr(lanes, "lane_command", lambda logs: [sys.executable, "-c", deaf])
    monkeypatch.setattr(lanes, "LANE_AT_MOST_SECONDS", 1.0)
    monkeypatch.setattr(lanes, "STOP_SECONDS", 0.2)

    [ended] = lanes.verdicts(iter([("nuorder", 1)]), at_once=1)

    assert "ended without a verdict" in ended.wrong[0]


def test_what_is_set_for_the_users_installation_reaches_no_other(monkeypatch, tmp_path):
    monkeypatch.setenv("LINESHEET_S3_BUCKET", "pictures")
    monkeypatch.setenv("DATABASE_URL", "postgres://books")

    environment = environment_apart(str(tmp_path))

    assert "LINESHEET_S3_BUCKET" not in environment
    assert "DATABASE_URL" not in environment
    assert environment["LINESHEET_DATA"] == str(tmp_path)


SAYS = {
    "units": "has {",
    "another SKU": "has 4000000000000 as ",
    "inactive order": "is not active and approved",
    "another customer": "and Walk-in placed it",
    "another purchase order": "has reference, purchase order and currency",
    "another currency": "has reference, purchase order and currency",
    "doubled order": "is doubled",
    "account": "does not add up",
    "unfinished run": "is running",
    "failed last run": "was the last, when all was quiet, and is failed: It did not work.",
    "item without a reason": "has no reason",
    "run over before its calls": "belongs to no run",
    "preview that was never approved": "is a preview and sent",
    "preview approved too late": "belongs to no run of",
    "cancelled before it sent": "was cancelled",
    "problem that was cleared": "met by the last run",
    "queue": "is todo",
    "link": "leads to",
    "record without a link": "no link leads to it",
    "stock": "stock of ",
    "stock in two warehouses": "stock of ",
    "address": "as its addresses",
    "picture that is not whole": "is not whole",
    "product": "as its name Another",
    "doubled product": "is there 2 times",
    "customer": "customer Twin there is in no book",
    "order without a remote one": "have no order there",
    "lost order": "it is lost",
}
"""What the checker is to say of each thing that is spoiled by hand after a storm."""


JOOR_SAYS = {
    "product": "as its name Another",
    "barcode": "as its sizes",
    "linesheet that is gone": "has there as its places",
    "linesheet with nothing on it": "linesheet Main > SS26 has []",
    "customer that is gone": "customer WALKIN is not there",
    "customer nobody knows": "customer TWIN there is in no book",
    "stock": "stock of ",
    "price": "as its prices",
    "picture": "as its pictures",
    "order without a remote one": "have no order there",
    "lost order": "it is lost",
    "units": "has {",
}
"""What it is to say of what is spoiled on JOOR."""


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("program", "says"), [(SPOILED, SAYS), (SPOILED_ON_JOOR, JOOR_SAYS)], ids=["nuorder", "joor"])
def test_the_checker_sees_whatever_is_spoiled(program, says):
    # One test a platform, so that no two workers of the suite play the storm before it.
    told: dict[str, list[str]] = last_line(run(program, seconds=220))

    assert told.pop("nothing") == []
    assert told.keys() == says.keys()
    assert {name: told[name] for name, word in says.items() if not any(word in each for each in told[name])} == {}
