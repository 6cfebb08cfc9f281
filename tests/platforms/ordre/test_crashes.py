"""Real processes that die while ORDRE's sandbox submits: what it believes is in the books is there, once."""

import itertools
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil
import psycopg
import pytest
from django.db import connection as database
from django.db.models.functions import Now

from linesheet.books.models import Customer, Order, OrderLine
from linesheet.cli.demo.called import compared
from linesheet.cli.sides.ordre.side import OrdreSide
from linesheet.cli.sides.words import Placed, Wanted
from linesheet.sync.models import InboxRecord, KeptAnswer, Run
from tests.api.conftest import Http
from tests.platforms.ordre.conftest import Brand, Ordre, barcodes, line, order
from tests.processes import WebServer, database_url, until

ORDERS = 30
SLIPS = ("", "twice", "parallel", "give_up", "retry")
HOW = {"parallel": {"count": 3}, "give_up": {"seconds": 0.05}, "retry": {"seconds": 0.05}}


@pytest.fixture
def web(transactional_db: None) -> Iterator[WebServer]:
    made = WebServer()
    made.start()
    yield made
    made.end()


@pytest.fixture
def remote() -> Iterator[OrdreSide]:
    made = OrdreSide()
    made.control("POST", "/settings", {"collect_seconds": None, "patience_seconds": 10, "tries": 1})
    yield made
    made.stop()


def drop_connections() -> None:
    """Cut everybody else off the database, as its restart does."""
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )


def count_accepted(remote: OrdreSide) -> int:
    return sum(sent.taken for sent in remote.submissions())


@pytest.mark.timeout(400)
@pytest.mark.django_db(transaction=True)
def test_what_was_submitted_is_in_the_books_once_though_web_server_and_database_connections_die(
    brand: Brand, secret: str, web: WebServer, remote: OrdreSide
) -> None:
    known = barcodes(*(brand.product(f"COAT{number}") for number in range(5)))
    remote.meet(web.url, secret)
    assert remote.collect().products == 5
    numbers = [
        remote.place_order(
            Placed(
                customer=f"Shop {number % 3}",
                lines=[Wanted(barcode=known[(number + step) % len(known)], units=1 + step) for step in range(3)],
                po=f"PO-{number}",
            )
        )
        for number in range(ORDERS)
    ]
    slips = dict(zip(numbers, itertools.cycle(SLIPS), strict=False))

    with ThreadPoolExecutor(4) as buyers:
        sending = [
            buyers.submit(remote.submit, number, slips[number], **HOW.get(slips[number], {})) for number in numbers
        ]
        until(lambda: count_accepted(remote) >= 5)
        web.kill()
        web.start()
        until(lambda: count_accepted(remote) >= 10 or all(each.done() for each in sending))
        drop_connections()
    assert len([each.result() for each in sending]) == ORDERS

    for _ in range(5):
        # A minute later, what a dead process had begun is anybody's.
        KeptAnswer.everywhere.filter(status=None).update(lease_until=Now())
        for number in {sent.order for sent in remote.submissions() if not sent.taken}:
            remote.submit(number)

    row = compared(brand.connection, remote.submissions(), set())
    assert row == {
        "connection": "ORDRE",
        "submitted": ORDERS,
        "stored": ORDERS,
        "from_kept": 0,
        "held": 0,
        "lost": 0,
        "doubled": 0,
        "short": 0,
    }
    assert Customer.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_an_order_whose_process_was_killed_is_made_once_by_its_key(brand: Brand, secret: str, web: WebServer) -> None:
    ordre = Ordre(Http(web.url, secret))
    body = order(line(barcodes(brand.product("COAT"))[0]))

    with psycopg.connect(database_url()) as elsewhere, ThreadPoolExecutor(1) as posts:
        # The order is written, and its lines are not.
        elsewhere.execute("LOCK TABLE books_orderline IN EXCLUSIVE MODE")
        posted = posts.submit(ordre.submit, body, "k-1")
        until(_somebody_waits)
        [worker] = [each.pid for each in psutil.Process(web.pid).children() if "resource_tracker" not in each.cmdline()]
        os.kill(worker, signal.SIGKILL)
        assert isinstance(posted.exception(), OSError)

    until(web.answers)
    assert Order.objects.count() == Customer.objects.count() == InboxRecord.objects.count() == Run.objects.count() == 0
    again = ordre.submit(body, "k-1")
    assert (again.status, again.json["code"]) == (409, "in_progress")
    # Its minute is over.
    KeptAnswer.everywhere.update(lease_until=Now())

    answers = [ordre.submit(body, "k-1") for _ in range(2)]

    assert [answer.status for answer in answers] == [201, 200]
    assert answers[0].json == answers[1].json
    assert Order.objects.count() == OrderLine.objects.count() == Customer.objects.count() == 1
    assert KeptAnswer.objects.get().status == 201


def _somebody_waits() -> bool:
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])
