"""Collecting records page by page, and then what changed since."""

import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from linesheet.books import versions
from linesheet.books.models import SKU, Company, Customer, Order, OrderLine, Price, PriceList, Product, Season, Version
from linesheet.books.tenancy import acting_for
from linesheet.sync import collects
from linesheet.sync.models import ApiCall, ApiKey, Collect, Connection, Placement, Section
from linesheet.sync.place_versions import kind_of
from tests.api.conftest import Http


@pytest.fixture
def products(company: Company) -> list[Product]:
    return [
        Product.objects.create(code=f"COAT-{number:03}", style="COAT", colour=f"{number}", name="Coat")
        for number in range(25)
    ]


def collect(ask: Http, first: str) -> Iterator[Any]:
    """Every page, as a program goes through them."""
    page = ask.get(first).json
    yield page
    while page["next_cursor"]:
        page = ask.get(f"/api/v1/products?limit=10&cursor={page['next_cursor']}").json
        yield page


def codes(page: Any) -> list[str]:
    return [product["code"] for product in page["data"]]


def test_a_collect_has_every_record_once(ask: Http, products: list[Product]):
    pages = list(collect(ask, "/api/v1/products?limit=10"))

    assert [len(page["data"]) for page in pages] == [10, 10, 5]
    assert [code for page in pages for code in codes(page)] == [product.code for product in products]
    assert len({page["as_of"] for page in pages}) == 1


def test_changes_during_a_collect_neither_repeat_nor_hide_records(ask: Http, products: list[Product]):
    found = []
    for page in collect(ask, "/api/v1/products?limit=10"):
        found += codes(page)
        # Both what was seen and what is still to come change, and new ones come.
        for product in (products[0], products[20]):
            product.name = f"Coat {len(found)}"
            product.save()
        Product.objects.create(code=f"NEW-{len(found)}", style="NEW", colour=f"{len(found)}", name="New")
        as_of = page["as_of"]

    assert found == [product.code for product in products]
    since = ask.get(f"/api/v1/products?updated_since={as_of}")
    assert {"COAT-000", "COAT-020", "NEW-10", "NEW-20", "NEW-25"} <= set(codes(since.json))
    assert len(since.json["data"]) == len(set(codes(since.json)))


def test_what_goes_during_a_collect_is_told_as_gone(ask: Http, products: list[Product]):
    pages = collect(ask, "/api/v1/products?limit=10")
    next(pages)
    gone = products[12].pk
    products[12].delete()
    Product.objects.filter(pk=products[13].pk).update(active=False)

    second = next(pages)

    assert len(second["data"]) == 8
    assert {(one["id"], one["reason"]) for one in second["removed"]} == {
        (gone, "deleted"),
        (products[13].pk, "inactive"),
    }


def test_the_next_collect_has_what_changed_and_tombstones_when_asked(ask: Http, products: list[Product]):
    as_of = ask.get("/api/v1/products?limit=500").json["as_of"]
    season = Season.objects.create(name="AW26", starts_on=datetime.date(2026, 8, 1))
    wholesale = PriceList.objects.create(name="Wholesale", kind="wholesale")
    SKU.objects.create(product=products[1], size="M")
    Price.objects.create(
        product=products[2], season=season, price_list=wholesale, currency="EUR", amount=Decimal("125.5")
    )
    products[3].visibilities.create(season=season, company=products[3].company)
    Product.objects.filter(pk=products[4].pk).update(active=False)
    products[5].delete()

    plain = ask.get(f"/api/v1/products?updated_since={as_of}").json
    whole = ask.get(f"/api/v1/products?updated_since={as_of}&include_removed=true").json

    assert set(codes(plain)) >= {"COAT-001", "COAT-002", "COAT-003"}
    assert "COAT-006" not in codes(plain)
    assert plain["removed"] == []
    assert {one["reason"] for one in whole["removed"]} == {"inactive", "deleted"}
    price = next(one for one in whole["data"] if one["code"] == "COAT-002")["prices"][0]
    assert price == {
        "season": "AW26", "price_list": "Wholesale", "kind": "wholesale", "currency": "EUR", "amount": "125.50",
    }  # fmt: skip


def test_what_was_written_and_not_committed_when_a_collect_began_is_in_the_next(ask: Http, products: list[Product]):
    with psycopg.connect(**_as_psycopg(), autocommit=False) as elsewhere:
        elsewhere.execute("UPDATE books_product SET name = 'Late' WHERE id = %s", [products[7].pk])
        began = timezone.now()
        first = ask.get("/api/v1/products?limit=500").json
        elsewhere.commit()

    assert datetime.datetime.fromisoformat(first["as_of"]) < began
    later = ask.get(f"/api/v1/products?updated_since={first['as_of']}").json
    assert "Late" in [product["name"] for product in later["data"]]


def _as_psycopg() -> dict[str, Any]:
    return {key: value for key, value in database.get_connection_params().items() if key in _CONNECTS}


_CONNECTS = {"dbname", "user", "password", "host", "port"}
assert settings.DATABASES


def test_a_cursor_is_of_its_list_and_owner_and_lasts_a_day(ask: Http, products: list[Product], other: Any):
    cursor = ask.get("/api/v1/products?limit=10").json["next_cursor"]

    assert ask.get(f"/api/v1/customers?cursor={cursor}").status == 400
    assert ask.with_key(other()[1]).get(f"/api/v1/products?cursor={cursor}").status == 400
    Collect.objects.update(created_at=timezone.now() - collects.VALID - datetime.timedelta(minutes=1))
    old = collects._cursor(Collect.objects.get(), 10)
    answer = ask.get(f"/api/v1/products?cursor={old}")
    assert (answer.status, answer.json["code"]) == (410, "cursor_expired")
    assert collects.forget() == 1
    assert ask.get(f"/api/v1/products?cursor={old}").status == 410


