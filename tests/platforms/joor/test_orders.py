"""Orders import: which orders come in and how, and what JOOR is told; by the steps of sheet joor.md 9.8."""

import datetime
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from linesheet.books.models import Address, Customer, Member, Order, Season, User
from linesheet.platforms.joor.orders import Orders
from linesheet.platforms.joor.platform import PLATFORM
from linesheet.sync import keeping, lease, storing
from linesheet.sync.database import DatabaseThread
from linesheet.sync.held import apply_change
from linesheet.sync.journal import Holder
from linesheet.sync.legs import Received
from linesheet.sync.models import InboxRecord, Run
from linesheet.sync.work import Work
from tests.platforms.joor.conftest import Books, JoorSandbox, counted

TASK = "orders-import"


@pytest.fixture
def brand(brand: Books) -> Books:
    """Books with a coat whose size S is 4000000000000 and M ...01, and with the customer C1."""
    brand.product("COAT-BLACK")
    Customer.objects.create(name="Maison Rive", account_code="C1", currency="EUR", price_list=brand.wholesale)
    return brand


def line(upc: str = "4000000000000", quantity: int = 2, **more: Any) -> dict[str, Any]:
    described = {"style_number": "COAT", "color": "Black", "size": "S"}
    return {"upc": upc, "quantity": quantity, "item_price": 95, **described, **more}


def codes(run: Run) -> list[str]:
    """What was noted of the items of a run."""
    return [note["code"] for item in run.items.order_by("pk") for note in item.notes]


def reason(run: Run) -> str:
    return run.items.get().reason_code


def test_step_1_approved_orders_nobody_exported_become_orders_and_joor_is_told(joor: JoorSandbox, brand: Books) -> None:
    placed = joor.some_order(po_number="PO-77", lines=[line()])
    joor.some_order(status="PENDING")

    run = brand.run(TASK)

    order = Order.objects.get()
    assert (run.state, counted(run)) == (Run.State.DONE, {"created": 1}), run.says
    assert (order.reference, order.customer_reference) == (str(placed["order_id"]), "PO-77")
    assert [(each.sku.barcode, each.quantity, each.price) for each in order.lines.all()] == [("4000000000000", 2, 95)]
    assert joor.order(placed)["export_state"] == "exported"


def test_orders_are_never_read_in_the_way_that_marks_them_exported(joor: JoorSandbox, brand: Books) -> None:
    joor.some_order()

    brand.run(TASK)
    brand.run(TASK)

    reads = [call for call in joor.calls() if call.startswith("GET /v2/order")]
    assert len(reads) >= 2
    assert all("sync=0" in call for call in reads)


def test_step_2_the_same_order_again_makes_no_second_one(joor: JoorSandbox, brand: Books) -> None:
    placed = joor.some_order()
    brand.run(TASK)
    joor.use(lambda client: client.v4.set_export_status([placed["id"]], "UNDEFINED"))

    again = brand.run(TASK)

    assert counted(again) == {"unchanged": 1}
    assert Order.objects.count() == 1


def test_step_2_an_order_changed_on_joor_is_listed_as_a_revision_and_not_overwritten(
    joor: JoorSandbox, brand: Books
) -> None:
    placed = joor.some_order(lines=[line(quantity=2)])
    brand.run(TASK)
    joor.control("PATCH", f"/orders/{placed['id']}", {"quantities": {"4000000000000": 5}})

    changed = brand.run(TASK)

    assert (counted(changed), reason(changed)) == ({"blocked": 1}, "changed_after_import")
    assert changed.items.get().changes
    assert Order.objects.get().units == 2
    assert [row.state for row in InboxRecord.objects.order_by("revision")] == ["stored", "held"]


def test_a_revision_is_applied_when_a_person_says_so(joor: JoorSandbox, brand: Books) -> None:
    placed = joor.some_order(lines=[line(quantity=2)])
    brand.run(TASK)
    joor.control("PATCH", f"/orders/{placed['id']}", {"quantities": {"4000000000000": 5}})
    brand.run(TASK)
    apply_change(InboxRecord.objects.select_related("connection").get(state="held"))

    applied = brand.run(TASK)

    assert (counted(applied), Order.objects.get().units) == ({"updated": 1}, 5)
    assert joor.order(placed)["export_state"] == "exported"


