"""Orders in the books, and the inbox."""

import json
from decimal import Decimal

import pytest

from linesheet.books.models import Order
from linesheet.books.order_drafts import LineDraft, OrderDraft
from linesheet.books.orders import lock, place_order
from linesheet.sync.models import Connection, InboxRecord


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


PAYLOAD = {"id": "r7", "number": "N7", "customer": "Rive", "lines": [["4000000000000", 3], ["4000000000001", 2]]}


@pytest.fixture
def held(shop) -> InboxRecord:
    return InboxRecord.objects.create(
        connection=shop,
        kind="order",
        remote_id="r7",
        label="N7",
        content_hash="x",
        payload=PAYLOAD,
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


def test_a_held_order_is_shown_as_the_platform_means_it(linesheet, as_json, held):
    row = as_json("inbox", "list")[0]

    assert [row[key] for key in ("label", "customer", "units", "value", "currency")] == [
        "N7",
        "Rive",
        5,
        "50.00",
        "EUR",
    ]
    assert "50.00 EUR" in linesheet("inbox", "list").stdout
    assert "Rive, PO -: 5 units, 50.00 EUR" in linesheet("inbox", "show", str(held.pk)).stderr


def test_a_stored_order_is_shown_as_it_is_in_the_books(linesheet, as_json, held, order):
    InboxRecord.objects.update(state="stored", order=order, says="", fix="")

    row = as_json("inbox", "list")[0]

    assert [row[key] for key in ("order", "customer", "units", "value")] == [1, "Maison Rive", 4, "306.50"]


def test_the_inbox_of_a_platform_that_is_gone_still_shows(linesheet, as_json, held):
    Connection.objects.update(platform="gone")

    assert [(row["label"], row["units"]) for row in as_json("inbox", "list", "--connection", "Toy shop")] == [
        ("N7", None)
    ]


def test_the_payload_comes_as_it_was_received(linesheet, held):
    result = linesheet("inbox", "show", str(held.pk))

    assert json.loads(result.stdout) == PAYLOAD
    assert "Add the customer." in result.stderr


def test_a_held_record_is_set_aside_and_taken_back(linesheet, rive):
    connection = Connection.objects.create(platform="nuorder", name="NuORDER", base_url="https://api.example")
    record = InboxRecord.objects.create(
        connection=connection, kind="order", remote_id="9", label="N9", content_hash="h", payload={}, state="held"
    )

    no_change = linesheet("inbox", "apply", str(record.pk))
    assert "is no change of an order in the books" in no_change.stderr
    assert linesheet("inbox", "set-aside", str(record.pk)).exit_code == 0
    assert "is ignored by now" in linesheet("inbox", "set-aside", str(record.pk)).stderr
    assert linesheet("inbox", "take-back", str(record.pk)).exit_code == 0
    record.refresh_from_db()
    assert (record.state, record.says) == ("kept", "")
