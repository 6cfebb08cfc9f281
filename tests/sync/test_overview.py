"""How connections are doing, and what is at risk."""

import datetime
from dataclasses import replace
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from linesheet.books.models import (
    SKU,
    Company,
    Location,
    Price,
    PriceList,
    Product,
    Season,
    Stock,
    Visibility,
)
from linesheet.books.order_figures import days_until
from linesheet.sync import at_risk, overview, registry
from linesheet.sync.at_risk import Group, Held, Value
from linesheet.sync.models import Connection, InboxRecord, Problem, Run
from linesheet.sync.platform import BudgetRules, Direction, Task
from linesheet.sync.standing import Health, standings
from tests.sync.toy import TOY, ToyProducts

NOW = timezone.now()
TODAY = datetime.date(2026, 3, 31)


class ToyStock(ToyProducts):
    kind = "stock"
    of = "product"


@pytest.fixture
def connection(company: Company, monkeypatch) -> Connection:
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": replace(TOY, settings=())})
    return Connection.objects.create(platform="toy", name="Toy shop", base_url="https://toy.example")


def ended(connection: Connection, *runs: tuple[str, str]) -> Health:
    for task, state in runs:
        Run.objects.create(connection=connection, task=task, state=state)
    (found,) = standings([connection])
    assert found.last == Run.objects.order_by("-pk").first()
    return found.health


@pytest.mark.parametrize(
    ("runs", "health"),
    [
        ((), Health.NEW),
        ((("products", "running"),), Health.NEW),
        ((("products", "cancelled"),), Health.NEW),
        ((("products", "failed"), ("products", "done")), Health.WELL),
        ((("products", "failed"), ("orders", "done")), Health.FAILS),
        ((("products", "failed"), ("products", "cancelled"), ("products", "planned")), Health.FAILS),
        ((("products", "problems"), ("orders", "done")), Health.PROBLEMS),
        ((("gone", "failed"), ("orders", "done")), Health.WELL),
    ],
)
def test_health_is_the_worst_of_how_each_task_last_ended(connection, runs, health):
    assert ended(connection, *runs) == health


def test_health_tells_what_stands_above_the_runs(connection):
    Run.objects.create(connection=connection, task="products", state="done")
    (run,) = Run.objects.all()
    Problem.objects.create(
        connection=connection,
        task="products",
        kind="product",
        record_id="1",
        label="COAT",
        reason_code="no_barcode",
        says="No barcode.",
        first_seen_at=NOW,
        last_seen_at=NOW,
        last_run=run,
    )
    assert ended(connection) == Health.PROBLEMS
    connection.paused_until = timezone.now() + datetime.timedelta(hours=1)
    assert ended(connection) == Health.PAUSED
    connection.platform = "gone"
    assert ended(connection) == Health.NOT_INSTALLED
    connection.active = False
    assert ended(connection) == Health.OFF


def run_on(connection: Connection, moment: str, task: str = "products", **counters: int) -> None:
    run = Run.objects.create(connection=connection, task=task, state="done", **counters)
    Run.objects.filter(pk=run.pk).update(finished_at=datetime.datetime.fromisoformat(moment))


def test_work_is_counted_on_the_day_a_run_ended_in_the_companys_zone(connection):
    run_on(connection, "2026-03-30T14:59Z", created=2, updated=3, calls=7)
    run_on(connection, "2026-03-30T15:00Z", created=1, unchanged=9, calls=4)
    run_on(connection, "2026-03-31T15:00Z", created=8, calls=8)
    run_on(connection, "2026-03-31T01:00Z", task="orders", created=5, calls=6)

    work = overview.work_per_day([connection], days_until(TODAY, 2), ZoneInfo("Asia/Tokyo"))

    assert [(day.sent, day.all_calls) for day in work.days] == [(5, 7), (1, 10)]
    assert not work.of_stock


def test_where_a_task_sends_stock_only_that_is_counted_as_sent(connection, monkeypatch):
    stock = Task(key="stock", name="Stock", direction=Direction.OUT, help="", legs=(ToyStock,))
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": replace(TOY, tasks=(*TOY.tasks, stock))})
    run_on(connection, "2026-03-31T01:00Z", created=5, calls=6)
    run_on(connection, "2026-03-31T01:00Z", task="stock", updated=3, calls=2)

    work = overview.work_per_day([connection], [TODAY], ZoneInfo("UTC"))

    assert [(day.sent, day.all_calls) for day in work.days] == [(3, 8)]
    assert work.of_stock


def test_the_most_calls_a_day_are_those_of_every_second(connection, monkeypatch):
    assert overview.calls_a_day(connection) is None
    connection.settings = {"calls_per_second": 2}
    assert overview.calls_a_day(connection) == 172_800
    limited = replace(TOY, budget=BudgetRules(concurrency=1, per_second=0.5))
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": limited})
    connection.settings = {}
    assert overview.calls_a_day(connection) == 43_200


def problem(connection: Connection, kind: str, record_id: object, reason: str = "nameless") -> None:
    Problem.objects.create(
        connection=connection, task="products", kind=kind, record_id=str(record_id), label="x", reason_code=reason,
        says="x", first_seen_at=NOW, last_seen_at=NOW,
    )  # fmt: skip


