"""Real processes that die while ORDRE's sandbox submits: what it believes is in the books is there, once."""

import itertools
import socket
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psutil
import pytest
from django.db import connection as database
from django.db.models.functions import Now

from linesheet.books.models import Customer
from linesheet.cli.demo.called import compared
from linesheet.cli.sides.ordre.side import OrdreSide
from linesheet.cli.sides.words import Placed, Wanted
from linesheet.sync.models import KeptAnswer
from tests.platforms.ordre.conftest import Brand, barcodes
from tests.processes import Workers, until

ORDERS = 30
SLIPS = ("", "twice", "parallel", "give_up", "retry")
HOW = {"parallel": {"count": 3}, "give_up": {"seconds": 0.05}, "retry": {"seconds": 0.05}}


class Web:
    """The web server as a process of its own, which can be killed and started again at the same address."""

    def __init__(self) -> None:
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._processes = Workers("-m", "linesheet.cli.main", "web", "--port", str(self.port))

    def start(self) -> None:
        self._pid = self._processes.start().pid
        until(self._answers)

    def kill(self) -> None:
        """As the kernel does when memory is short: nobody is asked."""
        started = psutil.Process(self._pid)
        for process in (started, *started.children(recursive=True)):
            process.kill()
        until(lambda: not self._answers())

    def end(self) -> None:
        if psutil.pid_exists(self._pid):
            self.kill()
        self._processes.end()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5):
                return True
        except OSError:
            return False


@pytest.fixture
def web() -> Iterator[Web]:
    made = Web()
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
    brand: Brand, secret: str, web: Web, remote: OrdreSide
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