def test_step_2_an_order_cancelled_on_joor_is_listed_and_stays_as_it_is(joor: JoorSandbox, brand: Books) -> None:
    placed = joor.some_order()
    brand.run(TASK)
    joor.control("POST", f"/orders/{placed['id']}/cancel")

    cancelled = brand.run(TASK)

    assert (counted(cancelled), reason(cancelled)) == ({"blocked": 1}, "cancelled_after_import")
    assert Order.objects.get().active


def test_a_cancelled_order_is_known_by_joors_list_whatever_its_code(joor: JoorSandbox, brand: Books) -> None:
    placed = joor.some_order()
    brand.run(TASK)
    joor.control("PATCH", f"/orders/{placed['id']}", {"raw": {"order_type": "11"}})
    joor.control("POST", f"/orders/{placed['id']}/cancel")

    assert reason(brand.run(TASK)) == "cancelled_after_import"


def test_an_order_that_is_pending_again_says_so(joor: JoorSandbox, brand: Books) -> None:
    placed = joor.some_order(code="C9")
    assert reason(brand.run(TASK)) == "unknown_customer"
    joor.control("POST", f"/orders/{placed['id']}/PENDING")

    assert reason(brand.run(TASK)) == "joor_order_not_approved"


def test_an_edit_between_reading_and_acknowledging_is_seen_by_the_next_run(
    joor: JoorSandbox, brand: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = joor.some_order(lines=[line(quantity=2)])
    acknowledge = Orders.acknowledge_many

    async def edited_first(leg: Orders, orders: Any) -> Any:
        joor.control("PATCH", f"/orders/{placed['id']}", {"quantities": {"4000000000000": 5}})
        return await acknowledge(leg, orders)

    with monkeypatch.context() as patched:
        patched.setattr(Orders, "acknowledge_many", edited_first)
        first = brand.run(TASK)
    second = brand.run(TASK)

    assert (counted(first), counted(second)) == ({"created": 1}, {"blocked": 1})
    assert reason(second) == "changed_after_import"


def test_an_edit_is_seen_though_the_run_that_read_the_order_failed(
    joor: JoorSandbox, brand: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = joor.some_order(lines=[line(quantity=2)])
    with monkeypatch.context() as patched:

        async def dies(leg: Orders, orders: Any) -> Any:
            raise RuntimeError("the worker fell over")

        patched.setattr(Orders, "acknowledge_many", dies)
        failed = brand.run(TASK)
    assert (failed.state, Order.objects.count()) == (Run.State.FAILED, 1)
    joor.control("PATCH", f"/orders/{placed['id']}", {"quantities": {"4000000000000": 5}})
    joor.use(lambda client: client.v4.set_export_status([placed["id"]], "SUCCESS"))

    assert reason(brand.run(TASK)) == "changed_after_import"


def test_step_3_an_order_whose_code_is_not_in_the_books_is_held_though_the_name_is(
    joor: JoorSandbox, brand: Books
) -> None:
    joor.customer("C9", "Maison Rive")
    placed = joor.some_order(code="C9")

    held = brand.run(TASK)

    assert (counted(held), reason(held)) == ({"blocked": 1}, "unknown_customer")
    assert joor.order(placed)["export_state"] == "not_attempted"
    other = Customer.objects.create(name="Rive & Fils", account_code="C9", currency="EUR")
    assert counted(brand.run(TASK)) == {"created": 1}
    assert Order.objects.get().customer == other
    assert joor.order(placed)["export_state"] == "exported"


@pytest.mark.parametrize("code", ["c1", "", "C1 X"])
def test_step_3_a_code_must_be_the_same(joor: JoorSandbox, brand: Books, code: str) -> None:
    joor.some_order(raw={"customer_code": code})

    assert reason(brand.run(TASK)) == "unknown_customer"


def test_step_3_spaces_around_a_code_do_not_count(joor: JoorSandbox, brand: Books) -> None:
    joor.some_order(raw={"customer_code": " C1 "})

    assert counted(brand.run(TASK)) == {"created": 1}


def test_step_3_an_order_of_an_inactive_customer_comes_in_with_a_warning(joor: JoorSandbox, brand: Books) -> None:
    Customer.objects.update(active=False)
    joor.some_order()

    run = brand.run(TASK)

    assert counted(run) == {"created": 1}
    assert "inactive_customer" in codes(run)


def test_step_4_a_new_billing_address_is_added_as_accounts_address_and_used(joor: JoorSandbox, brand: Books) -> None:
    customer = Customer.objects.get()
    known = {"line_1": "12, RUE HAUTE", "city": "lyon", "postcode": "69001", "country": "FR"}
    Address.objects.create(customer=customer, kind=Address.Kind.DELIVERY, is_default=True, **known)
    Address.objects.create(customer=customer, kind=Address.Kind.STORE, line_1="1 place Bellecour", is_default=True)
    joor.some_order()

    run = brand.run(TASK)

    order = Order.objects.get()
    assert codes(run) == ["order_address_added"]
    assert list(Address.objects.filter(kind=Address.Kind.DELIVERY).values_list("line_1", flat=True)) == [
        "12, RUE HAUTE"
    ]
    [added] = Address.objects.filter(kind=Address.Kind.ACCOUNTS)
    assert (added.code, added.line_1, added.is_default) == ("C1-A1", "12 rue Haute", True)
    assert order.addresses["accounts"]["code"] == "C1-A1"
    assert order.addresses["delivery"]["line_1"] == "12, RUE HAUTE"
    assert order.addresses["store"]["line_1"] == "1 place Bellecour"


def test_step_4_an_address_is_matched_by_its_code(joor: JoorSandbox, brand: Books) -> None:
    customer = Customer.objects.get()
    for kind, code in ((Address.Kind.DELIVERY, "C1-D1"), (Address.Kind.ACCOUNTS, "C1-A1")):
        Address.objects.create(customer=customer, kind=kind, code=code, line_1="Moved since")
    joor.some_order()

    run = brand.run(TASK)

    assert (codes(run), Address.objects.count()) == ([], 2)
    assert Order.objects.get().addresses["delivery"]["line_1"] == "Moved since"


def test_step_4_an_address_that_went_to_joor_comes_back_as_the_same(joor: JoorSandbox, brand: Books) -> None:
    joor.set(matching_delay=0)
    customer = Customer.objects.get()
    for kind in (Address.Kind.DELIVERY, Address.Kind.ACCOUNTS):
        Address.objects.create(customer=customer, kind=kind, line_1="12 rue Haute", city="Lyon", country="FR")
    brand.run("customers-export")
    joor.some_order()

    run = brand.run(TASK)

    assert (counted(run), codes(run), Address.objects.count()) == ({"created": 1}, [], 2)


@pytest.mark.parametrize(
    ("there", "season"),
    [("Autumn/Winter 26", "AUTUMN/WINTER 26"), (" autumn/winter  26 ", "AUTUMN/WINTER 26"), ("AW26", "SS26")],
)
def test_step_5_the_season_is_that_of_the_same_name_else_the_fallback(
    joor: JoorSandbox, brand: Books, there: str, season: str
) -> None:
    Season.objects.create(name="AUTUMN/WINTER 26", starts_on=datetime.date(2026, 7, 1))
    joor.some_order(raw={"order_season_name": there, "order_season_code": "AUTUMN/WINTER 26"})

    brand.run(TASK)

    assert Order.objects.get().season.name == season


def test_step_5_a_season_that_comes_as_a_code_has_the_name_of_the_accounts_list(
    joor: JoorSandbox, brand: Books
) -> None:
    joor.set(season_name_present=False)
    Season.objects.create(name="AUTUMN/WINTER 26", starts_on=datetime.date(2026, 7, 1))
    joor.use(lambda client: client.v4.created("seasons", [{"name": "Autumn/Winter 26", "external_id": "F"}]))
    for _ in range(2):
        joor.some_order(raw={"order_season_code": "F"})
    joor.forget_calls()

    brand.run(TASK)

    assert {order.season.name for order in Order.objects.all()} == {"AUTUMN/WINTER 26"}
    assert sum("/v4/seasons" in call for call in joor.calls()) == 1


def test_step_5_the_code_is_tried_only_when_no_name_is_known(joor: JoorSandbox, brand: Books) -> None:
    joor.set(season_name_present=False)
    Season.objects.create(name="aw26", starts_on=datetime.date(2026, 7, 1))
    joor.some_order(raw={"order_season_code": "AW26"})

    brand.run(TASK)

    assert Order.objects.get().season.name == "aw26"


@pytest.mark.parametrize("approved", [True, False])
def test_step_6_owner_and_approval_are_those_of_the_settings(joor: JoorSandbox, brand: Books, approved: bool) -> None:
    user = User.objects.create_user("sales@example.com")
    Member.objects.create(user=user, role=Member.Role.OPERATOR)
    brand.set(import_approved=approved, order_owner=user.pk)
    joor.some_order()

    brand.run(TASK)

    order = Order.objects.get()
    assert (order.owner, order.approved) == (user, approved)


def test_step_7_an_order_with_an_unknown_barcode_is_held_or_imported_short(joor: JoorSandbox, brand: Books) -> None:
    joor.some_order(lines=[line(), line("4099999999999", 3, size="XXL")])

    held = brand.run(TASK)
    brand.set(unknown_lines="short")
    short = brand.run(TASK)

    assert reason(held) == "unknown_barcodes"
    assert "4099999999999" in held.items.get().says
    assert "XXL" in held.items.get().says
    assert "imported_short" in codes(short)
    assert Order.objects.get().short


def test_step_7_an_order_with_no_known_line_is_not_imported(joor: JoorSandbox, brand: Books) -> None:
    brand.set(unknown_lines="short")
    joor.some_order(upc="4099999999999")

    assert reason(brand.run(TASK)) == "no_known_line"


def test_step_7_a_barcode_made_unique_finds_its_size(joor: JoorSandbox, brand: Books) -> None:
    joor.some_order(lines=[line(raw={"item_upc": "4000000000001::7"})])

    brand.run(TASK)

    [found] = Order.objects.get().lines.select_related("sku")
    assert (found.sku and found.sku.size, found.barcode) == ("M", "4000000000001")


def test_step_8_an_order_that_joor_could_not_be_told_of_is_told_again(joor: JoorSandbox, brand: Books) -> None:
    placed = joor.some_order()
    joor.fault("status", "/v4/orders/bulk_update", "POST", status=500, times=20)
    first = brand.run(TASK)
    joor.control("DELETE", "/faults")

    second = brand.run(TASK)

    assert (Order.objects.count(), codes(first)[-1:]) == (1, ["not_acknowledged"])
    assert joor.order(placed)["export_state"] == "exported"
    assert second.state == Run.State.DONE


def test_step_8_an_acknowledgement_of_which_joor_says_nothing_is_made_again(joor: JoorSandbox, brand: Books) -> None:
    joor.some_order()
    joor.fault("blank", "/v4/orders/bulk_update", "POST")

    first = brand.run(TASK)
    untold = InboxRecord.objects.filter(acknowledged_at=None).count()
    brand.run(TASK)

    assert (codes(first)[-1:], untold) == (["not_acknowledged"], 1)
    assert InboxRecord.objects.filter(acknowledged_at=None).count() == 0


def test_step_8_one_order_that_is_gone_there_keeps_no_other_from_being_told(
    joor: JoorSandbox, brand: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, kept = joor.some_order(), joor.some_order()
    acknowledge = Orders.acknowledge_many

    async def deleted_first(leg: Orders, orders: Any) -> Any:
        joor.control("DELETE", f"/orders/{gone['id']}")
        return await acknowledge(leg, orders)

    monkeypatch.setattr(Orders, "acknowledge_many", deleted_first)

    run = brand.run(TASK)

    assert (counted(run), run.state) == ({"created": 2}, Run.State.PROBLEMS)
    assert codes(run).count("not_acknowledged") == 1
    assert joor.order(kept)["export_state"] == "exported"


def test_orders_cost_a_call_a_hundred_to_read_and_another_to_tell(joor: JoorSandbox, brand: Books) -> None:
    for _ in range(101):
        joor.some_order()
    joor.forget_calls()

    run = brand.run(TASK)

    assert counted(run) == {"created": 101}
    paths = [call.partition("?")[0] for call in joor.calls()]
    assert paths.count("GET /v2/order/") == 2
    assert paths.count("POST /v4/orders/bulk_update") == 2


def test_an_order_that_was_approved_and_shipped_between_two_runs_comes_in(joor: JoorSandbox, brand: Books) -> None:
    joor.some_order()
    brand.run(TASK)
    shipped = joor.some_order()
    joor.control("POST", f"/orders/{shipped['id']}/ship")

    run = brand.run(TASK)

    assert counted(run)["created"] == 1
    assert joor.order(shipped)["export_state"] == "exported"


def test_orders_from_before_going_live_are_left_there(joor: JoorSandbox, brand: Books) -> None:
    today = datetime.datetime.now(datetime.UTC)
    old = joor.some_order(dates={"created": (today - datetime.timedelta(days=40)).isoformat()})
    joor.some_order()
    brand.set(orders_from=(today - datetime.timedelta(days=5)).date().isoformat())

    run = brand.run(TASK)

    assert counted(run) == {"created": 1}
    assert joor.order(old)["export_state"] == "not_attempted"


def test_an_order_that_is_not_priced_as_its_customer_buys_says_so(joor: JoorSandbox, brand: Books) -> None:
    price_type = joor.price_type("WS USD", "USD")
    joor.customer("C1", price_types=[{"price_type_currency_code": "USD", "price_type_label": "WS USD"}])
    joor.some_order(price_type_id=price_type.id)

    run = brand.run(TASK)

    assert "joor_order_priced_otherwise" in codes(run)
    order = Order.objects.get()
    assert (order.currency, order.price_label) == ("USD", "WS USD")


def test_what_an_order_comes_to_agrees_with_joor(joor: JoorSandbox, brand: Books) -> None:
    joor.some_order(lines=[line(quantity=3)], discount=10, shipping_price="12.50", comments="Rush", po_number="PO-7")

    run = brand.run(TASK)

    order = Order.objects.get()
    assert "total_differs" not in codes(run)
    assert (order.discount_percent, order.total) == (10, 256.5)
    assert order.comments.splitlines()[0] == "Rush"
    assert "Shipping: 12.50 EUR" in order.comments


def test_empty_lists_as_text_change_nothing(joor: JoorSandbox, brand: Books) -> None:
    joor.set(empty_list_as_text=True)
    assert brand.run(TASK).state == Run.State.DONE
    joor.some_order()

    assert counted(brand.run(TASK)) == {"created": 1}


def received(count: int, of: str) -> list[Received]:
    """Orders as they come, each of another customer."""
    page = []
    for number in range(count):
        code = f"{of}-{number}"
        Customer.objects.get_or_create(name=code, account_code=code, defaults={"currency": "USD"})
        payload = {
            "order_id": code,
            "order_type": "4",
            "order_currency": "EUR",
            "order_currency_name": "WS EUR",
            "customer_code": code,
            "shipping_address_1": f"{number} rue Haute",
            "billing_address_1": f"{number} rue Haute",
            "line_items": [{"item_upc": "4000000000000", "item_quantity": 1, "item_price": 95}],
        }
        page.append(Received(code, code, payload))
    return page


def test_a_page_of_orders_takes_as_many_queries_as_one(books: Books) -> None:
    books.product("COAT-BLACK")
    run = Run.objects.create(connection=books.connection, task=TASK, state=Run.State.RUNNING, epoch=1)
    work = Work(
        holder=Holder(run.pk, 1, books.connection.pk, books.company.pk),
        platform=PLATFORM,
        connection_name=books.connection.name,
        task=run.task,
        approved=False,
        concurrency=2,
        per_second=None,
        pulse=lease.Pulse(run.pk, 1),
        db=DatabaseThread(books.company.pk),
    )
    leg = books.leg(Orders)
    counts = []
    for count, of in ((2, "few"), (40, "many")):
        page = received(count, of)
        with CaptureQueriesContext(database) as captured:
            keeping.keep(work, 0, leg, page)
            storing.store_page(work, 0, leg, 0)
        counts.append(len(captured))

    assert (Order.objects.count(), Address.objects.count()) == (42, 84)
    assert counts[0] == counts[1]
