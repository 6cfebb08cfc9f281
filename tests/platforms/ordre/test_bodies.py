"""What is understood of an order as it is posted, field by field (sheet ordre.md 6.4)."""

import json
from decimal import Decimal
from typing import Any

import pytest

from linesheet.books.models import SKU, Company, Customer, Order, Price
from tests.platforms.ordre.conftest import BASE, Brand, Ordre, barcodes, line, order

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def small(brand: Brand) -> str:
    """A barcode of the books."""
    return barcodes(brand.product("COAT"))[0]


def codes(answer: Any) -> list[str]:
    return [issue["code"] for issue in answer.json["issues"]]


def test_what_can_be_meant_by_one_thing_only_is_understood(ordre: Ordre, customer: Customer, small: str) -> None:
    spelled: list[dict[str, Any]] = [
        order(line(small, 2.0)),
        order(line(small, 2, 125)),
        order({**line(small), "barcode": int(small)}),
        order(line(" ".join(small))),
        order(line(small), currency=" eur"),
        order(line(small), currency=None),
        order(line(small), order_number=100245, submission_id=7),
        order(line(small, line_id=9), customer={"name": "Whoever", "id": customer.pk}),
        order(line(small), customer={"name": "Whoever", "id": str(customer.pk)}),
        order(line(small, description="x" * 900, note="y" * 900), payment_terms="30 days"),
    ]
    for body in spelled:
        answer = ordre.validate(body).json
        assert (answer["result"], answer["amount"], answer["issues"]) == ("created", "250.00", []), body
        assert answer["customer"] == {"id": str(customer.pk), "name": "Maison Exemple", "created": False}


def test_what_is_not_as_declared_is_refused_with_a_pointer(ordre: Ordre, customer: Customer, small: str) -> None:
    wrong = {
        "/lines/0/quantity": order(line(small, quantity="2")),
        "/lines/0/unit_price": order(line(small, price="12,50")),
        "/lines/0/discount_percent": order(line(small, discount_percent=101)),
        "/delivery/start": order(line(small), delivery={"start": 20260115}),
        "/customer/name": order(line(small), customer={"name": " "}),
        "/submitted_at": order(line(small), submitted_at="2026-01-31"),
        "/currency": order(line(small), currency="EURO"),
        "/lines": order(),
    }
    for pointer, body in wrong.items():
        answer = ordre.submit(body)
        assert (answer.status, answer.json["code"]) == (422, "schema_violation")
        assert [issue["pointer"] for issue in answer.json["issues"]] == [pointer]


def test_lines_that_cannot_be_meant_are_left_out_with_their_reason(ordre: Ordre, brand: Brand, small: str) -> None:
    inactive = brand.product("OLD")
    inactive.active = False
    inactive.save()
    [old, _] = barcodes(inactive)
    wrong = [
        ("quantity_invalid", line(small, 0)),
        ("quantity_invalid", line(small, -1)),
        ("quantity_invalid", line(small, 100_001)),
        ("barcode_missing", line("", description="Silk shirt")),
        ("barcode_missing", line("", description="Silk shirt")),
        ("barcode_unknown", line("4999999999999")),
        ("barcode_invalid", line("4999999999998", line_id="a wrong check digit")),
        ("barcode_invalid", line("12345670")),
        ("barcode_invalid", line("\u0664" * 13)),
        ("barcode_invalid", line("9" * 41)),
        ("product_inactive", line(old)),
    ]

    answer = ordre.submit(order(line(small), line(small), *(body for _, body in wrong))).json

    assert answer["issues"].pop(0)["code"] == "customer_created"
    [merged, *errors] = answer["issues"]
    assert (merged["code"], merged["pointer"]) == ("duplicate_barcode_merged", "/lines/1")
    assert [issue["code"] for issue in errors] == [code for code, _ in wrong]
    assert [issue["pointer"] for issue in errors] == [f"/lines/{place}" for place in range(2, 13)]
    assert [(issue["line_id"], issue["barcode"]) for issue in errors[5:7]] == [
        ("8", "4999999999999"),
        ("a wrong check digit", "4999999999998"),
    ]
    assert (answer["lines_accepted"], answer["lines_skipped"], answer["units"]) == (2, 11, 4)
    [told] = ordre.get("/orders/100245").json["data"]
    assert told["lines_skipped"] == 11
    assert told["issues"][1:] == answer["issues"]


def test_a_upc_is_the_same_with_a_zero_before_it(ordre: Ordre, brand: Brand, customer: Customer) -> None:
    coat = brand.product("COAT", sizes="S")
    SKU.objects.filter(product=coat).update(barcode="036000291452")

    answer = ordre.submit(order(line("036000291452"), line("0036000291452", 3))).json

    assert ([issue["code"] for issue in answer["issues"]], answer["units"]) == (["duplicate_barcode_merged"], 5)
    [told] = ordre.get("/products").json["data"][0]["skus"]
    assert (told["barcode"], told["barcode_type"]) == ("036000291452", "UPCA")


