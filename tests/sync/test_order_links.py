"""Orders of the books said to be orders of a platform: never in the books twice, never lost."""

from decimal import Decimal

import pytest

from linesheet.books.changes import recorded, undo
from linesheet.books.models import SKU, Order
from linesheet.books.order_drafts import LineDraft, OrderDraft
from linesheet.books.orders import inactivate, place_order
from linesheet.books.reasons import Refused
from linesheet.sync import held, links
from linesheet.sync.connections import change_connection
from linesheet.sync.explain_order import explain_orders
from linesheet.sync.models import Connection, InboxRecord, Link

KNOWN = "4000000000000"


@pytest.fixture
def order(products, buyer, season) -> Order:
    """An order that somebody typed in from the platform's e-mail."""
    sku = SKU.objects.get(barcode=KNOWN)
    line = LineDraft(sku=sku, barcode=KNOWN, described_as="", quantity=2, price=Decimal(10))
    return place_order(OrderDraft(customer=buyer, season=season, lines=[line], currency="EUR", reference="TYPED"))


def _inbox() -> InboxRecord:
    return InboxRecord.objects.order_by("-revision")[0]


def test_an_order_linked_by_hand_is_not_imported_a_second_time_and_the_platform_is_told(connection, toy, order, work):
    toy.order("1", "Maison Rive", (KNOWN, 2))

    links.link_by_hand(connection, "order", f"SO {order.number}", "1")
    run = work("orders")

    assert (run.state, run.selected, run.unchanged) == ("done", 1, 1)
    assert [one.pk for one in Order.objects.all()] == [order.pk]
    assert (_inbox().state, _inbox().order) == ("stored", order)
    assert toy.orders["1"]["seen"]
    assert [note["code"] for note in _inbox().notes] == ["taken_as_linked"]
    assert work("orders").created == 0


def test_a_held_order_is_linked_by_the_number_the_platform_shows(connection, toy, order, work):
    toy.order("1", "Somebody else", (KNOWN, 2))
    assert work("orders").blocked == 1

    links.link_by_hand(connection, "order", "typed", "N1")
    assert held.held_of(_inbox()).missing == []
    work("orders")

    assert Link.objects.get().remote_id == "1"
    assert Order.objects.get().source_key == f"toy:{connection.pk}:order:1"
    assert _inbox().state == "stored"


def test_a_change_of_a_linked_order_is_a_revision_of_it(connection, toy, order, work):
    toy.order("1", "Maison Rive", (KNOWN, 2))
    links.link_by_hand(connection, "order", str(order.number), "1")
    work("orders")
    toy.order("1", "Maison Rive", (KNOWN, 5))

    assert work("orders").blocked == 1
    change_connection(connection, settings={"revisions": "apply"})
    work("orders")

    assert Order.objects.get().units == 5


@pytest.mark.parametrize(("apply", "active"), [("hold", True), ("apply", False)])
def test_a_linked_order_that_is_cancelled_there_is_told_of(connection, toy, order, work, apply, active):
    change_connection(connection, settings={"revisions": apply})
    toy.order("1", "Maison Rive", (KNOWN, 2), cancelled=True)
    links.link_by_hand(connection, "order", str(order.number), "1")

    work("orders")

    assert Order.objects.get().active is active
    assert ("linked_but_cancelled" in {note["code"] for note in _inbox().notes}) is active


def _refused(connection: Connection, order: Order, remote_id: str = "1") -> str:
    with pytest.raises(Refused) as refused:
        links.link_by_hand(connection, "order", str(order.number), remote_id)
    return refused.value.reason.code


def test_a_link_that_would_have_an_order_twice_or_lose_it_is_refused(connection, toy, order, work):
    toy.order("1", "Maison Rive", (KNOWN, 2))
    toy.order("2", "Maison Rive", (KNOWN, 3))
    toy.order("3", "Nobody", (KNOWN, 3))
    work("orders")
    imported = Order.objects.exclude(pk=order.pk).order_by("pk")[0]

    assert _refused(connection, order) == "remote_order_stored"
    assert _refused(connection, imported, "3") == "order_came_in"
    held.set_aside(InboxRecord.objects.get(remote_id="3"))
    assert _refused(connection, order, "3") == "remote_order_aside"
    inactivate(order)
    assert _refused(connection, order, "4") == "linked_order_inactive"
    assert not Link.objects.exists()


def test_an_order_is_one_order_of_one_platform_only(connection, toy, order):
    other = Connection.objects.create(platform="toy", name="Second shop", base_url=toy.url)
    links.link_by_hand(other, "order", str(order.number), "9")

    assert _refused(connection, order) == "order_named_elsewhere"


def test_a_reference_of_several_orders_is_not_guessed(connection, order):
    Order.objects.create(
        customer=order.customer, season=order.season, number=order.number + 1, currency="EUR", reference="typed"
    )

    with pytest.raises(links.LinkRefused, match=rf"SO {order.number}, SO {order.number + 1}"):
        links.link_by_hand(connection, "order", "Typed", "1")


def test_an_order_that_is_unlinked_comes_in_as_one_of_its_own(connection, toy, order, work):
    toy.order("1", "Maison Rive", (KNOWN, 2))
    links.link_by_hand(connection, "order", str(order.number), "1")
    work("orders")

    with recorded("links", "Unlinked.") as changes:
        links.unlink(connection, Link.objects.all())
    run = work("orders")

    assert run.created == 1
    assert Order.objects.count() == 2
    undone = undo(changes)
    assert not Link.objects.exists()
    assert "is of an order that came in as SO" in " ".join(undone.kept)


def test_an_order_that_followed_a_change_is_not_unlinked(connection, toy, order, work):
    change_connection(connection, settings={"revisions": "apply"})
    toy.order("1", "Maison Rive", (KNOWN, 2))
    links.link_by_hand(connection, "order", str(order.number), "1")
    work("orders")
    toy.order("1", "Maison Rive", (KNOWN, 5))
    work("orders")

    with pytest.raises(Refused, match="cannot be two orders again"):
        links.unlink(connection, Link.objects.all())
    assert Link.objects.exists()


def test_a_link_of_an_order_is_undone_until_a_run_has_taken_it_up(connection, toy, order, work):
    toy.order("1", "Maison Rive", (KNOWN, 2))
    with recorded("links", "Linked.") as changes:
        links.link_by_hand(connection, "order", str(order.number), "1")
    work("orders")

    undone = undo(changes)

    assert Link.objects.exists()
    assert "was taken up by a run since" in undone.kept[0]


def test_an_order_that_waits_for_its_counterpart_says_so(connection, order):
    links.link_by_hand(connection, "order", str(order.number), "77")

    [explained] = explain_orders(str(order.number))

    assert [(one.connection, one.remote_id) for one in explained.linked] == [("Toy shop", "77")]


def test_a_refusal_tells_nothing_of_a_connection_that_may_not_be_seen(connection, toy, order, work):
    links.link_by_hand(connection, "order", f"SO {order.number}", "secret-1")
    other = Connection.objects.create(platform=connection.platform, name="Other", base_url="https://other.example")

    with pytest.raises(Refused, match="secret-1"):
        links.link_by_hand(other, "order", f"SO {order.number}", "9")
    with pytest.raises(Refused, match="one that you may not see") as refused:
        links.link_by_hand(other, "order", f"SO {order.number}", "9", {connection.pk})

    assert "secret-1" not in str(refused.value)
    assert connection.name not in str(refused.value)
