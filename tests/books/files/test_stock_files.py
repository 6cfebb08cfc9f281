"""Stock files: what is there now, and what comes when."""

import datetime

import pytest

from linesheet.books.files import import_file
from linesheet.books.models import SKU, FutureStock, Location, Stock

pytestmark = pytest.mark.usefixtures("books")


@pytest.fixture(autouse=True)
def _coat(csv_file, books):
    lines = ("Coat,Black,S,4006381333931,C-S", "Coat,Black,M,,C-M", "Hat,Red,OS,,C-M")
    import_file("products", csv_file("Style,Colour,Size,Barcode,SKU", *lines, name="p.csv"))


def refusals(report):
    return [(outcome.row, outcome.column, outcome.reason) for outcome in report.rows]


def test_a_quantity_is_the_opening_stock_at_the_only_location(csv_file):
    path = csv_file("Barcode,Available", "4006381333931,12")

    assert import_file("stock", path, season="SS26").created == 1
    assert import_file("stock", path, season="SS26").unchanged == 1
    assert Stock.objects.values_list("opening", "adjustments", "location__name").get() == (12, 0, "Main warehouse")


def test_each_figure_may_have_its_own_column_and_empty_ones_are_left_alone(csv_file):
    header = "Product code,Size,Season,Opening,Adjustments,Received"
    import_file("stock", csv_file(header, "COAT-BLACK,S,SS26,10,-2,3"))
    counted_at = Stock.objects.get().counted_at
    assert counted_at

    assert import_file("stock", csv_file(header, "COAT-BLACK,S,SS26,,,5")).updated == 1
    assert Stock.objects.values_list("opening", "adjustments", "received").get() == (10, -2, 5)
    # Not all was counted anew: units that went before it and are told of later still count.
    assert Stock.objects.get().counted_at == counted_at


def test_a_file_may_say_when_it_was_counted(csv_file, company):
    company.timezone = "Europe/Berlin"
    company.save()

    def counted(quantity, at):
        return import_file(
            "stock", csv_file("Barcode,Season,Quantity,Counted at", f"4006381333931,SS26,{quantity},{at}")
        )

    assert counted(10, "2026-03-01 12:30").created == 1
    assert Stock.objects.get().counted_at.isoformat() == "2026-03-01T11:30:00+00:00"
    Stock.objects.update(adjustments=2)
    late = counted(9, "2026-03-01 11:00Z")
    assert refusals(late) == [(2, "Counted at", "counted_later")]
    assert counted(9, "1.3.2026 9:30").refused == 1
    assert counted(9, "2026-03-02").updated == 1
    assert Stock.objects.values_list("opening", "adjustments").get() == (9, 0)
    assert refusals(counted(8, "tomorrow")) == [(2, "Counted at", "date_unreadable")]
    assert refusals(counted(8, "2026-03-02 25:00")) == [(2, "Counted at", "time_unreadable")]
    assert refusals(counted(8, "2126-03-02")) == [(2, "Counted at", "time_to_come")]
    assert counted(8, "").updated == 1


def test_a_dated_row_is_stock_to_come(csv_file, xlsx_file):
    header = ("Barcode", "Season", "Quantity", "Available on")
    path = xlsx_file(
        header,
        ("4006381333931", "SS26", 10, "immediate"),
        ("4006381333931", "SS26", 20, datetime.date(2026, 3, 4)),
        ("4006381333931", "SS26", 30, "2026-04-05"),
        ("4006381333931", "SS26", 40, "31/05/2026"),
        ("4006381333931", "SS26", 50, "06/30/2026"),
        ("4006381333931", "SS26", 60, "7.8.2026"),
        ("4006381333931", "SS26", 70, "04/05/2026"),
        ("4006381333931", "SS26", 80, "31/31/2026"),
    )

    report = import_file("stock", path)

    assert refusals(report) == [(8, "Available on", "date_ambiguous"), (9, "Available on", "date_unreadable")]
    assert "YYYY-MM-DD" in report.rows[0].fix
    assert Stock.objects.get().opening == 10
    assert [(due.available_on.isoformat(), due.quantity) for due in FutureStock.objects.order_by("available_on")] == [
        ("2026-03-04", 20),
        ("2026-04-05", 30),
        ("2026-05-31", 40),
        ("2026-06-30", 50),
        ("2026-08-07", 60),
    ]


def test_locations_go_by_name_or_code(csv_file):
    Location.objects.create(name="Berlin", code="BER")
    path = csv_file(
        "Barcode,Season,Location,Qty",
        "4006381333931,SS26,ber,1",
        "4006381333931,SS26,Main Warehouse,2",
        "4006381333931,SS26,Mars,3",
        "4006381333931,SS26,,4",
    )

    report = import_file("stock", path)

    assert refusals(report) == [(4, "Location", "unknown"), (5, "Location", "location_missing")]
    assert set(Stock.objects.values_list("location__code", "opening")) == {("BER", 1), ("MAIN", 2)}


def test_what_does_not_name_one_sku_is_refused(csv_file):
    report = import_file(
        "stock",
        csv_file(
            "Product code,Size,SKU,UPC,Qty",
            "COAT-BLACK,XL,,,1",
            ",,C-M,,1",
            ",,C-X,,1",
            "COAT-BLACK,M,,4006381333931,1",
            ",,,,1",
            ",,C-S,,many",
            ",,C-S,,1.5",
            ",,C-S,,",
        ),
        season="SS26",
    )

    assert refusals(report) == [
        (2, "Size", "sku_unknown"),
        (3, "SKU", "sku_ambiguous"),
        (4, "SKU", "sku_unknown"),
        (5, "UPC", "sku_contradicts"),
        (6, "UPC", "sku_unnamed"),
        (7, "Qty", "not_a_whole_number"),
        (8, "Qty", "not_a_whole_number"),
        (9, "Qty", "quantity_missing"),
    ]


def test_two_figures_for_one_sku_are_refused_from_the_second_on(csv_file):
    report = import_file("stock", csv_file("SKU,Qty", "C-S,1", "C-S,1", "C-S,2"), season="SS26")

    assert (report.created, report.unchanged) == (1, 1)
    assert refusals(report) == [(4, "Qty", "disagrees")]


def test_figures_of_today_do_not_take_a_date(csv_file):
    report = import_file("stock", csv_file("SKU,Opening,Date", "C-S,1,2026-12-31"), season="SS26")

    assert refusals(report) == [(2, "Opening", "quantity_dated")]


def test_the_number_of_queries_does_not_grow_with_the_rows(csv_file, django_assert_max_num_queries):
    import_file("products", csv_file("Style,Colour,Size", *(f"Shirt,White,{n}" for n in range(600)), name="q.csv"))
    path = csv_file("Product code,Size,Qty", *(f"SHIRT-WHITE,{n},{n}" for n in range(600)))

    with django_assert_max_num_queries(25):
        assert import_file("stock", path, season="SS26").created == 600
    assert SKU.objects.filter(stock__isnull=False).count() == 600