def test_of_too_many_collects_at_a_time_the_oldest_expire(
    ask: Http, products: list[Product], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(collects, "MOST_OPEN", 2)
    cursors = [ask.get("/api/v1/products?limit=10").json["next_cursor"] for _ in range(3)]

    statuses = [ask.get(f"/api/v1/products?limit=10&cursor={cursor}").status for cursor in cursors]

    assert statuses == [410, 200, 200]
    assert Collect.objects.count() == 2


def test_what_is_written_while_as_of_is_asked_for_is_not_before_it(company: Company):
    """A session that writes first after it was looked at: its change is later than `as_of`, however slow the look."""
    slow = _sql_of(versions.now_or_before).replace("FROM pg_stat_activity", "FROM pg_stat_activity, pg_sleep(0.01)")

    with database.cursor() as cursor:
        cursor.execute(f"SELECT ({slow}) <= statement_timestamp()")
        assert cursor.fetchone() == (True,)


def _sql_of(asks: Any) -> str:
    with CaptureQueriesContext(database) as queries:
        asks()
    return str(queries[0]["sql"])


def test_the_pages_of_a_collect_are_one_row_in_activity(ask: Http, products: list[Product]):
    list(collect(ask, "/api/v1/products?limit=10"))
    ask.get("/api/v1/customers")
    ask.get("/api/v1/status")

    row = ApiCall.objects.get(route="/api/v1/products")
    assert (row.calls, row.records, row.status) == (3, 25, 200)
    assert ApiCall.objects.count() == 3

    ApiCall.objects.update(at=timezone.now() - datetime.timedelta(minutes=11))
    ask.get("/api/v1/products?limit=10")
    assert list(ApiCall.objects.filter(route="/api/v1/products").values_list("calls", flat=True)) == [1, 3]


def test_orders_and_customers_change_with_what_belongs_to_them(ask: Http, products: list[Product]):
    customers = [Customer.objects.create(name=name) for name in ("A", "B")]
    season = Season.objects.create(name="AW26", starts_on=datetime.date(2026, 8, 1))
    order = Order.objects.create(number=1, customer=customers[0], season=season, currency="EUR")
    as_of = ask.get("/api/v1/orders").json["as_of"]
    Version.objects.all().update(at=timezone.now() - datetime.timedelta(days=1))

    customers[1].addresses.create(kind=1, line_1="Street 1", company=order.company)
    sku = SKU.objects.create(product=products[0], size="M", barcode="4006381333931")
    OrderLine.objects.create(order=order, position=1, sku=sku, quantity=2, price=Decimal("125.0000"))

    changed = ask.get(f"/api/v1/orders?updated_since={as_of}").json["data"]
    assert [one["name"] for one in ask.get(f"/api/v1/customers?updated_since={as_of}").json["data"]] == ["B"]
    assert [(one["number"], one["units"], one["total"]) for one in changed] == [(1, 2, "250.00")]
    assert changed[0]["lines"][0]["product_code"] == "COAT-000"


def test_a_collect_asks_the_database_for_as_much_whatever_its_size(
    products: list[Product], django_assert_num_queries: Any, company: Company
):
    from linesheet.api.hub.products import PRODUCTS

    for limit in (5, 20):
        with django_assert_num_queries(11):
            collects.begin(PRODUCTS, "member:1", {}, limit)


def test_moving_a_place_counts_as_a_change_of_its_product(company: Company, products: list[Product]):
    connection = Connection.objects.create(platform="caller", name="Caller")
    top = Section.objects.create(connection=connection, name="AW26")
    look = Section.objects.create(connection=connection, name="Look 1", parent=top)
    Placement.objects.create(section=look, product=products[0])

    def moment() -> Any:
        return versions.changed_at(kind_of(connection.pk), [products[0].pk])[products[0].pk]

    placed = moment()
    Version.objects.update(transaction=-1)
    top.name = "Autumn"
    top.save()
    renamed = moment()
    Version.objects.filter(transaction=-1).delete()
    Version.objects.update(transaction=-1)
    Placement.objects.all().delete()

    assert placed < renamed < moment()


def test_superseded_versions_go(company: Company):
    customer = Customer.objects.create(name="A")
    Version.objects.update(transaction=-1, at=timezone.now() - datetime.timedelta(days=3))
    customer.save()
    Version.objects.filter(record_id=customer.pk, transaction__gt=0).update(at=timezone.now())

    assert versions.forget() == 1
    assert Version.objects.filter(kind="customer").count() == 1


def test_nothing_of_another_company_is_shown(ask: Http, other: Any, products: list[Product]):
    house, theirs = other()
    with acting_for(house):
        mark = "Zebrafish"
        customer = Customer.objects.create(name=mark)
        season = Season.objects.create(name=mark, starts_on=datetime.date(2026, 8, 1))
        product = Product.objects.create(code=mark, style=mark, colour=mark, name=mark)
        order = Order.objects.create(number=1, customer=customer, season=season, currency="EUR", reference=mark)
    ids = {"customers": customer.pk, "seasons": season.pk, "products": product.pk, "orders": order.pk}

    for name, pk in ids.items():
        assert ask.get(f"/api/v1/{name}/{pk}").status == 404
        assert mark not in ask.get(f"/api/v1/{name}").body.decode()
        assert mark in ask.with_key(theirs).get(f"/api/v1/{name}/{pk}").body.decode()
    assert mark not in ask.get(f"/api/v1/products?season_id={season.pk}").body.decode()
    assert ApiKey.objects.count() == 1
