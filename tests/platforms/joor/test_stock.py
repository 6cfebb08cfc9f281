"""Stock export: what JOOR gets of each product it has, now and later (sheet joor.md 5, 9.3, 9.5 and 9.9)."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from linesheet.books.models import SKU, Customer, Location, Product, Season
from linesheet.books.order_drafts import LineDraft, OrderDraft
from linesheet.books.orders import place_order
from linesheet.books.stock import set_future_stock, set_stock
from linesheet.platforms.joor.stock import Stock
from linesheet.platforms.joor.stock_mapping import RowWire, StockOf, StockWire, plain, stock_findings, stock_to_wire
from linesheet.sync.legs import Accepted, NotTaken, Sending
from linesheet.sync.models import Link, Run
from tests.platforms.joor.conftest import Books, JoorSandbox, counted

TASK = "stock-export"
AUGUST, SEPTEMBER = datetime.date(2026, 8, 1), datetime.date(2026, 9, 1)


def published(books: Books, product: Product, *, without: str = "") -> Link:
    """JOOR has the product, as a link tells; not in one of its sizes."""
    sizes = [
        {"size": sku.size, "upc": "" if sku.size == without else sku.barcode}
        for sku in product.skus.order_by("position")
    ]
    link: Link = Link.objects.create(
        connection=books.connection,
        kind="product",
        record_id=str(product.pk),
        remote_id=f"J{product.pk}",
        payload={"sizes": sizes},
        fingerprint="x",
        accepted_at=timezone.now(),
    )
    return link


def took(books: Books, product: Product, *rows: RowWire) -> None:
    """JOOR took these rows of the product last."""
    payload = {
        "product_id": f"J{product.pk}",
        "rows": [
            {
                "upc": row.upc,
                "size": row.size,
                "inventory": row.inventory,
                "warehouse": row.warehouse,
                "inventory_date": row.inventory_date.isoformat() if row.inventory_date else None,
            }
            for row in rows
        ],
    }
    Link.objects.update_or_create(
        connection=books.connection,
        kind="stock",
        record_id=str(product.pk),
        defaults={
            "remote_id": f"J{product.pk}",
            "payload": payload,
            "fingerprint": "x",
            "accepted_at": timezone.now(),
        },
    )


def loaded(books: Books, **values: Any) -> dict[str, StockOf]:
    leg = books.leg(Stock, **values)
    return {each.product.code: each for each in leg.load([str(pk) for pk in leg.select().values_list("pk", flat=True)])}


def rows(books: Books, product: Product, **values: Any) -> list[tuple[str, int, str, str]]:
    """Size, units, warehouse and day of each row of a product."""
    wire = stock_to_wire(loaded(books, **values)[product.code])
    return [(row.size, row.inventory, row.warehouse, str(row.inventory_date or "")) for row in wire.rows]


def codes(books: Books, **values: Any) -> list[str]:
    return [said.reason.code for each in loaded(books, **values).values() for said in stock_findings(each)]


@pytest.fixture
def coat(books: Books) -> SKU:
    """A coat in one size that JOOR has, with 12 in AW25 and 5 in SS26."""
    product = books.product("COAT-BLACK", sizes=("S",))
    published(books, product)
    sku: SKU = product.skus.get()
    older = Season.objects.create(name="AW25", starts_on=datetime.date(2025, 7, 1))
    set_stock(sku, books.location, older, opening=12)
    set_stock(sku, books.location, books.season, opening=5)
    return sku


@pytest.fixture
def both(coat: SKU) -> list[Season]:
    return list(Season.objects.all())


def test_example_ats_sum_the_ticked_seasons_are_added_up(books: Books, coat: SKU, both: list[Season]) -> None:
    assert rows(books, coat.product, stock_seasons=both) == [("S", 17, "", "")]
    assert rows(books, coat.product, stock_seasons=[books.season]) == [("S", 5, "", "")]


def test_example_future_ats_on_each_start_date_has_a_row(books: Books, coat: SKU, both: list[Season]) -> None:
    set_future_stock(coat, books.location, books.season, AUGUST, 30)
    set_future_stock(coat, books.location, books.season, SEPTEMBER, 20)

    assert rows(books, coat.product, stock_seasons=both, future_stock=True) == [
        ("S", 17, "", ""),
        ("S", 30, "", "2026-08-01"),
        ("S", 20, "", "2026-09-01"),
    ]


def test_example_future_ats_off_only_what_is_there_goes_out(books: Books, coat: SKU, both: list[Season]) -> None:
    set_future_stock(coat, books.location, books.season, AUGUST, 30)

    assert rows(books, coat.product, stock_seasons=both, future_stock=False) == [("S", 17, "", "")]


def test_more_sold_than_there_is_goes_out_as_0_with_a_warning(books: Books, coat: SKU) -> None:
    customer = Customer.objects.create(name="Rive")
    line = LineDraft(sku=coat, quantity=9, price=Decimal(95))
    place_order(OrderDraft(customer=customer, season=books.season, lines=[line], approved=True, currency="EUR"))

    assert rows(books, coat.product) == [("S", 0, "", "")]
    assert codes(books) == ["joor_sold_more"]


def test_each_location_goes_to_its_warehouse_and_those_of_one_are_added_up(books: Books, coat: SKU) -> None:
    shop = Location.objects.create(name="Shop Paris")
    south = Location.objects.create(name="Lager Sued")
    closed = Location.objects.create(name="Archive", sells=False)
    for location, units in ((shop, 3), (south, 4), (closed, 99)):
        set_stock(coat, location, books.season, opening=units)

    assert rows(books, coat.product) == [("S", 12, "", "")]
    paired = {books.location.pk: ["EU"], shop.pk: ["Default"]}
    assert rows(books, coat.product, warehouses=paired) == [("S", 5, "EU", ""), ("S", 7, "", "")]


def test_a_date_that_was_sent_and_is_none_any_more_goes_out_as_0_until_it_has_come(books: Books, coat: SKU) -> None:
    day = timezone.now().date() + datetime.timedelta(days=30)
    took(books, coat.product, RowWire(coat.barcode, "S", 5), RowWire(coat.barcode, "S", 30, "", day))

    first = rows(books, coat.product, future_stock=True)
    took(books, coat.product, RowWire(coat.barcode, "S", 5), RowWire(coat.barcode, "S", 0, "", day))

    assert first == [("S", 5, "", ""), ("S", 0, "", str(day))]
    assert rows(books, coat.product, future_stock=True) == first


def test_a_date_that_has_passed_is_taken_back_once(books: Books, coat: SKU) -> None:
    took(books, coat.product, RowWire(coat.barcode, "S", 30, "", AUGUST))
    assert rows(books, coat.product) == [("S", 5, "", ""), ("S", 0, "", "2026-08-01")]

    took(books, coat.product, RowWire(coat.barcode, "S", 0, "", AUGUST))
    assert rows(books, coat.product) == [("S", 5, "", "")]


def test_stock_in_a_warehouse_that_is_chosen_no_more_is_taken_back(books: Books, coat: SKU) -> None:
    took(books, coat.product, RowWire(coat.barcode, "S", 5), RowWire("4999999999999", "S", 5, "Old"))

    paired = {books.location.pk: ["EU"]}

    # A barcode that the product does not have any more may be unknown there.
    assert rows(books, coat.product, warehouses=paired) == [("S", 5, "EU", ""), ("S", 0, "", "")]


def test_stock_of_a_size_that_has_left_the_books_is_taken_back(books: Books, coat: SKU) -> None:
    took(books, coat.product, RowWire(coat.barcode, "S", 5), RowWire("0000000000024", "M", 3))

    assert rows(books, coat.product) == [("S", 5, "", ""), ("M", 0, "", "")]


def test_the_old_barcode_of_a_size_and_one_that_went_to_another_are_left_alone(books: Books, coat: SKU) -> None:
    other = books.product("CAPE", sizes=("S",))
    took(books, coat.product, RowWire("0000000000024", "S", 3), RowWire(other.skus.get().barcode, "M", 3))

    assert rows(books, coat.product) == [("S", 5, "", "")]


def test_sizes_whose_barcode_joor_does_not_have_are_left_out_and_named(books: Books) -> None:
    product = books.product("COAT-BLACK", sizes=("S", "M"))
    published(books, product, without="M")

    assert [size for size, *_ in rows(books, product)] == ["S"]
    assert codes(books) == ["joor_sizes_without_stock"]

    product.skus.filter(size="S").update(barcode="4111111111111", gtin="4111111111111")
    assert codes(books) == ["joor_stock_no_barcode"]


def test_a_product_that_joor_does_not_have_waits_and_one_taken_out_of_the_catalogue_goes_on(books: Books) -> None:
    books.product("NEW-BLACK")
    gone = books.product("GONE-BLACK", placed=())
    published(books, gone)

    assert {code: [said.reason.code for said in stock_findings(each)] for code, each in loaded(books).items()} == {
        "NEW-BLACK": ["joor_not_published"],
        "GONE-BLACK": [],
    }


def test_without_seasons_or_a_location_that_sells_nothing_starts(books: Books) -> None:
    Location.objects.update(sells=False)

    said = books.leg(Stock, stock_seasons=[]).ready()

    assert [each.reason.code for each in said] == ["joor_no_stock_seasons", "joor_no_selling_location"]


def test_what_is_sent_is_what_the_sheet_shows() -> None:
    assert plain(RowWire("5060000000017", "S", 17)) == {"upc": "5060000000017", "inventory": 17}
    assert plain(RowWire("5060000000017", "S", 30, "Paris", AUGUST)) == {
        "upc": "5060000000017",
        "inventory": 30,
        "warehouse": "Paris",
        "inventory_date": "2026-08-01",
    }


@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(-5, 30)), max_size=4), st.booleans())
def test_rows_are_never_below_0_and_never_say_one_place_twice(units: list[tuple[int, int]], last: bool) -> None:
    skus = tuple(SKU(pk=at, size=str(at), barcode=f"400000000000{at}") for at in range(len(units)))
    today = AUGUST
    given_rows = (RowWire("4000000000000", "0", 7, "", SEPTEMBER), RowWire("4000000000000", "0", 0, "Old"))
    stock = StockOf(
        product=Product(code="COAT"),
        skus=skus,
        product_id="1",
        published=frozenset(sku.barcode for sku in skus),
        warehouses=("", "EU"),
        now={("EU", at): now for at, (now, _) in enumerate(units)},
        coming={("EU", SEPTEMBER, at): later for at, (_, later) in enumerate(units)},
        last=given_rows if last else (),
        today=today,
    )

    wire = stock_to_wire(stock)

    assert all(row.inventory >= 0 for row in wire.rows)
    assert len({row.place for row in wire.rows}) == len(wire.rows)
    assert {row.upc for row in wire.rows if not row.taken_back} <= stock.published


def test_as_many_queries_for_many_products_as_for_one(books: Books) -> None:
    counts = []
    for start, count in ((0, 1), (1, 30)):
        for number in range(start, start + count):
            product = books.product(f"COAT{number}-BLACK")
            published(books, product)
            took(books, product, RowWire("4", "S", 1))
            for sku in product.skus.all():
                set_stock(sku, books.location, books.season, opening=3)
        with CaptureQueriesContext(database) as captured:
            loaded(books, future_stock=True)
        counts.append(len(captured))

    assert counts[0] == counts[1]


def send(joor: JoorSandbox, books: Books, *payloads: StockWire) -> Any:
    sendings = [Sending(str(at), str(at), payload) for at, payload in enumerate(payloads)]
    return books.with_client(joor, books.leg(Stock), lambda leg: leg.send(sendings))


def on_joor(joor: JoorSandbox, *upcs: str) -> None:
    """A product there with a size for each barcode."""

    async def make(client: Any) -> None:
        [made] = (await client.v4.created("products", [{"name": "Coat", "external_id": "COAT"}])).done
        await client.v4.created(
            "skus",
            [
                {
                    "product_id": made["id"],
                    "trait_values": [
                        {"trait_name": "Color", "value": "Black"},
                        {"trait_name": "Size", "value": str(at)},
                    ],
                    "identifiers": [{"type": "upc", "value": upc}],
                }
                for at, upc in enumerate(upcs)
            ],
        )

    joor.use(make)


def there(joor: JoorSandbox) -> set[tuple[str, str, str, int]]:
    return {(row["upc"], row["warehouse"], row["date"] or "", row["sent"]) for row in joor.control("GET", "/stock")}


def test_rows_are_set_and_the_rest_is_left_alone(joor: JoorSandbox, books: Books) -> None:
    on_joor(joor, "0000000000017", "5060000000024")

    send(
        joor, books, StockWire("1", (RowWire("0000000000017", "S", 17), RowWire("0000000000017", "S", 30, "", AUGUST)))
    )
    send(joor, books, StockWire("1", (RowWire("5060000000024", "M", 4),)))

    assert there(joor) == {
        ("0000000000017", "Default", "", 17),
        ("0000000000017", "Default", "2026-08-01", 30),
        ("5060000000024", "Default", "", 4),
    }
    calls = [call for call in joor.calls() if "/v2/bulk-inventory" in call]
    assert all("dec_pending=1" in call and "overwrite" not in call for call in calls)


def test_a_row_that_joor_does_not_know_fails_its_product_with_the_size_named(joor: JoorSandbox, books: Books) -> None:
    on_joor(joor, "5060000000017")
    good = StockWire("1", (RowWire("5060000000017", "S", 17),))
    unknown = StockWire("2", (RowWire("5060000000017", "S", 1), RowWire("5060999999999", "XL", 3)))
    elsewhere = StockWire("3", (RowWire("5060000000017", "S", 1, "Nowhere"),))

    answers = send(joor, books, good, unknown, elsewhere)

    assert answers[0] == Accepted("1")
    assert isinstance(answers[1], NotTaken)
    assert isinstance(answers[2], NotTaken)
    assert answers[1].says.startswith("size XL (5060999999999): ")
    assert answers[2].says.startswith("size S (5060000000017) in Nowhere: ")


def test_what_is_to_be_taken_back_and_is_gone_there_too_fails_nothing(joor: JoorSandbox, books: Books) -> None:
    on_joor(joor, "5060000000017")
    gone = RowWire("5060000000017", "S", 0, "Nowhere", taken_back=True)

    (answer,) = send(joor, books, StockWire("1", (RowWire("5060000000017", "S", 17), gone)))

    assert isinstance(answer, Accepted)
    assert [note.reason.code for note in answer.notes] == ["joor_not_taken_back"]


def test_stock_goes_out_after_the_products_and_only_what_changed_again(joor: JoorSandbox, brand: Books) -> None:
    product = brand.product("COAT-BLACK")
    sku = product.skus.get(size="S")
    set_stock(sku, brand.location, brand.season, opening=7)
    brand.run("data-export")

    first = brand.run(TASK)
    second = brand.run(TASK)
    set_stock(sku, brand.location, brand.season, opening=6)
    third = brand.run(TASK)

    assert (first.state, counted(first)) == (Run.State.DONE, {"created": 1}), first.says
    assert (counted(second), counted(third)) == ({"unchanged": 1}, {"updated": 1})
    assert (sku.barcode, "Default", "", 6) in there(joor)


def test_a_push_whose_answer_was_lost_is_sent_again(joor: JoorSandbox, brand: Books) -> None:
    product = brand.product("COAT-BLACK", sizes=("S",))
    set_stock(product.skus.get(), brand.location, brand.season, opening=7)
    brand.run("data-export")
    joor.fault("disconnect_after", "/v2/bulk-inventory", "POST", times=1)

    run = brand.run(TASK)

    assert counted(run) == {"created": 1}


def test_a_date_of_a_push_that_was_taken_in_part_and_is_none_any_more_is_taken_back(
    joor: JoorSandbox, brand: Books
) -> None:
    brand.set(future_stock=True)
    sku = brand.product("COAT-BLACK", sizes=("S",)).skus.get()
    set_stock(sku, brand.location, brand.season, opening=7)
    brand.run("data-export")
    brand.run(TASK)
    day = timezone.now().date() + datetime.timedelta(days=30)
    set_future_stock(sku, brand.location, brand.season, day, 30)
    shop = Location.objects.create(name="Shop")
    set_stock(sku, shop, brand.season, opening=1)
    brand.set(warehouses={str(shop.pk): ["Nowhere"]})
    refused = brand.run(TASK)
    assert (counted(refused), (sku.barcode, "Default", str(day), 30) in there(joor)) == ({"failed": 1}, True)

    brand.set(warehouses={})
    set_future_stock(sku, brand.location, brand.season, day, 0)
    run = brand.run(TASK)

    assert counted(run) == {"updated": 1}
    assert there(joor) == {(sku.barcode, "Default", "", 8), (sku.barcode, "Default", str(day), 0)}


def test_many_products_share_calls_filled_by_their_rows(
    joor: JoorSandbox, brand: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Stock, "batch_size", 10)
    for number in range(11):
        brand.product(f"COAT{number}-BLACK")
    brand.run("data-export")
    joor.forget_calls()

    run = brand.run(TASK)

    assert counted(run) == {"created": 11}
    assert sum("/v2/bulk-inventory" in call for call in joor.calls()) == 3
