"""The fault campaign, in processes of its own: it has a data folder and a PostgreSQL server to itself."""

import json
import os
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest

from linesheet.cli.faults import lanes, workers
from linesheet.cli.faults.scenario import WRITES, draw

CAMPAIGN = "from linesheet.cli.faults.command import faults; faults()"

SPOILED = """
import contextlib, json
from linesheet.cli.faults import lane
lane.own_installation()
from linesheet.books.models import Customer, Order, OrderLine
from linesheet.cli.faults import checker, play, scenario, storm, world
from linesheet.sync.models import InboxRecord, Item, Link, Run

calm_of, wrong_of, told = storm.Storm.calm, checker.wrong, {}


def calm(self):
    # One order is sure to be there, and to have come in.
    sku = self._brand.barcode(0)
    lines = [{"upc": sku, "quantity": 2, "price": 10.5, "prebook": True}]
    for number in range(2):
        self._remote.control("POST", "/orders", {"company": "Walk-in", "status": "approved", "lines": lines})
    calm_of(self)


def wrong(brand, remote, **options):
    def look(name):
        told[name] = wrong_of(brand, remote, **options)

    look("nothing")
    line = OrderLine.objects.order_by("pk").first()
    OrderLine.objects.filter(pk=line.pk).update(quantity=line.quantity + 1)
    look("units")
    OrderLine.objects.filter(pk=line.pk).update(quantity=line.quantity)
    order = Order.objects.order_by("pk").last()
    Order.objects.filter(pk=order.pk).update(active=False)
    look("inactive order")
    Order.objects.filter(pk=order.pk).update(active=True)
    run = Run.objects.order_by("pk").last()
    Run.objects.filter(pk=run.pk).update(selected=run.selected + 1)
    look("account")
    Run.objects.filter(pk=run.pk).update(selected=run.selected, state="running")
    look("unfinished run")
    Run.objects.filter(pk=run.pk).update(state=run.state)
    link = Link.objects.filter(kind="product").first()
    Link.objects.filter(pk=link.pk).update(remote_id="elsewhere")
    look("link")
    Link.objects.filter(pk=link.pk).update(remote_id=link.remote_id)
    product = remote.products()[0]
    remote.control("PATCH", "/products/" + product["_id"], {"name": "Another"})
    look("product")
    remote.control("PATCH", "/products/" + product["_id"], {"name": product["name"]})
    remote.control("POST", "/companies", {"name": "Twin", "code": "Twin", "currency_code": "EUR"})
    look("customer")
    remote.control("DELETE", "/companies/Twin")
    remote.control("DELETE", "/orders/" + order.source_key.rpartition(":")[2])
    look("order without a remote one")
    remote.control("POST", "/orders", {"company": "Walk-in", "status": "approved", "lines": []})
    look("lost order")
    return []


storm.Storm.calm, checker.wrong = calm, wrong
with contextlib.closing(world.Campaign()) as campaign:
    play.play(campaign, scenario.draw(1))
print(json.dumps(told))
"""


def run(program: str, *arguments: str, seconds: float = 110) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LINESHEET_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], env=environment, capture_output=True, text=True, timeout=seconds
    )


def last_line(finished: "subprocess.CompletedProcess[str]") -> Any:
    assert finished.stdout, finished.stderr
    return json.loads(finished.stdout.splitlines()[-1])


def test_a_seed_draws_the_same_scenario_every_time():
    assert draw(7) == draw(7)
    assert str(draw(7)) == str(draw(7))
    assert draw(7) != draw(8)


def test_a_wait_that_is_gone_cannot_be_set_shorter(monkeypatch):
    monkeypatch.setitem(workers.SHORTER, "lease", {"GONE_SECONDS": 1.0})

    with pytest.raises(LookupError, match="GONE_SECONDS"):
        workers.hurry()


def test_many_seeds_draw_every_fault_in_every_place():
    drawn = set(sum((draw(seed).faults for seed in range(300)), start=Counter[str]()))

    assert drawn >= {
        f"{deed} {moment} {write}" for deed in ("kill", "stop") for moment in ("before", "after") for write in WRITES
    }
    assert drawn >= {"kill", "stop", "cut database", "restart database", "cancel", "two workers", "double click"}
    assert drawn >= {"timeout_before", "timeout_after", "disconnect_before", "disconnect_after", "unauthorized"}
    assert drawn >= {"429 with Retry-After", "429 without Retry-After", "500", "503", "503 although applied"}
    assert drawn >= {"truncate", "malformed", "duplicate", "reorder", "empty"}
    assert drawn >= {"clock of the platform", "clock of the workers", "full disk"}


@pytest.mark.timeout(420)
def test_hub_and_platform_agree_after_thirty_storms():
    finished = run(CAMPAIGN, "--seeds", "30", "--minutes", "2", "--json", seconds=400)

    account = last_line(finished)
    assert account["failed"] == [], finished.stderr
    assert account["passed"] > 0
    assert finished.returncode == 0


def test_a_lane_that_ends_fails_its_seed_and_is_started_again(monkeypatch):
    def command(logs: object) -> list[str]:
        return [sys.executable, "-c", "import sys; sys.stdin.readline()"]

    monkeypatch.setattr(lanes, "lane_command", command)

    ended = list(lanes.verdicts(iter([1, 2, 3]), at_once=2))

    assert sorted(verdict.seed for verdict in ended) == [1, 2, 3]
    assert all("ended without a verdict" in verdict.wrong[0] for verdict in ended)


@pytest.fixture(scope="module")
def told() -> dict[str, list[str]]:
    """What the checker says of each thing that was spoiled by hand after a storm."""
    finished = run(SPOILED)
    told: dict[str, list[str]] = last_line(finished)
    return told


@pytest.mark.parametrize(
    ("spoiled", "says"),
    [
        ("units", "has {"),
        ("inactive order", "is not active and approved"),
        ("account", "does not add up"),
        ("unfinished run", "is running"),
        ("link", "leads to"),
        ("product", "is called Another there"),
        ("customer", "company Twin there is in no book"),
        ("order without a remote one", "have no order there"),
        ("lost order", "it is lost"),
    ],
)
def test_the_checker_sees(told, spoiled, says):
    assert told["nothing"] == []
    assert any(says in sentence for sentence in told[spoiled]), told[spoiled]
