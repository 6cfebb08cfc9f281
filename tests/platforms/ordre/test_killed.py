"""The process that serves an order dies while it does."""

import contextlib
import http.client
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil
import psycopg
import pytest
from django.db import connection

from linesheet.books.models import Customer, Order, OrderLine
from linesheet.sync.models import InboxRecord, KeptAnswer, Run
from tests.api.conftest import Http
from tests.platforms.ordre.conftest import Brand, Ordre, barcodes, line, order
from tests.processes import Workers, database_url, until


@pytest.fixture
def served(transactional_db: None, secret: str) -> Iterator[tuple[Ordre, int]]:
    """ORDRE, calling processes of their own, and the id of the first of them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    web = Workers("-m", "linesheet.cli.main", "web", "--port", str(port))
    process = web.start(LINESHEET_LOG_LEVEL="ERROR")
    called = Ordre(Http(f"http://127.0.0.1:{port}", secret))
    until(lambda: _answers(called))
    yield called, process.pid
    children = psutil.Process(process.pid).children(recursive=True)
    web.end()
    for each in children:
        with contextlib.suppress(psutil.NoSuchProcess):
            each.kill()


def _answers(ordre: Ordre) -> bool:
    try:
        return ordre.get("/status").status == 200
    except OSError:
        return False


def _count(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])


WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.mark.django_db(transaction=True)
def test_an_order_whose_process_was_killed_is_made_once_by_its_key(brand: Brand, served: Any) -> None:
    ordre, parent = served
    body = order(line(barcodes(brand.product("COAT"))[0]))

    with psycopg.connect(database_url()) as elsewhere, ThreadPoolExecutor(1) as posts:
        # The order is written, and its lines are not.
        elsewhere.execute("LOCK TABLE books_orderline IN EXCLUSIVE MODE")
        posted = posts.submit(ordre.submit, body, "k-1")
        until(lambda: _count(WAITING))
        [worker] = psutil.Process(parent).children()
        worker.kill()
        with pytest.raises((ConnectionError, http.client.HTTPException)):
            posted.result()

    until(lambda: _answers(ordre))
    assert Order.objects.count() == Customer.objects.count() == InboxRecord.objects.count() == Run.objects.count() == 0
    again = ordre.submit(body, "k-1")
    assert (again.status, again.json["code"]) == (409, "in_progress")
    # Its minute is over.
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sync_keptanswer SET lease_until = clock_timestamp()")

    answers = [ordre.submit(body, "k-1") for _ in range(2)]

    assert [answer.status for answer in answers] == [201, 200]
    assert answers[0].json == answers[1].json
    assert Order.objects.count() == OrderLine.objects.count() == Customer.objects.count() == 1
    assert KeptAnswer.objects.get().status == 201
