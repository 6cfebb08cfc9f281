"""Orders as ORDRE submits them: what is chosen in settings, what is refused, and what is only checked."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from linesheet.books.models import Customer, HoldStatus, Member, Order, Product
from linesheet.sync import api_keys, engine, replays, scopes
from linesheet.sync.models import InboxRecord, Run
from tests.platforms.ordre.conftest import Brand, Ordre, barcodes, line, order

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def small(brand: Brand) -> str:
    """A barcode of the books."""
    return barcodes(brand.product("COAT"))[0]


def codes(answer: Any) -> list[str]:
    return [issue["code"] for issue in answer.json["issues"]]


def test_a_check_tells_what_would_become_of_an_order_and_stores_nothing(ordre: Ordre, small: str) -> None:
    answer = ordre.validate(order(line(small), line("")))

    assert (answer.status, answer.json["result"]) == (200, "created_with_errors")
    assert answer.json["customer"]["created"] is True
    assert codes(answer) == ["customer_created", "barcode_missing"]
    assert not any(model.objects.exists() for model in (Order, Customer, InboxRecord, Run))


def test_a_check_of_what_would_be_refused_says_so(ordre: Ordre, brand: Brand) -> None:
    answer = ordre.validate(order(line("")))

    assert (answer.status, answer.json["result"], answer.json["erp_order_number"]) == (200, "refused", None)
    assert codes(answer) == ["no_valid_lines", "barcode_missing"]
    assert not InboxRecord.objects.exists()


def test_the_first_order_is_inactivated_where_the_settings_say_so(
    ordre: Ordre, brand: Brand, customer: Customer, small: str
) -> None:
    brand.set(resubmission="replace")

    ordre.submit(order(line(small)), key="k-1")
    again = ordre.submit(order(line(small, 3)), key="k-2")

    assert [(one.units, one.active) for one in Order.objects.order_by("number")] == [(2, False), (3, True)]
    assert [one["active"] for one in again.json["superseded"]] == [False]


def test_the_first_order_is_inactivated_by_one_that_was_held_too(
    ordre: Ordre, brand: Brand, customer: Customer, small: str
) -> None:
    brand.set(resubmission="replace", unknown_lines="hold_any")
    ordre.submit(order(line(small)), key="k-1")
    held = ordre.submit(order(line(small, 3), line("4999999999999")), key="k-2")
    assert held.status == 422
    assert [one.active for one in Order.objects.all()] == [True]

    brand.set(resubmission="replace", unknown_lines="leave_out")
    run, _ = replays.resolve(InboxRecord.objects.get(order=None))
    asyncio.run(engine.execute(run.pk, run.company_id))

    assert [(one.units, one.active) for one in Order.objects.order_by("number")] == [(2, False), (3, True)]


def test_a_new_customer_has_no_account_code_until_people_give_one(ordre: Ordre, brand: Brand, small: str) -> None:
    body = order(line(small), customer={"name": "Nouveau", "account_code": "THEIRS-1"})

    assert ordre.submit(body, key="k-1").json["customer"]["created"] is True
    again = ordre.submit(body, key="k-2").json["customer"]

    made = Customer.objects.get(name="Nouveau")
    assert (again["id"], again["created"], made.account_code) == (str(made.pk), False, "")


def test_an_order_set_aside_and_taken_back_leaves_the_later_one_be(
    ordre: Ordre, brand: Brand, customer: Customer, small: str
) -> None:
    brand.set(resubmission="replace", unknown_lines="hold_any")
    ordre.submit(order(line(small, 3), line("4999999999999")), key="k-1")
    InboxRecord.objects.update(state=InboxRecord.State.IGNORED)
    assert ordre.submit(order(line(small)), key="k-2").status == 201

    InboxRecord.objects.filter(order=None).update(state=InboxRecord.State.HELD)
    brand.set(resubmission="replace", unknown_lines="leave_out")
    run, _ = replays.resolve(InboxRecord.objects.get(order=None))
    asyncio.run(engine.execute(run.pk, run.company_id))

    assert sorted((one.units, one.active) for one in Order.objects.all()) == [(2, True), (3, True)]


def test_a_customer_that_was_merged_means_the_other_also_by_its_id(
    ordre: Ordre, brand: Brand, customer: Customer, small: str
) -> None:
    away = Customer.objects.create(name="Maison Ancienne", active=False, merged_into=customer)

    answer = ordre.submit(order(line(small), customer={"id": str(away.pk), "name": "Maison Ancienne"}))

    assert (answer.status, answer.json["customer"]["id"]) == (201, str(customer.pk))
    assert "customer_inactive" not in codes(answer)


def test_a_second_submission_is_refused_where_the_settings_say_so(
    ordre: Ordre, brand: Brand, customer: Customer, small: str
) -> None:
    brand.set(resubmission="refuse")

    ordre.submit(order(line(small)), key="k-1")
    again = ordre.submit(order(line(small, 3)), key="k-2")

    assert (again.status, again.json["code"]) == (409, "already_submitted")
    checked = ordre.validate(order(line(small, 3)))
    assert (checked.status, checked.json["result"], codes(checked)) == (200, "refused", ["already_submitted"])
    assert [one["erp_order_number"] for one in checked.json["superseded"]] == [str(Order.objects.get())]
    assert Order.objects.count() == 1
    assert Run.objects.count() == 1


def test_the_same_body_without_a_key_is_a_repeat(ordre: Ordre, customer: Customer, small: str) -> None:
    first, second = ordre.submit(order(line(small))), ordre.submit(order(line(small)))

    assert (first.status, second.status) == (201, 200)
    assert Order.objects.count() == 1


def test_two_customers_of_one_name_are_not_guessed_at(ordre: Ordre, customer: Customer, small: str) -> None:
    Customer.objects.create(name="\uff2daison Exemple")

    answer = ordre.submit(order(line(small), customer={"name": "Maison  Exemple"}))

    assert (answer.status, answer.json["code"]) == (422, "customer_ambiguous")
    assert not Order.objects.exists()


def test_orders_of_customers_on_hold_are_refused(ordre: Ordre, customer: Customer, small: str) -> None:
    customer.hold_status = HoldStatus.objects.create(name="Stop", allows_orders=False)
    customer.save()

    answer = ordre.submit(order(line(small)))

    assert (answer.status, answer.json["code"]) == (422, "customer_on_hold")
    assert InboxRecord.objects.get().state == InboxRecord.State.HELD


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"currency": "XAU"}, "currency_not_enabled"),
        ({"delivery": {"start": "2026-09-02", "end": "2026-09-01"}}, "invalid_dates"),
    ],
)
def test_what_makes_no_order_is_refused_and_kept(
    ordre: Ordre, customer: Customer, small: str, more: dict[str, Any], code: str
) -> None:
    answer = ordre.submit(order(line(small), **more))

    assert (answer.status, answer.json["code"]) == (422, code)
    assert InboxRecord.objects.get().payload["order_number"] == "100245"
    assert codes(answer) == [code]
    assert ordre.validate(order(line(small), **more)).json["issues"] == answer.json["issues"]
    [told] = ordre.get("/orders/100245").json["data"]
    assert (told["status"], told["issues"]) == ("held", answer.json["issues"])


def test_a_mended_submission_takes_the_place_of_the_one_that_was_refused(
    ordre: Ordre, customer: Customer, small: str
) -> None:
    ordre.submit(order(line("")))
    answer = ordre.submit(order(line(small)))

    assert (answer.status, answer.json["superseded"]) == (201, [])
    assert [row.state for row in InboxRecord.objects.order_by("pk")] == ["superseded", "stored"]
    assert [one["status"] for one in ordre.get("/orders/100245").json["data"]] == ["created", "superseded"]


def test_of_two_submissions_that_are_refused_only_the_newer_waits(ordre: Ordre, customer: Customer, small: str) -> None:
    backwards = {"start": "2026-09-02", "end": "2026-09-01"}

    for quantity in (1, 2, 1, 3):
        assert ordre.submit(order(line(small, quantity), delivery=backwards)).status == 422
        assert InboxRecord.objects.filter(state__in=InboxRecord.UNDECIDED).count() == 1

    kept = ordre.get("/orders/100245").json["data"]
    assert [one["status"] for one in kept] == ["held", "superseded", "superseded"]


def test_an_order_waits_for_all_its_lines_where_the_settings_say_so(
    ordre: Ordre, brand: Brand, customer: Customer, small: str
) -> None:
    brand.set(unknown_lines="hold_any")
    Product.objects.update(active=False)

    answer = ordre.submit(order(line(small), line(barcodes(brand.product("SHIRT"))[0])))

    assert (answer.status, codes(answer)) == (422, ["no_valid_lines", "product_inactive"])


def test_one_barcode_on_two_lines_is_added_up_at_the_same_price_only(
    ordre: Ordre, customer: Customer, small: str
) -> None:
    answer = ordre.submit(order(line(small, 2), line(f" {small[:6]} {small[6:]}", 3), line(small, 1, "100.00")))

    lines = Order.objects.get().lines.all()
    assert [(one.quantity, one.price) for one in lines] == [(5, Decimal(125)), (1, Decimal(100))]
    assert codes(answer) == ["duplicate_barcode_merged", "price_differs"]


def test_lines_with_impossible_quantities_are_left_out(ordre: Ordre, customer: Customer, small: str) -> None:
    answer = ordre.submit(order(line(small), line(small, 0)))

    assert codes(answer) == ["quantity_invalid"]
    assert (answer.json["lines_accepted"], answer.json["units"]) == (1, 2)


def test_what_is_not_known_or_does_not_add_up_is_told_of(ordre: Ordre, customer: Customer, small: str) -> None:
    answer = ordre.submit(order(line(small), delivery=None, totals={"units": 9, "amount": "1.00"}, colour="red"))

    assert sorted(codes(answer)) == ["delivery_defaulted", "total_mismatch", "total_mismatch", "unknown_field"]


def test_discounts_come_off_line_and_order(ordre: Ordre, customer: Customer, small: str) -> None:
    body = order(line(small, 2, "125.00", discount_percent="20"), discount_percent="10")

    answer = ordre.submit({**body, "totals": {"units": 2, "amount": "180.00"}})

    assert (answer.json["amount"], answer.json["issues"]) == ("180.00", [])
    assert Order.objects.get().lines.get().original_price == Decimal(125)


def test_orders_can_be_looked_up_by_status(ordre: Ordre, customer: Customer, small: str) -> None:
    ordre.submit(order(line(small)))

    assert [one["status"] for one in ordre.get("/orders?status=unapproved").json["data"]] == ["unapproved"]
    assert ordre.get("/orders?status=approved").json["data"] == []
    assert ordre.get("/orders/unheard-of").status == 404


def test_why_tells_of_lines_that_were_left_out_or_cost_something_else(
    ordre: Ordre, brand: Brand, customer: Customer, small: str, client: Client
) -> None:
    ordre.submit(order(line(small, price="99.00"), line("")), key="k-1")
    made = Order.objects.get()
    hub = ordre.http.with_key(api_keys.make(Member.objects.get(), "ERP", [scope.key for scope in scopes.HUB]).secret)
    client.force_login(brand.owner)
    run = Run.objects.get()

    told = hub.get(f"/api/v1/orders/{made.pk}/explain")
    items = hub.get(f"/api/v1/runs/{run.pk}/items")
    pages = [
        client.get(page)
        for page in (
            f"/explain/order/{made.pk}/",
            f"/explain/record/{InboxRecord.objects.get().pk}/",
            f"/inbox/{InboxRecord.objects.get().pk}/",
            f"/runs/{run.pk}/items/{run.items.get().pk}/",
        )
    ]

    assert told.status == 200
    notes = told.json["data"][0]["revisions"][0]["notes"]
    assert {note["code"] for note in notes} == {"barcode_missing", "price_differs"}
    assert (items.status, len(items.json["data"][0]["notes"])) == (200, 2)
    assert not any("told ORDRE" in page.content.decode() or "Told ORDRE" in page.content.decode() for page in pages)
    assert [(page.status_code, "Line 2 has no barcode" in page.content.decode()) for page in pages] == [(200, True)] * 4
