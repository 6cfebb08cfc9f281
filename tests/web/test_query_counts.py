"""A page costs as many queries over a few records as over many."""

import datetime
from collections.abc import Callable

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from linesheet.books.models import Company, Customer, Order, OrderLine, Season
from linesheet.sync.models import Connection, Exchange, InboxRecord, Item, Problem, Run, Schedule

FEW, MANY = 2, 30


@pytest.fixture
def fill(company: Company, connection: Connection) -> Callable[[int], Run]:
    """Give the connection so many more of everything that pages list; a run with all of it."""
    customer = Customer.objects.create(name="Maison Rive")
    season = Season.objects.create(name="AW26", starts_on=datetime.date(2026, 7, 1))

    def more(count: int) -> Run:
        run: Run = Run.objects.create(connection=connection, task="stock", state=Run.State.PROBLEMS, failed=count)
        for number in range(count):
            _one_more(connection, run, Order(customer=customer, season=season, currency="EUR"), number)
        return run

    return more


def _one_more(connection: Connection, run: Run, order: Order, number: int) -> None:
    now, name = timezone.now(), f"{run.pk}-{number}"
    order.number = Order.objects.count() + 1
    order.save()
    OrderLine.objects.create(order=order, position=1, quantity=12, price="412.50", described_as="Coat")
    payload = {"number": name, "shop": "Takashimaya", "po": "T-1", "currency": "JPY", "price": "48000"}
    for state, of_order in (("stored", order), ("held", None)):
        row = InboxRecord.objects.create(
            connection=connection,
            kind="order",
            remote_id=f"{name}-{state}",
            content_hash=name,
            label=name,
            state=state,
            order=of_order,
            payload={**payload, "lines": [["400", 31], ["401", 2]]},
        )
    item = Item.objects.create(
        run=run,
        kind="order",
        record_id=name,
        label=name,
        state=Item.State.FAILED,
        says="Why.",
        inbox=row,
        changes=[{"field": "total", "old": "1", "new": "2"}],
    )
    first = run.items.order_by("pk")[0]
    Exchange.objects.create(
        connection=connection, run=run, item_ids=[first.pk, item.pk], method="GET", url="https://x/", started_at=now
    )
    Problem.objects.create(
        connection=connection,
        task="stock",
        kind="order",
        record_id=name,
        label=name,
        reason_code=f"reason_{number}",
        says="Why.",
        last_run=run,
        first_seen_at=now,
        last_seen_at=now,
    )
    other = Connection.objects.create(platform="made-up", name=name, base_url="https://api.example")
    Run.objects.create(connection=other, task="orders", state=Run.State.DONE)
    Schedule.objects.create(connection=other, task="stock", every_minutes=60, due_at=now)


def _queries(client: Client, page: str) -> int:
    with CaptureQueriesContext(database) as captured:
        answer = client.get(page)
    assert answer.status_code == 200
    return len(captured)


@pytest.mark.parametrize(
    "page",
    [
        "/",
        "/connections/{connection}/",
        "/connections/{connection}/problems/",
        "/connections/{connection}/orders/",
        "/connections/{connection}/orders/?state=held",
        "/connections/{connection}/activity/",
        "/connections/{connection}/activity/?q=a",
        "/connections/{connection}/activity/calls/?q=x",
        "/runs/{run}/details/",
        "/runs/{run}/",
        "/runs/{run}/?state=failed",
        "/runs/{run}/progress/?was=problems",
        "/runs/{run}/items/{item}/",
    ],
)
def test_the_number_of_queries_does_not_grow(
    operator: Client, connection: Connection, fill: Callable[[int], Run], page: str
) -> None:
    counted = []
    for count in (FEW, MANY):
        run = fill(count)
        item = run.items.order_by("pk")[0]
        counted.append(_queries(operator, page.format(connection=connection.pk, run=run.pk, item=item.pk)))

    assert counted[0] == counted[1]
