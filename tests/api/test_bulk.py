"""Many records in one request, each with an outcome of its own."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from linesheet.books import touching
from linesheet.books.models import (
    SKU,
    Address,
    Company,
    Contact,
    Customer,
    Location,
    Member,
    Price,
    PriceList,
    Product,
    Season,
    Stock,
    Visibility,
)
from linesheet.books.tenancy import acting_for
from linesheet.sync import scopes
from tests.api.conftest import Http

COAT: dict[str, Any] = {
    "style": "COAT",
    "fabric": "Wool",
    "colour": "Black",
    "name": "Wool coat",
    "seasons": ["SS26"],
    "skus": [{"size": "S", "code": "C-S", "barcode": "4006381333931"}, {"size": "M", "code": "C-M"}],
    "prices": [{"season": "SS26", "price_list": "Wholesale", "currency": "EUR", "amount": "160.125"}],
}


@pytest.fixture
def season(company: Company) -> Season:
    PriceList.objects.get_or_create(name="Wholesale", defaults={"kind": "wholesale"})
    return Season.objects.create(name="SS26", starts_on="2026-01-15")


@pytest.fixture
def sku(season: Season) -> SKU:
    product = Product.objects.create(code="COAT", style="COAT", colour="Black", name="Coat")
    Location.objects.all().delete()
    Location.objects.create(name="Warehouse")
    return SKU.objects.create(product=product, size="S", position=1, code="C-S")


def states(answer: Any) -> list[str]:
    return [outcome["state"] for outcome in answer.json["data"]]


def test_products_come_with_skus_barcodes_and_prices(ask: Http, season: Season):
    first = ask.post("/api/v1/products/bulk", {"records": [COAT]})
    again = ask.post("/api/v1/products/bulk", {"records": [COAT]})

    assert (first.status, states(first), states(again)) == (200, ["created"], ["unchanged"])
    product = Product.objects.get()
    assert {(sku.size, sku.code, sku.barcode) for sku in product.skus.all()} == {
        ("S", "C-S", "4006381333931"),
        ("M", "C-M", ""),
    }
    assert Price.objects.get().amount == Decimal("160.125")
    assert Visibility.objects.get().season == season


def test_what_is_left_out_stays_and_null_clears(ask: Http, season: Season):
    ask.post("/api/v1/products/bulk", {"records": [{**COAT, "category": "Coats", "origin": "Portugal"}]})

    changed = ask.post(
        "/api/v1/products/bulk", {"records": [{"style": "COAT", "fabric": "Wool", "colour": "Black", "origin": None}]}
    )

    assert states(changed) == ["updated"]
    product = Product.objects.get()
    assert (product.category, product.origin, product.name) == ("Coats", "", "Wool coat")


def test_one_record_that_is_refused_leaves_the_others_alone(ask: Http, season: Season):
    wrong = {**COAT, "colour": "Red", "skus": [{"size": "S", "barcode": "4006381333932"}, {"size": "M"}], "prices": []}
    unknown = {**COAT, "colour": "Blue", "skus": [], "prices": [], "seasons": ["AW99"]}

    answer = ask.post("/api/v1/products/bulk", {"records": [wrong, COAT, unknown]})

    assert answer.status == 200
    assert states(answer) == ["partial", "created", "refused"]
    assert [issue["pointer"] for issue in answer.json["data"][0]["issues"]] == ["/records/0/skus/0/barcode"]
    assert [issue["pointer"] for issue in answer.json["data"][2]["issues"]] == ["/records/2/seasons"]
    assert (answer.json["created"], answer.json["partial"], answer.json["refused"]) == (1, 1, 1)
    assert {product.colour for product in Product.objects.all()} == {"Black", "Red"}


def test_texts_beyond_measure_are_refused_by_the_record(ask: Http, season: Season):
    long = {**COAT, "colour": "Red", "description": "x" * 100_001, "custom": {"Care": "Wash"}, "skus": []}

    answer = ask.post("/api/v1/products/bulk", {"records": [long, {**COAT, "custom": {"Care": "Wash"}}]})

    assert states(answer) == ["refused", "created"]
    assert answer.json["data"][0]["issues"][0]["pointer"] == "/records/0/description"
    assert Product.objects.get().custom == {"Care": "Wash"}


def test_a_price_that_is_refused_points_to_itself(ask: Http, season: Season):
    price = {**COAT["prices"][0], "price_list": "Nobody's"}

    answer = ask.post("/api/v1/products/bulk", {"records": [{**COAT, "prices": [*COAT["prices"], price]}]})

    assert states(answer) == ["partial"]
    assert answer.json["data"][0]["issues"][0]["pointer"] == "/records/0/prices/1/price_list"


def test_the_same_request_is_done_once(ask: Http, sku: SKU):
    move = {"records": [{"sku_code": "C-S", "season": "SS26", "change": 5}]}

    first = ask.post("/api/v1/stock/moves", move, Idempotency_Key="m1")
    again = ask.post("/api/v1/stock/moves", move, Idempotency_Key="m1")

    assert first.json == again.json
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Stock.objects.get().adjustments == 5


def test_stock_is_set_and_added_to(ask: Http, sku: SKU):
    place = {"sku_code": "C-S", "season": "SS26"}

    set_ = ask.post("/api/v1/stock/bulk", {"records": [{**place, "quantity": 10}]})
    moved = ask.post("/api/v1/stock/moves", {"records": [{**place, "change": 3}, {**place, "change": -1}]})
    unchanged = ask.post("/api/v1/stock/bulk", {"records": [{**place, "opening": 10}]})
    wrong = ask.post("/api/v1/stock/moves", {"records": [{**place, "sku_code": "X", "change": 3}]})

    assert (states(set_), states(moved), states(unchanged)) == (["created"], ["updated", "updated"], ["unchanged"])
    assert (states(wrong), wrong.json["data"][0]["issues"][0]["pointer"]) == (["refused"], "/records/0/sku_code")
    stock = Stock.objects.get()
    assert (stock.opening, stock.adjustments) == (10, 2)

    counted = ask.post("/api/v1/stock/bulk", {"records": [{**place, "quantity": 11}]})

    stock.refresh_from_db()
    assert (states(counted), stock.opening, stock.adjustments) == (["updated"], 11, 0)


def test_counts_and_moves_come_to_the_same_in_any_order(ask: Http, sku: SKU):
    place = {"sku_code": "C-S", "season": "SS26"}

    def count(quantity: int, as_of: str | None) -> tuple[str, list[str]]:
        [told] = ask.post("/api/v1/stock/bulk", {"records": [{**place, "quantity": quantity, "as_of": as_of}]}).json[
            "data"
        ]
        return told["state"], [f"{issue['severity']} {issue['code']}" for issue in told["issues"]]

    def move(change: int, as_of: str) -> tuple[str, list[str]]:
        [told] = ask.post("/api/v1/stock/moves", {"records": [{**place, "change": change, "as_of": as_of}]}).json[
            "data"
        ]
        return told["state"], [f"{issue['severity']} {issue['code']}" for issue in told["issues"]]

    Stock.objects.create(sku=sku, location=Location.objects.get(), season=Season.objects.get(), opening=99)
    assert count(10, "2026-03-01T12:00:00Z") == ("updated", [])
    assert count(8, "2026-03-01T11:00:00Z") == ("unchanged", ["warning counted_later"])
    assert move(-1, "2026-03-01T14:00:00+02:00") == ("unchanged", ["warning counted_already"])
    assert move(-2, "2026-03-01T12:00:01Z") == ("updated", [])
    assert count(8, "2026-03-01T12:00:00.500Z") == ("unchanged", ["warning moved_later"])
    [told] = ask.get("/api/v1/stock").json["data"]
    assert (told["opening"], told["adjustments"], told["available"]) == (10, -2, 8)
    assert (told["counted_at"], told["moved_at"]) == ("2026-03-01T12:00:00Z", "2026-03-01T12:00:01Z")

    assert count(8, "2026-03-01T12:00:02Z") == ("updated", [])
    assert count(8, "2026-03-01T13:00:00Z") == ("unchanged", [])
    assert count(9, "2026-03-01T12:30:00Z") == ("unchanged", ["warning counted_later"])
    assert count(9, "2126-03-01T12:30:00Z") == ("refused", ["error time_to_come"])
    assert count(7, None) == ("updated", [])
    stock = Stock.objects.get()
    assert (stock.opening, stock.adjustments, stock.counted_at > timezone.now() - timedelta(minutes=5)) == (7, 0, True)


def test_a_count_that_was_not_taken_says_when_the_other_was_and_leaves_the_rest(ask: Http, sku: SKU):
    other = SKU.objects.create(product=sku.product, size="M", position=2, code="C-M")
    place = {"season": "SS26", "as_of": "2026-03-01T12:00:00Z"}
    ask.post("/api/v1/stock/bulk", {"records": [{**place, "sku_code": "C-S", "quantity": 1}]})

    answer = ask.post(
        "/api/v1/stock/bulk",
        {
            "records": [
                {**place, "sku_code": "C-S", "quantity": 3, "as_of": "2026-02-01T12:00:00Z"},
                {**place, "sku_code": "C-M", "quantity": 4},
                {**place, "sku_code": "C-M", "quantity": 5, "as_of": "2026-03-02T12:00:00Z"},
                {**place, "sku_code": "C-M", "quantity": 6, "available_on": "2126-01-01"},
            ]
        },
    )

    assert states(answer) == ["unchanged", "created", "updated", "refused"]
    [issue] = answer.json["data"][0]["issues"]
    assert issue["pointer"] == "/records/0/as_of"
    assert "2026-03-01 12:00:00 UTC" in issue["message"]
    assert "2026-02-01 12:00:00 UTC" in issue["message"]
    assert Stock.objects.get(sku=other).opening == 5
    assert answer.json["data"][3]["issues"][0]["code"] == "count_dated"


def test_a_count_that_confirms_what_is_there_makes_nothing_stale(ask: Http, sku: SKU):
    record = {"sku_code": "C-S", "season": "SS26", "quantity": 1}
    ask.post("/api/v1/stock/bulk", {"records": [record]})
    before, seen = Stock.objects.get().counted_at, touching.snapshot()

    assert states(ask.post("/api/v1/stock/bulk", {"records": [record]})) == ["unchanged"]

    assert Stock.objects.get().counted_at > before
    assert not touching.changed_since(seen)


def test_moves_at_the_same_time_all_count(ask: Http, sku: SKU):
    move = {"records": [{"sku_code": "C-S", "season": "SS26", "change": 1}]}

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ask.post("/api/v1/stock/moves", move), range(16)))

    assert {answer.status for answer in answers} == {200}
    assert Stock.objects.get().adjustments == 16


def test_stock_is_told_as_it_stands(ask: Http, other: Any, sku: SKU):
    place = {"sku_code": "C-S", "season": "SS26"}
    coming = {**place, "quantity": 7, "available_on": "2026-03-01"}
    ask.post("/api/v1/stock/bulk", {"records": [{**place, "opening": 10, "received": 2}, coming]})
    _, key = other()

    [told] = ask.get(f"/api/v1/stock?sku_id={sku.pk}&product_id={sku.product_id}").json["data"]

    assert (told["sku_code"], told["opening"], told["received"], told["sold"]) == ("C-S", 10, 2, 0)
    assert told["coming"] == [{"available_on": "2026-03-01", "quantity": 7}]
    assert ask.get("/api/v1/stock?sku_id=999999").json == {"data": [], "next_cursor": None}
    assert ask.with_key(key).get("/api/v1/stock").json["data"] == []


def test_prices_are_set_by_barcode_or_code(ask: Http, season: Season):
    ask.post("/api/v1/products/bulk", {"records": [{**COAT, "prices": []}]})
    price = {"season": "ss26", "price_list": "wholesale", "currency": "EUR", "amount": "99.9"}

    answer = ask.post(
        "/api/v1/prices/bulk", {"records": [{**price, "barcode": "4006381333931"}, {**price, "product_code": "?"}]}
    )

    assert states(answer) == ["created", "refused"]
    assert Price.objects.get().amount == Decimal("99.9")


def test_barcodes_are_set_by_themselves(ask: Http, sku: SKU):
    records = [
        {"sku_code": "C-S", "barcode": "4006381333931"},
        {"product_code": "COAT", "size": "M", "barcode": "4006381333931"},
        {"sku_code": "C-S", "barcode": "4006381333932"},
        {"barcode": "4006381333931"},
    ]

    answer = ask.post("/api/v1/barcodes/bulk", {"records": records})

    assert states(answer) == ["updated", "refused", "refused", "refused"]
    assert [one["issues"][0]["pointer"] for one in answer.json["data"][1:]] == [
        "/records/1/size",
        "/records/2/barcode",
        "/records/3/barcode",
    ]
    assert SKU.objects.get().barcode == "4006381333931"


def test_records_are_found_by_their_codes(ask: Http, sku: SKU):
    SKU.objects.update(barcode="0012345678905")
    Stock.objects.create(sku=sku, location=Location.objects.get(), season=Season.objects.get())
    Product.objects.create(code="HAT", style="HAT", colour="Red", name="Hat")
    Customer.objects.create(name="Rive", account_code="C-1")
    Customer.objects.create(name="Sol")

    for asked in ("code=coat", "barcode=012345678905", "sku_code=c-s"):
        assert [one["code"] for one in ask.get(f"/api/v1/products?{asked}").json["data"]] == ["COAT"]
    for asked in ("barcode=0012345678905", "sku_code=C-S"):
        assert [one["sku_id"] for one in ask.get(f"/api/v1/stock?{asked}").json["data"]] == [sku.pk]
    assert [one["name"] for one in ask.get("/api/v1/customers?account_code=C-1").json["data"]] == ["Rive"]
    assert ask.get("/api/v1/products?barcode=x").json["data"] == ask.get("/api/v1/stock?sku_code=x").json["data"] == []


def test_what_is_missing_is_pointed_to_by_its_field(ask: Http, sku: SKU):
    stock = ask.post("/api/v1/stock/bulk", {"records": [{"sku_code": "C-S", "season": "SS26"}]})
    product = ask.post("/api/v1/products/bulk", {"records": [{"name": "X"}]})

    assert stock.json["data"][0]["issues"][0]["pointer"] == "/records/0/quantity"
    assert product.json["data"][0]["issues"][0]["pointer"] == "/records/0/code"


def test_customers_come_with_addresses_and_contacts(ask: Http, company: Company):
    rive = {
        "name": "Maison Rive",
        "account_code": "C-100",
        "currency": "EUR",
        "addresses": [
            {"kind": "delivery", "line_1": "12 rue de la Paix", "city": "Paris", "country": "France"},
            {"kind": "accounts", "line_1": "1 quai", "city": "Lyon", "country": "France"},
        ],
        "contacts": [{"name": "Claire", "email": "claire@example.com"}],
    }

    first = ask.post("/api/v1/customers/bulk", {"records": [rive, {"name": "Sol", "hold_status": "Never heard of"}]})
    again = ask.post("/api/v1/customers/bulk", {"records": [rive]})

    assert (states(first), states(again)) == (["created", "refused"], ["unchanged"])
    assert first.json["data"][1]["issues"][0]["pointer"] == "/records/1/hold_status"
    assert Customer.objects.get().account_code == "C-100"
    assert (Address.objects.count(), Contact.objects.get().email) == (2, "claire@example.com")


def test_seasons_are_added_and_changed_by_name(ask: Http, season: Season):
    records = [
        {"name": "ss26", "delivery_starts_on": "2026-02-01"},
        {"name": "AW26", "starts_on": "2026-07-01", "previous": "SS26"},
        {"name": "SS27"},
        {"name": "AW27", "starts_on": "2027-07-01", "previous": "Nothing"},
    ]

    answer = ask.post("/api/v1/seasons/bulk", {"records": records})
    again = ask.post("/api/v1/seasons/bulk", {"records": records[:2]})

    assert states(answer) == ["updated", "created", "refused", "refused"]
    assert [one["issues"][0]["code"] for one in answer.json["data"][2:]] == [
        "season_begin_missing",
        "season_previous_unknown",
    ]
    assert states(again) == ["unchanged", "unchanged"]
    assert Season.objects.get(name="AW26").previous == Season.objects.get(name="ss26")


def test_what_is_no_record_at_all_is_refused_with_a_pointer(ask: Http, season: Season):
    answer = ask.post("/api/v1/products/bulk", {"records": [COAT, {**COAT, "skus": [{"code": "x"}]}]})

    assert (answer.status, answer.json["code"]) == (422, "schema_violation")
    assert "records/1/skus/0/size" in answer.json["issues"][0]["pointer"]
    assert not Product.objects.exists()


def test_fields_that_are_not_known_are_refused_and_pointed_to(ask: Http, sku: SKU):
    """Misspelt, they would be passed over, and the stock be of another time than was meant."""
    place = {"sku_code": "C-S", "season": "SS26", "opening": 3}

    answer = ask.post("/api/v1/stock/bulk", {"records": [place, {**place, "as_off": "2026-03-31T14:30:00Z"}]})
    rive = {"name": "Rive", "addresses": [{"line_1": "1 rue A", "line1": "1 rue B"}]}
    nested = ask.post("/api/v1/customers/bulk", {"records": [rive]})

    assert (answer.status, answer.json["code"]) == (422, "schema_violation")
    assert [issue["pointer"] for issue in answer.json["issues"]] == ["/records/1/as_off"]
    assert [issue["pointer"] for issue in nested.json["issues"]] == ["/records/0/addresses/0/line1"]
    assert not Stock.objects.exists()
    shapes = ask.get("/api/v1/openapi.json").json["components"]["schemas"]
    bodies = {name: shape for name, shape in shapes.items() if name.endswith("In")}
    assert [name for name, shape in bodies.items() if shape.get("additionalProperties") is not False] == []


@pytest.mark.parametrize("kind", ["products", "prices", "customers", "seasons", "stock"])
def test_more_than_5000_records_are_too_many(ask: Http, season: Season, kind: str):
    record = {"name": "x", "season": "SS26", "price_list": "w", "currency": "EUR", "amount": "1"}

    assert ask.post(f"/api/v1/{kind}/bulk", {"records": [record] * 5001}).status == 422
    assert ask.post(f"/api/v1/{kind}/bulk", {"records": []}).status == 422


@pytest.mark.parametrize("role", [Member.Role.OPERATOR, Member.Role.VIEWER])
@pytest.mark.parametrize("path", ["products/bulk", "prices/bulk", "customers/bulk", "seasons/bulk", "stock/moves"])
def test_only_who_changes_the_books_may_write(ask: Http, member: Member, role: str, path: str):
    Member.objects.filter(pk=member.pk).update(role=role)

    answer = ask.post(f"/api/v1/{path}", {"records": [{"name": "Anything"}]})

    assert (answer.status, answer.json["code"]) == (403, "forbidden_scope")


def test_a_member_who_loses_a_role_loses_its_scopes(member: Member):
    member.role = Member.Role.VIEWER

    assert {scope.key for scope in scopes.scopes_for(member)} == {
        "seasons:read",
        "products:read",
        "customers:read",
        "stock:read",
        "orders:read",
        "connections:read",
        "runs:write",
    }


def test_records_of_another_company_are_neither_changed_nor_named(ask: Http, other: Any, season: Season):
    ask.post("/api/v1/products/bulk", {"records": [COAT]})
    ask.post("/api/v1/customers/bulk", {"records": [{"name": "Rive", "account_code": "C-1"}]})
    company, key = other()
    theirs = ask.with_key(key)

    product = theirs.post(
        "/api/v1/products/bulk", {"records": [{"code": Product.objects.get().code, "name": "Theirs"}]}
    )
    price = theirs.post("/api/v1/prices/bulk", {"records": [{**COAT["prices"][0], "barcode": "4006381333931"}]})
    stock = theirs.post("/api/v1/stock/bulk", {"records": [{"sku_code": "C-S", "season": "SS26", "quantity": 1}]})
    moves = theirs.post("/api/v1/stock/moves", {"records": [{"sku_code": "C-S", "season": "SS26", "change": 1}]})
    customer = theirs.post("/api/v1/customers/bulk", {"records": [{"name": "Rive", "account_code": "C-1"}]})
    season_ = theirs.post("/api/v1/seasons/bulk", {"records": [{"name": "SS26", "starts_on": "2026-02-01"}]})

    assert [states(each) for each in (product, price, stock, moves)] == [["refused"]] * 4
    assert [states(each) for each in (customer, season_)] == [["created"]] * 2
    assert Product.objects.get().name == "Wool coat"
    assert Season.objects.get().starts_on.month == 1
    assert not Stock.objects.exists()
    with acting_for(company):
        assert Customer.objects.get().name == "Rive"