def test_unknown_fields_are_named_wherever_they_are(ordre: Ordre, customer: Customer, small: str) -> None:
    body = order(
        line(small, shade="dark"),
        colour={"a": [2**70]},
        customer={"name": "Maison Exemple", "contact": {"fax": "1"}},
        shipping_address={"line1": "1 rue Exemple", "floor": 3},
    )
    deep = json.dumps(body).replace("[1180591620717411303424]", "[" * 400 + "]" * 400)

    [issue] = ordre.validate(body).json["issues"]
    told = ordre.http.post(f"{BASE}/orders", deep.encode())

    assert "colour, customer.contact.fax, lines.shade, shipping_address.floor" in issue["message"]
    assert (told.status, codes(told)) == (201, ["unknown_field"])


@pytest.mark.parametrize(
    ("lines", "more", "amount"),
    [
        ([line("", 1, "24.69")], {"discount_percent": 50}, "12.35"),
        ([line("", 3, "33.33", discount_percent=15)], {}, "84.99"),
        ([line("", 2, "125.00", discount_percent=33.333333333333336)], {}, "166.67"),
        ([line("", 2, "125.00")], {"discount_percent": 33.333333333333336}, "166.67"),
    ],
)
def test_the_order_comes_to_what_ordre_says(
    ordre: Ordre, customer: Customer, small: str, lines: list[dict[str, Any]], more: dict[str, Any], amount: str
) -> None:
    body = order(*({**each, "barcode": small} for each in lines), **more, totals={"amount": amount})

    answer = ordre.validate(body)

    assert answer.json["amount"] == amount
    assert "total_mismatch" not in codes(answer)


def test_delivery_dates_that_are_left_out_are_the_seasons_and_make_a_window(
    ordre: Ordre, customer: Customer, small: str
) -> None:
    late = ordre.submit(order(line(small), delivery={"start": "2026-12-01"}))
    none = ordre.submit(order(line(small), order_number="2", delivery={"window_name": "Drop 1"}))

    windows = [(str(one.ships_from), str(one.ships_until)) for one in Order.objects.order_by("number")]
    assert windows == [("2026-12-01", "2026-12-01"), ("2026-08-01", "2026-09-30")]
    assert codes(late) == codes(none) == ["delivery_defaulted"]
    assert "Drop 1" in Order.objects.get(reference__startswith="2 ").comments


def test_an_address_stays_on_the_order_even_when_the_customer_cannot_have_it(
    ordre: Ordre, customer: Customer, small: str
) -> None:
    addresses = {"shipping_address": {"city": "Paris", "country": "FR"}, "billing_address": {"line1": "x" * 200}}

    answer = ordre.submit(order(line(small), **addresses))

    assert codes(answer) == ["order_address_not_added", "order_address_not_added"]
    assert Order.objects.get().addresses == {
        "delivery": {"city": "Paris", "country": "FR"},
        "accounts": {"line_1": "x" * 200},
    }


def test_prices_are_compared_in_the_currency_of_the_order(ordre: Ordre, brand: Brand, small: str) -> None:
    Company.objects.update(currency="USD")
    Price.objects.create(
        product=SKU.objects.get(barcode=small).product,
        season=brand.season,
        price_list=brand.wholesale,
        currency="USD",
        amount=Decimal("140.005"),
    )

    answer = ordre.submit(order(line(small, price="140.00"), currency=None, customer={"name": "New"}))

    assert codes(answer) == ["customer_created", "price_differs"]
    assert "costs 140.00 USD on the order and 140.0050 USD in the books" in answer.json["issues"][1]["message"]


def test_the_surest_key_tells_the_customer(ordre: Ordre, brand: Brand, small: str) -> None:
    plain = Customer.objects.create(name="Stra\u00dfen Mode", account_code="A1")
    twin = Customer.objects.create(name="\uff33tra\u00dfen Mode")

    def customer_of(**named: Any) -> Any:
        answer = ordre.validate(order(line(small), customer={"name": "STRASSEN  MODE", **named})).json
        return answer["customer"]["id"] if answer["customer"] else answer["issues"][0]["code"]

    assert customer_of() == customer_of(id="0", account_code="unheard of") == "customer_ambiguous"
    assert customer_of(account_code="A1") == str(plain.pk)
    assert customer_of(account_code="A1", id=str(twin.pk)) == str(twin.pk)
    twin.delete()
    assert customer_of() == str(plain.pk)


def test_an_inactive_customer_stays_so_and_is_told_of(ordre: Ordre, customer: Customer, small: str) -> None:
    Customer.objects.update(active=False)

    assert codes(ordre.submit(order(line(small)))) == ["customer_inactive"]
    assert not Customer.objects.get().active
