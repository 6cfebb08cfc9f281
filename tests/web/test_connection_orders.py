"""The orders a connection brought in: what waits for somebody, and what is done to many at once."""

import datetime
from typing import Any

from django.test import Client

from linesheet.books import orders as rules
from linesheet.books.models import ChangeSet, Company, Customer, Order, OrderLine, Season
from linesheet.sync.models import Connection, InboxRecord, Item, Run
from tests.web.conftest import ClientOf


def _record(connection: Connection, number: str, state: str, **more: Any) -> InboxRecord:
    payload = {"number": number, "shop": "Takashimaya", "po": "T-1", "currency": "JPY", "price": "48000"}
    return InboxRecord.objects.create(
        connection=connection,
        kind="order",
        remote_id=number,
        content_hash=number,
        label=number,
        state=state,
        payload={**payload, "lines": [["400", 31], ["401", 2]]},
        **more,
    )


def _order(company: Company, number: int) -> Order:
    customer, _ = Customer.objects.get_or_create(name="Maison Rive")
    season, _ = Season.objects.get_or_create(name="AW26", starts_on=datetime.date(2026, 7, 1))
    order = Order.objects.create(
        number=number, customer=customer, season=season, currency="EUR", approved=True, customer_reference="PO 9"
    )
    OrderLine.objects.create(order=order, position=1, quantity=1200, price="412.50")
    return order


