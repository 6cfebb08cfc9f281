"""Price files: one amount per product, season, list and currency."""

from decimal import Decimal

import pytest

from linesheet.books.files import FileUnreadable, import_file
from linesheet.books.models import Price, Season

pytestmark = pytest.mark.usefixtures("books")

HEADER = "Product code,Season,Price list,Currency,Amount"


@pytest.fixture(autouse=True)
def _coat(csv_file, books):
    import_file(
        "products",
        csv_file("Style,Fabric,Colour,Size,Barcode", "Coat,Wool,Black,S,4006381333931", "Hat,,Red,OS,", name="p.csv"),
    )


def refusals(report):
    return [(outcome.row, outcome.column, outcome.reason) for outcome in report.rows]


def test_prices_are_created_updated_and_left(csv_file):
    line = "coat-wool-black,ss26,wholesale,eur,"

    assert import_file("prices", csv_file(HEADER, line + "100")).created == 1
    assert import_file("prices", csv_file(HEADER, line + "€ 110.50")).updated == 1
    assert import_file("prices", csv_file(HEADER, line + '"110,50"')).unchanged == 1
    assert Price.objects.get().amount == Decimal("110.5")


def test_a_product_may_be_named_by_style_or_by_barcode(csv_file):
    options = {"season": "SS26", "price_list": "Wholesale", "currency": "EUR"}

    assert import_file("prices", csv_file("Style,Fabric,Colour,Price", "coat,wool,black,100"), **options).created == 1
    assert import_file("prices", csv_file("Barcode,Price", "4006381333931,100"), **options).unchanged == 1
    assert import_file("prices", csv_file("UPC,Price", "4006381333948,100"), **options).rows[0].reason == "sku_unknown"


def test_lists_may_stand_side_by_side(csv_file):
    report = import_file(
        "prices", csv_file("Product code,Wholesale EUR,Retail EUR", "COAT-WOOL-BLACK,100,250"), season="SS26"
    )

    assert report.created == 1
    assert set(Price.objects.values_list("price_list__name", "amount")) == {("Wholesale", 100), ("Retail", 250)}


def test_what_cannot_be_a_price_is_refused(csv_file):
    code = "COAT-WOOL-BLACK"
    report = import_file(
        "prices",
        csv_file(
            HEADER,
            "NOBODY,SS26,Wholesale,EUR,100",
            f"{code},SS99,Wholesale,EUR,100",
            f"{code},SS26,VIP,EUR,100",
            f"{code},SS26,Wholesale,EURO,100",
            f"{code},SS26,Wholesale,EUR,$100",
            f"{code},SS26,Wholesale,EUR,-1",
            f"{code},SS26,Wholesale,EUR,",
            f"{code},,Wholesale,EUR,100",
            f"{code},SS26,Wholesale,,100",
        ),
    )

    assert refusals(report) == [
        (2, "Product code", "product_unknown"),
        (3, "Season", "unknown"),
        (4, "Price list", "unknown"),
        (5, "Currency", "currency_unknown"),
        (6, "Amount", "currency_disagrees"),
        (7, "Amount", "amount_negative"),
        (8, "Amount", "missing"),
        (9, "Season", "season_missing"),
        (10, "Amount", "currency_missing"),
    ]
    assert "Wholesale, Retail, Cost" in report.rows[2].says


def test_two_amounts_for_one_price_are_refused_from_the_second_on(csv_file):
    line = "COAT-WOOL-BLACK,SS26,Wholesale,EUR,"

    report = import_file("prices", csv_file(HEADER, line + "100", line + "100", line + "120"))

    assert (report.created, report.unchanged) == (1, 1)
    assert refusals(report) == [(4, "Amount", "disagrees")]


def test_a_price_from_a_file_no_longer_counts_as_carried(csv_file):
    season = Season.objects.named("SS26")
    import_file("prices", csv_file(HEADER, "COAT-WOOL-BLACK,SS26,Wholesale,EUR,100"))
    Price.objects.update(carried_from=season)

    import_file("prices", csv_file(HEADER, "COAT-WOOL-BLACK,SS26,Wholesale,EUR,101"))

    assert Price.objects.get().carried_from is None


@pytest.mark.parametrize("header", ["Product code,Season", "Product code,Amount", "Season,Amount"])
def test_a_file_that_lacks_what_a_price_needs_is_not_read(csv_file, header):
    with pytest.raises(FileUnreadable):
        import_file("prices", csv_file(header, "a,b"))
