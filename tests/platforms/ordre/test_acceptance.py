"""The acceptance checks of sheet ordre.md 7, over HTTP, numbered as there."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connections

from linesheet.books.models import Customer, HoldStatus, Order
from linesheet.books.prices import set_price
from linesheet.sync import api_keys, engine, replays
from linesheet.sync.catalogue import add_section, place, unplace
from linesheet.sync.catalogue.rules import CatalogueRefused
from linesheet.sync.models import ApiCall, ApiKey, InboxRecord, Notice, Placement, Run
from tests.platforms.ordre.conftest import Brand, Ordre, barcodes, line, order

pytestmark = pytest.mark.django_db(transaction=True)


def test_1_a_product_is_in_one_look_and_is_moved_on_request_only(brand: Brand, ordre: Ordre) -> None:
    coat = brand.product("COAT", look=("Main", "Look A"))
    other = add_section(brand.connection, ("Resort", "Look B"))

    with pytest.raises(CatalogueRefused):
        place(other, [coat])
    assert Placement.objects.get(product=coat).section.name == "Look A"
    place(other, [coat], take=True)

    assert Placement.objects.get(product=coat).section.name == "Look B"
    [collected] = ordre.get("/products").json["data"]
    assert (collected["collection"]["name"], collected["look"]["name"]) == ("Resort", "Look B")


def test_2_only_products_of_the_catalogue_with_a_barcode_are_collected(brand: Brand, ordre: Ordre) -> None:
    brand.product("COAT", look=("Main", "Look 1"), barcoded="S")
    brand.product("SHIRT", look=("Resort", "Look 2"))
    brand.product("BARE", barcoded="")
    brand.product("ELSEWHERE", look=())

    collected = ordre.get("/products").json["data"]

    assert {(one["style"], one["collection"]["name"], one["look"]["name"]) for one in collected} == {
        ("COAT", "Main", "Look 1"),
        ("SHIRT", "Resort", "Look 2"),
    }
    assert {one["style"]: [sku["size"] for sku in one["skus"]] for one in collected} == {
        "COAT": ["S"],
        "SHIRT": ["S", "M"],
    }
    assert collected[0]["prices"] == [
        {
            "price_list": "Wholesale",
            "currency": "EUR",
            "wholesale": "125.00",
            "retail": None,
            "season": "Autumn Winter 26",
        }
    ]
    tree = ordre.get("/collections").json["data"]
    assert [(top["name"], [(look["name"], look["product_count"]) for look in top["looks"]]) for top in tree] == [
        ("Main", [("Look 1", 1)]),
        ("Resort", [("Look 2", 1)]),
    ]


def test_3_a_valid_order_becomes_one_unapproved_order(brand: Brand, ordre: Ordre, customer: Customer) -> None:
    [small, _] = barcodes(brand.product("COAT"))

    answer = ordre.submit(order(line(small)))

    made = Order.objects.get()
    assert answer.status == 201, answer.body
    assert answer.json == {
        "result": "created",
        "erp_order_number": str(made),
        "order_reference": "100245 / PO-7781",
        "season": "Autumn Winter 26",
        "approved": False,
        "owner": str(brand.owner),
        "customer": {"id": str(customer.pk), "name": "Maison Exemple", "created": False},
        "lines_accepted": 1,
        "lines_skipped": 0,
        "units": 2,
        "amount": "250.00",
        "issues": [],
        "superseded": [],
        "activity_id": str(ApiCall.objects.get().pk),
    }
    assert (made.reference, made.season, made.owner, made.approved) == (
        "100245 / PO-7781",
        brand.season,
        brand.owner,
        False,
    )
    assert Run.objects.get().state == Run.State.DONE


def test_4_an_order_is_approved_by_the_setting_unless_the_customer_is_on_hold(
    brand: Brand, ordre: Ordre, customer: Customer
) -> None:
    [small, _] = barcodes(brand.product("COAT"))
    brand.set(import_approved=True)

    assert ordre.submit(order(line(small))).json["approved"] is True
    customer.hold_status = HoldStatus.objects.create(name="Watch", allows_approval=False)
    customer.save()
    barred = ordre.submit(order(line(small), order_number="100246")).json

    assert barred["approved"] is False
    assert [issue["code"] for issue in barred["issues"]] == ["approval_barred"]


def test_5_lines_with_bad_barcodes_are_left_out_and_people_get_one_message(
    brand: Brand, ordre: Ordre, customer: Customer
) -> None:
    good = barcodes(brand.product("COAT"), brand.product("SHIRT"))[:3]
    bad = [line("4999999999999"), line("", description="Silk shirt, M", line_id="L5")]

    answer = ordre.submit(order(*(line(barcode) for barcode in good), *bad)).json

    assert (answer["result"], answer["lines_accepted"], answer["lines_skipped"]) == ("created_with_errors", 3, 2)
    assert [(issue["code"], issue["pointer"], issue["line_id"], issue["barcode"]) for issue in answer["issues"]] == [
        ("barcode_unknown", "/lines/3", "4", "4999999999999"),
        ("barcode_missing", "/lines/4", "L5", None),
    ]
    assert Order.objects.get().lines.count() == 3
    run = Run.objects.get()
    assert run.state == Run.State.PROBLEMS
    assert [note["severity"] for note in run.items.get().notes] == ["blocker", "blocker"]
    assert [(notice.member.user, notice.run) for notice in Notice.objects.all()] == [(brand.owner, run)]


def test_6_an_unknown_customer_is_created_once_even_by_two_parallel_posts(brand: Brand, ordre: Ordre) -> None:
    [small, _] = barcodes(brand.product("COAT"))
    address = {"line1": "1 rue Exemple", "city": "Paris", "country": "FR"}
    bodies = [order(line(small), order_number=number, shipping_address=address) for number in ("1", "2")]

    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(ordre.submit, bodies))

    assert [answer.status for answer in answers] == [201, 201], answers
    made = Customer.objects.get()
    assert (made.name, made.type, made.currency, made.active) == ("Maison Exemple", "wholesale", "EUR", True)
    assert [each.line_1 for each in made.addresses.all()] == ["1 rue Exemple"]
    assert sorted(answer.json["customer"]["created"] for answer in answers) == [False, True]
    assert Order.objects.filter(customer=made).count() == 2
    connections.close_all()


@pytest.mark.parametrize("name", ["MAISON EXEMPLE", "  Maison   Exemple ", "\uff2daison Exemple"])
def test_7_a_name_that_differs_by_case_or_spaces_is_no_new_customer(
    brand: Brand, ordre: Ordre, customer: Customer, name: str
) -> None:
    [small, _] = barcodes(brand.product("COAT"))

    answer = ordre.submit(order(line(small), customer={"name": name}))

    assert answer.json["customer"] == {"id": str(customer.pk), "name": "Maison Exemple", "created": False}
    assert Customer.objects.count() == 1


def test_8_ordres_price_is_kept_and_the_difference_is_told(brand: Brand, ordre: Ordre, customer: Customer) -> None:
    [small, _] = barcodes(brand.product("COAT"))

    [issue] = ordre.submit(order(line(small, price="110.00"))).json["issues"]

    assert Order.objects.get().lines.get().price == Decimal(110)
    assert (issue["severity"], issue["code"], issue["pointer"]) == ("warning", "price_differs", "/lines/0")
    assert "110.00 EUR" in issue["message"]
    assert "125.00 EUR" in issue["message"]


def test_9_the_same_body_posted_twice_with_one_key_is_one_order(brand: Brand, ordre: Ordre, customer: Customer) -> None:
    [small, _] = barcodes(brand.product("COAT"))

    first, second = (ordre.submit(order(line(small)), key="k-1") for _ in range(2))

    assert (first.status, second.status) == (201, 200)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.json == first.json
    assert Order.objects.count() == 1


def test_10_the_same_order_number_with_a_new_key_is_a_second_order_and_both_are_linked(
    brand: Brand, ordre: Ordre, customer: Customer
) -> None:
    [small, _] = barcodes(brand.product("COAT"))

    ordre.submit(order(line(small)), key="k-1")
    before = Order.objects.values().get()
    again = ordre.submit(order(line(small, 3)), key="k-2").json

    second, first = Order.objects.order_by("-number")
    assert Order.objects.values().get(pk=first.pk) == before
    assert [one["erp_order_number"] for one in again["superseded"]] == [str(first)]
    [issue] = again["issues"]
    assert issue["code"] == "resubmission"
    assert str(first) in issue["message"]
    told = ordre.get("/orders/100245").json["data"]
    assert [one["erp_order_number"] for one in told] == [str(second), str(first)]


def test_11_an_order_without_a_good_barcode_is_refused_kept_and_taken_in_once_they_are_mended(
    brand: Brand, ordre: Ordre
) -> None:
    coat = brand.product("COAT", barcoded="")
    refused = ordre.submit(order(line("4999999999999"), line("")))

    assert (refused.status, refused.json["code"]) == (422, "no_valid_lines")
    assert [issue["code"] for issue in refused.json["issues"]] == [
        "no_valid_lines",
        "barcode_unknown",
        "barcode_missing",
    ]
    assert not Order.objects.exists()
    assert not Customer.objects.exists()

    coat.skus.filter(size="S").update(barcode="4999999999999")
    run, _ = replays.resolve(InboxRecord.objects.get())
    asyncio.run(engine.execute(run.pk, run.company_id))

    assert Order.objects.get().customer.name == "Maison Exemple"
    assert [each.barcode for each in Order.objects.get().lines.all()] == ["4999999999999"]


def test_12_no_product_is_lost_or_repeated_while_prices_change(brand: Brand, ordre: Ordre) -> None:
    made = brand.products(2500)
    first = ordre.get("/products?limit=100").json
    pages = [first]
    while cursor := pages[-1]["next_cursor"]:
        number = len(pages)
        set_price(made[number], brand.season, brand.wholesale, Decimal(200), "EUR")
        set_price(made[-number], brand.season, brand.wholesale, Decimal(200), "EUR")
        pages.append(ordre.get(f"/products?limit=100&cursor={cursor}").json)

    assert len(pages) == 25
    ids = [one["id"] for page in pages for one in page["data"]]
    assert sorted(ids, key=int) == [str(pk) for pk in sorted(product.pk for product in made)]
    since = first["as_of"].replace("+", "%2B")
    changed = {one["id"] for one in ordre.get(f"/products?limit=500&updated_since={since}").json["data"]}
    assert {str(made[number].pk) for number in range(1, 25)} <= changed
    assert {str(made[-number].pk) for number in range(1, 25)} <= changed


def test_13_a_product_taken_out_of_the_catalogue_is_told_as_gone(brand: Brand, ordre: Ordre) -> None:
    coat = brand.product("COAT")
    as_of = ordre.get("/products").json["as_of"]

    unplace(Placement.objects.get().section, [coat])

    page = ordre.get(f"/products?include_removed=true&updated_since={as_of.replace('+', '%2B')}").json
    assert page["data"] == []
    assert [(gone["id"], gone["reason"]) for gone in page["removed"]] == [(str(coat.pk), "out_of_catalogue")]


def test_14_a_revoked_key_is_refused_and_leaves_a_row_without_the_key(brand: Brand, ordre: Ordre, secret: str) -> None:
    api_keys.revoke(ApiKey.objects.get())

    answer = ordre.get("/products")

    assert (answer.status, answer.json["code"]) == (401, "unauthorised")
    row = ApiCall.objects.values().get()
    assert row["status"] == 401
    assert secret not in str(row)


def test_15_without_an_import_season_orders_are_refused_and_reads_go_on(brand: Brand, ordre: Ordre) -> None:
    [small, _] = barcodes(brand.product("COAT"))
    brand.set(import_season=None)

    refused = ordre.submit(order(line(small)))

    assert (refused.status, refused.json["code"]) == (503, "not_configured")
    assert "Retry-After" in refused.headers
    assert ordre.get("/products").status == 200
    assert ordre.get("/status").json["import_season_set"] is False
    assert not InboxRecord.objects.exists()


def test_16_without_a_po_number_the_reference_is_the_order_number(
    brand: Brand, ordre: Ordre, customer: Customer
) -> None:
    [small, _] = barcodes(brand.product("COAT"))

    answer = ordre.submit(order(line(small), po_number=""))

    assert answer.json["order_reference"] == "100245"
    assert Order.objects.get().reference == "100245"
