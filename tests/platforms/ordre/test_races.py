"""Many submissions at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from linesheet.books.models import Customer, Order
from tests.platforms.ordre.conftest import Brand, Ordre, barcodes, line, order


@pytest.mark.django_db(transaction=True)
def test_fifty_posts_of_one_order_at_once_make_one_order(brand: Brand, ordre: Ordre) -> None:
    [small, _] = barcodes(brand.product("COAT"))

    with ThreadPoolExecutor(50) as posts:
        answers = list(posts.map(lambda _: ordre.submit(order(line(small)), key="k-1"), range(50)))

    statuses = [answer.status for answer in answers]
    assert statuses.count(201) == 1
    assert set(statuses) <= {200, 201, 409}
    assert Order.objects.count() == Customer.objects.count() == 1
