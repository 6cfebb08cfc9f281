"""What a page of work costs the database on its way out: the same for many records as for few."""

import datetime
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from linesheet.books.models import SKU, Address, Customer, Image, Product
from linesheet.books.stock import set_future_stock, set_stock
from linesheet.platforms.nuorder.customers import Customers
from linesheet.platforms.nuorder.images import Images
from linesheet.platforms.nuorder.platform import PLATFORM
from linesheet.platforms.nuorder.products import Products
from linesheet.platforms.nuorder.stock import Stock
from linesheet.sync import journal, lease, sending
from linesheet.sync.database import DatabaseThread
from linesheet.sync.journal import Holder, Outcome
from linesheet.sync.lease import Pulse
from linesheet.sync.legs import Outbound, in_pages
from linesheet.sync.models import Item, Link, Run
from linesheet.sync.outbound import plan_page
from linesheet.sync.transport import Call
from linesheet.sync.work import Work
from tests.platforms.nuorder.conftest import Books

FEW, MANY = 2, 9
LEGS = (Products, Customers, Images, Stock)
Leg = type[Outbound[Any, Any]]


def work_on(books: Books, *, approved: bool = False) -> Work:
    """A run in this worker's hands."""
    Run.objects.all().delete()
    run = Run.objects.create(connection=books.connection, task="data-export")
    epoch = lease.take(run.pk)
    assert epoch
    return Work(
        holder=Holder(run.pk, epoch, books.connection.pk, books.company.pk),
        platform=PLATFORM,
        connection_name="NuORDER",
        task="data-export",
        approved=approved,
        concurrency=MANY,
        per_second=None,
        pulse=Pulse(run.pk, epoch),
        db=DatabaseThread(books.company.pk),
    )


def records(books: Books, kind: Leg, count: int) -> list[str]:
    """Ids of so many records with all that goes out with them; half of them are on NuORDER, or all that must be."""
    make = customer if kind is Customers else product
    ids = [str(make(books, number).pk) for number in range(count)]
    if kind.of != kind.kind:
        link(books, kind.of, ids)
    link(books, kind.kind, ids[1::2])
    return ids


def link(books: Books, kind: str, ids: Sequence[str]) -> None:
    payload = {"sizes": [{"size": "S", "upc": "1"}], "custom": {"lining": "silk"}, "addresses": []}
    now = datetime.datetime.now(datetime.UTC)
    Link.objects.bulk_create(
        Link(
            connection=books.connection,
            kind=kind,
            record_id=pk,
            remote_id=f"there-{pk}",
            fingerprint="another",
            payload=payload,
            accepted_at=now,
        )
        for pk in ids
    )


def customer(books: Books, number: int) -> Customer:
    customer = Customer.objects.create(name=f"Customer {number}", currency="EUR")
    for kind in (1, 2):
        Address.objects.create(customer=customer, kind=kind, line_1="1 Rue", city="Lyon", country="FR")
    return customer


def product(books: Books, number: int) -> Product:
    product = books.product(f"COAT{number}-BLACK")
    books.place(product, "SS26", "Women", "Outlet")
    shape = {"format": "jpg", "width": 900, "height": 900, "bytes": 500_000}
    for position in range(2):
        Image.objects.create(product=product, content_hash=f"{position}" * 64, position=position, **shape)
    for sku in SKU.objects.filter(product=product):
        set_stock(sku, books.location, books.season, opening=5)
        set_future_stock(sku, books.location, books.season, datetime.date(2100, 5, 1), 7)
    return product


def planned(books: Books, kind: Leg, work: Work, count: int) -> CaptureQueriesContext:
    """The queries of planning so many records, all of them to be sent."""
    ids = records(books, kind, count)
    leg = books.leg(kind, stock_seasons=[books.season])
    with CaptureQueriesContext(database) as made:
        plan_page(work, 0, leg, ids, None)
    assert Item.objects.filter(run_id=work.holder.run_id, state=Item.State.PLANNED).count() == count
    return made


def forget(books: Books) -> None:
    Link.objects.all().delete()
    Product.objects.all().delete()
    Customer.objects.all().delete()


@pytest.mark.parametrize("kind", LEGS)
def test_planning_a_page(books: Books, kind: Leg) -> None:
    few = planned(books, kind, work_on(books), FEW)
    forget(books)
    many = planned(books, kind, work_on(books), MANY)

    assert len(many) == len(few)
    assert len(many) <= 20


@pytest.mark.parametrize("kind", LEGS)
@pytest.mark.parametrize("approved", [False, True])
def test_taking_the_next_window_to_send(books: Books, kind: Leg, approved: bool) -> None:
    def taken(count: int) -> int:
        work = work_on(books, approved=approved)
        planned(books, kind, work, count)
        with CaptureQueriesContext(database) as made:
            items = sending.next_planned(work, books.leg(kind, stock_seasons=[books.season]), 0, 0)
        # A plan is on its way only while the books are as they were: here all are.
        assert len(items) == count
        return len(made)

    few = taken(FEW)
    forget(books)
    assert taken(MANY) == few


def test_recording_outcomes_and_calls(books: Books) -> None:
    def recorded(count: int) -> int:
        work = work_on(books)
        planned(books, Products, work, count)
        items = list(Item.objects.filter(run_id=work.holder.run_id))
        now = datetime.datetime.now(datetime.UTC)
        outcomes = [
            Outcome(
                item,
                Item.State.CREATED,
                link=Link(
                    company_id=books.company.pk,
                    connection=books.connection,
                    kind="product",
                    record_id=item.record_id,
                    remote_id="new",
                    fingerprint=item.fingerprint,
                    payload=item.payload,
                    accepted_at=now,
                ),
            )
            for item in items
        ]
        calls = [Call("PUT", "https://nuorder.example/api/product", now, (item.pk,), status=201) for item in items]
        with CaptureQueriesContext(database) as made:
            journal.record(work.holder, outcomes, calls)
        run = Run.objects.get()
        assert (run.created, run.calls) == (count, count)
        assert Link.objects.filter(remote_id="new").count() == count
        return len(made)

    few = recorded(FEW)
    forget(books)
    assert recorded(MANY) == few


@pytest.mark.parametrize("kind", LEGS)
def test_selecting_a_page(books: Books, kind: Leg) -> None:
    def selected(count: int) -> int:
        ids, leg = records(books, kind, count), books.leg(kind)
        with CaptureQueriesContext(database) as made:
            assert next(in_pages(leg.select())) == ids
        return len(made)

    few = selected(FEW)
    forget(books)
    assert selected(MANY) == few == 1
