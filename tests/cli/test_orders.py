"""Orders in the books, and the inbox."""

import json
from decimal import Decimal

import pytest

from linesheet.books.models import Order
from linesheet.books.orders import LineDraft, OrderDraft, lock, place_order
from linesheet.sync.models import InboxRecord


@pytest.fixture
def order(coats, ss26, rive) -> Order:
    lines = [
        LineDraft(sku=coats[0].skus.get(), quantity=3, price=Decimal("100.50")),
        LineDraft(sku=None, quantity=1, price=Decimal(5), described_as="a hat"),
    ]
    return place_order(OrderDraft(customer=rive, season=ss26, lines=lines, reference="N7"))


def test_orders_are_listed_with_their_totals(linesheet, as_json, order):
    row = as_json("orders", "list")[0]

    assert (row["number"], row["reference"], row["units"], row["total"]) == (1, "N7", 4, "306.50")
    assert "Maison Rive" in linesheet("orders", "list").stdout


@pytest.mark.parametrize("number", ["1", "SO 1", "so1"])
def test_an_order_is_shown_with_its_lines(linesheet, order, number):
    result = linesheet("orders", "show", number)

    assert "SO 1 of Maison Rive, SS26: not approved" in result.stdout
    assert "not in the books: a hat" in result.stdout


def test_orders_are_approved_all_or_none(linesheet, order, ss26, rive, coats):
    place_order(
        OrderDraft(customer=rive, season=ss26, lines=[LineDraft(sku=coats[0].skus.get(), quantity=1, price=Decimal(1))])
    )
    lock(Order.objects.get(number=2))

    refused = linesheet("orders", "approve", "1", "2")
    assert (refused.exit_code, Order.objects.filter(approved=True).count()) == (1, 0)
    assert "SO 2 is locked." in refused.stderr

    assert linesheet("orders", "approve", "1").stdout == "SO 1: approved.\n"
    assert Order.objects.get(number=1).approved


def test_an_order_is_taken_out_of_the_books(linesheet, order):
    linesheet("orders", "inactivate", "SO 1")

    assert not Order.objects.get().active


def test_an_unknown_order_is_told(linesheet, company):
    assert linesheet("orders", "show", "77").stderr.splitlines()[0] == "There is no order 77."


@pytest.fixture
def held(shop) -> InboxRecord:
    return InboxRecord.objects.create(
        connection=shop,
        kind="order",
        remote_id="r7",
        label="N7",
        content_hash="x",
        payload={"id": "r7", "lines": []},
        state="held",
        reason_code="unknown_customer",
        says="Toy order N7 is from Rive, who is not in the books.",
        fix="Add the customer.",
    )


def test_held_records_are_listed_with_what_helps(linesheet, as_json, held):
    shown = linesheet("inbox", "list", "--state", "held", "--connection", "Toy shop").stdout

    assert "who is not in the books" in shown
    assert "Add the customer." in shown
    assert as_json("inbox", "list", "--state", "stored") == []


def test_the_payload_comes_as_it_was_received(linesheet, held):
    result = linesheet("inbox", "show", str(held.pk))

    assert json.loads(result.stdout) == {"id": "r7", "lines": []}
    assert "Add the customer." in result.stderr