def held(connection: Connection, remote_id: str, quantity: int, **payload: object) -> None:
    order = {"id": remote_id, "number": remote_id, "customer": "M", "lines": [["4000000000009", quantity]]}
    InboxRecord.objects.create(
        connection=connection, kind="order", remote_id=remote_id, content_hash=remote_id, state="held",
        payload={**order, **payload},
    )  # fmt: skip


def group(connection: Connection, count: int, reason: str = "nameless") -> Group:
    return Group(connection.pk, reason, count)


def test_orders_on_hold_are_worth_what_they_come_to(connection):
    held(connection, "A", 3)
    held(connection, "B", 2)
    problem(connection, "order", "A", "unknown_customer")

    found = at_risk.held_orders([connection], {connection.pk: 2})
    values = at_risk.values_of([group(connection, 1, "unknown_customer")], [connection], found)

    assert found.of(connection.pk) == Value((("EUR", Decimal(50)),))
    assert values == {(connection.pk, "unknown_customer"): Value((("EUR", Decimal(30)),))}


def test_of_orders_that_cannot_be_read_nothing_is_said_and_the_others_are_a_least(connection):
    held(connection, "A", 3, lines=[])
    found = at_risk.held_orders([connection], {connection.pk: 1})
    assert found.of(connection.pk) is None

    held(connection, "B", 2)
    InboxRecord.objects.create(
        connection=connection, kind="order", remote_id="C", content_hash="C", state="held", payload={}
    )
    found = at_risk.held_orders([connection], {connection.pk: 3})
    assert found.of(connection.pk) == Value((("EUR", Decimal(20)),), at_least=True)


def test_only_the_latest_of_very_many_held_orders_are_added_up(connection, monkeypatch):
    monkeypatch.setattr(at_risk, "MOST_ORDERS", 2)
    for number in range(4):
        held(connection, str(number), 1)

    found = at_risk.held_orders([connection], {connection.pk: 4})

    assert found.of(connection.pk) == Value((("EUR", Decimal(20)),), at_least=True)


@pytest.fixture
def coats(company: Company) -> list[Product]:
    """Two coats of which 4 and 6 can be sold, at 100 EUR, and a third without a price."""
    season = Season.objects.create(name="SS26", starts_on=datetime.date(2026, 1, 1))
    lists = [PriceList.objects.create(name=kind, kind=kind) for kind in ("wholesale", "retail")]
    location = Location.objects.create(name="Main warehouse")
    coats = []
    for number, units in enumerate((4, 6, 9)):
        coat = Product.objects.create(code=f"C{number}", style=f"C{number}", colour="Black", name="Coat")
        sku = SKU.objects.create(product=coat, size="M")
        Visibility.objects.create(product=coat, season=season)
        Stock.objects.create(sku=sku, location=location, season=season, opening=units)
        Stock.objects.create(sku=SKU.objects.create(product=coat, size="L"), location=location, season=season,
                             opening=-3)  # fmt: skip
        if number < 2:
            for price_list, amount in zip(lists, (100, 250), strict=True):
                Price.objects.create(product=coat, season=season, price_list=price_list, currency="EUR", amount=amount)
        coats.append(coat)
    return coats


NONE_HELD = Held({}, {})


def test_products_are_worth_what_could_be_sold_of_them_at_wholesale(connection, coats):
    for coat in coats[:2]:
        problem(connection, "product", coat.pk)

    values = at_risk.values_of([group(connection, 2)], [connection], NONE_HELD)

    assert values == {(connection.pk, "nameless"): Value((("EUR", Decimal(1000)),))}


def test_a_product_without_a_price_leaves_a_least(connection, coats):
    for coat in coats:
        problem(connection, "product", coat.pk)

    values = at_risk.values_of([group(connection, 3)], [connection], NONE_HELD)

    assert values[connection.pk, "nameless"] == Value((("EUR", Decimal(1000)),), at_least=True)


def test_of_anything_else_nothing_is_said(connection, coats):
    problem(connection, "customer", coats[0].pk, "odd")
    problem(connection, "product", coats[2].pk, "nameless")

    groups = [group(connection, 1, "odd"), group(connection, 1)]
    assert at_risk.values_of(groups, [connection], NONE_HELD) == {}


def test_every_group_has_its_turn_when_there_are_too_many_products(connection, coats, monkeypatch):
    monkeypatch.setattr(at_risk, "MOST_PRODUCTS", 2)
    problem(connection, "product", coats[0].pk, "one")
    problem(connection, "product", coats[2].pk, "one")
    problem(connection, "product", coats[1].pk, "other")

    values = at_risk.values_of([group(connection, 2, "one"), group(connection, 1, "other")], [connection], NONE_HELD)

    assert (connection.pk, "other") in values


def test_a_product_counts_once_however_many_kinds_of_it_wait(connection, coats, monkeypatch):
    stock = Task(key="stock", name="Stock", direction=Direction.OUT, help="", legs=(ToyStock,))
    monkeypatch.setattr(registry, "platforms", lambda: {"toy": replace(TOY, tasks=(*TOY.tasks, stock))})
    for kind in ("product", "stock"):
        problem(connection, kind, coats[0].pk)

    values = at_risk.values_of([group(connection, 1)], [connection], Held({}, {}))

    assert values == {(connection.pk, "nameless"): Value((("EUR", Decimal(400)),))}
    (standing,) = standings([connection])
    assert standing.problems == 1
