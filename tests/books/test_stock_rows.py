"""Stock that people add and remove by hand."""

import datetime
import threading

import pytest
from django.db import connection

from linesheet.books import changes, stock_rows
from linesheet.books.models import SKU, Company, FutureStock, Location, Product, Season, Stock
from linesheet.books.stock_rows import StockRefused
from linesheet.books.tenancy import acting_for

TODAY = datetime.date(2026, 11, 28)
SOON = datetime.date(2026, 12, 24)


@pytest.fixture
def skus(company: Company) -> dict[str, SKU]:
    coat = Product.objects.create(code="COAT-BLACK", style="Coat", colour="Black", name="Winter coat")
    bag = Product.objects.create(code="TOTE BAG", style="Bag", colour="Red", name="Tote bag")
    return {
        "M": SKU.objects.create(product=coat, size="M", code="S-100", barcode="4006381333931", position=1),
        "L": SKU.objects.create(product=coat, size="L", code="S-101", position=2),
        "bag": SKU.objects.create(product=bag, size="One Size", code="S-200"),
    }


@pytest.fixture
def place(skus: dict[str, SKU]) -> tuple[Location, Season]:
    season = Season.objects.create(name="SS27", starts_on=datetime.date(2027, 1, 1))
    return Location.objects.create(name="Main"), season


@pytest.mark.parametrize(
    ("text", "sku"),
    [
        ("4006381333931", "M"),
        (" 4006-381-333931 ", "M"),
        ("s-101", "L"),
        ("coat-black l", "L"),
        ("Tote  Bag one size", "bag"),
    ],
)
def test_a_sku_is_named_by_barcode_code_or_product_and_size(skus, text, sku):
    assert stock_rows.sku_called(text) == skus[sku]
    assert stock_rows.sku_called(stock_rows.name_of(skus[sku])) == skus[sku]


@pytest.mark.parametrize("text", ["", "COAT-BLACK", "COAT-BLACK XS", "4006381333932", "S-1"])
def test_what_names_no_sku_is_refused(skus, text):
    with pytest.raises(StockRefused, match="No SKU goes by"):
        stock_rows.sku_called(text)


def test_a_code_that_two_skus_have_names_neither(skus):
    SKU.objects.filter(pk=skus["L"].pk).update(code="S-100")

    with pytest.raises(StockRefused, match="Several SKUs go by S-100: COAT-BLACK M, COAT-BLACK L"):
        stock_rows.sku_called("S-100")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("winter", ["M", "L"]),
        ("S-101", ["L", "M"]),
        ("400638", ["M", "L"]),
        ("COAT-BLACK L", ["L"]),
        ("tote bag o", ["bag"]),
        ("nothing such", []),
        ("", []),
    ],
)
def test_skus_are_suggested_by_what_was_typed_so_far(skus, text, found):
    assert stock_rows.skus_like(text) == [skus[each] for each in found]


def test_stock_is_added_once_and_taken_back(skus, place):
    with changes.recorded("stock", "Added.") as made:
        stock_rows.add_stock(skus["M"], *place, 12)
    assert Stock.objects.get().opening == 12
    with pytest.raises(StockRefused, match="has stock at Main in SS27 already: 12"):
        stock_rows.add_stock(skus["M"], *place, 3)

    changes.undo(made)

    assert not Stock.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_add_the_same_stock_at_once_one_is_told(company, skus, place):
    said: list[str] = []
    begin = threading.Barrier(2)

    def add(units: int) -> None:
        begin.wait()
        with acting_for(company):
            try:
                stock_rows.add_stock(skus["M"], *place, units)
                stock_rows.add_coming(skus["M"], *place, units, SOON, today=TODAY)
                said.append(f"{units} added")
            except StockRefused as refused:
                said.append(refused.said.reason.code)
        connection.close()

    threads = [threading.Thread(target=add, args=(units,)) for units in (5, 70)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(said) == [f"{Stock.objects.get().opening} added", "stock_row_there"]
    assert FutureStock.objects.get().quantity == Stock.objects.get().opening


def test_units_come_on_a_day_that_is_not_past_and_once(skus, place):
    stock_rows.add_coming(skus["M"], *place, 12, SOON, today=TODAY)

    with pytest.raises(StockRefused, match=r"12 of .* are coming to Main for SS27 on 24 December 2026 already"):
        stock_rows.add_coming(skus["M"], *place, 3, SOON, today=TODAY)
    with pytest.raises(StockRefused, match="28 November 2026 is past"):
        stock_rows.add_coming(skus["M"], *place, 3, TODAY, today=TODAY)
    for units in (0, -3):
        with pytest.raises(StockRefused, match="are no units that can come"):
            stock_rows.add_coming(skus["L"], *place, units, SOON, today=TODAY)

    assert [row.quantity for row in FutureStock.objects.all()] == [12]


def test_rows_are_removed_and_taken_back(skus, place):
    stock_rows.add_stock(skus["M"], *place, 12)
    stock_rows.add_coming(skus["M"], *place, 5, SOON, today=TODAY)

    with changes.recorded("stock", "Removed.") as gone:
        assert stock_rows.remove_stock(Stock.objects.all()) == 1
        assert stock_rows.remove_coming(FutureStock.objects.all()) == 1
    assert not Stock.objects.exists()

    changes.undo(gone)

    assert Stock.objects.get().opening == 12
    assert FutureStock.objects.get().quantity == 5