def _text(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def test_a_stored_order_is_shown_from_the_books(operator: Client, company: Company, connection: Connection) -> None:
    _record(connection, "GI-1", "stored", order=_order(company, 100200))

    text = _text(operator, f"/connections/{connection.pk}/orders/")

    for shown in ("GI-1", "SO 100200", "Yes", "Maison Rive", "PO 9", "AW26", "1,200"):
        assert shown in text
    assert '495,000.00 <span class="money__currency">EUR</span>' in text


def test_a_held_order_is_shown_from_what_was_received_with_its_reason(operator: Client, connection: Connection) -> None:
    _record(connection, "GI-2", "held", says="Takashimaya is not in the books.", fix="Add the customer.")

    text = _text(operator, f"/connections/{connection.pk}/orders/?state=held")

    for shown in ("GI-2", "Takashimaya", "T-1", ">33<", "is not in the books."):
        assert shown in text
    assert '1,584,000 <span class="money__currency">JPY</span>' in text


def test_a_payload_that_makes_no_sense_still_has_its_row(operator: Client, connection: Connection) -> None:
    record = _record(connection, "GI-3", "held", says="Order GI-3 has no lines.")
    record.payload["lines"] = []
    record.save()

    assert "Order GI-3 has no lines." in _text(operator, f"/connections/{connection.pk}/orders/")


def test_the_inbox_of_a_platform_that_is_gone_still_shows(operator: Client, connection: Connection) -> None:
    Connection.objects.update(platform="gone")
    _record(connection, "GI-4", "held")

    assert "GI-4" in _text(operator, f"/connections/{connection.pk}/orders/")


def test_states_are_filtered_and_what_a_revision_replaced_is_left_out(operator: Client, connection: Connection) -> None:
    for number, state in enumerate(["held", "held", "ignored", "superseded"]):
        _record(connection, f"GI-{number}", state)
    page = f"/connections/{connection.pk}/orders/"

    def numbers(query: str) -> list[str]:
        return [line.label for line in operator.get(f"{page}{query}").context["lines"]]

    assert numbers("") == ["GI-2", "GI-1", "GI-0"]
    assert numbers("?state=held") == ["GI-1", "GI-0"]
    assert numbers("?state=held&q=gi-1") == ["GI-1"]


def test_orders_are_found_by_purchase_order_and_customer(
    operator: Client, company: Company, connection: Connection
) -> None:
    _record(connection, "GI-1", "stored", order=_order(company, 1))
    _record(connection, "GI-2", "held")
    page = f"/connections/{connection.pk}/orders/"

    for text in ("po 9", "rive"):
        assert [line.label for line in operator.get(page, {"q": text}).context["lines"]] == ["GI-1"]


def test_the_old_address_leads_to_the_orders(operator: Client, connection: Connection) -> None:
    answer = operator.get(f"/connections/{connection.pk}/inbox/?state=held")

    assert answer["Location"] == f"/connections/{connection.pk}/orders/?state=held"


def test_no_orders_say_what_brings_them_in(operator: Client, connection: Connection) -> None:
    assert "Run a task that imports orders" in _text(operator, f"/connections/{connection.pk}/orders/")


def test_many_are_approved_and_each_refusal_is_told(
    client_of: ClientOf, company: Company, connection: Connection
) -> None:
    orders = [_order(company, number) for number in (1, 2, 3)]
    Order.objects.update(approved=False)
    rules.lock(orders[1])
    rows = [_record(connection, f"GI-{order.number}", "stored", order=order) for order in orders]
    rows.append(_record(connection, "GI-9", "held"))

    answer = client_of("editor").post(
        f"/connections/{connection.pk}/orders/", {"do": "approve", "pick": [row.pk for row in rows]}
    )

    text = answer.content.decode()
    assert "2 orders approved. 1 of the selected not in the books yet." in text
    assert "SO 2 is locked." in text
    assert list(Order.objects.order_by("pk").values_list("approved", flat=True)) == [True, False, True]


def test_many_are_inactivated_and_it_can_be_undone(
    client_of: ClientOf, company: Company, connection: Connection
) -> None:
    row = _record(connection, "GI-1", "stored", order=_order(company, 1))
    client = client_of("editor")

    client.post(f"/connections/{connection.pk}/orders/", {"do": "inactivate", "pick": [row.pk]})
    assert not Order.objects.get().active
    client.post(f"/undo/{ChangeSet.objects.get().pk}/")

    assert Order.objects.get().active


def test_who_may_not_edit_the_books_is_not_asked_to(operator: Client, company: Company, connection: Connection) -> None:
    row = _record(connection, "GI-1", "stored", order=_order(company, 1))
    page = f"/connections/{connection.pk}/orders/"

    assert 'value="approve"' not in _text(operator, page)
    operator.post(page, {"do": "inactivate", "pick": [row.pk]})
    assert Order.objects.get().active


def test_lines_that_were_skipped_are_counted(operator: Client, company: Company, connection: Connection) -> None:
    order = _order(company, 1)
    _record(connection, "GI-1", "stored", order=order)

    assert '<span class="count count--warn">1</span>' in _text(operator, f"/connections/{connection.pk}/orders/")


def test_behind_an_order_is_why_it_waits_its_log_and_what_takes_it_in(operator: Client, connection: Connection) -> None:
    record = _record(connection, "GI-1", "held", says="Takashimaya is not in the books.", fix="Add the customer.")
    run = Run.objects.create(connection=connection, task="orders", state="problems", selected=1, blocked=1)
    item = Item.objects.create(run=run, kind="order", record_id="GI-1", label="GI-1", state="blocked", inbox=record)

    text = _text(operator, f"/inbox/{record.pk}/")
    assert "Add the customer." in text
    assert f'href="/runs/{run.pk}/items/{item.pk}/"' in text

    answer = operator.post(f"/inbox/{record.pk}/resolve/")
    resolving = Run.objects.get(state="queued")
    assert answer["Location"] == f"/runs/{resolving.pk}/"
    assert (resolving.task, resolving.only_kind, resolving.only_record) == ("orders", "order", "GI-1")


def test_a_viewer_may_look_and_not_resolve(client_of: ClientOf, connection: Connection) -> None:
    record = _record(connection, "GI-1", "held")
    viewer = client_of("viewer")

    assert "Take it in now" not in _text(viewer, f"/inbox/{record.pk}/")
    assert viewer.post(f"/inbox/{record.pk}/resolve/").status_code == 403


def test_how_orders_came_in_is_told_and_filtered(operator: Client, company: Company, connection: Connection) -> None:
    created = {"code": "customer_created", "severity": "warning", "says": "New.", "fix": "Look."}
    short = {"code": "barcode_missing", "severity": "blocker", "says": "Line 2 has no barcode.", "fix": "Give it one."}
    one, two, three = (_order(company, number) for number in (1, 2, 3))
    OrderLine.objects.all().delete()
    _record(connection, "GI-1", "stored", order=one, notes=[created, short])
    again = _record(connection, "GI-1#2", "stored", order=two)
    InboxRecord.objects.filter(pk=again.pk).update(label="GI-1")
    Customer.objects.filter(pk=three.customer_id).update(unreviewed=False)
    three.customer = Customer.objects.create(name="Brand new", unreviewed=True)
    three.save()
    _record(connection, "GI-3", "stored", order=three)
    page = f"/connections/{connection.pk}/orders/"

    text = _text(operator, page)
    assert f'Submitted again as <a class="target nowrap" href="/orders/{two.pk}/">SO 2</a>' in text
    assert 'Again after <a class="target nowrap" href="/orders/' in text
    assert '<span class="badge badge--waiting">New</span>' in text
    assert '<span class="count count--warn">1</span>' in text

    def found(value: str) -> list[int]:
        return [line.row.order.number for line in operator.get(page, {"came": value}).context["lines"]]

    assert (found("new"), found("short"), found("again")) == ([3], [1], [1])
