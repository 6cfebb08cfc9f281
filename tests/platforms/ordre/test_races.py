"""Many submissions at once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from linesheet.books.models import Customer, Order, OrderLine
from linesheet.sync.models import InboxRecord, KeptAnswer
from tests.api.conftest import Answered
from tests.platforms.ordre.conftest import Brand, Ordre, barcodes, line, order

MANY = 50


def at_once(post: Callable[[int], Answered]) -> list[Answered]:
    """What so many posts are answered, none of which begins before all of them are ready."""
    ready = threading.Barrier(MANY)

    def posted(number: int) -> Answered:
        ready.wait()
        return post(number)

    with ThreadPoolExecutor(MANY) as posts:
        return list(posts.map(posted, range(MANY)))


@pytest.mark.parametrize("key", ["k-1", ""], ids=["with one key", "without a key"])
@pytest.mark.django_db(transaction=True)
def test_fifty_posts_of_one_order_at_once_make_one_order(brand: Brand, ordre: Ordre, key: str) -> None:
    [small, _] = barcodes(brand.product("COAT"))

    answers = at_once(lambda _: ordre.submit(order(line(small)), key=key))

    statuses = [answer.status for answer in answers]
    assert statuses.count(201) == 1
    assert set(statuses) <= {200, 201, 409}
    assert {answer.json["code"] for answer in answers if answer.status == 409} <= {"in_progress"}
    told = {answer.json["erp_order_number"] for answer in answers if answer.status < 400}
    assert told == {str(Order.objects.get())}
    assert Customer.objects.count() == OrderLine.objects.count() == InboxRecord.objects.count() == 1
    assert KeptAnswer.objects.get().status == 201


@pytest.mark.django_db(transaction=True)
def test_fifty_submissions_of_one_number_at_once_are_fifty_orders_that_know_of_each_other(
    brand: Brand, ordre: Ordre
) -> None:
    [small, _] = barcodes(brand.product("COAT"))

    answers = at_once(lambda number: ordre.submit(order(line(small, quantity=number + 1)), key=f"k-{number}"))

    assert {answer.status for answer in answers} == {201}
    assert len({answer.json["erp_order_number"] for answer in answers}) == Order.objects.count() == MANY
    assert sorted(units for units in Order.objects.values_list("units", flat=True)) == list(range(1, MANY + 1))
    # One after the other, each was told of all before it; the customer came with the first.
    assert sorted(len(answer.json["superseded"]) for answer in answers) == list(range(MANY))
    assert sum(answer.json["customer"]["created"] for answer in answers) == Customer.objects.count() == 1
    assert len(ordre.get("/orders/100245").json["data"]) == InboxRecord.objects.count() == MANY
