"""A page of orders costs as many queries as a single order, in every step of the way in."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from linesheet.books.models import Customer, Order
from linesheet.platforms.nuorder.orders import Orders
from linesheet.platforms.nuorder.platform import PLATFORM
from linesheet.sync import acknowledging, inbound, keeping, lease, reasons, storing
from linesheet.sync.database import DatabaseThread
from linesheet.sync.explain import explain_product
from linesheet.sync.explain_order import explain_orders
from linesheet.sync.inbox import rows_of
from linesheet.sync.journal import Holder
from linesheet.sync.legs import Received
from linesheet.sync.models import InboxRecord, Item, Run
from linesheet.sync.work import Work
from tests.platforms.nuorder.conftest import Books

FEW, MANY = 2, 40


@pytest.fixture
def work(books: Books) -> Work:
    """A run of the connection in this process's hands."""
    run = Run.objects.create(connection=books.connection, task="orders-import", state=Run.State.RUNNING, epoch=1)
    return Work(
        holder=Holder(run.pk, 1, books.connection.pk, books.company.pk),
        platform=PLATFORM,
        connection_name=books.connection.name,
        task=run.task,
        approved=False,
        concurrency=5,
        per_second=None,
        pulse=lease.Pulse(run.pk, 1),
        db=DatabaseThread(books.company.pk),
    )


@pytest.fixture
def leg(books: Books) -> Orders:
    books.product("COAT-BLACK")
    leg: Orders = books.leg(Orders)
    return leg


def received(count: int, of: str, *, quantity: int = 1) -> list[Received]:
    """Orders as they come, each of another customer."""
    page = []
    for number in range(count):
        name = f"{of} {number}"
        Customer.objects.get_or_create(name=name, defaults={"currency": "EUR"})
        sizes = [
            {"size": size, "upc": f"400000000000{at}", "quantity": quantity, "price": 100}
            for at, size in ((0, "S"), (1, "M"))
        ]
        payload = {
            "_id": name,
            "order_number": name,
            "status": "approved",
            "currency_code": "EUR",
            "retailer": {"retailer_name": name},
            "line_items": [{"product": {"style_number": "COAT", "season": "SS26"}, "sizes": sizes}],
        }
        page.append(Received(name, name, payload))
    return page


def queries(do: Callable[[], Any]) -> int:
    with CaptureQueriesContext(database) as captured:
        do()
    return len(captured)


def planned(work: Work) -> Any:
    return Item.objects.filter(run_id=work.holder.run_id, state=Item.State.PLANNED)


def test_keeping_and_storing_a_page(work: Work, leg: Orders) -> None:
    counted = []
    for count, of in ((FEW, "few"), (MANY, "many")):
        page = received(count, of)
        kept = queries(partial(keeping.keep, work, 0, leg, page))
        again = queries(partial(keeping.versions_of, work, leg, [each.remote_id for each in page]))
        stored = queries(lambda: storing.store_page(work, 0, leg, 0))
        counted.append((kept, again, stored))

    assert Order.objects.count() == FEW + MANY
    assert counted[0] == counted[1]


def test_foreseeing_a_page(work: Work, leg: Orders) -> None:
    counted = []
    for count, of in ((FEW, "few"), (MANY, "many")):
        planned(work).delete()
        keeping.keep(work, 0, leg, received(count, of))
        counted.append(queries(lambda: inbound.foresee_page(work, 0, leg, 0)))

    assert counted[0] == counted[1]


def test_taking_up_a_page_of_held_orders(work: Work, leg: Orders) -> None:
    counted = []
    for count, of in ((FEW, "few"), (MANY, "many")):
        keeping.keep(work, 0, leg, received(count, of))
        planned(work).delete()
        counted.append(queries(lambda: keeping.take_up_held(work, 0, leg)))
        InboxRecord.objects.update(state=InboxRecord.State.IGNORED)

    assert counted[0] == counted[1]


@pytest.mark.parametrize("answered", ["nothing", "refused", "edited"])
def test_writing_what_was_answered_to_a_group_of_acknowledgements(work: Work, leg: Orders, answered: str) -> None:
    refused = reasons.NOT_ACKNOWLEDGED.about(record="it", platform="NuORDER", said="no")
    counted = []
    for count, of in ((FEW, "few"), (MANY, "many")):
        page = received(count, of)
        keeping.keep(work, 0, leg, page)
        storing.store_page(work, 0, leg, 0)
        edited = {each.remote_id: each.payload for each in received(count, of, quantity=7)}

        def tell(edited: dict[str, Any] = edited) -> None:
            rows = acknowledging.untold(work, leg, 0)
            answers: dict[str, Callable[[InboxRecord], Any]] = {
                "nothing": lambda row: None,
                "refused": lambda row: refused,
                "edited": lambda row: edited[row.remote_id],
            }
            acknowledging.keep_answers(work, 0, leg, [(row, answers[answered](row)) for row in rows])

        counted.append(queries(tell))

    assert InboxRecord.objects.exclude(acknowledged_at=None).count() == (0 if answered == "refused" else FEW + MANY)
    assert counted[0] == counted[1]


def test_showing_a_page_of_the_inbox(work: Work, leg: Orders) -> None:
    counted = []
    for count, of in ((FEW, "few"), (MANY, "many")):
        keeping.keep(work, 0, leg, received(count, of))
        storing.store_page(work, 0, leg, 0)
        keeping.keep(work, 0, leg, received(count, f"{of} kept"))
        rows = list(InboxRecord.objects.filter(remote_id__startswith=of))
        counted.append(queries(partial(rows_of, rows)))

    assert counted[0] == counted[1]


def test_explaining_a_product_or_an_order_among_many(work: Work, leg: Orders, books: Books) -> None:
    counted = []
    for count, of in ((FEW, "few"), (MANY, "many")):
        for number in range(count):
            books.product(f"{of.upper()}-{number}")
        keeping.keep(work, 0, leg, received(count, of))
        storing.store_page(work, 0, leg, 0)
        counted.append(
            (
                queries(lambda: explain_product("COAT-BLACK", books.connection)),
                queries(partial(explain_orders, f"{of} 1", books.connection)),
            )
        )

    assert counted[0] == counted[1]
